"""SCAN's three training stages in plain PyTorch, torchvision and Pillow, as nolabel's own peer: what
nolabel computes is compared with it (mean_loss_check.py, recipe_check.py). Written to be read, not
to be fast. CIFAR-sized images, one process, float32.
"""

import json
import math
import pathlib
import random
import shutil
import subprocess
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageEnhance, ImageOps
from torchvision import transforms

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "golden"))
from model import Clustering, Contrastive, ResNet  # noqa: E402

SIDE = 32
EMBEDDING = 128


# --- images and views -----------------------------------------------------------------------------

def load_images(folder):
    """In nolabel's order: bytewise by relative path."""
    paths = sorted(folder.rglob("*.jpg"), key=lambda p: str(p.relative_to(folder)).encode())
    return [Image.open(path).convert("RGB") for path in paths]


def affine(image, a=1.0, b=0.0, c=0.0, d=0.0, e=1.0, f=0.0):
    return image.transform(image.size, Image.Transform.AFFINE, (a, b, c, d, e, f))


def signed(value):
    return random.choice((-value, value))


OPERATIONS = (  # of the strong views; u is uniform in [0, 1)
    lambda image, u: image,
    lambda image, u: ImageOps.autocontrast(image),
    lambda image, u: ImageOps.equalize(image),
    lambda image, u: image.rotate(signed(30 * u)),
    lambda image, u: ImageOps.solarize(image, 256 * u),
    lambda image, u: ImageEnhance.Color(image).enhance(0.05 + 0.9 * u),
    lambda image, u: ImageEnhance.Contrast(image).enhance(0.05 + 0.9 * u),
    lambda image, u: ImageEnhance.Brightness(image).enhance(0.05 + 0.9 * u),
    lambda image, u: ImageEnhance.Sharpness(image).enhance(0.05 + 0.9 * u),
    lambda image, u: affine(image, b=signed(0.1 * u)),
    lambda image, u: affine(image, c=signed(0.1 * u) * image.width),
    lambda image, u: affine(image, f=signed(0.1 * u) * image.height),
    lambda image, u: ImageOps.posterize(image, int(4 + 4 * u)),
    lambda image, u: affine(image, d=signed(0.1 * u)),
)


def strong_operations(image):
    for operation in random.choices(OPERATIONS, k=4):
        image = operation(image, random.random())
    return image


def cutout(view, length=16):
    half = random.randint(1, length) // 2
    y, x = random.randrange(SIDE), random.randrange(SIDE)
    view[:, max(0, y - half):y + half, max(0, x - half):x + half] = 0
    return view


TO_INPUT = [transforms.ToTensor(),
            transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))]
VIEWS = {
    "simclr": transforms.Compose([
        transforms.RandomResizedCrop(SIDE, scale=(0.2, 1.0)), transforms.RandomHorizontalFlip(),
        transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
        transforms.RandomGrayscale(p=0.2), *TO_INPUT]),
    "ours": transforms.Compose([
        transforms.RandomHorizontalFlip(), transforms.RandomCrop(SIDE), strong_operations,
        *TO_INPUT, cutout]),
    "evaluation": transforms.Compose([transforms.CenterCrop(SIDE), *TO_INPUT]),
}


def views_of(images, rows, recipe):
    return torch.stack([VIEWS[recipe](images[row]) for row in rows])


# --- the stages -----------------------------------------------------------------------------------
# Each gives the loss of one batch: what is minimised and what is reported (None: nothing to learn).

def simclr_loss(model, images, rows):
    views = torch.stack([VIEWS["simclr"](images[row]) for row in rows for _ in range(2)])
    a, b = model(views).reshape(len(rows), 2, -1).unbind(1)
    similarities = a @ torch.cat([a, b]).T / 0.1
    similarities = similarities.masked_fill(torch.eye(len(rows), 2 * len(rows)).bool(), -torch.inf)
    loss = F.cross_entropy(similarities, torch.arange(len(rows)) + len(rows))
    return loss, loss


