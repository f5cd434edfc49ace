"""`embed`: features of images, wherever they are."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Union, overload

from nolabel import calls
from nolabel._inputs import PathLike
from nolabel._outputs import as_asked
from nolabel._progress import ProgressOption
from nolabel.pictures import Embedder
from nolabel.results import Embedded

__all__ = ["embed"]


@overload
def embed(images: PathLike, backbone: PathLike = ..., **settings: Any) -> Embedded: ...
@overload
def embed(images: Any, backbone: PathLike = ..., **settings: Any) -> Union[Embedded, Any]: ...


def embed(
    images: Any,
    backbone: PathLike = "",
    *,
    as_torch: bool = False,
    progress: ProgressOption = None,
    **settings: Any,
) -> Union[Embedded, Any]:
    """The features that a backbone makes of images.

    Images in files (a folder, a picture, a list file, a published data set, or several of these)
    give `nolabel.results.Embedded`: paths, features [N,D] and labels. What nolabel has embedded
    before comes from its cache. `settings` are those of `nolabel.calls.embed`.

    Pictures in memory give the features [N,D] alone: a list, an array [N,H,W,3] or [N,3,H,W], or
    batches, such as those of a DataLoader of PyTorch, whose tensors must hold levels in 0..1 that
    are not normalised. `settings` are those of `nolabel.Embedder`. With `as_torch` the features are
    a tensor of PyTorch.

    `backbone`: "starter" (small images, trained without labels), "photos" (trained with
    ImageNet's labels), a name that `nolabel backbone list` shows, a file of weights or a run
    directory. Left out: for files by their sizes; for pictures in memory "photos".
    """
    if _are_files(images):
        if os.fspath(backbone):
            settings["backbone"] = backbone
        embedded = calls.embed(images, progress=progress, **settings)
        return replace(embedded, features=as_asked(embedded.features, as_torch))
    embedder = Embedder(backbone or "photos", **settings)
    return embedder.embed(images, as_torch=as_torch, progress=progress)


def _are_files(images: Any) -> bool:
    if isinstance(images, (str, os.PathLike)):
        return True
    return isinstance(images, (list, tuple)) and all(
        isinstance(image, (str, os.PathLike)) for image in images
    )
