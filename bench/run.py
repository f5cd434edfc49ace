"""make bench: nolabel and its peers side by side, as ratios.

Each row is a pair of programs that do the same work on the same input and print what they measured
(measure.h, peers/measure.py). They run one after the other, several times, so that a slower or
faster minute of the machine hits both; the medians are compared. Prints a table and writes
bench/results/<date>-<cpu>.json. Run with the peers' Python (make peers).
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import inputs
import machine

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent


@dataclass
class Row:
    name: str
    ours: list[str]  # program of the build folder, arguments
    peer: list[str]  # program of peers/ or of the build folder, or python itself; arguments
    peer_name: str
    target: float  # the ratio to reach
    whole_process: bool = False  # time the process from outside instead of reading its report


def rows(folder, threads):
    """The table. Makes the inputs in `folder`."""
    path = lambda name: str(folder / name)
    inputs.photo(path("photo.jpg"), 4000, 3000)
    inputs.photo(path("small.jpg"), 500, 375)
    inputs.folder_of_photos(folder / "photos", 64, 500, 375)
    inputs.folder_of_photos(folder / "many-photos", 256, 64, 48)
    inputs.small_images(path("images.npy"), 500)
    inputs.features(path("features.npy"), 50_000, 128)
    inputs.features(path("wide.npy"), 50_000, 512)
    inputs.features(path("embeddings.npy"), 10_000, 512)
    inputs.clusters_and_classes(path("pairs.npy"), 50_000)
    inputs.neighbor_table(path("table.npy"), 13_000, 15)
    # What --precision auto chooses.
    precision = "bf16" if {"avx512_bf16", "amx_bf16"} & machine.cpu_flags() else "fp32"

    def pair(name, program, arguments, peer_name, target):
        ours, peer = [f"bench_{program}", *arguments], [f"{program}.py", *arguments]
        return Row(name, ours, peer, peer_name, target)

    # nolabel beside itself: the threads as processes of one thread each.
    def processes(name, arguments):
        several = [str(BENCH / "peers/processes.py"), *arguments]
        return Row(
            name,
            ours=[sys.executable, *several, threads, "1"],
            peer=["processes.py", *arguments, "1", threads],
            peer_name="1 process, all threads",
            target=0.95,
        )

    # The Python package, which make bench installs into build/package.
    def package(name, work, peer_name, target):
        script, arguments = "package.py", [path("embeddings.npy"), threads]
        ours = [sys.executable, str(BENCH / "peers" / script), work, "ours", *arguments]
        return Row(name, ours, [script, work, "peer", *arguments], peer_name, target)

    importing = f"import sys; sys.path.insert(0, {str(ROOT / 'build/package')!r}); import nolabel"

    # nolabel beside itself: views made in each step, as on a CPU, and on another thread beside it.
    def views_in_steps(name, width):
        program = ["bench_views_in_steps", threads, precision, width]
        return Row(
            name,
            ours=[*program, "in-step"],
            peer=[*program, "beside"],
            peer_name="views on another thread",
            target=0.95,
        )

    images, photo = path("images.npy"), path("photo.jpg")
    mining = [threads, path("features.npy"), "20"]
    network = [threads, precision]
    return [
        pair(f"training step, {precision}", "train", network, "PyTorch fp32 NCHW", 2.3),
        views_in_steps(f"step with its views, {precision}", "64"),
        views_in_steps("step with its views, width 16", "16"),
        pair(f"features, {precision}", "features", network, "PyTorch fp32 NCHW", 2.3),
        pair("ViT-S/14, 224 px, bf16", "backbones", [threads, "vit-s14"], "timm bf16", 1.1),
        pair("ResNet-50, 224 px, bf16", "backbones", [threads, "resnet50"], "timm bf16", 1.1),
        pair("Lite0, 224 px, bf16", "backbones", [threads, "lite0"], "timm bf16", 1.1),
        pair("views simclr, 1 core", "views", ["simclr", images], "torchvision", 5),
        pair("views ours, 1 core", "views", ["ours", images], "torchvision", 5),
        pair("mining 50,000 x 128", "mining", mining, "faiss", 1),
        pair("communities 13,000", "communities", [path("table.npy")], "leidenalg", 3),
        pair("evaluate 50,000", "evaluate", [path("pairs.npy")], "scikit-learn", 1),
        pair("decode 12 MP", "decode", ["0", photo], "Pillow", 1),
        pair("decode 12 MP, reduced", "decode", ["256", photo], "Pillow", 1),
        pair("decode 0.2 MP", "decode", ["0", path("small.jpg")], "Pillow", 1),
        pair("epoch from files", "cache", ["files", path("photos")], "Pillow", 1),
        pair("epoch, raw cache", "cache", ["raw", path("photos")], "Pillow", 10),
        pair("epoch, compressed cache", "cache", ["compressed", path("photos")], "Pillow", 5),
        processes("training, 2 processes", ["train", path("many-photos")]),
        processes("the same, batches of 256", ["train-256", path("many-photos")]),
        processes("the same, batch norms apart", ["train-apart", path("many-photos")]),
        processes("mining 50,000 x 512, 2 processes", ["mine", path("wide.npy")]),
        Row(
            name="cold start",
            ours=["nolabel", "--version"],
            peer=["-c", "import torch"],
            peer_name="import torch",
            target=1,
            whole_process=True,
        ),
        package("Python: SCAN.fit 10,000 x 512", "scan", "the program", 0.95),
        package("Python: neighbors, the same", "neighbors", "scikit-learn brute", 1),
        Row(
            name="Python: import nolabel",
            ours=[sys.executable, "-c", importing],
            peer=["-c", "import torch"],
            peer_name="import torch",
            target=1,
            whole_process=True,
        ),
    ]


def run_once(command, whole_process):
    """One process: its report {value, unit, peak_mb} and, of some, the share of the time that it
    waited {waiting}. A failure ends with its own words."""
    started = time.perf_counter()
    process = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if process.returncode != 0:
        last = (process.stderr.strip() or process.stdout.strip() or "no output").splitlines()[-1]
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {last}")
    if whole_process:
        return {"value": seconds, "unit": "s", "peak_mb": None}
    return json.loads(process.stdout.splitlines()[-1])


def measure(row, build, repeats):
    ours = [build / row.ours[0], *row.ours[1:]]
    if row.peer[0].startswith("bench_"):
        peer = [build / row.peer[0], *row.peer[1:]]
    else:
        script = [BENCH / "peers" / row.peer[0]] if row.peer[0].endswith(".py") else [row.peer[0]]
        peer = [sys.executable, *script, *row.peer[1:]]
    reports = {"ours": [], "peer": []}
    for _ in range(repeats):
        reports["ours"].append(run_once(ours, row.whole_process))
        reports["peer"].append(run_once(peer, row.whole_process))

    unit = reports["ours"][0]["unit"]
    result = {"name": row.name, "peer_name": row.peer_name, "unit": unit, "target": row.target}
    for side, runs in reports.items():
        values = [run["value"] for run in runs]
        peaks = [run["peak_mb"] for run in runs if run["peak_mb"] is not None]
        result[side] = {
            "median": statistics.median(values),
            "values": values,
            "peak_mb": max(peaks) if peaks else None,
        }
        if "waiting" in runs[0]:
            result[side]["waiting"] = statistics.median(run["waiting"] for run in runs)
    ours_median, peer_median = result["ours"]["median"], result["peer"]["median"]
    better_is_more = unit.endswith("/s")
    ratio = ours_median / peer_median if better_is_more else peer_median / ours_median
    result["ratio"] = round(ratio, 3)
    return result


def print_line(result):
    def side(name):
        value, peak = result[name]["median"], result[name]["peak_mb"]
        return f"{value:10.4g} {f'{peak:.0f}' if peak else '-':>7}"

    waiting = ""
    if "waiting" in result["ours"]:
        shares = " and ".join(f"{result[side]['waiting']:.1%}" for side in ("ours", "peer"))
        waiting = f"  (waits {shares} of the time)"
    reached = "" if result["ratio"] >= result["target"] else "  below target"
    print(
        f"{result['name']:24}{result['unit']:>9} {side('ours')} {side('peer')}"
        f" {result['ratio']:7.2f}x {result['target']:6.1f}x  {result['peer_name']}{waiting}{reached}",
        flush=True,
    )


def write_results(results, threads, load):
    description = machine.describe()
    today = datetime.date.today().isoformat()
    slug = re.sub(r"[^a-z0-9]+", "-", description["cpu"].lower()).strip("-")
    path = BENCH / "results" / f"{today}-{slug}.json"
    path.parent.mkdir(exist_ok=True)
    record = {
        "date": today,
        "machine": description,
        "threads": int(threads),
        "load_before": round(load, 2),
        "versions": machine.versions(ROOT),
        "rows": results,
    }
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"written: {path.relative_to(ROOT)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose name has this; writes no file")
    arguments = parser.parse_args()

    threads = str(machine.describe()["cores"])
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"warning: other programs are running (load {load:.1f}); ratios will be off")
    results, failures = [], []
    with tempfile.TemporaryDirectory() as folder:
        table = rows(pathlib.Path(folder), threads)
        print(f"{threads} threads, median of {arguments.repeats} runs; ratio: times better")
        heading = f"{'':24}{'unit':>9} {'nolabel':>10} {'MB':>7} {'peer':>10} {'MB':>7}"
        print(heading + f" {'ratio':>8} {'target':>7}")
        for row in table:
            if arguments.only not in row.name:
                continue
            try:
                results.append(measure(row, arguments.build.resolve(), arguments.repeats))
                print_line(results[-1])
            except (RuntimeError, OSError) as error:
                failures.append(row.name)
                print(f"{row.name:24} failed: {error}", flush=True)
    if results and not arguments.only:
        write_results(results, threads, load)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
