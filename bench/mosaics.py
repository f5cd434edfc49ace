#!/usr/bin/env python3
"""Pictures of ImageNet's usual size from smaller ones, for bench/packed_cache.py.

    .peers/bin/python bench/mosaics.py SOURCE OUT

Each picture of SOURCE with the three after it becomes OUT/NNNN.jpg: 500 x 375, a quarter each, JPEG of
quality 95 with halved color, as most photos have.
"""
import pathlib
import sys

from PIL import Image

SIZE = (500, 375)


def main():
    source, out = map(pathlib.Path, sys.argv[1:3])
    files = sorted(f for f in source.rglob("*") if f.suffix.lower() in (".jpeg", ".jpg"))
    out.mkdir(parents=True)
    for i in range(len(files)):
        mosaic = Image.new("RGB", SIZE)
        for quarter in range(4):
            left, top = SIZE[0] // 2 * (quarter % 2), SIZE[1] // 2 * (quarter // 2)
            part = Image.open(files[(i + quarter) % len(files)]).convert("RGB")
            mosaic.paste(part.resize((SIZE[0] // 2, SIZE[1] - SIZE[1] // 2)), (left, top))
        mosaic.save(out / f"{i:04}.jpg", quality=95, subsampling=2)


main()
