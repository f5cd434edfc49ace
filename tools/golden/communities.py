"""Golden files of communities: a neighbor table, and the modularity that leidenalg reaches.

leidenalg and igraph are licensed under the GPL. They serve only this comparison.
Run in the peers' environment:  python tools/golden/communities.py
"""

import pathlib

import igraph
import leidenalg
import numpy as np
from sklearn.neighbors import NearestNeighbors

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "nolabel/cluster/testdata"
NEIGHBORS = 10

rng = np.random.default_rng(6)
centers = rng.standard_normal((8, 12)) * 0.9
features = centers[rng.integers(0, 8, 400)] + rng.standard_normal((400, 12))
search = NearestNeighbors(n_neighbors=NEIGHBORS + 1, algorithm="brute").fit(features)
table = search.kneighbors(features, return_distance=False)  # [N,k+1], the image itself first
np.save(FOLDER / "communities_table.npy", table.astype("<i8"))

named = np.zeros((len(table), len(table)))
np.put_along_axis(named, table[:, 1:], 1, axis=1)
weights = np.triu(named + named.T)  # 1 for a one-way neighbor, 2 for a mutual one
sources, targets = np.nonzero(weights)
graph = igraph.Graph(n=len(table), edges=list(zip(sources.tolist(), targets.tolist())))
graph.es["weight"] = weights[sources, targets].tolist()

rows = []
for resolution in (0.5, 1, 2):
    partitions = [
        leidenalg.find_partition(
            graph,
            leidenalg.RBConfigurationVertexPartition,
            weights="weight",
            resolution_parameter=resolution,
            seed=seed,
        )
        for seed in range(5)
    ]
    best = max(graph.modularity(p.membership, "weight", resolution) for p in partitions)
    rows.append([resolution, best])
    print(resolution, best, [len(p) for p in partitions])
np.save(FOLDER / "communities_modularity.npy", np.array(rows, "<f4"))
