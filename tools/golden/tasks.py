"""Golden files of the three tasks: three optimizer steps in float64 as PyTorch takes them.

Run in the peers' environment:  python tools/golden/tasks.py
Weights and features are waves that the tests make for themselves; only results are stored.
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2] / "nolabel"


def wave(phase, *shape):
    count = torch.Size(shape).numel()
    return (torch.arange(count, dtype=torch.float64) * 0.7 + phase).sin().reshape(shape)


def linear_layers(size, *shapes):
    """Layers [out, in]; parameter i (weight, bias, weight ...) is a wave of phase i."""
    layers = []
    for out, width in shapes:
        layer = torch.nn.Linear(width, out, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(size * wave(2 * len(layers), out, width))
            layer.bias.copy_(size * wave(2 * len(layers) + 1, out))
        layers.append(layer)
    return layers


def three_steps(path, names, layers, optimizer, objective, averaging=None):
    """objective() returns what is minimised and what is reported."""
    parameters = [parameter for layer in layers for parameter in layer.parameters()]
    optimizer = optimizer(parameters)
    shadow = [parameter.detach().clone() for parameter in parameters]
    losses = []
    for _ in range(3):
        total, reported = objective()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        losses.append(reported.detach())
        for average, parameter in zip(shadow, parameters):
            average.lerp_(parameter.detach(), 1 - (averaging or 0))
    keys = [f"{name}.{part}" for name in names for part in ("weight", "bias")]
    tensors = {key: p.detach().clone() for key, p in zip(keys, parameters)}
    if averaging:
        tensors |= {f"averaged.{key}": average for key, average in zip(keys, shadow)}
    save_file(tensors | {"losses": torch.stack(losses)}, ROOT / path)


def simclr():
    images, features = 8, wave(50, 2, 8, 5)
    first, second = layers = linear_layers(0.5, (5, 5), (3, 5))

    def objective():
        a, b = (F.normalize(second(first(x).relu()), dim=1) for x in features)
        similarities = a @ torch.cat([a, b]).T / 0.1
        similarities = similarities.masked_fill(torch.eye(images, 2 * images).bool(), -torch.inf)
        loss = F.cross_entropy(similarities, torch.arange(images) + images)
        return loss, loss

    names = ["contrastive_head.0", "contrastive_head.2"]
    three_steps("pretext/testdata/simclr_task.safetensors", names, layers,
                lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.01), objective)


def scan():
    """Two heads; the neighbor of image i is image i + 1."""
    anchors, neighbors = wave(50, 2, 8, 5)
    heads = linear_layers(0.5, (4, 5), (4, 5))

    def objective():
        losses = []
        for head in heads:
            p, q = head(anchors).softmax(1), head(neighbors.roll(-1, 0)).softmax(1)
            similarity = (p * q).sum(1)
            use = p.mean(0)
            consistency = F.binary_cross_entropy(similarity, torch.ones_like(similarity))
            losses.append(consistency + 5 * (use * use.log()).sum())
        return sum(losses), sum(losses) / 2

    three_steps("cluster/testdata/scan_task.safetensors", ["cluster_head.0", "cluster_head.1"],
                heads, lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.01), objective)


def selflabel():
    weak, strong = wave(50, 2, 24, 7)
    (head,) = heads = linear_layers(2, (3, 7))

    def objective():
        confidence, labels = head(weak).softmax(1).detach().max(1)
        kept = confidence > 0.9
        assert 4 < kept.sum() < 20 and len(labels[kept].unique()) == 3
        weight = kept.sum() / labels[kept].bincount(minlength=3).double()
        loss = F.cross_entropy(head(strong)[kept], labels[kept], weight=weight)
        return loss, loss

    three_steps("selflabel/testdata/selflabel_task.safetensors", ["cluster_head.0"], heads,
                lambda p: torch.optim.SGD(p, 0.1, momentum=0.9), objective, averaging=0.9)


if __name__ == "__main__":
    simclr()
    scan()
    selflabel()
