"""cache.py FORM FOLDER: Pillow opens every picture of FOLDER and makes its short side 256, as the
published way does in every epoch, whatever FORM is."""

import pathlib
import sys

from measure import report, seconds_per_call
from PIL import Image

SHORT_SIDE = 256
files = sorted(path for path in pathlib.Path(sys.argv[2]).rglob("*") if path.is_file())


def picture(path):
    image = Image.open(path).convert("RGB")
    short = min(image.size)
    if short > SHORT_SIDE:
        size = [SHORT_SIDE * length // short for length in image.size]
        image = image.resize(size, Image.Resampling.BILINEAR)
    return image


seconds = seconds_per_call(lambda: [picture(path) for path in files])
report("epoch", len(files) / seconds, "images/s")
