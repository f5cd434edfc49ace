#!/usr/bin/env python3
"""Makes examples/cifar10-mini.tar.xz from a folder with all of CIFAR-10 as JPEG files.

    tools/pack_examples.py CIFAR [--train 1300] [--test 300] [--seed 1] [--out FILE]

CIFAR holds train/<class>/*.jpg and test/<class>/*.jpg. From every class the same number of images
is drawn with the seed; they keep their bytes and their names, so whoever has the full set can find
them there. The archive depends on nothing but the images and the arguments: the same input gives
the same bytes (with the same version of liblzma). Needs Python 3 alone.
"""

import argparse
import hashlib
import io
import lzma
import pathlib
import random
import tarfile


def draw(folder, count, seed):
    """`count` files of every class below `folder`, in order of their names."""
    chosen = []
    for cls in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = sorted(cls.glob("*.jpg"))
        if len(files) < count:
            raise SystemExit(f"{cls} must hold at least {count} images. It holds {len(files)}.")
        generator = random.Random(f"{seed} {folder.name} {cls.name}")
        chosen += sorted(generator.sample(files, count))
    return chosen


def add(archive, name, content):
    entry = tarfile.TarInfo(name)  # no time, owner or mode of this machine
    entry.size = len(content)
    entry.mode = 0o644
    archive.addfile(entry, io.BytesIO(content))


def pack(source, counts, seed):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for split, count in counts.items():
            for file in draw(source / split, count, seed):
                add(archive, f"cifar10-mini/{split}/{file.parent.name}/{file.name}",
                    file.read_bytes())
    return lzma.compress(tar.getvalue(), format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC64,
                         preset=9 | lzma.PRESET_EXTREME)


def main():
    root = pathlib.Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cifar", type=pathlib.Path)
    parser.add_argument("--train", type=int, default=1300, help="images per class")
    parser.add_argument("--test", type=int, default=300, help="images per class")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=root / "examples/cifar10-mini.tar.xz")
    arguments = parser.parse_args()
    counts = {"train": arguments.train, "test": arguments.test}
    content = pack(arguments.cifar, counts, arguments.seed)
    arguments.out.write_bytes(content)
    print(f"{arguments.out}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
