#!/usr/bin/env python3
"""Mining of many and of wide features: exact and approximate here, exact by faiss.

  .peers/bin/python bench/mining_scale.py OUT.json [IMAGESxDIMENSIONS|FEATURES.npy [SEARCH...]]

SEARCH: exact, ivf, hnsw, faiss, each with options of bench_mining behind it (hnsw,links=32). What
OUT.json holds of other sizes and searches stays.

Features of a size are synthetic (inputs.manifold_features). One run of each; time of the search in
seconds, processor seconds of the whole process (which other programs on the machine change little),
peak memory of the process in MB with its features, recall against exact search on a sample of
images, and the probes or the breadth it took.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

import inputs
import machine
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIZES = ("200000x128", "50000x2048")
NEIGHBORS = 20


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(command):
    """What the program reports, by name, and the processor's seconds."""
    before = processor_seconds()
    # Waiting threads would count as work.
    environment = dict(os.environ, OMP_WAIT_POLICY="passive")
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    rows = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
    return rows, processor_seconds() - before


def row_of(name, command):
    rows, processor = measured(command)
    row = {
        "search": name,
        "seconds": rows["mining"]["value"],
        "processor_seconds": round(processor, 1),
        "peak_mb": rows["mining"]["peak_mb"],
        "recall": rows["recall"]["value"] if "recall" in rows else 1.0,
    }
    if "effort" in rows:
        row["effort"] = rows["effort"]["value"]
    print(f"  {name:<26}{row['seconds']:>8.1f} s{processor:>8.1f} s of processor"
          f"{row['peak_mb']:>7.0f} MB   recall {row['recall']:.4f}", flush=True)
    return row


def commands_of(features, searches):
    common = [str(machine.describe()["cores"]), features, str(NEIGHBORS)]
    for kind in searches:
        if kind == "faiss":
            peer = str(ROOT / "bench/peers/mining.py")
            yield "faiss exact", [sys.executable, peer, *common, "once"]
        else:
            words = kind.split(",")
            yield f"nolabel {' '.join(words)}", [str(ROOT / "build/bench_mining"), *common, *words]


def features_of(what, folder):
    """Name and file: a .npy file as it is, a size made into one."""
    if what.endswith(".npy"):
        shape = " x ".join(map(str, np.load(what, mmap_mode="r").shape))
        return f"{pathlib.Path(what).stem} {shape}", what
    features = str(pathlib.Path(folder) / "features.npy")
    count, dimensions = map(int, what.split("x"))
    inputs.manifold_features(features, count, dimensions)
    return f"{count} x {dimensions}", features


def main():
    out = pathlib.Path(sys.argv[1])
    searches = sys.argv[3:] or ["exact", "ivf", "hnsw", "hnsw,parallel_build=1", "faiss"]
    results = json.loads(out.read_text())["results"] if out.exists() else {}
    for what in sys.argv[2:3] or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            name, features = features_of(what, folder)
            print(name, flush=True)
            rows = {row["search"]: row for row in results.get(name, [])}
            for search, command in commands_of(features, searches):
                rows[search] = row_of(search, command)
                results[name] = list(rows.values())
                report = {
                    "machine": machine.describe(),
                    "versions": machine.versions(ROOT),
                    "neighbors": NEIGHBORS,
                    "results": results,
                }
                out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
