"""Estimators of scikit-learn on embeddings.

Every clusterer runs `cluster` of the library on the features, in a temporary run directory or in
`out`, and keeps the linear layer that the chosen model is.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

import numpy as np

try:
    import scipy.sparse
    from sklearn.base import (
        BaseEstimator,
        ClassNamePrefixFeaturesOutMixin,
        ClusterMixin,
        TransformerMixin,
    )
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:  # pragma: no cover
    raise ImportError(
        f"nolabel's estimators need scikit-learn 1.6 or later (pip install scikit-learn): {error}"
    ) from None

from nolabel import _core
from nolabel._inputs import MOST_THREADS, Floats, Integers, PathLike, as_seed, as_whole
from nolabel._process import require_whole_process, temporary_folder
from nolabel._progress import ProgressOption, Told
from nolabel.errors import UsageError
from nolabel.neighbors import nearest_neighbors
from nolabel.results import ClusterRun, Figures, record, run_path


def _detached(X: Any) -> Any:
    """A tensor of PyTorch as scikit-learn takes it, and anything else as it is."""
    if hasattr(X, "detach") and hasattr(X, "cpu"):
        return X.detach().cpu().float().numpy()
    return X


@contextmanager
def _kept_rows(out: str, rows: Floats) -> Iterator[str]:
    """A file with the rows in the run `out`, which reads them again for a report, for edits and for
    other clusters. Its name follows from its content, so it never takes the place of the features
    of an earlier fit. Where the work inside is refused, nothing new stays."""
    name = hashlib.sha256(rows.tobytes() + str(rows.shape).encode()).hexdigest()[:16]
    file = os.path.join(out, f"features-{name}.npy")
    if os.path.exists(file):
        yield file
        return
    os.makedirs(out, exist_ok=True)
    try:
        np.save(file, rows)
        yield file
    except (UsageError, OSError):
        if os.path.exists(file):
            os.remove(file)
        raise


class _Clusterer(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    ClusterMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    _method = "auto"

    def __init__(
        self,
        n_clusters: Optional[int] = 8,
        *,
        random_state: Any = None,
        threads: int = 0,
        out: Optional[PathLike] = None,
        progress: ProgressOption = False,
    ) -> None:
        self.n_clusters = n_clusters
        self.random_state = random_state
        self.threads = threads
        self.out = out
        self.progress = progress

    def fit(self, X: Any, y: Any = None) -> Any:
        """Finds the clusters of the embeddings X [N,D]. `y` is not used."""
        require_whole_process()
        rows = self._rows(X, reset=True)
        clusters = self._checked_clusters(len(rows))
        self.__dict__.pop("run_", None)
        if clusters == 1:
            self._set(np.zeros((1, rows.shape[1]), np.float32), np.zeros(1, np.float32))
            self._remember("one cluster", [], None)
        elif self.out is not None:
            self._fit_in(os.fspath(self.out), rows, clusters)
        else:
            with temporary_folder() as folder:
                self._fit_in(os.path.join(folder, "run"), rows, clusters)
        self.labels_ = self._clusters_of(rows)
        return self

    def _fit_in(self, out: str, rows: Floats, clusters: Optional[int]) -> None:
        with _kept_rows(out, rows) as features:
            self._fit_features(out, features, clusters)

    def _fit_features(self, out: str, features: str, clusters: Optional[int]) -> None:
        settings = {
            "out": out,
            "features": features,
            "method": self._method,
            "seed": str(as_seed(self.random_state)),
            "threads": str(as_whole(self.threads, "threads", 0, MOST_THREADS)),
            "device": "cpu",
        }
        if clusters is not None:
            settings["clusters"] = str(clusters)
        with Told(self.progress) as (log, tell):
            values = _core.cluster([], settings, False, log, tell)
        run: ClusterRun = record(ClusterRun, values, path=run_path(out))
        if self.out is not None:
            self.run_ = run
        self._remember(run.final_stage, run.figures, run.clusters_range)
        weight, bias, _, _ = _core.linear_model(out)
        self._set(weight, bias)

    def _remember(
        self, method: str, figures: list[Figures], clusters_range: Optional[tuple[int, int]]
    ) -> None:
        self.method_, self.figures_, self.clusters_range_ = method, figures, clusters_range

    def _set(self, weight: Floats, bias: Floats) -> None:
        self.coef_ = weight  # [C,D]
        self.intercept_ = bias  # [C]
        self.n_clusters_ = len(bias)

    def _checked_clusters(self, rows: int) -> Optional[int]:
        if rows < 2:
            raise ValueError(f"X must have at least 2 rows. Received n_samples = {rows}.")
        if self.n_clusters is None:
            return None
        return as_whole(self.n_clusters, "n_clusters", 1, rows)

    def _rows(self, X: Any, *, reset: bool) -> Floats:
        rows = validate_data(
            self, _detached(X), reset=reset, dtype=np.float32, order="C", ensure_2d=True
        )
        return np.ascontiguousarray(rows)

    def _clusters_of(self, rows: Floats) -> Integers:
        return np.asarray(self._logits(rows).argmax(axis=1), dtype=np.int64)

    def _logits(self, rows: Floats) -> Floats:
        return np.asarray(_core.logits(self.coef_, self.intercept_, rows, int(self.threads)))

    def predict(self, X: Any) -> Integers:
        """The cluster of each row [n,D], as in `labels_`."""
        check_is_fitted(self)
        require_whole_process()
        return self._clusters_of(self._rows(X, reset=False))

    def predict_proba(self, X: Any) -> Floats:
        """The probability of each cluster [n,C]."""
        check_is_fitted(self)
        require_whole_process()
        rows = self._rows(X, reset=False)
        return np.asarray(
            _core.probabilities(self.coef_, self.intercept_, rows, int(self.threads))
        )

    def transform(self, X: Any) -> Floats:
        """The logit of each cluster [n,C]: what predict_proba is the softmax of."""
        check_is_fitted(self)
        require_whole_process()
        return self._logits(self._rows(X, reset=False))

    @property
    def _n_features_out(self) -> int:
        return int(self.n_clusters_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags


_PARAMETERS = """

    Parameters
    ----------
    n_clusters : int or None, default=8
        Number of clusters; None: nolabel's estimate.
    random_state : int, RandomState, Generator or None, default=None
        Every random number follows from it; None: 0.
    threads : int, default=0
        Processor threads; 0: all that this process may use.
    out : path, default=None
        The run directory, which keeps model, assignments and report; None: a temporary one.
    progress : bool or callable, default=False
        Show a line while the clusters are found, or call this with `nolabel.Progress`.

    Attributes
    ----------
    labels_ : ndarray [N]
        The cluster of each row.
    n_clusters_ : int
        Number of clusters.
    coef_, intercept_ : ndarray [C,D], ndarray [C]
        The linear layer that tells the clusters: logits are X @ coef_.T + intercept_.
    method_ : str
        What the clusters are of: "scan", "consensus" …
    figures_ : list of nolabel.results.Figures
        Of the chosen clusters first, of k-means last.
    clusters_range_ : tuple or None
        Where nolabel estimated the number of clusters: the least and the largest that fit.
    run_ : nolabel.results.ClusterRun
        The run, where `out` keeps it.
    """


class SCAN(_Clusterer):
    """SCAN (Van Gansbeke et al., ECCV 2020) on embeddings: an embedding and its nearest neighbors
    get the same cluster. The heads begin with the consensus (docs/method.md).

    Examples
    --------
    >>> import numpy as np
    >>> from nolabel import SCAN
    >>> X = np.concatenate([np.eye(8)[:1] * 4 + np.random.rand(50, 8), np.random.rand(50, 8)])
    >>> SCAN(n_clusters=2, random_state=0).fit_predict(X).shape
    (100,)
    """

    _method = "scan"


class SelfLabel(_Clusterer):
    """SCAN, and then self-labelling: the heads learn from their own confident predictions."""

    _method = "selflabel"


class Consensus(_Clusterer):
    """What many clusterings in the neighbor metric and communities of the neighbor graph have in
    common, continued by a linear head."""

    _method = "consensus"


class Communities(_Clusterer):
    """Communities of the neighbor graph (Leiden), which may be of very different sizes, continued
    by a linear head."""

    _method = "communities"


class AutoCluster(_Clusterer):
    """Groups the embeddings in each of nolabel's ways, and keeps the clusters that agree best with
    neighbors, without labels: what `nolabel cluster` does."""

    _method = "auto"


for _class in (SCAN, SelfLabel, Consensus, Communities, AutoCluster):
    _class.__doc__ = (_class.__doc__ or "").rstrip() + _PARAMETERS


class NeighborsTransformer(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """The graph of exact cosine neighbors as a sparse matrix, as KNeighborsTransformer makes it.

    Parameters
    ----------
    n_neighbors : int, default=5
    mode : {"distance", "connectivity"}, default="distance"
        Values of the graph: 1 - cosine, or 1. In mode "distance" there is one neighbor more, because
        a row that was fitted is normally its own first one.
    threads : int, default=0
    """

    def __init__(
        self, n_neighbors: int = 5, *, mode: str = "distance", threads: int = 0
    ) -> None:
        self.n_neighbors = n_neighbors
        self.mode = mode
        self.threads = threads

    def fit(self, X: Any, y: Any = None) -> NeighborsTransformer:
        """Keeps X [N,D], among whose rows neighbors are looked for."""
        if self.mode not in ("distance", "connectivity"):
            raise ValueError(f"mode must be distance or connectivity. Received {self.mode}.")
        self._fit_X = validate_data(self, _detached(X), dtype=np.float32, order="C")
        self.n_samples_fit_ = len(self._fit_X)
        return self

    def transform(self, X: Any) -> Any:
        """The neighbors of each row [n,D]: a CSR matrix [n,N]."""
        check_is_fitted(self)
        rows = validate_data(self, _detached(X), reset=False, dtype=np.float32, order="C")
        if not isinstance(self.n_neighbors, bool) and int(self.n_neighbors) > self.n_samples_fit_:
            raise ValueError(
                f"n_neighbors must be 1..{self.n_samples_fit_}, as X has n_samples = "
                f"{self.n_samples_fit_}. Received {self.n_neighbors}."
            )
        wanted = as_whole(self.n_neighbors, "n_neighbors", 1, self.n_samples_fit_)
        wanted += self.mode == "distance"
        count = min(wanted, self.n_samples_fit_)
        indices, similarities = nearest_neighbors(
            self._fit_X, count, queries=rows, threads=self.threads, progress=False
        )
        values = np.ones(indices.shape) if self.mode == "connectivity" else 1.0 - similarities
        starts = np.arange(0, indices.size + 1, count)
        return scipy.sparse.csr_matrix(
            (np.maximum(values, 0).astype(np.float32).ravel(), indices.ravel(), starts),
            shape=(len(rows), self.n_samples_fit_),
        )

    @property
    def _n_features_out(self) -> int:
        return int(self.n_samples_fit_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
