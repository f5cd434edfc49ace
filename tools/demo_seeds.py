#!/usr/bin/env python3
"""The demo with several seeds: mean and standard deviation on the held-out test images.

  tools/demo_seeds.py [--seeds 5] [--threads N]    (after `make demo`; plain Python 3)

Runs what `make demo` runs once per seed, prints the table of the README and writes the figures to
bench/results/demo-seeds.json.
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


def run(seed, threads):
    out = ROOT / f"build/demo/seed-{seed}"
    result = out.with_suffix(".json")
    command = [ROOT / "build/nolabel", "cluster", DATA, "--clusters", "10", "--out", out,
               "--seed", str(seed), "--json", result, "--quiet", "--force"]
    if threads:
        command += ["--threads", str(threads)]
    subprocess.run([str(word) for word in command], check=True)
    return json.loads(result.read_text())


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
    arguments = parser.parse_args()
    results = [run(seed, arguments.threads) for seed in range(1, arguments.seeds + 1)]
    rows = {"nolabel (the model it chose)": [r["validation"][0] for r in results]}
    for method in ("SCAN", "self-label", "k-means"):
        rows[method] = [row for r in results for row in r["validation"] if row["method"] == method]
    table = {name: {metric: summarise([row[metric] for row in found]) for metric in METRICS}
             for name, found in rows.items()}
    print("| test images | ACC | NMI | ARI |\n|---|---|---|---|")
    for name, figures in table.items():
        cells = (f"{100 * figures[m]['mean']:.1f} ± {100 * figures[m]['std']:.1f}" for m in METRICS)
        print(f"| {name} | " + " | ".join(cells) + " |")
    record = {"date": datetime.date.today().isoformat(), "processor": processor(),
              "data": "examples/cifar10-mini (CIFAR-10, JPEG re-encoded)",
              "chosen": [r["final"] for r in results],
              "seconds": [r["seconds"] for r in results], "table": table}
    target = ROOT / "bench/results/demo-seeds.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
