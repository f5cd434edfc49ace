"""Loads the library into this process: one LibTorch, which is that of the installed torch."""

import ctypes
import importlib.metadata
import importlib.util
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# LibTorch's C++ interface belongs to one minor version (pyproject.toml states it, too).
TORCH = "2.11"

# Those that nolabel's libraries name, in the order of their dependencies.
_LIBTORCH = ("libgomp.so.1", "libc10.so", "libtorch_cpu.so")


def torch_folder() -> Path:
    """The folder of torch's libraries. Raises ImportError where torch is missing or another one."""
    wanted = f"nolabel needs torch {TORCH}.* (pip install 'torch=={TORCH}.*')"
    spec = importlib.util.find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"{wanted}. This Python has no torch.")
    folder = Path(spec.submodule_search_locations[0])
    found = _version(folder)
    if not found.startswith(TORCH + "."):
        raise ImportError(f"{wanted}. This Python has torch {found}.")
    return folder / "lib"


def _version(folder: Path) -> str:
    # Of the torch that would be imported; the metadata could be that of another one.
    stated = folder / "version.py"
    if stated.is_file():
        match = re.search(r"__version__ = ['\"]([^'\"]+)", stated.read_text())
        if match:
            return match.group(1)
    return importlib.metadata.version("torch")


def load_libtorch() -> None:
    """Loads LibTorch from torch's folder, unless `import torch` has done so.

    The loader takes the libraries by their names when nolabel's ask for them, and so does a later
    `import torch`. torch itself is not imported, because this takes a second or more.
    """
    folder = torch_folder()
    with _short_spins():
        for name in _LIBTORCH:
            file = folder / name
            if not file.is_file():
                continue  # this torch has it elsewhere, and names the place itself
            try:
                ctypes.CDLL(str(file), mode=os.RTLD_NOW | os.RTLD_LOCAL)
            except OSError as error:
                raise ImportError(f"torch's {name} does not load: {error}") from None


@contextmanager
def _short_spins() -> Iterator[None]:
    """What OpenMP reads while it is being loaded, as the program sets it (docs/performance.md).

    Its threads otherwise spin for milliseconds before they sleep, and keep other programs from the
    processor. Nothing changes where torch is imported already, or where the user has chosen.
    """
    variable = "GOMP_SPINCOUNT"
    if variable in os.environ or "OMP_WAIT_POLICY" in os.environ:
        yield
        return
    os.environ[variable] = "10000"
    try:
        yield
    finally:
        del os.environ[variable]
