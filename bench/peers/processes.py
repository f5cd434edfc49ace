"""processes.py WORK INPUT PROCESSES THREADS: nolabel with so many processes of so many threads.

WORK train: the training images per second of SimCLR (ResNet-18, batches of 64) on the pictures of
the folder INPUT, in the fastest of five epochs; train-256: batches of 256; train-apart: batch norms
of each process. WORK mine: the seconds of the whole command on the features INPUT. The
memory is that of the largest process.
"""

import json
import pathlib
import resource
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from program import nolabel  # noqa: E402


def trained(folder, out, flags):
    nolabel("simclr", folder, "--out", out, "--epochs", "5", "--image-size", "32", "--seed", "1", *flags)
    log = (out / "pretext/metrics.jsonl").read_text().splitlines()
    rates = [json.loads(line)["images_per_second"] for line in log]
    return max(rates), "images/s"


def mined(features, out, flags):
    start = time.perf_counter()
    nolabel("mine", "--features", features, "--out", out, *flags)
    return time.perf_counter() - start, "s"


def main():
    work, path, processes, threads = sys.argv[1:]
    flags = ["--processes", processes, "--threads", threads]
    if work != "mine":
        flags += ["--batch-size", "256" if work == "train-256" else "64"]
    if work == "train-apart":
        flags += ["--sync-batch-norm", "false"]
    with tempfile.TemporaryDirectory() as folder:
        measure = mined if work == "mine" else trained
        value, unit = measure(path, pathlib.Path(folder) / "run", flags)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps({"value": value, "unit": unit, "peak_mb": peak}))


main()
