"""Golden files of the three tasks on linear layers, in float64: three optimizer steps, and
checkpoints that are continued across programs.

Run in the peers' environment:
  python tools/golden/tasks.py                                    writes the tasks' testdata
  python tools/golden/tasks.py continue TASK CHECKPOINT EXPECTED  continues a checkpoint of nolabel
Weights and features are waves that the tests make for themselves; only results are stored.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from weights import legacy_bytes, numpy_1

ROOT = pathlib.Path(__file__).resolve().parents[2] / "nolabel"
ADDRESS = 140234567890120  # PyTorch 1.4 numbers parameters by where they lie


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


class Task:
    """Layers with their names, and objective(), which gives what is minimised and reported."""

    def __init__(self, names, layers, objective):
        self.objective = objective
        self.parameters = {
            f"{name}.{part}": getattr(layer, part)
            for name, layer in zip(names, layers) for part in ("weight", "bias")}

    def values(self):
        return {key: value.detach().clone() for key, value in self.parameters.items()}

    def load(self, state):
        assert state.keys() == self.parameters.keys()
        with torch.no_grad():
            for key, value in self.parameters.items():
                value.copy_(state[key])

    def steps(self, count, optimizer, after_step=lambda: None):
        losses = []
        for _ in range(count):
            total, reported = self.objective()
            optimizer.zero_grad()
            total.backward()
            optimizer.step()
            losses.append(reported.detach())
            after_step()
        return torch.stack(losses)


def simclr():
    images, features = 8, wave(50, 2, 8, 5)
    first, second = layers = linear_layers(0.5, (5, 5), (3, 5))

    def objective():
        a, b = (F.normalize(second(first(x).relu()), dim=1) for x in features)
        similarities = a @ torch.cat([a, b]).T / 0.1
        similarities = similarities.masked_fill(torch.eye(images, 2 * images).bool(), -torch.inf)
        loss = F.cross_entropy(similarities, torch.arange(images) + images)
        return loss, loss

    return Task(["contrastive_head.0", "contrastive_head.2"], layers, objective)


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

    return Task(["cluster_head.0", "cluster_head.1"], heads, objective)


def selflabel():
    weak, strong = wave(50, 2, 24, 7)
    (head,) = heads = linear_layers(2, (3, 7))

    def objective():
        confidence, labels = head(weak).softmax(1).detach().max(1)
        kept = confidence > 0.9
        assert 4 < kept.sum() < 22 and len(labels[kept].unique()) == 3
        weight = kept.sum() / labels[kept].bincount(minlength=3).double()
        loss = F.cross_entropy(head(strong)[kept], labels[kept], weight=weight)
        return loss, loss

    return Task(["cluster_head.0"], heads, objective)


TASKS = {"simclr": simclr, "scan": scan, "selflabel": selflabel}
FOLDERS = {"simclr": "pretext", "scan": "cluster", "selflabel": "selflabel"}


def sgd(task):
    return torch.optim.SGD(task.parameters.values(), 0.1, momentum=0.9, weight_decay=0.01)


def adam(task):
    return torch.optim.Adam(task.parameters.values(), 0.01, weight_decay=0.01)


RESUMED = {"simclr": sgd, "scan": adam, "selflabel": adam}


def three_steps(name, optimizer, averaging=None):
    task = TASKS[name]()
    shadow = task.values()

    def average():
        for key, value in task.parameters.items():
            shadow[key].lerp_(value.detach(), 1 - averaging)

    losses = task.steps(3, optimizer(task), average if averaging else lambda: None)
    tensors = task.values() | {"losses": losses}
    if averaging:
        tensors |= {f"averaged.{key}": value for key, value in shadow.items()}
    save_file(tensors, ROOT / FOLDERS[name] / "testdata" / f"{name}_task.safetensors")


def like_pytorch_1_4(state):
    """An optimizer's state as PyTorch 1.4 has it."""
    number = {i: ADDRESS + 648 * i for i in state["state"]}
    groups = [dict(group, params=[number[i] for i in group["params"]])
              for group in state["param_groups"]]
    return {"state": {number[i]: dict(entry, step=int(entry["step"]))
                      for i, entry in state["state"].items()}, "param_groups": groups}


def checkpoint(name, extra, prefix="", legacy=False):
    """After four steps, said to be two epochs, and what three further steps give."""
    task = TASKS[name]()
    optimizer = RESUMED[name](task)
    task.steps(4, optimizer)
    state = optimizer.state_dict()
    content = {"optimizer": like_pytorch_1_4(state) if legacy else state,
               "model": {prefix + key: value for key, value in task.values().items()},
               "epoch": 2, **extra}
    path = ROOT / FOLDERS[name] / "testdata" / f"{name}_resume.pth.tar"
    if legacy:
        path.write_bytes(numpy_1(legacy_bytes(content)))
    else:
        torch.save(content, path)
    losses = task.steps(3, optimizer)
    save_file(task.values() | {"losses": losses}, path.with_name(f"{name}_resume.safetensors"))


def continue_ours(name, path, expected):
    """Three steps from a checkpoint of nolabel's give what nolabel's own next steps gave."""
    content = torch.load(path, weights_only=True)
    task = TASKS[name]()
    task.load(content["model"])
    optimizer = RESUMED[name](task)
    optimizer.load_state_dict(content["optimizer"])
    losses = task.steps(3, optimizer)
    expected = load_file(expected)
    for key, value in (task.values() | {"losses": losses}).items():
        torch.testing.assert_close(value, expected[key], rtol=1e-9, atol=1e-12, msg=key)
    assert content["epoch"] == 2
    if name == "scan":
        assert content["best_loss"] == -1.5 and content["best_loss_head"] == 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["continue"]:
        continue_ours(*sys.argv[2:])
        sys.exit()
    three_steps("simclr", sgd)
    three_steps("scan", adam)
    three_steps("selflabel", lambda t: torch.optim.SGD(t.parameters.values(), 0.1, momentum=0.9),
                averaging=0.9)
    checkpoint("simclr", {})
    checkpoint("scan", {"best_loss": np.float64(-1.5), "best_loss_head": np.int64(1)},
               prefix="module.", legacy=True)
    checkpoint("selflabel", {}, prefix="module.")
