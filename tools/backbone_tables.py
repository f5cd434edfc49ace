#!/usr/bin/env python3
"""`nolabel cluster --effort quick` with several backbones on one collection: the tables of docs/backbones.md.

    tools/backbone_tables.py DATA --clusters K --describe WHAT --result NAME BACKBONE... [--seeds 5]

BACKBONE is what --backbone takes (photos, starter, a file). DATA has labels, as folders or in a list;
they serve for the figures only. Each backbone has a cache folder of its own, so the seconds of its
first seed are those of a collection that nolabel has never seen. The figures go to
bench/results/NAME.json, where those of other backbones stay, and a table is printed.
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

from demo_seeds import processor, row_of

ROOT = pathlib.Path(__file__).resolve().parent.parent
METRICS = ("ACC", "NMI", "ARI")
FINAL = {"kmeans": "k-means", "scan": "SCAN", "selflabel": "self-label"}  # as rows are called


def clustered(arguments, backbone, seed, folder):
    target = folder / "result.json"
    words = [arguments.program, "cluster", arguments.data, "--clusters", arguments.clusters,
             "--out", folder / f"run-{seed}", "--seed", seed, "--backbone", backbone,
             "--json", target, "--quiet", "--offline", "--duplicates", arguments.duplicates]
    if arguments.threads:
        words += ["--threads", arguments.threads]
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, NOLABEL_CACHE=str(folder / "cache")))
    return json.loads(target.read_text())


def measured(arguments, backbone):
    with tempfile.TemporaryDirectory() as place:
        results = [clustered(arguments, backbone, seed, pathlib.Path(place))
                   for seed in range(arguments.seeds)]
    chosen = [FINAL.get(result["final"], result["final"]) for result in results]
    figures = {}
    for method, rows in (
            ("k-means", [row_of(result["train"], "k-means") for result in results]),
            ("nolabel", [row_of(result["train"], name) for result, name in zip(results, chosen)])):
        figures[method] = {metric: [row[metric] for row in rows] for metric in METRICS}
    return {"backbone": results[0]["backbone"], "labels": results[0]["backbone_labels"],
            "images": results[0]["images"], "chosen": chosen, "figures": figures,
            "seconds": results[0]["seconds"],
            "seconds_of_another_seed": statistics.median(r["seconds"] for r in results[1:])}


def cell(values):
    return f"{100 * statistics.mean(values):.1f} ± {100 * statistics.stdev(values):.1f}"


def table(record):
    print("| backbone | labels in its training | k-means ACC | NMI | ARI "
          "| nolabel ACC | NMI | ARI | seconds |\n|---|---|---|---|---|---|---|---|---|")
    for entry in record["backbones"].values():
        cells = [cell(entry["figures"][method][metric])
                 for method in ("k-means", "nolabel") for metric in METRICS]
        print("|", " | ".join([entry["backbone"], entry["labels"], *cells,
                               f"{entry['seconds']:.0f}"]), "|")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("backbones", nargs="+")
    parser.add_argument("--clusters", type=int, required=True)
    parser.add_argument("--describe", required=True)
    parser.add_argument("--result", required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--duplicates", default="group")
    parser.add_argument("--program", default=ROOT / "build/nolabel")
    arguments = parser.parse_args()
    if arguments.seeds < 2:
        parser.error("--seeds must be at least 2")
    file = ROOT / f"bench/results/{arguments.result}.json"
    record = json.loads(file.read_text()) if file.exists() else {"backbones": {}}
    record |= {"date": datetime.date.today().isoformat(), "what": arguments.describe,
               "clusters": arguments.clusters, "seeds": arguments.seeds,
               "processor": processor(), "threads": arguments.threads or os.cpu_count()}
    for backbone in arguments.backbones:
        name = pathlib.Path(backbone).name
        record["backbones"][name] = measured(arguments, backbone)
        file.write_text(json.dumps(record, indent=1) + "\n")  # a stop loses one backbone
    table(record)


if __name__ == "__main__":
    main()
