#!/usr/bin/env python3
"""`nolabel cluster` with several seeds: mean and standard deviation on the validation images.

  tools/demo_seeds.py [--seeds 5] [--threads N]    (after `make demo`; plain Python 3)
  tools/demo_seeds.py --data FOLDER --backbone photos --describe "Imagenette …" --result NAME

Without --data it runs what `make demo` runs once per seed. It prints a table of the README and writes
the figures to bench/results/NAME.json (demo-seeds.json).
"""
import argparse
import datetime
import json
import pathlib
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "build/demo/cifar10-mini"
METRICS = ("ACC", "NMI", "ARI")


def run(seed, arguments):
    out = ROOT / f"build/demo/{arguments.result}-{seed}"
    result = ROOT / f"build/demo/{arguments.result}-{seed}.json"
    result.parent.mkdir(parents=True, exist_ok=True)
    command = [arguments.program, "cluster", arguments.data, "--clusters", arguments.clusters,
               "--out", out, "--seed", seed, "--json", result, "--quiet", "--force"]
    if arguments.threads:
        command += ["--threads", arguments.threads]
    if arguments.backbone:
        command += ["--backbone", arguments.backbone]
    subprocess.run([str(word) for word in command], check=True)
    return json.loads(result.read_text())


def row_of(rows, method):
    """The figures of a method. A self-labelled model that changed nothing is not listed."""
    found = {row["method"]: row for row in rows}
    return found.get(method) or found[{"self-label": "SCAN"}.get(method, method)]


def summarise(values):
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return {"mean": statistics.mean(values), "std": spread, "values": values}


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return "unknown"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--program", default=ROOT / "build/nolabel")
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--describe", default="examples/cifar10-mini (CIFAR-10, JPEG re-encoded)")
    parser.add_argument("--clusters", type=int, default=10)
    parser.add_argument("--backbone", default="")
    parser.add_argument("--result", default="demo-seeds")
    arguments = parser.parse_args()
    results = [run(seed, arguments) for seed in range(1, arguments.seeds + 1)]
    rows = {"nolabel (the model it chose)": [r["validation"][0] for r in results]}
    for method in ("consensus", "communities", "SCAN", "self-label", "k-means"):
        rows[method] = [row_of(r["validation"], method) for r in results]
    table = {name: {metric: summarise([row[metric] for row in found]) for metric in METRICS}
             for name, found in rows.items()}
    print("| validation images | ACC | NMI | ARI |\n|---|---|---|---|")
    for name, figures in table.items():
        cells = (f"{100 * figures[m]['mean']:.1f} ± {100 * figures[m]['std']:.1f}" for m in METRICS)
        print(f"| {name} | " + " | ".join(cells) + " |")
    record = {"date": datetime.date.today().isoformat(), "processor": processor(),
              "data": arguments.describe,
              "backbone": results[0]["backbone"], "backbone_labels": results[0]["backbone_labels"],
              "chosen": [r["final"] for r in results],
              "seconds": [r["seconds"] for r in results], "table": table}
    target = ROOT / f"bench/results/{arguments.result}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
