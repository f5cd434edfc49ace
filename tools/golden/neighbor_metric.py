"""Golden files of the neighbor metric: features, and the similarities of all images in the metric.

A plain version with dense matrices, written from docs/method.md (Neighbor metric).
Run in the peers' environment:  python tools/golden/neighbor_metric.py
"""

import pathlib

import numpy as np
import scipy.linalg

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "nolabel/cluster/testdata"
NEIGHBORS = 6
RIDGE = 0.1
MOST_AGREEMENT = 1.2


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def nearest(rows):
    """The neighbors of each row by inner product, itself left out."""
    similarity = rows @ rows.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-similarity, axis=1, kind="stable")[:, :NEIGHBORS]


def similarities(features, dimensions, passes=2):
    images = len(features)
    rows = unit(features - features.mean(0))
    neighbors = nearest(rows)
    rows = rows - rows.mean(0)
    if rows.shape[1] > dimensions:
        rows = rows @ np.linalg.svd(rows, full_matrices=False)[2][:dimensions].T
    for _ in range(passes):
        graph = np.zeros((images, images))
        for image, others in enumerate(neighbors):
            graph[image, others] += 1
            graph[others, image] += 1
        degree = graph.sum(0)
        graph /= np.sqrt(np.outer(degree, degree))
        agreement = rows.T @ graph @ rows / images
        variance = rows.T @ rows / images
        depth = rows.shape[1]
        variance += RIDGE * np.trace(variance) / depth * np.eye(depth)
        values, vectors = scipy.linalg.eigh(agreement, variance)
        inside = unit(rows @ (vectors * np.clip(values, 0, MOST_AGREEMENT)))
        neighbors = nearest(inside)
    return inside @ inside.T


rng = np.random.default_rng(8)
kinds = rng.integers(0, 5, 90)
features = rng.standard_normal((5, 24))[kinds] + rng.standard_normal((90, 24)) * 1.2 + 3
features = features.astype("<f4")
np.save(FOLDER / "metric_features.npy", features)
for name, dimensions in (("all", 256), ("reduced", 12)):
    expected = similarities(features.astype(np.float64), dimensions).astype("<f4")
    np.save(FOLDER / f"metric_{name}.npy", expected)
