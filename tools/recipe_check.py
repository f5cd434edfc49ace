#!/usr/bin/env python3
"""The whole recipe at a size that a processor can run: three epochs each of SimCLR, SCAN and
self-labelling in nolabel and in plain PyTorch (plain_scan.py), from the same images, initial
weights, neighbor tables and settings, but other random views. Compares the loss curves with their
spread over seeds. Ends with 1 when two means differ by more than four standard errors.

    tools/recipe_check.py IMAGES [--seeds 5] [--per-class 200] [--program build/nolabel]
                          [--json FILE.json] [--table FILE.md]

IMAGES: a folder of 32 × 32 JPEGs in class folders. Needs the peers' environment.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile

import numpy as np
import torch

import plain_scan as plain

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench"))
from program import write_report  # noqa: E402

EPOCHS, WIDTH, CLUSTERS, NEIGHBORS, BATCH, THRESHOLD = 3, 8, 10, 20, 100, 0.3
RATES = {"simclr": 0.1, "scan": 1e-3, "selflabel": 1e-3}
STAGES = {"simclr": "pretext", "scan": "scan", "selflabel": "selflabel"}
SETTINGS = {
    "simclr": [f"width={WIDTH}", "scheduler=cosine", "optimizer=sgd", "optimizer_kwargs.momentum=0.9",
               "optimizer_kwargs.weight_decay=1e-4"],
    "scan": ["optimizer=adam", "optimizer_kwargs.weight_decay=1e-4", f"num_classes={CLUSTERS}",
             f"num_neighbors={NEIGHBORS}", "criterion_kwargs.entropy_weight=5"],
    "selflabel": ["optimizer=adam", "optimizer_kwargs.weight_decay=1e-4",
                  f"confidence_threshold={THRESHOLD}",
                  "criterion_kwargs.apply_class_balancing=true"],
}


def run_stage(options, stage, run, seed, epochs, rate, *further):
    settings = [*SETTINGS[stage], f"epochs={epochs}", f"batch_size={BATCH}",
                f"optimizer_kwargs.lr={rate}"]
    words = [word for setting in settings for word in ("--set", setting)]
    plain.nolabel(options.program, stage, *further, "--out", run, "--seed", seed, *words)


def nolabel_curves(options, photos, folder, seed):
    """Its loss by epoch and stage, and the weights that each stage began with."""
    run, start = folder / f"run{seed}", folder / f"start{seed}"
    first = {}
    # With learning rate 0 a stage leaves the weights that it began with.
    run_stage(options, "simclr", start, seed, 1, 0, photos)
    first["simclr"] = plain.at_the_start(plain.load(start / "pretext/model.pth.tar"))
    run_stage(options, "simclr", run, seed, EPOCHS, RATES["simclr"], photos)
    plain.nolabel(options.program, "mine", "--out", run, "--set", f"mined_neighbors={NEIGHBORS}")
    pretext = plain.load(run / "pretext/model.pth.tar")
    run_stage(options, "scan", run, seed, 1, 0)
    heads = plain.load(run / "scan/model.pth.tar")["model"]
    first["scan"] = {key: pretext.get(key, value) for key, value in heads.items()}
    run_stage(options, "scan", run, seed, EPOCHS, RATES["scan"], "--force")
    first["selflabel"] = plain.load(run / "scan/model.pth.tar")["model"]
    run_stage(options, "selflabel", run, seed, EPOCHS, RATES["selflabel"])
    neighbors = np.load(run / "pretext/topk-train-neighbors.npy")
    return {stage: plain.losses(run, place) for stage, place in STAGES.items()}, first, neighbors


def pytorch_curves(images, first, neighbors, seed):
    neighbors = neighbors[:, :NEIGHBORS + 1].tolist()
    models = {"simclr": plain.contrastive(first["simclr"], WIDTH),
              "scan": plain.clustering(first["scan"], WIDTH),
              "selflabel": plain.clustering(first["selflabel"], WIDTH)}
    objectives = {
        "simclr": lambda m, rows: plain.simclr_loss(m, images, rows),
        "scan": lambda m, rows: plain.scan_loss(m, images, rows, neighbors),
        "selflabel": lambda m, rows: plain.selflabel_loss(m, images, rows, THRESHOLD)}
    curves = {}
    for stage, model in models.items():
        rate = RATES[stage]
        if stage == "simclr":
            optimizer = torch.optim.SGD(model.parameters(), rate, momentum=0.9, weight_decay=1e-4)
        else:
            optimizer = torch.optim.Adam(model.parameters(), rate, weight_decay=1e-4)
        rate_of = (lambda e: plain.cosine(rate, e, EPOCHS)) if stage == "simclr" else lambda e: rate
        curves[stage] = plain.train(model, objectives[stage], len(images), EPOCHS, BATCH,
                                    optimizer, rate_of, seed)
    return curves


def summary(ours, theirs):
    """Of one stage and epoch, by seed. Spreads are standard deviations over seeds."""
    spreads = statistics.stdev(ours), statistics.stdev(theirs)
    error = (sum(spread**2 for spread in spreads) / len(ours)) ** 0.5
    difference = statistics.mean(ours) - statistics.mean(theirs)
    return {"nolabel": statistics.mean(ours), "nolabel_spread": spreads[0],
            "pytorch": statistics.mean(theirs), "pytorch_spread": spreads[1],
            "difference": difference, "in_standard_errors": difference / error}


def table(rows):
    lines = ["| stage | epoch | nolabel | PyTorch | difference | in standard errors |",
             "|---|---|---|---|---|---|"]
    for row in rows:
        lines.append(
            f"| {row['stage']} | {row['epoch']} | {row['nolabel']:.3f} ± {row['nolabel_spread']:.3f}"
            f" | {row['pytorch']:.3f} ± {row['pytorch_spread']:.3f}"
            f" | {row['difference']:+.3f} | {row['in_standard_errors']:+.1f} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--per-class", type=int, default=200)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/nolabel")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--table", type=pathlib.Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        plain.copy_images(options.images, folder / "photos", options.per_class)
        images = plain.load_images(folder / "photos")
        for seed in range(options.seeds):
            curves, first, neighbors = nolabel_curves(options, folder / "photos", folder, seed)
            ours.append(curves)
            theirs.append(pytorch_curves(images, first, neighbors, seed))
            print(f"seed {seed}\n  nolabel {ours[-1]}\n  PyTorch {theirs[-1]}", flush=True)
    rows = [{"stage": stage, "epoch": epoch + 1,
             **summary([c[stage][epoch] for c in ours], [c[stage][epoch] for c in theirs])}
            for stage in STAGES for epoch in range(EPOCHS)]
    print(table(rows))
    if options.table:
        options.table.write_text(table(rows))
    if options.json:
        command = (f"tools/recipe_check.py cifar10-mini/train --seeds {options.seeds} "
                   f"--per-class {options.per_class}")
        write_report(options.json, command, {"summary": rows, "nolabel": ours, "pytorch": theirs})
    sys.exit(any(abs(row["in_standard_errors"]) > 4 for row in rows))


if __name__ == "__main__":
    main()
