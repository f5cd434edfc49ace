"""Golden values for nolabel/evaluate from scikit-learn and SciPy.

Run in the peers' environment (`make peers`): .peers/bin/python tools/golden/evaluate.py
Writes nolabel/evaluate/testdata/golden.json.
"""

import json
import pathlib

import numpy as np
import scipy.optimize
import sklearn.metrics as skm

rng = np.random.default_rng(7)


def label_case(name, clusters, classes, cluster_count, class_count):
    clusters, classes = np.asarray(clusters), np.asarray(classes)
    counts = np.zeros((cluster_count, class_count), dtype=int)
    np.add.at(counts, (clusters, classes), 1)
    rows, columns = scipy.optimize.linear_sum_assignment(counts, maximize=True)
    return {
        "name": name,
        "clusters": clusters.tolist(),
        "classes": classes.tolist(),
        "cluster_count": cluster_count,
        "class_count": class_count,
        "matched": int(counts[rows, columns].sum()),
        "ACC": counts[rows, columns].sum() / len(clusters),
        "NMI": skm.normalized_mutual_info_score(classes, clusters),
        "AMI": skm.adjusted_mutual_info_score(classes, clusters),
        "ARI": skm.adjusted_rand_score(classes, clusters),
    }


def noisy(n, classes, clusters, keep):
    """Labels, and clusters that follow them for a share `keep` of the images."""
    truth = rng.integers(0, classes, n)
    guess = np.where(rng.random(n) < keep, truth % clusters, rng.integers(0, clusters, n))
    return guess, truth


def label_cases():
    yield label_case("as many clusters as classes", *noisy(300, 10, 10, 0.7), 10, 10)
    yield label_case("more clusters than classes", *noisy(250, 5, 12, 0.5), 12, 5)
    yield label_case("fewer clusters than classes", *noisy(250, 12, 5, 0.5), 5, 12)
    yield label_case("independent", *noisy(400, 6, 7, 0.0), 7, 6)
    yield label_case("empty clusters and an absent class", *noisy(120, 4, 3, 0.6), 9, 5)
    skewed = np.minimum(rng.geometric(0.4, 200) - 1, 7)
    yield label_case("unbalanced", (skewed + (rng.random(200) < 0.2)) % 8, skewed, 8, 8)
    yield label_case("perfect but renamed", [2, 2, 0, 0, 1, 1], [0, 0, 1, 1, 2, 2], 3, 3)
    yield label_case("one cluster", [0] * 6, [0, 0, 1, 1, 2, 2], 1, 3)
    yield label_case("one class", [0, 0, 1, 1, 2, 2], [0] * 6, 3, 1)
    yield label_case("one cluster, one class", [0] * 5, [0] * 5, 1, 1)
    yield label_case("all clusters singletons", range(8), [0, 0, 0, 1, 1, 1, 2, 2], 8, 3)
    yield label_case("all singletons on both sides", range(8), range(8), 8, 8)
    yield label_case("singletons against one class", range(8), [0] * 8, 8, 1)
    yield label_case("one image", [3], [1], 4, 2)


def matching_cases():
    for rows, columns, high in [(1, 1, 5), (3, 3, 9), (7, 7, 3), (9, 4, 20), (4, 9, 20), (40, 60, 50),
                                (60, 40, 50), (50, 50, 1)]:
        scores = rng.integers(0, high + 1, (rows, columns))
        r, c = scipy.optimize.linear_sum_assignment(scores, maximize=True)
        yield {"scores": scores.tolist(), "best": int(scores[r, c].sum())}


def top_n_case():
    """Matching by a permutation, so that scikit-learn's top-k can be asked after renaming."""
    probabilities = np.round(rng.dirichlet(np.full(8, 0.7), 200), 6)
    classes = rng.integers(0, 8, 200)
    matching = rng.permutation(8)
    renamed = np.empty_like(probabilities)
    renamed[:, matching] = probabilities
    return {
        "probabilities": probabilities.tolist(),
        "classes": classes.tolist(),
        "matching": matching.tolist(),
        "accuracy": {n: skm.top_k_accuracy_score(classes, renamed, k=n, labels=range(8))
                     for n in (1, 2, 5, 7)},
    }


def silhouette_case(name, n, d, clusters, spread):
    centres = rng.normal(0, spread, (max(clusters) + 1, d))
    x = np.round(centres[clusters] + rng.normal(0, 1, (n, d)), 3).astype(np.float32)
    return {"name": name, "features": [[round(float(v), 3) for v in row] for row in x],
            "clusters": list(map(int, clusters)), "silhouette": float(skm.silhouette_score(x, clusters))}


def silhouette_cases():
    yield silhouette_case("apart", 60, 11, rng.integers(0, 4, 60), 4.0)
    yield silhouette_case("mixed", 50, 3, rng.integers(0, 6, 50), 0.3)
    yield silhouette_case("with singletons", 12, 8, [0] * 5 + [1] * 5 + [2, 4], 2.0)


golden = {
    "labels": list(label_cases()),
    "matchings": list(matching_cases()),
    "top_n": top_n_case(),
    "silhouettes": list(silhouette_cases()),
}
path = pathlib.Path(__file__).parents[2] / "nolabel/evaluate/testdata/golden.json"
path.parent.mkdir(exist_ok=True)
cases = (f'"{k}":{json.dumps(v, separators=(",", ":"))}' for k, v in golden.items())
path.write_text("{\n" + ",\n".join(cases) + "\n}\n")
print(f"{path}: {path.stat().st_size} bytes")
