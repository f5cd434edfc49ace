"""Arrays as people ask for them."""

from __future__ import annotations

from typing import Any


def as_asked(array: Any, as_torch: bool) -> Any:
    """The NumPy array, or with `as_torch` a tensor of PyTorch on the same memory."""
    if not as_torch:
        return array
    import torch

    return torch.from_numpy(array)
