#!/usr/bin/env python3
"""Groups of frozen features, even and of skewed sizes: a table per backbone (docs/method.md, Choice).

    tools/group_tables.py NAME FEATURES.npy NAMES.csv --describe WHAT --labels "none" [--seeds 5]

FEATURES.npy has a row per image and NAMES.csv the lines `path,label` (a run's features/train.npy
serves). Each seed draws its own images: all of them; 7 of the classes; class sizes that fall by a
factor of 1.5; 60 : 20 : 10 : 4 : 2 : 1.5 : 1 : .7 : .5 : .3; and one class nine times as large as each
other. `cluster --features` groups them with the true number of clusters, SCAN is trained again with
equal sizes as its prior, and a last run estimates the number. Labels serve for the figures only.
The figures go to bench/results/group-tables.json, where those of other backbones stay. Needs NumPy.
"""

import argparse
import contextlib
import datetime
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import numpy

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULT = ROOT / "bench/results/group-tables.json"
METRICS = ("ACC", "NMI", "ARI", "neighbor_information")
SHARES = {
    "all": [1] * 10,
    "7 classes": [1] * 7,
    "ratio 1.5": [1.5**-i for i in range(10)],
    "60 : 20 : 10 : 4 …": [60, 20, 10, 4, 2, 1.5, 1, 0.7, 0.5, 0.3],
    "one is half": [9] + [1] * 9,
}
METHODS = {"kmeans": "k-means", "scan": "SCAN", "selflabel": "self-label"}  # as rows are called
FEWEST = 8  # images of the smallest classes


def drawn(labels, shares, numbers):
    """Rows of a random subset whose classes, in random order, have sizes in these shares."""
    classes = numbers.permutation(numpy.unique(labels))[: len(shares)]
    largest = min(int((labels == one).sum()) for one in classes)
    rows = []
    for one, share in zip(classes, shares):
        count = max(FEWEST, int(largest * share / max(shares)))
        rows.append(numbers.permutation(numpy.flatnonzero(labels == one))[:count])
    return numpy.sort(numpy.concatenate(rows))


class Trial:
    """One subset of the features, and what the program makes of it."""

    def __init__(self, arguments, folder, features, labels, seed):
        self.words = [arguments.program, "cluster", "--features", folder / "features.npy",
                      "--paths", folder / "names.csv", "--seed", seed, "--quiet",
                      "--threads", arguments.threads]
        self.program, self.threads, self.folder = arguments.program, arguments.threads, folder
        self.classes = len(set(labels))
        numpy.save(folder / "features.npy", features.astype("f4"))
        lines = (f"{row},{label}" for row, label in enumerate(labels))
        (folder / "names.csv").write_text("path,label\n" + "\n".join(lines) + "\n")

    def call(self, *words):
        target = self.folder / "result.json"
        subprocess.run([str(word) for word in words] + ["--json", str(target)], check=True,
                       stdout=subprocess.DEVNULL)
        return json.loads(target.read_text())

    def grouped(self):
        run = self.folder / "run"
        found = self.call(*self.words, "--clusters", self.classes, "--out", run)
        rows = {row["method"]: row for row in found["train"]}
        rows.setdefault("self-label", rows["SCAN"])  # not listed where it changed nothing
        rows["chosen"] = rows[METHODS.get(found["final"], found["final"])]
        rows["SCAN, equal sizes"] = self.with_equal_sizes(run)
        return found["final"], {name: {metric: row.get(metric, 0.0) for metric in METRICS}
                                for name, row in rows.items()}

    def with_equal_sizes(self, found):
        run = self.folder / "equal_sizes"
        if run.exists():
            return self.evaluated(run)
        begun = self.folder / "equal_sizes.begun"
        shutil.rmtree(begun, ignore_errors=True)
        shutil.copytree(found, begun)
        made = json.loads((begun / "scan/model.pth.tar.json").read_text())["made_from"]
        config = self.folder / "scan.yaml"
        config.write_text(json.dumps(made["settings"] | {"size_prior": "uniform"}))
        self.call(self.program, "scan", "--out", begun, "--config", config, "--seed", made["seed"],
                  "--threads", self.threads, "--force", "--quiet")
        begun.rename(run)
        return self.evaluated(run)

    def evaluated(self, run):
        return self.call(self.program, "eval", "--out", run, "--model", "scan", "--images", "train",
                         "--threads", self.threads, "--quiet")

    def counted(self):
        found = self.call(*self.words, "--method", "kmeans", "--out", self.folder / "counted")
        return {"estimate": found["clusters"], "range": found["clusters_range"]}


def summary(values):
    return {"mean": statistics.mean(values), "std": statistics.stdev(values), "values": values}


@contextlib.contextmanager
def kept_or_removed(arguments, name):
    """Where the runs of a trial lie."""
    if not arguments.keep:
        with tempfile.TemporaryDirectory() as folder:
            yield folder
        return
    folder = arguments.keep / arguments.name / name.replace(" ", "")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


def measured(arguments, name, shares, features, labels):
    chosen, tables, counts, images = [], [], [], []
    for seed in range(1, arguments.seeds + 1):
        numbers = numpy.random.default_rng([seed, list(SHARES).index(name)])
        rows = numpy.arange(len(labels)) if name == "all" else drawn(labels, shares, numbers)
        with kept_or_removed(arguments, f"{name}-{seed}") as folder:
            trial = Trial(arguments, pathlib.Path(folder), features[rows], labels[rows], seed)
            final, table = trial.grouped()
            counts.append(trial.counted())
        chosen.append(final)
        tables.append(table)
        images.append(len(rows))
    return {"classes": trial.classes, "images": images, "chosen": chosen, "counts": counts,
            "table": {method: {metric: summary([table[method][metric] for table in tables])
                               for metric in METRICS} for method in tables[0]}}


def shown(name, found):
    methods = ("k-means", "consensus", "communities", "SCAN, equal sizes", "SCAN", "self-label",
               "chosen")
    cells = []
    for method in methods:
        accuracy, index = (found["table"][method][metric] for metric in ("ACC", "ARI"))
        cells.append(f"{100 * accuracy['mean']:.1f} ± {100 * accuracy['std']:.1f} / "
                     f"{100 * index['mean']:.1f}")
    counts = ", ".join(f"{count['estimate']} ({count['range'][0]} to {count['range'][1]})"
                       for count in found["counts"])
    print(f"| {name} | " + " | ".join(cells) + f" | {counts} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("features", type=pathlib.Path)
    parser.add_argument("names", type=pathlib.Path)
    parser.add_argument("--describe", required=True, help="the images, and how features were made")
    parser.add_argument("--labels", required=True, help="labels that trained the backbone")
    parser.add_argument("--program", default=ROOT / "build/nolabel")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, help="leave the runs in this folder; those that are there are used")
    arguments = parser.parse_args()
    features = numpy.load(arguments.features)
    lines = arguments.names.read_text().split("\n")[1:]
    labels = numpy.array([line.rsplit(",", 1)[1] for line in lines if line])
    found = {}
    for name, shares in SHARES.items():
        found[name] = measured(arguments, name, shares, features, labels)
        shown(name, found[name])
    record = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    record[arguments.name] = {"date": datetime.date.today().isoformat(), "what": arguments.describe,
                              "labels": arguments.labels, "seeds": arguments.seeds, "sets": found}
    RESULT.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
