"""Golden files of the model layer: what PyTorch computes and what PyTorch writes.

Run in the peers' environment:
  python tools/golden/model.py                 writes nolabel/model/testdata
  python tools/golden/model.py verify FILE     loads a file of nolabel strictly, weights only
"""

import copy
import math
import pathlib
import sys
from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

TESTDATA = pathlib.Path(__file__).resolve().parents[2] / "nolabel" / "model" / "testdata"


class BasicBlock(nn.Module):
    def __init__(self, channels, width, stride, shortcut):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut_name = shortcut
        if stride != 1 or channels != width:
            projection = nn.Conv2d(channels, width, 1, stride, bias=False)
            setattr(self, shortcut, nn.Sequential(projection, nn.BatchNorm2d(width)))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + getattr(self, self.shortcut_name, nn.Identity())(x))


class Bottleneck(nn.Module):
    def __init__(self, channels, width, stride, shortcut):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.shortcut_name = shortcut
        if stride != 1 or channels != 4 * width:
            projection = nn.Conv2d(channels, 4 * width, 1, stride, bias=False)
            setattr(self, shortcut, nn.Sequential(projection, nn.BatchNorm2d(4 * width)))

    def forward(self, x):
        y = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.bn3(self.conv3(y)) + getattr(self, self.shortcut_name, nn.Identity())(x))


