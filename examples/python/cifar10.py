"""From CIFAR-10 pictures to features, clusters, figures and a plot, in Python.

    pip install 'nolabel[all]' matplotlib
    tar xJf examples/cifar10-mini.tar.xz
    python examples/python/cifar10.py cifar10-mini/test clusters.png

Editors show the parts that begin with `# %%` as the cells of a notebook. The class folders serve
only to measure, at the end: no label is used to find the clusters, also not for the backbone.
"""

# %% The pictures and their features
import sys

import matplotlib
import numpy as np
from PIL import Image
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

import nolabel

matplotlib.use("Agg")
import matplotlib.pyplot as plt

folder, picture = sys.argv[1:3]
embedded = nolabel.embed(folder, "starter")
X, classes = embedded.features, embedded.labels
print(f"{len(X):,} pictures, {X.shape[1]} features each, by {embedded.backbone}")

# %% The clusters
K = len(embedded.class_names)
scan = nolabel.SCAN(n_clusters=K, random_state=0).fit(X)
auto = nolabel.AutoCluster(n_clusters=K, random_state=0).fit(X)
kmeans = KMeans(n_clusters=K, n_init=10, random_state=0).fit(X)

# %% How well they agree with the classes
print(f"{'':28}  ACC   NMI   ARI")
for name, labels in (
    ("k-means (scikit-learn)", kmeans.labels_),
    ("SCAN", scan.labels_),
    (f"chosen by nolabel: {auto.method_}", auto.labels_),
):
    acc = nolabel.metrics.accuracy(classes, labels)
    nmi, ari = nolabel.metrics.nmi(classes, labels), nolabel.metrics.ari(classes, labels)
    print(f"{name:28} {acc:5.1%} {nmi:5.1%} {ari:5.1%}")

# %% How many of the nearest neighbors are of the same class
indices, _ = nolabel.nearest_neighbors(X, 20)
print(f"neighbors of the same class: {(classes[indices] == classes[:, None]).mean():.1%}")

# %% The surest pictures of each cluster, and a map of all
probabilities = auto.predict_proba(X)
names = nolabel.metrics.matching(classes, auto.labels_)
columns = 12
figure = plt.figure(figsize=(13, 6), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(1.3, 1))
for cluster, row in enumerate(left.subplots(K, columns)):
    surest = np.argsort(-probabilities[:, cluster])[:columns]
    for place, index in zip(row, surest):
        place.imshow(Image.open(f"{folder}/{embedded.paths[index]}"))
        place.set_axis_off()
    title = embedded.class_names[names[cluster]] if names.get(cluster) is not None else ""
    row[0].set_title(f"{cluster} ({title})", loc="left", fontsize=8, pad=1)
axes = right.subplots()
points = PCA(2).fit_transform(auto.transform(X))
axes.scatter(*points.T, c=auto.labels_, cmap="tab10", s=3)
axes.set_title(f"{len(X):,} pictures by their clusters (PCA of the logits)", fontsize=9)
axes.set_axis_off()
figure.savefig(picture, dpi=110)
print(f"{picture}: the clusters, each with the class that most of it matches")
