"""Golden file of k-means: overlapping groups, and the inertia that scikit-learn reaches.

Run in the peers' environment:  python tools/golden/kmeans.py
"""

import pathlib

import numpy as np
from sklearn.cluster import KMeans

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "nolabel/cluster/testdata"

rng = np.random.default_rng(5)
centers = rng.standard_normal((8, 5)) * 1.5
features = (centers[rng.integers(0, 8, 400)] + rng.standard_normal((400, 5))).astype("<f4")
inertia = KMeans(8, n_init=50, random_state=0).fit(features).inertia_
np.save(FOLDER / "kmeans_features.npy", features)
np.save(FOLDER / "kmeans_inertia.npy", np.array([[inertia]], "<f4"))
