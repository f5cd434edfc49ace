#!/usr/bin/env python3
"""SCAN of the whole network from random heads and from the consensus: figures over seeds.

    tools/scan_start.py DATA [--epochs 8] [--seeds 3] [--device auto] [--result FILE]

DATA has a validation split with labels (`make demo` makes build/demo/cifar10-mini). Each run starts
from the starter backbone and trains with the published recipe for CIFAR-10, but for the number of
epochs. Labels serve for the figures only. On two processor cores, eight epochs of the demo's 10,000
images take hours for each run: this is for a GPU.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
METRICS = ("ACC", "NMI", "ARI")


def trained(arguments, start, seed, folder):
    run = pathlib.Path(folder) / f"{start}-{seed}"
    common = ["--out", run, "--seed", seed, "--device", arguments.device, "--quiet"]

    def nolabel(*words):
        subprocess.run([str(word) for word in (arguments.program, *words)], check=True,
                       stdout=subprocess.DEVNULL)

    nolabel("mine", arguments.data, "--backbone", "starter", *common)
    nolabel("scan", "--num_classes", arguments.clusters, "--epochs", arguments.epochs, "--start",
            start, "--augmentation_strategy", "ours", *common)
    result = run / "result.json"
    nolabel("eval", "--model", "scan", "--json", result, *common)
    figures = json.loads(result.read_text())
    return {metric: figures[metric] for metric in METRICS}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--clusters", type=int, default=10)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/nolabel")
    parser.add_argument("--result", type=pathlib.Path)
    arguments = parser.parse_args()
    record = {"data": arguments.data.name, "epochs": arguments.epochs}
    with tempfile.TemporaryDirectory() as folder:
        for start in ("random", "consensus"):
            rows = [trained(arguments, start, seed, folder)
                    for seed in range(1, arguments.seeds + 1)]
            record[start] = rows
            print(start, *(f"{metric} {100 * statistics.mean(row[metric] for row in rows):.1f} ± "
                           f"{100 * statistics.stdev(row[metric] for row in rows):.1f}"
                           for metric in METRICS), flush=True)
    if arguments.result:
        arguments.result.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
