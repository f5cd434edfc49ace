"""nolabel: learning to classify images without labels.

    import nolabel
    run = nolabel.cluster("photos", clusters=10, out="run")
    run.assignments                      # a data frame
    run.report                           # the page with the clusters
    nolabel.Predictor("run").predict(["photo.jpg"])
    nolabel.SCAN(n_clusters=10, random_state=0).fit_predict(X)

docs/python.md in the repository shows every call. Notes and warnings go to logging's "nolabel".
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from nolabel._library import load_libtorch

load_libtorch()

from nolabel import metrics  # noqa: E402
from nolabel._calls import edit_run, export_run  # noqa: E402
from nolabel._core import version as _version  # noqa: E402
from nolabel._progress import Progress  # noqa: E402
from nolabel.calls import (  # noqa: E402
    cluster,
    evaluate,
    mine,
    moco,
    predict,
    report,
    scan,
    selflabel,
    simclr,
    update,
)
from nolabel.embedding import embed  # noqa: E402
from nolabel.errors import (  # noqa: E402
    DataError,
    Error,
    InternalError,
    Stopped,
    SystemFailure,
    UsageError,
)
from nolabel.neighbors import nearest_neighbors  # noqa: E402
from nolabel.pictures import Embedder, Predictor, views  # noqa: E402
from nolabel.weights import load_weights  # noqa: E402

if TYPE_CHECKING:
    from nolabel.estimators import (
        SCAN,
        AutoCluster,
        Communities,
        Consensus,
        NeighborsTransformer,
        SelfLabel,
    )

__version__: str = _version()

# Of scikit-learn, which takes a second to import: at their first use.
_ESTIMATORS = (
    "SCAN",
    "AutoCluster",
    "Communities",
    "Consensus",
    "NeighborsTransformer",
    "SelfLabel",
)

__all__ = [
    "AutoCluster",
    "Communities",
    "Consensus",
    "DataError",
    "Embedder",
    "Error",
    "InternalError",
    "NeighborsTransformer",
    "Predictor",
    "Progress",
    "SCAN",
    "SelfLabel",
    "Stopped",
    "SystemFailure",
    "UsageError",
    "cluster",
    "edit_run",
    "embed",
    "evaluate",
    "export_run",
    "load_weights",
    "metrics",
    "mine",
    "moco",
    "nearest_neighbors",
    "predict",
    "report",
    "scan",
    "selflabel",
    "simclr",
    "update",
    "views",
]


def _has_scikit_learn() -> bool:
    try:
        return find_spec("sklearn") is not None
    except ImportError:
        return False


if not _has_scikit_learn():
    __all__ = [name for name in __all__ if name not in _ESTIMATORS]


def __getattr__(name: str) -> Any:
    if name not in _ESTIMATORS:
        raise AttributeError(f"module 'nolabel' has no attribute {name!r}")
    try:
        from nolabel import estimators
    except ImportError as error:
        raise AttributeError(str(error)) from None  # hasattr() is False
    return getattr(estimators, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__", "calls", "errors", "results"]
