"""Exact nearest neighbors of embeddings."""

from __future__ import annotations

from typing import Any

from nolabel import _core
from nolabel._inputs import LARGEST_INT, MOST_THREADS, as_rows, as_whole
from nolabel._outputs import as_asked
from nolabel._process import require_whole_process
from nolabel._progress import ProgressOption, Told


def nearest_neighbors(
    X: Any,
    k: int = 20,
    *,
    queries: Any = None,
    metric: str = "cosine",
    memory_mb: int = 2048,
    threads: int = 0,
    as_torch: bool = False,
    progress: ProgressOption = None,
) -> tuple[Any, Any]:
    """The k rows of X [N,D] that are most similar to each row, or to each of `queries` [Q,D].

    Returns (indices, similarities), int64 and float32 arrays [N,k] or [Q,k], best first; of equal
    similarities the lower index. With `as_torch` they are tensors of PyTorch. Without `queries`, a row is not its own neighbor. `metric`: "cosine", or "inner"
    for the inner product. The search is exact and takes at most `memory_mb` beside X.

    X is used as it is where it is C-contiguous float32. Raises UsageError where k does not fit,
    DataError where a value is not finite.
    """
    require_whole_process()
    if metric not in ("cosine", "inner"):
        raise ValueError(f"metric must be cosine or inner. Received {metric}.")
    rows = as_rows(X)
    asked = None if queries is None else as_rows(queries, "queries")
    with Told(progress) as (_, tell):
        indices, similarities = _core.nearest_neighbors(
            rows,
            asked,
            as_whole(k, "k", 1, LARGEST_INT),
            metric == "cosine",
            as_whole(memory_mb, "memory_mb", 1, LARGEST_INT),
            as_whole(threads, "threads", 0, MOST_THREADS),
            tell,
        )
    return as_asked(indices, as_torch), as_asked(similarities, as_torch)

