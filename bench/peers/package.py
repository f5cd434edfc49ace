"""package.py WORK SIDE FILE THREADS: the Python package beside what does the same.

WORK scan: the seconds to cluster the features in FILE with SCAN, by the estimator (SIDE ours), or by
the program, start included (SIDE peer). WORK neighbors: the seconds for the 20 nearest cosine
neighbors of each row of FILE, by nolabel or by scikit-learn's brute force.
"""

import pathlib
import sys
import tempfile
import time

import numpy as np
from measure import report, seconds_per_call

BENCH = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BENCH))
sys.path.insert(0, str(BENCH.parent / "build" / "package"))  # make bench installs it there
CLUSTERS, NEIGHBORS = 10, 20


def scan_of_the_estimator(file, threads):
    from nolabel import SCAN  # imports scikit-learn

    rows = np.load(file)
    start = time.perf_counter()
    SCAN(n_clusters=CLUSTERS, random_state=0, threads=threads).fit(rows)
    return time.perf_counter() - start


def scan_of_the_program(file, threads):
    from program import nolabel

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        nolabel("cluster", "--features", file, "--out", f"{folder}/run", "--clusters", CLUSTERS,
                "--method", "scan", "--seed", 0, "--device", "cpu", "--threads", threads)
        return time.perf_counter() - start


def neighbors_of_nolabel(file, threads):
    import nolabel

    rows = np.load(file)
    return seconds_per_call(lambda: nolabel.nearest_neighbors(rows, NEIGHBORS, threads=threads))


def neighbors_of_scikit_learn(file, threads):
    from sklearn.neighbors import NearestNeighbors

    rows = np.load(file)
    peer = NearestNeighbors(n_neighbors=NEIGHBORS, metric="cosine", algorithm="brute", n_jobs=threads)
    return seconds_per_call(lambda: peer.fit(rows).kneighbors())


WORK = {
    ("scan", "ours"): scan_of_the_estimator,
    ("scan", "peer"): scan_of_the_program,
    ("neighbors", "ours"): neighbors_of_nolabel,
    ("neighbors", "peer"): neighbors_of_scikit_learn,
}


def main():
    work, side, file, threads = sys.argv[1:]
    report(work, WORK[work, side](file, int(threads)), "s")


main()
