"""communities.py TABLE.npy: the Leiden algorithm by leidenalg, with its default of 2 iterations.

leidenalg and igraph are licensed under the GPL. They serve only this comparison.
"""

import sys

import igraph
import leidenalg
import numpy as np
from measure import report, seconds_per_call
from scipy import sparse

table = np.load(sys.argv[1])  # [N,16], the image itself first
images, named = len(table), table[:, 1:]
sources = np.repeat(np.arange(images), named.shape[1])
one_way = sparse.csr_array(
    (np.ones(named.size), (sources, named.reshape(-1))), shape=(images, images)
)
edges = sparse.triu(one_way + one_way.T).tocoo()
graph = igraph.Graph(n=images, edges=np.stack([edges.row, edges.col], axis=1))
weights = edges.data.tolist()
found = []


def communities():
    found[:] = leidenalg.find_partition(
        graph, leidenalg.RBConfigurationVertexPartition, weights=weights, seed=0
    ).membership


seconds = seconds_per_call(communities, 1)
report("modularity", graph.modularity(found, weights), "")
report("communities", seconds, "s")
