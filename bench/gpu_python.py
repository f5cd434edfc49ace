"""Whether the Python package computes on a GPU what it computes on the processor (bench/gpu.sh).

    gpu_python.py IMAGES.csv OUT [DEVICE]    DEVICE: cuda; cpu compares the processor with itself

Prints a line for each comparison, and ends with 1 when one fails. Needs the package of a build with
CUDA (make wheel-cuda) and NumPy.
"""

import sys

import nolabel
import numpy as np

# cuDNN convolves in TF32 (10 bits of mantissa): 1e-3 per layer, some of it kept.
FEATURES = 1e-2
failed = False


def check(name, value, limit):
    global failed
    right = value <= limit
    failed = failed or not right
    print(f"{'ok' if right else 'WRONG'}  {name}: {value:.2e}, at most {limit:.0e}")


def features(images, device):
    return nolabel.embed(images, "starter", device=device, precision="fp32", feature_cache=0).features


def scan(images, out, device):
    return nolabel.cluster(
        images, clusters=10, out=f"{out}/{device}", backbone="starter", method="scan", device=device,
        precision="fp32", feature_cache=0
    ).labels


def main():
    images, out, *device = sys.argv[1:]
    device = device[0] if device else "cuda"
    on_processor, on_device = features(images, "cpu"), features(images, device)
    scale = np.abs(on_processor).max()
    check("features of embed", np.abs(on_device - on_processor).max() / scale, FEATURES)

    pictures = np.random.default_rng(0).integers(0, 256, (8, 48, 40, 3)).astype(np.uint8)
    each = [
        nolabel.Embedder("starter", device=name, precision="fp32").embed(list(pictures))
        for name in ("cpu", device)
    ]
    check("features of an Embedder", np.abs(each[0] - each[1]).max() / np.abs(each[0]).max(), FEATURES)

    labels = [scan(images, out, name) for name in ("cpu", device)]
    # Other sums, other steps: the clusters are the same in the main.
    check("images that SCAN puts elsewhere", 1 - nolabel.metrics.accuracy(*labels), 0.2)
    sys.exit(failed)


main()
