"""What the calls return."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from nolabel._inputs import Floats


class Report(type(Path())):  # type: ignore[misc]
    """The path of a report.html. A notebook shows the page inline."""

    def _repr_html_(self) -> str:
        if not self.is_file():  # moved, or a folder of such a path
            return html.escape(str(self))
        page = html.escape(self.read_text(encoding="utf-8"), quote=True)
        return (
            f'<iframe srcdoc="{page}" width="100%" height="700" '
            'style="border:1px solid #ccc"></iframe>'
        )


@dataclass(frozen=True)
class Cluster:
    """A cluster as people know it: its id stays when the run is clustered again or edited."""

    id: int
    name: str = ""


@dataclass(frozen=True)
class Figures:
    """Figures of one clustering; shares are fractions. Those that need labels are None without."""

    method: str
    sizes: list[int]
    empty_clusters: int
    entropy: float
    mean_confidence: Optional[float]
    neighbor_agreement: Optional[float]
    silhouette: Optional[float]
    neighbor_information: Optional[float]
    acc: Optional[float]
    nmi: Optional[float]
    ami: Optional[float]
    ari: Optional[float]


def table_of(columns: dict[str, Any]) -> Any:
    """A data frame where pandas is installed, else a NumPy record array."""
    try:
        import pandas
    except ImportError:
        arrays = [_column(name, values) for name, values in columns.items()]
        return np.rec.fromarrays(arrays, names=",".join(columns))  # type: ignore[call-overload]
    return pandas.DataFrame(columns)


def _column(name: str, values: Any) -> npt.NDArray[Any]:
    return values if isinstance(values, np.ndarray) else np.array(values, dtype=object)


class _WithAssignments:
    columns: dict[str, Any]

    @property
    def assignments(self) -> Any:
        """The images with cluster, confidence, runner-up and status: a data frame where pandas is
        installed, else a NumPy record array."""
        return table_of(self.columns)

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """[N] the cluster's id of each image."""
        labels: npt.NDArray[np.int64] = self.columns["cluster"]
        return labels

    @property
    def paths(self) -> list[str]:
        """[N] as the assignments have them."""
        return list(self.columns["path"])


@dataclass(frozen=True, eq=False)
class ClusterRun(_WithAssignments):
    """A clustered run: what `cluster` returns."""

    path: Path  # the run directory
    final_stage: str  # the model that was chosen: "consensus", "scan" …
    choice: str  # why, as a sentence
    n_clusters: int
    clusters_range: Optional[tuple[int, int]]  # where nolabel estimated the number
    continued: list[int]  # where a run was clustered again: the earlier cluster of each
    clusters: list[Cluster]  # of the columns of probabilities
    columns: dict[str, Any] = field(repr=False)
    probabilities: Floats = field(repr=False)  # [N,C]
    features: Optional[Floats] = field(repr=False)  # [N,D] where they were asked for
    figures: list[Figures]  # of the training images, the chosen model first
    validation: list[Figures]
    backbone_labels: str  # whose labels took part in the backbone's training
    warnings: list[str]
    assignments_file: Path
    report: Report
    seconds: float


@dataclass(frozen=True)
class Change:
    path: str
    change: str  # "new", "changed", "moved" or "gone"
    was: str  # the earlier path of a moved image


@dataclass(frozen=True)
class Drift:
    """Whether new images are like those that the clusters were found from."""

    n_images: int
    unsure: float
    unsure_known: float
    distance: float
    distance_known: float
    far: float


@dataclass(frozen=True, eq=False)
class UpdatedRun(ClusterRun):
    """A run that was brought up to date: what `update` returns."""

    changes: list[Change]
    duplicates_of_known: int
    new_by_cluster: dict[int, int]
    reassigned: int
    drift: Drift
    changes_file: Path


@dataclass(frozen=True)
class Trained:
    """What `simclr` returns."""

    model: Path
    trained: bool  # False: the model that was there is current
    n_images: int


@dataclass(frozen=True)
class Mined:
    """What `mine` and `moco` return. Accuracies are by the number of neighbors."""

    train_table: Path
    validation_table: Path
    n_images: int
    neighbors: int
    accuracy: dict[int, float]
    validation_accuracy: dict[int, float]
    backbone_labels: str


@dataclass(frozen=True)
class Stage:
    """What `scan` and `selflabel` return."""

    model: Path
    trained: bool
    n_images: int
    final_stage: str  # the chosen model of the run from now on
    figures: Optional[Figures]  # if the images have labels
    backbone_labels: str


@dataclass(frozen=True, eq=False)
class Evaluation(_WithAssignments):
    """What `evaluate` returns."""

    figures: Optional[Figures]
    columns: dict[str, Any] = field(repr=False)
    probabilities: Floats = field(repr=False)
    features: Floats = field(repr=False)
    neighbor_accuracy: dict[int, float]  # of a pretext model
    backbone_labels: str


@dataclass(frozen=True, eq=False)
class Prediction(_WithAssignments):
    """What `predict` returns."""

    columns: dict[str, Any] = field(repr=False)
    probabilities: Floats = field(repr=False)
    clusters: list[Cluster]  # of the columns of probabilities; empty for a weights file
    skipped: list[tuple[str, str]]  # files that are no images, and why


@dataclass(frozen=True)
class Reported:
    """What `report` returns."""

    figures: list[Figures]
    validation: list[Figures]
    backbone_labels: str
    assignments_file: Path
    report: Report


@dataclass(frozen=True)
class EditedCluster:
    id: int
    name: str
    origin: str  # "found by nolabel", "split from cluster 2"
    n_images: int


@dataclass(frozen=True)
class Edited:
    """What `edit_run` returns."""

    clusters: list[EditedCluster]
    junk: int
    changed: int
    in_force: list[str]
    waiting: bool  # no model can learn these edits: all else is what nolabel found
    assignments_file: Path
    report: Report


@dataclass(frozen=True)
class Exported:
    """What `export_run` returns."""

    clusters: list[Cluster]
    sizes: list[int]
    n_images: int
    missing: int


@dataclass(frozen=True, eq=False)
class Embedded:
    """What `embed` returns for images in files."""

    paths: list[str]
    features: Floats = field(repr=False)  # [N,D]
    labels: Optional[npt.NDArray[np.int32]] = field(repr=False)  # where every image has one
    class_names: list[str]
    backbone: str
    backbone_labels: str


_PATHS = ("assignments_file", "changes_file", "train_table", "validation_table", "model")


def record(kind: Any, values: dict[str, Any], **more: Any) -> Any:
    """An object of one of these classes, from what nolabel._core returns."""
    values = {**values, **more}
    for name in _PATHS:
        if name in values:
            values[name] = Path(values[name])
    if "report" in values:
        values["report"] = Report(values["report"])
    for name in ("figures", "validation"):
        value = values.get(name)
        if isinstance(value, dict):
            values[name] = Figures(**value)
        elif isinstance(value, list):
            values[name] = [Figures(**one) for one in value]
    cluster = EditedCluster if kind is Edited else Cluster
    if "clusters" in values:
        values["clusters"] = [cluster(*one) for one in values["clusters"]]
    if "changes" in values:
        values["changes"] = [Change(*one) for one in values["changes"]]
    if "drift" in values:
        values["drift"] = Drift(**values["drift"])
    return kind(**values)


def run_path(path: Any) -> Path:
    return Path(os.fspath(path))
