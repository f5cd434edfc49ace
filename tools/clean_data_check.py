#!/usr/bin/env python3
"""Measures what nolabel does with near-duplicates and noise among photos (docs/method.md, Clean data).

    tools/clean_data_check.py PHOTOS [--program build/nolabel] [--seeds 1,2,3] [--mixed 4,5]
                              [--clusters 10] [--result FILE]

PHOTOS holds a folder of photos per class, at any depth (Imagenette). Each seed makes a collection
in a temporary folder: 1,000 of the photos, 300 copies of them that are recompressed (JPEG of quality
20 to 95), resized (sides by 0.4 to 1.5), cropped (up to 10 % of each side) or all three, and 50 noise
images. The noise of the seeds of --mixed is a fifth each uniform, Gaussian, gray, plain, and smooth
blobs of color; that of the others is uniform. `cluster` groups each collection with near-duplicates
grouped and with --duplicates keep. Class names serve for the ACC of the photos only. Needs NumPy,
SciPy and Pillow (the peers' environment has them).
"""

import argparse
import csv
import datetime
import json
import pathlib
import random
import subprocess
import tempfile

import numpy
from PIL import Image
from scipy.optimize import linear_sum_assignment

PHOTOS, COPIES, NOISE = 1000, 300, 50
KINDS = ["uniform", "gauss", "smooth", "flat", "gray"]


def altered(image, draw):
    kind = draw.choice(["jpeg", "resize", "crop", "mix"])
    if kind in ("resize", "mix"):
        factor = draw.uniform(0.4, 1.5)
        size = (max(8, int(image.width * factor)), max(8, int(image.height * factor)))
        ways = [Image.BILINEAR, Image.BICUBIC, Image.LANCZOS]
        image = image.resize(size, draw.choice(ways))
    if kind in ("crop", "mix"):
        width, height = image.size
        share = draw.uniform(0.01, 0.10)
        left, top = draw.uniform(0, share), draw.uniform(0, share)
        image = image.crop((int(left * width), int(top * height),
                            int(width - (share - left) * width),
                            int(height - (share - top) * height)))
    return image, draw.randint(20, 95) if kind in ("jpeg", "mix") else 90


def noise(kind, draw, numbers):
    width, height = draw.randint(100, 500), draw.randint(100, 500)
    if kind == "uniform":
        levels = numbers.integers(0, 256, (height, width, 3), dtype=numpy.uint8)
    elif kind == "gauss":
        levels = numbers.normal(128, 50, (height, width, 3)).clip(0, 255).astype(numpy.uint8)
    elif kind == "gray":
        one = numbers.integers(0, 256, (height, width, 1), dtype=numpy.uint8)
        levels = numpy.repeat(one, 3, 2)
    elif kind == "flat":
        color = numbers.integers(0, 256, 3, dtype=numpy.uint8)
        levels = numpy.ones((height, width, 3), numpy.uint8) * color
    else:
        blobs = numbers.integers(0, 256, (6, 6, 3), dtype=numpy.uint8)
        levels = numpy.array(Image.fromarray(blobs).resize((width, height), Image.BICUBIC))
    return Image.fromarray(levels)


def make_collection(photos, seed, mixed, folder):
    """Returns by file name: the number of the photo that it shows (-1: noise), and its class."""
    draw, numbers = random.Random(seed), numpy.random.default_rng(seed)
    chosen = draw.sample(photos, PHOTOS)
    shows, class_of = {}, {}
    for i, photo in enumerate(chosen):
        name = f"p{i:04d}.jpg"
        (folder / name).write_bytes(photo.read_bytes())
        shows[name], class_of[name] = i, photo.parent.name
    for j in range(COPIES):
        i = draw.randrange(PHOTOS)
        image, quality = altered(Image.open(chosen[i]).convert("RGB"), draw)
        name = f"c{j:03d}.jpg"  # before the photos by name
        image.save(folder / name, quality=quality)
        shows[name] = i
    for j in range(NOISE):
        name = f"n{j:02d}.jpg"
        kind = KINDS[j % len(KINDS)] if mixed else "uniform"
        noise(kind, draw, numbers).save(folder / name, quality=90 if j % 2 else 75)
        shows[name] = -1
    return shows, class_of


def cluster(program, folder, clusters, out, *flags):
    subprocess.run([program, "cluster", folder, "--clusters", str(clusters), "--out", out,
                    "--quiet", *flags], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with open(out / "assignments.csv", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def right_photos(rows, class_of):
    """ACC, and the names of the photos whose cluster is matched with another class."""
    classes = sorted(set(class_of.values()))
    ids = sorted({row["cluster"] for row in rows.values()}, key=int)
    counts = numpy.zeros((len(ids), len(classes)))
    for name, kind in class_of.items():
        counts[ids.index(rows[name]["cluster"]), classes.index(kind)] += 1
    matched = dict(zip(*linear_sum_assignment(-counts)))
    wrong = {name for name, kind in class_of.items()
             if matched.get(ids.index(rows[name]["cluster"])) != classes.index(kind)}
    return 1 - len(wrong) / len(class_of), wrong


def measure(program, photos, seed, mixed, clusters):
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        folder = scratch / "photos"
        folder.mkdir()
        shows, class_of = make_collection(photos, seed, mixed, folder)
        before, _ = right_photos(
            cluster(program, folder, clusters, scratch / "keep", "--duplicates", "keep"), class_of)
        rows = cluster(program, folder, clusters, scratch / "group")
        acc, wrong = right_photos(rows, class_of)
        groups = {}
        with open(scratch / "group/duplicates.csv", newline="") as file:
            for row in csv.DictReader(file):
                groups.setdefault(row["group"], []).append(row["path"])
    group_of = {name: group for group, names in groups.items() for name in names}
    copies = [name for name in shows if name[0] == "c"]
    grouped = sum(group_of.get(name, "") == group_of.get(f"p{shows[name]:04d}.jpg", "none")
                  for name in copies)
    unsure = {name for name, row in rows.items() if row["status"] == "unsure"}
    photos_unsure = unsure & set(class_of)
    return {"seed": seed, "mixed_noise": mixed,
            "copies_with_their_original": grouped / len(copies),
            "images_in_wrong_groups": sum(
                len({shows[other] for other in names}) > 1 or shows[name] < 0
                for names in groups.values() for name in names),
            "noise_unsure": sum(name[0] == "n" for name in unsure),
            "photos_unsure": len(photos_unsure),
            "of_them_in_a_wrong_cluster": len(photos_unsure & wrong),
            "ACC_keep": before, "ACC": acc}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=pathlib.Path)
    parser.add_argument("--program", default="build/nolabel")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--mixed", default="4,5")
    parser.add_argument("--clusters", type=int, default=10)
    parser.add_argument("--result", type=pathlib.Path)
    arguments = parser.parse_args()
    extensions = {".jpg", ".jpeg", ".png"}
    photos = sorted(path for path in arguments.photos.rglob("*")
                    if path.suffix.lower() in extensions)
    rows = []
    for mixed, seeds in ((False, arguments.seeds), (True, arguments.mixed)):
        for seed in filter(None, seeds.split(",")):
            rows.append(measure(arguments.program, photos, int(seed), mixed, arguments.clusters))
            print(json.dumps(rows[-1]), flush=True)
    if arguments.result:
        result = {"date": str(datetime.date.today()), "clusters": arguments.clusters,
                  "photos": PHOTOS, "copies": COPIES, "noise": NOISE, "collections": rows}
        arguments.result.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
