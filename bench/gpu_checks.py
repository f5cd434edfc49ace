"""gpu_checks.py PROGRAM IMAGES WORK: what the CPU and the GPU compute must be the same.

PROGRAM is nolabel with its CUDA plug-in, IMAGES a list file of some 1,000 small images without
labels, WORK an empty folder. CHECKS="pretext groups" in the environment does only these parts.
Prints one line per comparison and ends with 1 when one fails. Needs only Python's own library.
"""

import array
import json
import os
import signal
import subprocess
import sys
import time

PROGRAM, IMAGES, WORK = sys.argv[1:]
# cuDNN convolves in TF32 (10 bits of mantissa): 1e-3 per layer, some of it kept.
FEATURES, LOSS = 1e-2, 2e-2
SHORT = ["--seed", "1", "--quiet"]

failed = False


def say(ok, what):
    global failed
    failed |= not ok
    print("ok  " if ok else "FAIL", what, flush=True)


def check(what, difference, limit):
    say(difference <= limit, f"{what}: {difference:.2e} (limit {limit:.0e})")  # NaN fails, too


def nolabel(*words, status=0):
    """Runs the program and returns what it said; another exit status than `status` is a failure."""
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
    if done.returncode != status:
        say(False, f"nolabel {' '.join(words)}: exit status {done.returncode}\n{done.stderr}")
    return done.stdout + done.stderr


def out(name):
    return os.path.join(WORK, name)


def floats(path):
    with open(path, "rb") as file:
        file.seek(8)
        file.seek(int.from_bytes(file.read(2), "little"), 1)
        return array.array("f", file.read())


def losses(run, stage):
    with open(os.path.join(run, stage, "metrics.jsonl")) as file:
        return [json.loads(line)["loss"] for line in file]


def largest_difference(a, b):
    return max(abs(x - y) for x, y in zip(a, b, strict=True)) / max(map(abs, a))


def compare_losses(what, cpu, cuda, stage, limit=LOSS):
    pairs = zip(losses(cpu, stage), losses(cuda, stage), strict=True)
    worst = max(abs(a - b) / max(abs(a), 1e-6) for a, b in pairs)
    check(f"{what}: loss of every epoch", worst, limit)


def same(what, a, b):
    say(a == b, f"{what}: {a} and {b}")


def train(name, device, *words, precision="fp32", status=0):
    return nolabel("simclr", IMAGES, "--out", out(name), "--device", device,
                   "--precision", precision, *SHORT, "--set", "batch_size=100", *words,
                   status=status)


def features(name, device, backbone, precision):
    path = out(name + ".npy")
    nolabel("mine", IMAGES, "--out", out(name), "--device", device, "--precision", precision,
            *SHORT, "--backbone", backbone, "--before-head", "--save-features", path)
    return floats(path)


def pretext():
    """Two epochs of ten steps from the same first weights."""
    for network, words in {
        "resnet18": ["--set", "width=16"],
        "efficientnet-lite0": ["--set", "backbone=efficientnet-lite0", "--image-size", "64"],
    }.items():
        for device in ("cpu", "cuda"):
            train(f"{network}-{device}", device, "--set", "epochs=2", *words)
        compare_losses(f"SimCLR, {network}", out(f"{network}-cpu"), out(f"{network}-cuda"),
                       "pretext")
    # Half precision: ten steps stay near those of fp32.
    for precision in ("bf16", "fp16"):
        train(precision, "cuda", "--set", "epochs=2", "--set", "width=16", precision=precision)
        compare_losses(f"SimCLR, resnet18 in {precision}", out("resnet18-cpu"), out(precision),
                       "pretext", 5e-2)
    # Micro-batches give the same objective; batch norm's statistics are per pass.
    train("passes", "cuda", "--set", "epochs=2", "--set", "width=16", "--set",
          "micro_batch_size=50")
    compare_losses("SimCLR in passes of 50", out("resnet18-cpu"), out("passes"), "pretext", 1e-1)


def recorded():
    """Steps that repeat a recording compute what steps do whose operations are sent one by one."""
    def sent(on):
        return ["--set", f"cuda_graph={'true' if on else 'false'}", "--set", "epochs=2"]

    for precision in ("fp32", "bf16", "fp16"):
        for on in (True, False):
            train(f"graph-{precision}-{on}", "cuda", *sent(on), "--set", "width=16",
                  "--set", "micro_batch_size=50" if precision == "fp16" else "use_ema=true",
                  precision=precision)
        same(f"SimCLR in {precision}, recorded and not", *(
            losses(out(f"graph-{precision}-{on}"), "pretext") for on in (True, False)))
    for on in (True, False):
        run = out(f"graph-clusters-{on}")
        words = ["--out", run, "--device", "cuda", "--precision", "bf16", *SHORT]
        nolabel("mine", IMAGES, *words, "--backbone", out("graph-fp32-True"))
        nolabel("scan", *words, "--set", "num_classes=10", "--set", "batch_size=100", *sent(on))
        nolabel("selflabel", *words, "--set", "batch_size=100", *sent(on), "--set",
                "confidence_threshold=0.15")
    for stage in ("scan", "selflabel"):
        same(f"{stage}, recorded and not", *(
            losses(out(f"graph-clusters-{on}"), stage) for on in (True, False)))


