"""Golden files of ten optimizer steps in float64: every backbone, loss and optimizer.

Run in the peers' environment:  python tools/golden/steps.py
Weights and views are made alike on both sides (nolabel/train/steps_testing.h); stored are the
losses, and two projections of each gradient of the last step and of each final weight.
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from model import Clustering, Contrastive, ResNet, fill, rough, wave

ROOT = pathlib.Path(__file__).resolve().parents[2] / "nolabel"
IMAGES = 6
NETWORKS = {  # kind, stem, side of the views
    "cifar": ("resnet18", "cifar", 16),
    "stl": ("resnet18", "stl", 24),
    "imagenet": ("resnet18", "imagenet", 40),
    "resnet50": ("resnet50", "imagenet", 40),
}
OPTIMIZERS = {
    "sgd": lambda p, rate: torch.optim.SGD(p, rate, momentum=0.9, weight_decay=1e-3),
    "adam": lambda p, rate: torch.optim.Adam(p, rate, weight_decay=1e-3),
}


def learning_rate(case, optimizer):
    """Of SGD small for the deep network, whose gradients are large: rounding grows with each step."""
    if optimizer == "adam":
        return 1e-3
    return 2e-6 if case == "resnet50" else 5e-3


def simclr(model, views, _):
    embeddings = model(views.transpose(0, 1).reshape(-1, *views.shape[2:]))
    a, b = embeddings.reshape(IMAGES, 2, -1).unbind(1)
    similarities = a @ torch.cat([a, b]).T / 0.1
    similarities = similarities.masked_fill(torch.eye(IMAGES, 2 * IMAGES).bool(), -torch.inf)
    loss = F.cross_entropy(similarities, torch.arange(IMAGES) + IMAGES)
    return loss, loss


def scan(model, views, _, heads=2):
    anchors, neighbors = model(views[0]), model(views[1].roll(-1, 0))
    losses = []
    for p, q in zip(anchors.chunk(heads, 1), neighbors.chunk(heads, 1)):
        p, q = p.softmax(1), q.softmax(1)
        similarity, use = (p * q).sum(1), p.mean(0).clamp_min(1e-8)
        consistency = F.binary_cross_entropy(similarity, torch.ones_like(similarity))
        losses.append(consistency + 5 * (use * use.log()).sum())
    return sum(losses), sum(losses) / heads


def selflabel(model, views, extra):
    with torch.no_grad():
        confidence, labels = model(views[0]).softmax(1).max(1)
    threshold = extra.setdefault("threshold", confidence.sort().values[1:3].mean())
    kept = confidence > threshold
    assert kept.any() and (confidence - threshold).abs().min() > 1e-5
    weight = kept.sum() / labels[kept].bincount(minlength=3).clamp_min(1).double()
    loss = F.cross_entropy(model(views[1])[kept], labels[kept], weight=weight)
    return loss, loss


def ten_steps(model, objective, side, make_optimizer):
    model = model.double()
    fill(model, rough)
    views, extra, losses = rough((2, IMAGES, 3, side, side), 0), {}, []
    if not model.backbone.conv1.weight.requires_grad:
        with torch.no_grad():  # statistics that fit the weights
            for _ in range(20):
                model(views[0])
        model.eval()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = make_optimizer(parameters)
    for _ in range(10):
        total, reported = objective(model, views, extra)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        losses.append(reported.detach())

    def projections(tensors):
        return torch.stack([torch.stack([(t * wave(t.shape, 2.5)).sum(), t.square().sum()])
                            for t in tensors])

    state = [v.detach() for v in model.state_dict().values() if v.is_floating_point()]
    return {"losses": torch.stack(losses), "gradients": projections([p.grad for p in parameters]),
            "weights": projections(state), **extra}


def write(folder, name, make_model, objective):
    tensors = {}

    def add(case, model, side, optimizer):
        rate = learning_rate(case, optimizer)
        result = ten_steps(model, objective, side, lambda p: OPTIMIZERS[optimizer](p, rate))
        print(name, case, result["losses"][0].item(), result["losses"][-1].item())
        tensors.update({f"{case}_{optimizer}.{key}": value for key, value in result.items()})

    for network, (kind, stem, side) in NETWORKS.items():
        for optimizer in OPTIMIZERS:
            add(network, make_model(ResNet(kind, stem, 8)).train(), side, optimizer)
    if name == "scan":  # as ImageNet's recipe has it: the backbone frozen, in eval mode
        model = make_model(ResNet("resnet50", "imagenet", 8)).double()
        model.backbone.requires_grad_(False)
        add("frozen", model, 40, "sgd")
    save_file(tensors, ROOT / folder / "testdata" / f"{name}_steps.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    write("pretext", "simclr", lambda backbone: Contrastive(backbone, "mlp", 6), simclr)
    write("cluster", "scan", lambda backbone: Clustering(backbone, 4, 2), scan)
    write("selflabel", "selflabel", lambda backbone: Clustering(backbone, 3, 1), selflabel)
