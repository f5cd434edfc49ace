#!/usr/bin/env python3
"""`nolabel cluster` with each effort on a folder of photos whose first-level folders are classes:
time, and ACC, NMI and ARI on the images that were clustered.

    bench/efforts.py IMAGES --clusters K [--seeds 3] [--efforts quick,standard] [--threads 0]
                     [--program build/nolabel] [--out FILE.json]
"""
import argparse
import json
import pathlib
import statistics
import tempfile

from program import ROOT, nolabel, percent, write_report


def measure(options, effort, seed):
    with tempfile.TemporaryDirectory() as folder:
        result = json.loads(nolabel(
            "cluster", options.images, "--clusters", options.clusters, "--effort", effort,
            "--seed", seed, "--threads", options.threads, "--feature-cache", 0, "--out", pathlib.Path(folder) / "run",
            "--json", "-", program=options.program))
    chosen = result["train"][0]
    kmeans = result["train"][-1]
    return {"effort": effort, "seed": seed, "images": result["images"],
            "seconds": result["seconds"], "method": chosen["method"],
            **{name: chosen[name] for name in ("ACC", "NMI", "ARI")},
            **{f"k-means {name}": kmeans[name] for name in ("ACC", "NMI", "ARI")}}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("--clusters", type=int, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--efforts", default="quick,standard")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/nolabel")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()

    efforts = options.efforts.split(",")
    results = []
    for seed in range(1, options.seeds + 1):
        for effort in efforts:
            results.append(measure(options, effort, seed))
            print(json.dumps(results[-1]), flush=True)
    for effort in efforts:
        rows = [row for row in results if row["effort"] == effort]
        print(f"{effort:<9}{statistics.median(row['seconds'] for row in rows):7.0f} s  " + "  ".join(
            f"{name} {percent([row[name] for row in rows])}"
            for name in ("ACC", "NMI", "ARI", "k-means ACC")))
    if options.out:
        write_report(options.out,
                     f"bench/efforts.py {options.images.name} --clusters {options.clusters} "
                     f"--seeds {options.seeds} --efforts {options.efforts} "
                     f"--threads {options.threads}", results)


if __name__ == "__main__":
    main()
