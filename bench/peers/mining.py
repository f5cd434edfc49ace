"""mining.py THREADS FEATURES.npy K [once]: faiss' exact inner product search of all among all."""

import sys
import time

import faiss
import numpy as np
from measure import report, seconds_per_call

faiss.omp_set_num_threads(int(sys.argv[1]))
features = np.load(sys.argv[2])
neighbors = int(sys.argv[3])


def mine():
    index = faiss.IndexFlatIP(features.shape[1])
    index.add(features)
    index.search(features, neighbors + 1)


if len(sys.argv) > 4:  # large tables: without the call that warms up
    start = time.perf_counter()
    mine()
    report("mining", time.perf_counter() - start, "s")
else:
    report("mining", seconds_per_call(mine, least_calls=1), "s")
