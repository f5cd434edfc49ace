"""The program `nolabel` of the wheel."""

import os
import sys
from pathlib import Path

from nolabel._library import torch_folder


def main() -> None:
    """Becomes the program, which finds LibTorch where the installed torch has it."""
    try:
        libraries = str(torch_folder())
    except ImportError as error:
        sys.exit(f"nolabel: {error}")
    program = Path(__file__).parent / "bin" / "nolabel"
    earlier = os.environ.get("LD_LIBRARY_PATH")
    os.environ["LD_LIBRARY_PATH"] = f"{libraries}:{earlier}" if earlier else libraries
    os.execv(program, ["nolabel", *sys.argv[1:]])


if __name__ == "__main__":
    main()
