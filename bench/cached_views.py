#!/usr/bin/env python3
"""Heads on a frozen backbone: cached features of V views per image against views drawn anew in
every epoch (V = 0), on the demo's images with the settings of `--effort quick`. Time of
`nolabel scan`, ACC on the test images.

    bench/cached_views.py IMAGES [--seeds 3] [--epochs 20] [--out FILE.json]

IMAGES is the unpacked examples/cifar10-mini.tar.xz (`make demo` leaves it in build/demo).
"""
import argparse
import json
import pathlib
import shutil
import statistics
import tempfile
import time

from program import nolabel, percent, write_report

VIEWS = [1, 4, 16, 0]


def measure(mined, views, seed, epochs):
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(folder) / "run"
        shutil.copytree(mined, run)
        begin = time.monotonic()
        nolabel("scan", "--out", run, "--num-classes", 10, "--update-cluster-head-only",
                "--cached-views", views, "--epochs", epochs, "--seed", seed, "--num-heads", 5,
                "--optimizer-kwargs.lr", 1e-3)
        seconds = time.monotonic() - begin
        figures = json.loads(nolabel("eval", "--out", run, "--json", "-"))
    return {"cached_views": views, "seed": seed, "seconds": seconds, "ACC": figures["ACC"],
            "NMI": figures["NMI"], "ARI": figures["ARI"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()

    results = []
    with tempfile.TemporaryDirectory() as folder:
        mined = pathlib.Path(folder) / "mined"
        nolabel("mine", options.images, "--out", mined, "--backbone", "starter")
        for seed in range(1, options.seeds + 1):
            for views in VIEWS:  # interleaved: the machine's moods hit all alike
                results.append(measure(mined, views, seed, options.epochs))
                print(json.dumps(results[-1]), flush=True)
    for views in VIEWS:
        rows = [row for row in results if row["cached_views"] == views]
        print(f"{views or 'anew':>5} views: {statistics.median(r['seconds'] for r in rows):7.1f} s"
              f"  ACC {percent([row['ACC'] for row in rows])} %")
    if options.out:
        write_report(options.out, f"bench/cached_views.py --seeds {options.seeds} --epochs "
                                  f"{options.epochs}", results)


if __name__ == "__main__":
    main()
