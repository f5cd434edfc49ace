"""What people have, as what the library takes: arrays without a copy where layout and type fit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Union, cast

import numpy as np
import numpy.typing as npt

from nolabel import _core
from nolabel.errors import DataError

PathLike = Union[str, "os.PathLike[str]"]
Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Pixels = npt.NDArray[np.uint8]

_NUMBERS = "biuf"  # NumPy's kinds: bool, int, unsigned, float


def as_array(value: Any, name: str) -> npt.NDArray[Any]:
    """A NumPy array of the same memory where that is possible: of `__array__` or `__dlpack__`."""
    if hasattr(value, "detach") and hasattr(value, "cpu"):  # a tensor of PyTorch
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":  # NumPy has no such type
            value = value.float()
    if type(value).__module__.partition(".")[0] == "cupy":
        value = value.get()  # to the host
    if isinstance(value, np.ndarray):
        array = value
    elif hasattr(value, "__array__") or not hasattr(value, "__dlpack__"):
        array = np.asarray(value)
    else:
        array = np.from_dlpack(value)
    if array.dtype.kind not in _NUMBERS:
        raise TypeError(f"{name} must be numbers. Received {array.dtype}.")
    return array


def as_rows(value: Any, name: str = "X") -> Floats:
    """Embeddings [N,D], fp32 row by row."""
    if _is_sparse(value):
        raise TypeError(f"{name} must be a dense array. Received a sparse one.")
    array = as_array(value, name)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"{name} must be [N,D] with N, D > 0. Received {list(array.shape)}.")
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(array, dtype=np.float32)
    if not np.isfinite(rows).all():
        bad = "NaN" if np.isnan(rows).any() else "infinity"
        raise DataError(f"{name} must be finite in fp32. Received {bad}.")
    return rows


def as_picture(value: Any, name: str = "image") -> Pixels:
    """8-bit RGB [H,W,3] of an array, a tensor [3,H,W], a picture of PIL or a file."""
    if isinstance(value, (str, os.PathLike)):
        return cast(Pixels, _core.read_picture(os.fspath(value)))
    if hasattr(value, "convert") and hasattr(value, "getbands"):  # PIL's
        return np.ascontiguousarray(_upright(value), dtype=np.uint8)
    array = as_array(value, name)
    if array.ndim == 2:
        array = np.repeat(array[:, :, None], 3, axis=2)
    if array.ndim == 3 and array.shape[2] not in (1, 3, 4) and array.shape[0] in (1, 3):
        array = np.moveaxis(array, 0, 2)  # PyTorch's order
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4) or 0 in array.shape:
        raise ValueError(
            f"{name} must be [H,W], [H,W,3] or [3,H,W] with pixels. Received {list(array.shape)}."
        )
    if array.shape[2] == 1:
        array = np.repeat(array, 3, axis=2)
    if array.shape[2] == 4:
        array = _over_white(array)
    return np.ascontiguousarray(_as_bytes(array, name))


def _upright(picture: Any) -> Any:
    from PIL import ImageOps

    if picture.mode == "F" or picture.mode.startswith("I"):
        raise ValueError(
            f"a picture of PIL must have 8-bit levels. Received mode {picture.mode}: give the "
            "path of the file, which nolabel reads with its range, or an array of 8-bit levels."
        )
    picture = ImageOps.exif_transpose(picture)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        return _over_white(np.asarray(picture.convert("RGBA")))
    return picture.convert("RGB")


def _over_white(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    levels = _as_bytes(array, "image").astype(np.uint32)
    alpha = levels[:, :, 3:]
    blended = (levels[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return np.asarray(blended, dtype=np.uint8)


def _as_bytes(array: npt.NDArray[Any], name: str) -> Pixels:
    if array.dtype == np.uint8:
        return cast(Pixels, array)
    if array.dtype.kind == "f":
        if not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
            raise ValueError(
                f"{name} of floats must be levels in 0..1, not normalised. Received "
                f"{array.min():g}..{array.max():g}."
            )
        return np.asarray(np.rint(array * 255), dtype=np.uint8)
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() > 255:
        raise ValueError(f"{name} must be 8-bit levels. Received {array.dtype}.")
    return array.astype(np.uint8, copy=False)


def pictures_of(images: Any) -> Iterator[Pixels]:
    """Pictures of a sequence, of one array [N,H,W,3] or [N,3,H,W], or of batches of such arrays.

    Batches may be those of a DataLoader: of a tuple or a list that begins with an array
    [B,3,H,W], or that is a picture and its label, the first is taken.
    """
    if is_one_picture(images):
        raise TypeError("images must be several pictures. Received one: put it into a list.")
    if getattr(images, "ndim", None) == 4:
        images = as_array(images, "images")
    if not isinstance(images, Iterable):
        raise TypeError(f"images must be several pictures. Received {type(images).__name__}.")
    for number, item in enumerate(images):
        batch = item
        if isinstance(item, (tuple, list)):
            if not _begins_with_pictures(item):
                raise TypeError(
                    f"image {number} must be a picture, or a batch [B,3,H,W]. Received a "
                    f"{type(item).__name__}."
                )
            batch = item[0]
        if getattr(batch, "ndim", None) == 4:
            yield from (as_picture(one, f"image {number}") for one in as_array(batch, "images"))
        else:
            yield as_picture(batch, f"image {number}")


def _begins_with_pictures(item: Sequence[Any]) -> bool:
    """A batch of a DataLoader, or a picture with its label."""
    if not item:
        return False
    if getattr(item[0], "ndim", None) == 4:
        return True
    return len(item) == 2 and is_one_picture(item[0]) and not is_one_picture(item[1])


def as_pictures(images: Any) -> list[Pixels]:
    """All of pictures_of() at once."""
    return list(pictures_of(images))


def is_one_picture(value: Any) -> bool:
    """Whether it is no sequence: a path, a picture of PIL, or an array of one picture."""
    if isinstance(value, (str, os.PathLike)) or hasattr(value, "getbands"):
        return True
    return hasattr(value, "ndim") and value.ndim in (2, 3)


def as_paths(data: Any) -> list[str]:
    """Folders, pictures, list files: one path or several."""
    if data is None:
        return []
    if isinstance(data, (str, os.PathLike)):
        return [_as_path(data)]
    if type(data).__name__ != "DataFrame" and isinstance(data, Iterable):
        paths = list(data)
        if all(isinstance(path, (str, os.PathLike)) for path in paths):
            return [_as_path(path) for path in paths]
    raise TypeError(f"data must be a path or several. Received {type(data).__name__}.")


def _as_path(path: PathLike) -> str:
    text = os.fspath(path)
    if not text:
        raise ValueError("a path must not be empty.")
    return text


def as_whole(value: Any, name: str, low: int, high: int) -> int:
    """A whole number of this range."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be a whole number. Received {value!r}.")
    if not low <= value <= high:
        raise ValueError(f"{name} must be {low}..{high}. Received {value}.")
    return int(value)


MOST_THREADS = 4096  # as the settings have it
LARGEST_INT = 2**31 - 1


def as_seed(random_state: Any) -> int:
    """A whole number of scikit-learn's random_state."""
    if random_state is None:
        return 0
    if hasattr(random_state, "randint"):  # RandomState
        return int(random_state.randint(0, 2**31 - 1))
    if hasattr(random_state, "integers"):  # Generator
        return int(random_state.integers(0, 2**31 - 1))
    return as_whole(random_state, "random_state", 0, 2**64 - 1)


def _is_sparse(value: Any) -> bool:
    return hasattr(value, "tocsr") or type(value).__module__.startswith("scipy.sparse")
