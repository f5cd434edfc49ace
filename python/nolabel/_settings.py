"""Settings as keyword arguments, and as the texts that the library reads, as in YAML."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any


# What YAML takes for no value at all.
_NOTHING = ("", "~", "null", "Null", "NULL")


class Default:
    """A keyword argument that nobody has given: the run or the library decides.

    Signatures show the library's default. A call that is given the same value states it as the
    user's own, which the value a run remembers does not override.
    """

    def __init__(self, value: object) -> None:
        self._value = value

    def __repr__(self) -> str:
        return repr(self._value)


def default(value: object) -> Any:
    return Default(value)


def text_of(name: str, value: object) -> str:
    """`value` as one would write it in YAML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, os.PathLike)):
        text = os.fspath(value)
        if isinstance(text, str) and text not in _NOTHING:
            return text
        raise ValueError(f"{name} must be a text that says something. Received {text!r}.")
    if hasattr(value, "item") and getattr(value, "shape", None) == ():  # a scalar of NumPy
        return text_of(name, value.item())
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(text_of(name, item) for item in value) + "]"
    raise TypeError(
        f"{name} must be a bool, a number, a text, a path or a list. "
        f"Received {type(value).__name__}."
    )


def texts_of(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Settings by their whole names. Nested maps are groups; what nobody has given is left out."""
    texts: dict[str, str] = {}
    for key, value in settings.items():
        if value is None or isinstance(value, Default):
            continue
        name = prefix + key
        if isinstance(value, Mapping):
            texts.update(texts_of(value, name + "."))
        else:
            texts[name] = text_of(name, value)
    return texts
