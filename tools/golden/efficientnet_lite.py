"""Golden files of EfficientNet-Lite: what plain PyTorch modules compute in float64.

Run in the peers' environment:
  python tools/golden/efficientnet_lite.py           writes nolabel/model/testdata/lite.safetensors
  python tools/golden/efficientnet_lite.py WEIGHTS   and, with the published Lite0 weights, what
                                                     they make of two views: lite0.safetensors
"""

import math
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

from model import TESTDATA, fill, rough, wave

# width, depth, side of the published views
SCALES = [(1.0, 1.0, 224), (1.0, 1.1, 240), (1.1, 1.2, 260), (1.2, 1.4, 280), (1.4, 1.8, 300)]
# repeats, kernel, stride, expansion, channels
STAGES = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
          (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]


def norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class SameConv2d(nn.Conv2d):
    """TensorFlow's SAME padding: the odd pixel goes right and below."""

    def forward(self, x):
        pads = []
        for size, kernel, stride in zip(reversed(x.shape[2:]), reversed(self.kernel_size),
                                        reversed(self.stride)):
            total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        return super().forward(F.pad(x, pads))


def conv(channels, out, kernel, stride=1, groups=1):
    return SameConv2d(channels, out, kernel, stride, groups=groups, bias=False)


class Block(nn.Module):
    def __init__(self, channels, out, kernel, stride, expansion):
        super().__init__()
        inner = channels * expansion
        self.expands = expansion != 1
        if self.expands:
            self._expand_conv = conv(channels, inner, 1)
            self._bn0 = norm(inner)
        self._depthwise_conv = conv(inner, inner, kernel, stride, groups=inner)
        self._bn1 = norm(inner)
        self._project_conv = conv(inner, out, 1)
        self._bn2 = norm(out)
        self.adds = stride == 1 and channels == out

    def forward(self, x):
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class EfficientNetLite(nn.Module):
    def __init__(self, number):
        super().__init__()
        width, depth, _ = SCALES[number]

        def scaled(channels):
            wanted = channels * width
            rounded = max(8, int(wanted + 4) // 8 * 8)
            return rounded + 8 if rounded < 0.9 * wanted else rounded

        self._conv_stem = conv(3, 32, 3, 2)
        self._bn0 = norm(32)
        blocks, channels = [], 32
        for i, (repeats, kernel, stride, expansion, out) in enumerate(STAGES):
            if 0 < i < len(STAGES) - 1:
                repeats = math.ceil(repeats * depth)
            for repeat in range(repeats):
                blocks.append(Block(channels, scaled(out), kernel, stride if repeat == 0 else 1,
                                    expansion))
                channels = scaled(out)
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = conv(channels, 1280, 1)
        self._bn1 = norm(1280)
        self.dimensions = 1280

    def forward(self, x):
        x = F.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return F.relu6(self._bn1(self._conv_head(x))).mean((2, 3))


class Clustering(nn.Module):
    def __init__(self, number):
        super().__init__()
        self.backbone = EfficientNetLite(number)
        self.cluster_head = nn.ModuleList([nn.Linear(1280, 5)])

    def forward(self, x):
        return self.cluster_head[0](self.backbone(x))


def projections(tensors):
    """[P,2]: of each tensor two projections that see every element."""
    return torch.stack([torch.stack([(t * wave(t.shape, 2.5)).sum(), t.square().sum()])
                        for t in tensors])


def parity():
    tensors = {}
    # Odd and even sides: SAME pads them differently. Larger scales differ in their shapes only.
    # At least 3 x 3 positions of 4 views remain, or batch norm would magnify rounding errors.
    for number, side, trains in ((0, 65, True), (0, 72, True), (2, 40, False), (4, 33, False)):
        name = f"lite{number}_{side}"
        model = Clustering(number).double()
        fill(model, rough)
        views = rough((4, 3, side, side), 0.5)
        model.eval()
        with torch.no_grad():
            tensors[f"{name}.eval"] = model(views)
        print(name, tensors[f"{name}.eval"][0])
        if not trains:
            continue
        model.train()
        output = model(views)
        tensors[f"{name}.train"] = output.detach()
        (output * wave(output.shape, 1.5)).sum().backward()
        tensors[f"{name}.gradients"] = projections([p.grad for p in model.parameters()])
        tensors[f"{name}.running"] = projections([b.double() for b in model.buffers()])
        print(name, output[0])
    save_file({k: v.contiguous() for k, v in tensors.items()}, TESTDATA / "lite.safetensors")


def published(weights):
    model = EfficientNetLite(0)
    state = torch.load(weights, weights_only=True)
    model.load_state_dict({k: v for k, v in state.items() if not k.startswith("_fc.")}, strict=True)
    model.double().eval()
    with torch.no_grad():
        features = model(wave((2, 3, 224, 224), 0.5))
    print(features.mean(), features.std())
    save_file({"features": features.contiguous()}, TESTDATA / "lite0.safetensors")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        published(sys.argv[1])
    else:
        parity()