def processes():
    """Two processes on this GPU, whose tensors travel through the host's memory."""
    for number in ("1", "2"):
        train(f"processes-{number}", "cuda", "--processes", number, "--set", "epochs=1", "--set",
              "width=16", "--set", "optimizer_kwargs.lr=0.000001")
    compare_losses("SimCLR, two processes", out("processes-1"), out("processes-2"), "pretext",
                   1e-3)


def embeddings():
    backbone = out("resnet18-cpu")
    cpu = features("features-cpu", "cpu", backbone, "fp32")
    for precision, limit in (("fp32", FEATURES), ("bf16", 5e-2), ("fp16", FEATURES)):
        cuda = features(f"features-{precision}", "cuda", backbone, precision)
        check(f"features in {precision}, of the largest", largest_difference(cpu, cuda), limit)


def clustering():
    """SCAN and self-labelling on the CPU's backbone, so that only these stages differ."""
    for device in ("cpu", "cuda"):
        run = out(f"{device}-clusters")
        words = ["--out", run, "--device", device, "--precision", "fp32", *SHORT]
        nolabel("mine", IMAGES, *words, "--backbone", out("resnet18-cpu"))
        nolabel("scan", *words, "--set", "num_classes=10", "--set", "epochs=1", "--set",
                "batch_size=100")
        # After so short a training few images are confident.
        nolabel("selflabel", *words, "--set", "epochs=1", "--set", "batch_size=100", "--set",
                "confidence_threshold=0.15")
    for stage in ("scan", "selflabel"):
        compare_losses(stage, out("cpu-clusters"), out("cuda-clusters"), stage)

    # One model, both devices.
    probabilities = []
    for device in ("cpu", "cuda"):
        path = out(f"predicted-{device}.npy")
        nolabel("predict", out("cpu-clusters"), IMAGES, "--device", device, "--precision", "fp32",
                "--quiet", "--out", out(f"{device}.csv"), "--save-probabilities", path)
        probabilities.append(floats(path))
    check("probabilities of predict", largest_difference(*probabilities), FEATURES)


def groups():
    """`cluster` on both devices: the whole of `quick`. Told, because a near tie may turn."""
    for device in ("cpu", "cuda"):
        nolabel("cluster", IMAGES, "--out", out(f"groups-{device}"), "--clusters", "10",
                "--backbone", out("resnet18-cpu"), "--device", device, "--precision", "fp32",
                *SHORT, "--json", out(f"groups-{device}.json"))
        with open(out(f"groups-{device}.json")) as file:
            say(True, f"cluster on {device}: {json.load(file)['choice']}")


def same_again():
    """The same seed gives the same losses, to the last bit, in every precision."""
    for precision in ("fp32", "bf16", "fp16"):
        for name in ("first", "second"):
            train(f"{name}-{precision}", "cuda", "--set", "epochs=3", "--set", "width=16",
                  precision=precision)
        same(f"same seed twice in {precision}",
             *(losses(out(f"{name}-{precision}"), "pretext") for name in ("first", "second")))


def stopped_and_resumed():
    run = out("stopped")
    words = [PROGRAM, "simclr", IMAGES, "--out", run, "--device", "cuda", "--precision", "fp32",
             *SHORT, "--set", "batch_size=100", "--set", "epochs=40", "--set", "width=64"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    while not os.path.exists(os.path.join(run, "pretext", "metrics.jsonl")):
        time.sleep(0.05)
        if process.poll() is not None:
            say(False, f"a run to stop ended by itself: {process.stderr.read()}")
            return
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    say(process.returncode == 75, f"Ctrl-C ends with status {process.returncode}")
    nolabel(*words[1:])
    say(len(losses(run, "pretext")) == 40, "the same command again goes on to the last epoch")


def wrong_requests():
    answer = train("none", "cuda:7", status=2)
    say("cuda:0..cuda:" in answer, f"a GPU that is not there: {answer.strip()}")
    # One activation of the first layer has 33 GB.
    answer = train("large", "cuda", "--image-size", "256", "--set", "width=256", "--set",
                   "batch_size=1000", status=4)
    say("memory" in answer, f"a batch that is too large: {answer.strip()[:400]}")


PARTS = (pretext, recorded, processes, embeddings, clustering, groups, same_again,
         stopped_and_resumed, wrong_requests)
wanted = os.environ.get("CHECKS", "").split()
for part in PARTS:
    if wanted and part.__name__ not in wanted:
        continue
    started = time.monotonic()
    try:
        part()
        print(f"     {part.__name__}: {time.monotonic() - started:.0f} s", flush=True)
    except Exception as error:  # the parts behind are worth knowing, too
        say(False, f"{part.__name__}: {error!r}")
sys.exit(failed)
