#!/usr/bin/env python3
"""The mean loss of each stage over random views, from the same weights, in nolabel and in plain
PyTorch, torchvision and Pillow (plain_scan.py): with learning rate 0 an epoch measures it. Ends with
1 when a difference is more than four standard errors of the mean.

    tools/mean_loss_check.py IMAGES [--epochs 16] [--per-class 40] [--program build/nolabel]

IMAGES: a folder of 32 × 32 JPEGs in class folders. Needs the peers' environment.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import sys
import tempfile

import numpy as np
import torch

import plain_scan as plain

WIDTH, CLUSTERS, BATCH = 8, 4, 50
SHARPER = 4  # times the weights of the cluster head: near-uniform clusters would hide the views
THRESHOLD = 0.4  # of a slim network after few steps, some half of the images are above it


def measured(values):
    return statistics.mean(values), statistics.stdev(values) / len(values) ** 0.5


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--per-class", type=int, default=40)
    parser.add_argument("--program", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "build/nolabel")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        differences = [compare(*row) for row in stages(options, pathlib.Path(folder))]
    sys.exit(max(differences) > 4)


def compare(stage, ours, theirs):
    """Standard errors between the two means."""
    (mean, error), (peer_mean, peer_error) = measured(ours), measured(theirs)
    difference = abs(mean - peer_mean) / (error**2 + peer_error**2) ** 0.5
    print(json.dumps({"stage": stage, "nolabel": mean, "standard_error": error,
                      "pytorch": peer_mean, "pytorch_standard_error": peer_error,
                      "difference_in_standard_errors": difference}))
    return difference


def stages(options, folder):
    """(stage, nolabel's losses by epoch, PyTorch's)"""
    def run(*arguments):
        plain.nolabel(options.program, *arguments, "--batch-size", BATCH)

    def measure(model, loss_of):
        return plain.measure(model, lambda m, rows: loss_of(m, images, rows), len(images),
                             options.epochs, BATCH, seed=1)

    still = ("--epochs", options.epochs, "--optimizer-kwargs.lr", 0)
    photos, trained, measuring = folder / "photos", folder / "trained", folder / "measuring"
    plain.copy_images(options.images, photos, options.per_class)
    images = plain.load_images(photos)

    run("simclr", photos, "--out", trained, "--width", WIDTH, "--epochs", 3,
        "--optimizer-kwargs.lr", 0.1)
    run("simclr", photos, "--out", measuring, "--start", trained, *still)
    state = plain.load(trained / "pretext/model.pth.tar")
    yield ("simclr", plain.losses(measuring, "pretext"),
           measure(plain.contrastive(state, WIDTH), plain.simclr_loss))

    plain.nolabel(options.program, "mine", "--out", trained)
    shutil.copytree(trained, measuring, dirs_exist_ok=True)
    run("scan", "--out", trained, "--num-classes", CLUSTERS, "--epochs", 6,
        "--optimizer-kwargs.lr", 0.01)
    # With nothing but a checkpoint there, written by PyTorch, SCAN goes on from its weights.
    content = plain.load(trained / "scan/checkpoint.pth.tar")
    del content["nolabel"]
    content["model"]["cluster_head.0.weight"] *= SHARPER
    (measuring / "scan").mkdir()
    torch.save(content, measuring / "scan/checkpoint.pth.tar")
    run("scan", "--out", measuring, "--num-classes", CLUSTERS, "--epochs", 6 + options.epochs,
        "--optimizer-kwargs.lr", 0)
    neighbors = np.load(trained / "pretext/topk-train-neighbors.npy").tolist()
    state = content["model"]
    yield ("scan", plain.losses(measuring, "scan"),
           measure(plain.clustering(state, WIDTH),
                   lambda m, i, rows: plain.scan_loss(m, i, rows, neighbors)))

    run("selflabel", "--out", trained, "--confidence-threshold", THRESHOLD, *still)
    state = plain.load(trained / "scan/model.pth.tar")["model"]
    yield ("selflabel", plain.losses(trained, "selflabel"),
           measure(plain.clustering(state, WIDTH),
                   lambda m, i, rows: plain.selflabel_loss(m, i, rows, THRESHOLD)))


if __name__ == "__main__":
    main()
