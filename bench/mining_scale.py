#!/usr/bin/env python3
"""Mining of many and of wide features: exact and approximate here, exact by faiss.

  .peers/bin/python bench/mining_scale.py OUT.json [IMAGESxDIMENSIONS [SEARCH...]]

SEARCH: exact, ivf, hnsw, faiss. What OUT.json holds of other sizes stays.

Features are synthetic (inputs.py: 10 directions and noise, which is hard for approximate search).
One run of each; time of the search in seconds, peak memory of the process in MB with its features,
recall against exact search on a sample of images.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import inputs
import machine

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIZES = ((200_000, 128), (50_000, 2048))
NEIGHBORS = 20


def measured(command):
    """What the program reports, by name."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}


def row_of(name, command):
    rows = measured(command)
    row = {"search": name, "seconds": rows["mining"]["value"], "peak_mb": rows["mining"]["peak_mb"]}
    row["recall"] = rows["recall"]["value"] if "recall" in rows else 1.0
    print(f"  {name:<14}{row['seconds']:>9.1f} s{row['peak_mb']:>9.0f} MB   recall {row['recall']:.4f}")
    return row


def commands_of(features, searches):
    common = [str(machine.describe()["cores"]), features, str(NEIGHBORS)]
    for kind in searches:
        if kind == "faiss":
            peer = str(ROOT / "bench/peers/mining.py")
            yield "faiss exact", [sys.executable, peer, *common, "once"]
        else:
            yield f"nolabel {kind}", [str(ROOT / "build/bench_mining"), *common, kind]


def main():
    out = pathlib.Path(sys.argv[1])
    sizes = [tuple(map(int, sys.argv[2].split("x")))] if len(sys.argv) > 2 else SIZES
    searches = sys.argv[3:] or ["exact", "ivf", "hnsw", "faiss"]
    results = json.loads(out.read_text())["results"] if out.exists() else {}
    for count, dimensions in sizes:
        print(f"{count:,} x {dimensions}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            features = str(pathlib.Path(folder) / "features.npy")
            inputs.features(features, count, dimensions)
            rows = [row_of(*named) for named in commands_of(features, searches)]
        results[f"{count} x {dimensions}"] = rows
        report = {
            "machine": machine.describe(),
            "versions": machine.versions(ROOT),
            "neighbors": NEIGHBORS,
            "results": results,
        }
        out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
