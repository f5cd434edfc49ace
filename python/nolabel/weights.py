"""Files of weights as data."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from nolabel import _core
from nolabel._inputs import PathLike
from nolabel._process import require_whole_process


def load_weights(path: PathLike, *, as_torch: bool = False) -> dict[str, Any]:
    """The tensors of a file of weights by their names; nothing in the file is executed.

    Reads PyTorch's files (.pth, .pt, .ckpt, .pth.tar, TorchScript archives), safetensors and
    pickled NumPy arrays. Of a checkpoint, the model's tensors are returned.

    Returns NumPy arrays, or with `as_torch` PyTorch's tensors. NumPy has no bfloat16: without
    `as_torch`, such tensors become float32, which holds the same values.

    Raises DataError where the file holds no weights or is damaged.
    """
    require_whole_process()
    arrays: dict[str, Any] = {}
    for name, (kind, shape, values) in _core.load_weights(os.fspath(path)).items():
        arrays[name] = _tensor(kind, shape, values) if as_torch else _array(kind, shape, values)
    return arrays


def _array(kind: str, shape: list[int], values: Any) -> Any:
    if kind == "bfloat16":  # the upper half of a float32
        return (values.view(np.uint16).astype(np.uint32) << 16).view(np.float32).reshape(shape)
    return values.view(kind).reshape(shape)


def _tensor(kind: str, shape: list[int], values: Any) -> Any:
    import torch

    if values.size == 0:
        return torch.empty(shape, dtype=getattr(torch, kind))
    return torch.from_numpy(values).view(getattr(torch, kind)).reshape(shape)
