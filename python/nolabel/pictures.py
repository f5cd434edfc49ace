"""Pictures: their features, their clusters, and random views of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np

from nolabel import _core
from nolabel._inputs import (
    MOST_THREADS,
    PathLike,
    as_picture,
    as_pictures,
    as_whole,
    is_one_picture,
    pictures_of,
)
from nolabel._outputs import as_asked
from nolabel._process import require_whole_process
from nolabel._progress import ProgressOption, Told
from nolabel._settings import texts_of
from nolabel.results import Cluster, table_of


_AT_ONCE = 1024  # pictures of a DataLoader that are in memory


class _Opened:
    """What is opened from arguments, and pickled as them."""

    _arguments: tuple[Any, ...]

    def _open(self) -> None:
        raise NotImplementedError

    def __getstate__(self) -> tuple[Any, ...]:
        return self._arguments

    def __setstate__(self, arguments: tuple[Any, ...]) -> None:
        require_whole_process()
        self._arguments = arguments
        self._open()


class Predictor(_Opened):
    """Assigns pictures in memory to the clusters of a finished run.

    `run` is a run directory, or a file of weights with a cluster head. `predict` only reads, so
    several threads may use one Predictor. A picture's result does not depend on other pictures.
    """

    def __init__(
        self,
        run: PathLike,
        *,
        device: str = "auto",
        precision: str = "auto",
        threads: int = 0,
        run_program: bool = False,
    ) -> None:
        require_whole_process()
        # A path that still holds when this is pickled, or the process goes elsewhere.
        self._arguments = (
            os.path.abspath(os.fspath(run)),
            str(device),
            str(precision),
            as_whole(threads, "threads", 0, MOST_THREADS),
            bool(run_program),
        )
        self._open()

    def _open(self) -> None:
        self._predictor = _core.Predictor(*self._arguments)
        self.clusters = [Cluster(*one) for one in self._predictor.clusters()]
        self.image_size = int(self._predictor.image_size())

    def predict(self, images: Any) -> Any:
        """Cluster, confidence and runner-up of each picture: a data frame where pandas is
        installed, else a NumPy record array.

        `images`: pictures of a list, an array [N,H,W,3] or [N,3,H,W], or batches. A picture is an
        array of 8-bit levels (or floats in 0..1), a picture of PIL or the path of a file.
        """
        require_whole_process()
        return table_of(self._predictor.predict(as_pictures(images)))

    def __repr__(self) -> str:
        return f"Predictor({self._arguments[0]!r})"

    def predict_one(self, image: Any) -> int:
        """The id of one picture's cluster."""
        require_whole_process()
        return int(self._predictor.predict([as_picture(image)])["cluster"][0])


class Embedder(_Opened):
    """A backbone's features of pictures in memory.

    `backbone`: "starter", "photos", a name that `nolabel backbone list` shows, a file of weights or
    a run directory. `image_size`: side of the views in pixels, 0: what the backbone was trained
    on. Several threads may use one Embedder.
    """

    def __init__(
        self,
        backbone: PathLike = "photos",
        *,
        image_size: int = 0,
        device: str = "auto",
        precision: str = "auto",
        threads: int = 0,
        run_program: bool = False,
    ) -> None:
        require_whole_process()
        self._arguments = (
            os.fspath(backbone),
            as_whole(image_size, "image_size", 0, 1024),
            str(device),
            str(precision),
            as_whole(threads, "threads", 0, MOST_THREADS),
            bool(run_program),
        )
        self._open()

    def _open(self) -> None:
        self._embedder = _core.Embedder(*self._arguments)
        self.dimensions = int(self._embedder.dimensions())
        self.image_size = int(self._embedder.image_size())
        self.backbone = str(self._embedder.backbone())
        self.backbone_labels = str(self._embedder.backbone_labels())

    def embed(
        self, images: Any, *, as_torch: bool = False, progress: ProgressOption = None
    ) -> Any:
        """Features [N,D] of pictures, as Predictor.predict takes them: a float32 array, or with
        `as_torch` a tensor of PyTorch."""
        require_whole_process()
        parts: list[Any] = []
        pictures = pictures_of(images)
        with Told(progress) as (_, tell):
            while some := list(islice(pictures, _AT_ONCE)):
                parts.append(self._embedder.embed(some, tell))
        features = np.concatenate(parts) if parts else np.empty((0, self.dimensions), np.float32)
        return as_asked(features, as_torch)

    def __repr__(self) -> str:
        return f"Embedder({self._arguments[0]!r})"


def views(
    image: Any,
    recipe: str = "simclr",
    *,
    size: int = 32,
    count: int = 8,
    seed: int = 0,
    normalized: bool = False,
    as_torch: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> Any:
    """Random views of a picture, as training draws them: uint8 [count,size,size,3].

    `recipe`: "standard" (crop and flip), "simclr" or "ours" (SCAN's strong views). `normalized`:
    what the network sees, float32 with normalised channels. `settings`: augmentation_kwargs as
    `nolabel settings simclr` lists them, nested. The same seed gives the same views. With `as_torch`
    they are a tensor of PyTorch [count,3,size,size].
    """
    require_whole_process()
    if not is_one_picture(image):
        raise TypeError(f"image must be one picture. Received {type(image).__name__}.")
    make = _core.normalized_views if normalized else _core.views
    given = texts_of(settings or {})
    drawn = make(
        as_picture(image),
        str(recipe),
        as_whole(size, "size", 1, 4096),
        as_whole(count, "count", 0, 1_000_000),
        as_whole(seed, "seed", 0, 2**64 - 1),
        given,
    )
    return as_asked(np.moveaxis(np.asarray(drawn), 3, 1) if as_torch else drawn, as_torch)
