"""decode.py SHORT_SIDE FILE...: Pillow decodes every file; SHORT_SIDE > 0: by a draft."""

import io
import sys

from measure import report, seconds_per_call
from PIL import Image

short_side = int(sys.argv[1])
files = [open(path, "rb").read() for path in sys.argv[2:]]


def decode(data):
    image = Image.open(io.BytesIO(data))
    if short_side:
        image.draft("RGB", (short_side, short_side))
    image.convert("RGB").load()


seconds = seconds_per_call(lambda: [decode(data) for data in files])
report("decode", len(files) / seconds, "images/s")
