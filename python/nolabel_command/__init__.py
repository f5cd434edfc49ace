"""The program `nolabel` of the wheel. The package nolabel is not imported: it would load the library."""

import importlib.util
import os
import sys
from pathlib import Path


def main() -> None:
    """Becomes the program, which finds LibTorch where the installed torch has it."""
    spec = importlib.util.find_spec("nolabel")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("nolabel: the package nolabel is not installed beside its command.")
    package = Path(spec.submodule_search_locations[0])
    try:
        libraries = str(_library(package).torch_folder())
    except ImportError as error:
        sys.exit(f"nolabel: {error}")
    program = package / "bin" / "nolabel"
    earlier = os.environ.get("LD_LIBRARY_PATH")
    os.environ["LD_LIBRARY_PATH"] = f"{libraries}:{earlier}" if earlier else libraries
    os.execv(program, ["nolabel", *sys.argv[1:]])


def _library(package: Path):  # type: ignore[no-untyped-def]
    spec = importlib.util.spec_from_file_location("_library", package / "_library.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
