"""How well clusters agree with labels, as `nolabel eval` measures them (docs/method.md, Figures).

Labels are any values that can be compared: numbers or texts, one per image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nolabel import _core
from nolabel._process import require_whole_process


def accuracy(labels_true: Any, labels_pred: Any) -> float:
    """Share of the images whose cluster is matched with their class, by the best one-to-one
    matching of clusters to classes (Hungarian method)."""
    return float(_agreement(labels_true, labels_pred)["accuracy"])


def nmi(labels_true: Any, labels_pred: Any) -> float:
    """Normalized mutual information, by the arithmetic mean of the entropies."""
    return float(_agreement(labels_true, labels_pred)["nmi"])


def ami(labels_true: Any, labels_pred: Any) -> float:
    """Mutual information adjusted for chance, by the arithmetic mean of the entropies."""
    return float(_agreement(labels_true, labels_pred)["ami"])


def ari(labels_true: Any, labels_pred: Any) -> float:
    """Rand index adjusted for chance."""
    return float(_agreement(labels_true, labels_pred)["ari"])


def matching(labels_true: Any, labels_pred: Any) -> dict[Any, Any]:
    """The class that the best one-to-one matching gives to each cluster; None: a surplus one."""
    require_whole_process()
    classes, class_of = _numbered(labels_true, "labels_true")
    clusters, cluster_of = _numbered(labels_pred, "labels_pred")
    result = _core.agreement(*_of_the_same(cluster_of, class_of))["matching"]
    names, class_names = clusters.tolist(), classes.tolist()
    return {
        names[i]: None if label < 0 else class_names[label] for i, label in enumerate(result)
    }


def _agreement(labels_true: Any, labels_pred: Any) -> dict[str, Any]:
    require_whole_process()
    clusters = _numbered(labels_pred, "labels_pred")[1]
    result: dict[str, Any] = _core.agreement(
        *_of_the_same(clusters, _numbered(labels_true, "labels_true")[1])
    )
    return result


_Numbers = npt.NDArray[np.int32]


def _of_the_same(clusters: _Numbers, classes: _Numbers) -> tuple[_Numbers, _Numbers]:
    if len(clusters) != len(classes) or len(clusters) == 0:
        raise ValueError(
            "labels_true and labels_pred must be of the same images, at least one. "
            f"Received {len(classes)} and {len(clusters)}."
        )
    return clusters, classes


def _numbered(labels: Any, name: str) -> tuple[npt.NDArray[Any], npt.NDArray[np.int32]]:
    if hasattr(labels, "detach"):
        labels = labels.detach().cpu().numpy()
    array = np.asarray(labels)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one label per image. Received {list(array.shape)}.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite. Received NaN or infinity.")
    try:
        values, numbers = np.unique(array, return_inverse=True)
    except TypeError:
        raise TypeError(f"{name} must be of one kind, such as numbers or texts.") from None
    return values, np.ascontiguousarray(numbers, dtype=np.int32)