def scan_loss(model, images, rows, neighbors, entropy_weight=5.0):
    partners = [random.choice(neighbors[row]) for row in rows]
    anchors = model(views_of(images, rows, "ours"))
    others = model(views_of(images, partners, "ours"))
    p, q = anchors.softmax(1), others.softmax(1)
    similarity, use = (p * q).sum(1), p.mean(0).clamp_min(1e-8)
    consistency = F.binary_cross_entropy(similarity.clamp_max(1), torch.ones_like(similarity))
    loss = consistency + entropy_weight * (use * use.log()).sum()
    return loss, loss


def selflabel_loss(model, images, rows, threshold):
    with torch.no_grad():
        confidence, labels = model(views_of(images, rows, "evaluation")).softmax(1).max(1)
    logits = model(views_of(images, rows, "ours"))
    kept = confidence > threshold
    if not kept.any():
        return None, None
    counts = labels[kept].bincount(minlength=logits.shape[1])
    weight = torch.where(counts > 0, kept.sum() / counts.clamp_min(1), 1.0)
    loss = F.cross_entropy(logits[kept], labels[kept], weight=weight)
    return loss, loss


def cosine(rate, epoch, epochs, decay=0.1):
    low = rate * decay**3
    return low + (rate - low) * (1 + math.cos(math.pi * epoch / epochs)) / 2


def epoch_losses(model, loss_of, count, batch_size, step):
    """Mean reported loss of an epoch in random order; step(loss) trains, or nothing does."""
    losses = []
    order = torch.randperm(count).tolist()
    for begin in range(0, count - batch_size + 1, batch_size):
        total, reported = loss_of(model, order[begin:begin + batch_size])
        if total is None:
            continue
        losses.append(reported.item())
        if step:
            step(total)
    return float(np.mean(losses))


def measure(model, loss_of, count, epochs, batch_size, seed):
    """What an epoch with learning rate 0 gives. loss_of(model, rows)."""
    random.seed(seed)
    torch.manual_seed(seed)
    model.train()
    with torch.no_grad():
        return [epoch_losses(model, loss_of, count, batch_size, None) for _ in range(epochs)]


def train(model, loss_of, count, epochs, batch_size, optimizer, rate_of, seed):
    """Mean reported loss of each epoch. loss_of(model, rows); rate_of(epoch)."""
    random.seed(seed)
    torch.manual_seed(seed)
    model.train()

    def step(loss):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    curve = []
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = rate_of(epoch)
        curve.append(epoch_losses(model, loss_of, count, batch_size, step))
    return curve


# --- models from nolabel's files ------------------------------------------------------------------

def contrastive(state, width):
    model = Contrastive(ResNet("resnet18", "cifar", width), "mlp", EMBEDDING)
    model.load_state_dict(state, strict=True)
    return model


def clustering(state, width):
    weight = state["cluster_head.0.weight"]
    heads = sum(key.startswith("cluster_head.") and key.endswith("weight") for key in state)
    model = Clustering(ResNet("resnet18", "cifar", width), len(weight), heads)
    model.load_state_dict(state, strict=True)
    return model


def at_the_start(state):
    """Batch norm's statistics as a new network has them."""
    start = dict(state)
    for key, value in state.items():
        if key.endswith("running_mean") or key.endswith("num_batches_tracked"):
            start[key] = torch.zeros_like(value)
        elif key.endswith("running_var"):
            start[key] = torch.ones_like(value)
    return start


def load(path):
    return without_module(torch.load(path, weights_only=True))


def without_module(value):
    """Names as a plain model has them, whatever the file was written for."""
    if not isinstance(value, dict):
        return value
    return {key.removeprefix("module.") if isinstance(key, str) else key: without_module(item)
            for key, item in value.items()}


# --- nolabel itself -------------------------------------------------------------------------------

def copy_images(source, target, per_class):
    """The first images of each class."""
    for folder in sorted(source.iterdir()):
        (target / folder.name).mkdir(parents=True)
        for path in sorted(folder.iterdir())[:per_class]:
            shutil.copy(path, target / folder.name)


def nolabel(program, *arguments):
    """Runs it quietly; a failure shows its line."""
    subprocess.run([str(program), *map(str, arguments), "--device", "cpu", "--precision", "fp32",
                    "--threads", "1", "--quiet"], check=True, stdout=subprocess.DEVNULL)


def losses(run, stage):
    lines = (run / stage / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["loss"] for line in lines]