class ResNet(nn.Module):
    def __init__(self, kind="resnet18", stem="cifar", width=64, stem_stride=1):
        super().__init__()
        block, expansion, counts = {
            "resnet18": (BasicBlock, 1, (2, 2, 2, 2)),
            "resnet34": (BasicBlock, 1, (3, 4, 6, 3)),
            "resnet50": (Bottleneck, 4, (3, 4, 6, 3)),
            "resnet101": (Bottleneck, 4, (3, 4, 23, 3)),
            "resnet152": (Bottleneck, 4, (3, 8, 36, 3)),
        }[kind]
        kernel, stride = (7, 2) if stem == "imagenet" else (3, stem_stride)
        self.conv1 = nn.Conv2d(3, width, kernel, stride, kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.pool = {
            "cifar": nn.Identity(),
            "stl": nn.MaxPool2d(2, 2, 1),
            "imagenet": nn.MaxPool2d(3, 2, 1),
        }[stem]
        shortcut = "downsample" if stem == "imagenet" else "shortcut"
        channels = width
        for group, count in enumerate(counts):
            blocks = []
            for i in range(count):
                stride = 2 if group > 0 and i == 0 else 1
                blocks.append(block(channels, width << group, stride, shortcut))
                channels = (width << group) * expansion
            setattr(self, f"layer{group + 1}", nn.Sequential(*blocks))
        self.dimensions = channels

    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        return x.mean((2, 3))


class Contrastive(nn.Module):
    def __init__(self, backbone, head, embedding):
        super().__init__()
        self.backbone = backbone
        d = backbone.dimensions
        if head == "mlp":
            self.contrastive_head = nn.Sequential(
                nn.Linear(d, d), nn.ReLU(), nn.Linear(d, embedding))
        else:
            self.contrastive_head = nn.Linear(d, embedding)

    def forward(self, x):
        return F.normalize(self.contrastive_head(self.backbone(x)), dim=1)


class Clustering(nn.Module):
    def __init__(self, backbone, clusters, heads):
        super().__init__()
        self.backbone = backbone
        self.cluster_head = nn.ModuleList(
            [nn.Linear(backbone.dimensions, clusters) for _ in range(heads)])

    def forward(self, x):
        features = self.backbone(x)
        return torch.cat([head(features) for head in self.cluster_head], 1)


def wave(shape, phase):
    """sin(0.7 i + phase) over the elements; nolabel/model/model_testing.h makes the same."""
    count = math.prod(shape)
    return (0.7 * torch.arange(count, dtype=torch.float64) + phase).sin().reshape(shape)


def rough(shape, phase):
    """Like wave(), without a period."""
    i = torch.arange(math.prod(shape))
    return ((i * i % 1009).double() * 0.05 + 0.7 * i.double() + phase).sin().reshape(shape)


def fill(model, pattern=wave):
    """Weights that need not be stored: a wave of its own for each entry of the state dict."""
    with torch.no_grad():
        for number, (name, tensor) in enumerate(model.state_dict().items()):
            values = pattern(tensor.shape, number)
            if tensor.dim() >= 2:
                tensor.copy_(values * 2 / math.sqrt(tensor[0].numel()))
            elif name.endswith("running_var") or (name.endswith("weight")):
                tensor.copy_(1 + 0.3 * values)
            elif tensor.dim() == 1:
                tensor.copy_(0.1 * values)


def parity():
    cases = {
        "cifar": (Contrastive(ResNet("resnet18", "cifar", 8), "mlp", 6), 16),
        "stride2": (Contrastive(ResNet("resnet18", "cifar", 8, 2), "linear", 6), 20),
        "stl": (Clustering(ResNet("resnet18", "stl", 8), 5, 2), 24),
        "imagenet": (Clustering(ResNet("resnet18", "imagenet", 8), 5, 1), 40),
        "resnet50": (Clustering(ResNet("resnet50", "imagenet", 8), 5, 2), 40),
        "resnet34": (Clustering(ResNet("resnet34", "imagenet", 8), 5, 1), 40),
        "resnet101": (Clustering(ResNet("resnet101", "imagenet", 8), 5, 1), 40),
        "resnet152": (Clustering(ResNet("resnet152", "imagenet", 8), 5, 1), 40),
    }
    tensors = {}
    for name, (model, size) in cases.items():
        model = model.double()
        fill(model)
        views = wave((4, 3, size, size), 0.5)
        model.eval()
        with torch.no_grad():
            tensors[f"{name}.eval"] = model(views)
        model.train()
        with torch.no_grad():
            tensors[f"{name}.features"] = copy.deepcopy(model).backbone(views)
        output = model(views)
        tensors[f"{name}.train"] = output.detach()
        (output * wave(output.shape, 1.5)).sum().backward()
        # Of each gradient two projections that see every element.
        tensors[f"{name}.gradients"] = torch.stack([
            torch.stack([(p.grad * wave(p.shape, 2.5)).sum(), p.grad.square().sum()])
            for p in model.parameters()])
        tensors[f"{name}.running"] = torch.cat(
            [b.reshape(-1).double() for b in model.buffers()])
    save_file({k: v.contiguous() for k, v in tensors.items()}, TESTDATA / "parity.safetensors")


def counting(*shape, dtype=torch.float32):
    return torch.arange(math.prod(shape)).to(dtype).reshape(shape)


def state_of(model):
    """The state dict in half precision, all in one storage that PyTorch writes once."""
    state = model.state_dict()
    pool = wave((max(v.numel() for v in state.values()),), 0).half()
    counts = torch.zeros(1, dtype=torch.int64)
    return OrderedDict(
        (k, (pool if v.is_floating_point() else counts)[:v.numel()].reshape(v.shape))
        for k, v in state.items())


def checkpoints():
    """Laid out as the published program, MoCo and torchvision write theirs."""
    # SCAN's model.pth.tar of today, with `module.` prefixes.
    scan = Clustering(ResNet("resnet18", "cifar", 8), 3, 2)
    wrapped = OrderedDict((f"module.{k}", v) for k, v in state_of(scan).items())
    torch.save({"model": wrapped, "head": np.int64(1)}, TESTDATA / "scan_model.pth.tar")

    # MoCo v2: query encoder with its head, a second encoder and the queue, which are not wanted.
    resnet50 = state_of(ResNet("resnet50", "imagenet", 8))
    names = [(f"module.encoder_q.{k}", v) for k, v in resnet50.items()]
    for layer, out in ((0, 8), (2, 4)):  # the first is square in MoCo's files; small here
        names.append((f"module.encoder_q.fc.{layer}.weight", counting(out, 256).half()))
        names.append((f"module.encoder_q.fc.{layer}.bias", counting(out).half()))
    names += [("module.encoder_k.conv1.weight", counting(1, 3, 7, 7)),
              ("module.queue", counting(4, 2)), ("module.queue_ptr", torch.tensor([0]))]
    torch.save({"epoch": 800, "arch": "resnet50", "state_dict": OrderedDict(names),
                "optimizer": {}}, TESTDATA / "moco.pth.tar", _use_new_zipfile_serialization=False)

    # torchvision's ResNet-50 of before 0.4.1: a classifier, no batch counts.
    torchvision = OrderedDict((k, v) for k, v in resnet50.items()
                              if not k.endswith("num_batches_tracked"))
    torchvision.update({"fc.weight": counting(5, 256), "fc.bias": counting(5)})
    torch.save(torchvision, TESTDATA / "torchvision.pth", _use_new_zipfile_serialization=False)

    # A 3×3 stem under torchvision's names, as programs for small images write it.
    small = OrderedDict((f"encoder.{k}".replace("shortcut", "downsample"), v)
                        for k, v in state_of(ResNet("resnet18", "cifar", 8)).items())
    torch.save(small, TESTDATA / "small_images.pth", _use_new_zipfile_serialization=False)


def verify(path):
    content = torch.load(path, weights_only=True)
    model = Contrastive(ResNet("resnet18", "cifar", 8), "mlp", 6)
    model.load_state_dict(content["model"], strict=True)
    clustering = Clustering(ResNet("resnet50", "imagenet", 8), 5, 2)
    clustering.load_state_dict(content["clustering"], strict=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=1, momentum=0.9)
    optimizer.load_state_dict(content["optimizer"])
    assert content["model"]["backbone.bn1.num_batches_tracked"].shape == ()


if __name__ == "__main__":
    torch.manual_seed(0)
    if len(sys.argv) == 3 and sys.argv[1] == "verify":
        verify(sys.argv[2])
    else:
        TESTDATA.mkdir(parents=True, exist_ok=True)
        parity()
        checkpoints()
