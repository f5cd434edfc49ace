"""Golden files of the losses: random inputs, and what PyTorch makes of them in float64.

Run in the peers' environment:  python tools/golden/losses.py
Inputs are rounded to float32 before the loss is computed; everything is written as float32.
"""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2] / "nolabel"


def save(layer, name, values):
    folder = ROOT / layer / "testdata"
    folder.mkdir(parents=True, exist_ok=True)
    matrix = values.detach().reshape(-1, values.shape[-1])
    np.save(folder / f"{name}.npy", matrix.numpy().astype("<f4"))


def random(generator, *shape):
    """Normal numbers that float32 holds exactly, as a float64 leaf."""
    values = torch.randn(*shape, generator=generator).double()
    return values.requires_grad_()


def simclr():
    """As a classification: each anchor must find its positive among 2B-1 candidates."""
    generator = torch.Generator().manual_seed(1)
    images, width = 6, 5
    raw = random(generator, images, 2, width)
    embeddings = F.normalize(raw.detach(), dim=-1).float().double().requires_grad_()
    save("pretext", "simclr_embeddings", embeddings)
    for symmetric in (False, True):
        candidates = torch.cat([embeddings[:, 0], embeddings[:, 1]])
        losses = []
        for i in range(2 * images if symmetric else images):
            others = [j for j in range(2 * images) if j != i]
            logits = candidates[others] @ candidates[i] / 0.1
            target = torch.tensor(others.index((i + images) % (2 * images)))
            losses.append(F.cross_entropy(logits, target))
        loss = torch.stack(losses).mean()
        (gradient,) = torch.autograd.grad(loss, embeddings)
        name = "symmetric" if symmetric else "published"
        save("pretext", f"simclr_{name}_loss", loss.reshape(1, 1))
        save("pretext", f"simclr_{name}_gradient", gradient)


def scan():
    """PyTorch's binary cross-entropy against 1; certain agreement and disagreement among it."""
    generator = torch.Generator().manual_seed(2)
    anchor, neighbor = random(generator, 8, 4), random(generator, 8, 4)
    with torch.no_grad():
        anchor[0], neighbor[0] = torch.tensor([[60.0, 0, 0, 0], [0, 60.0, 0, 0]])
        anchor[1], neighbor[1] = torch.tensor([[400.0, 0, 0, 0], [0, 400.0, 0, 0]])
        anchor[2], neighbor[2] = torch.tensor([[400.0, 0, 0, 0], [400.0, 0, 0, 0]])
        anchor[:, 3] -= 30  # an empty cluster
    similarity = (anchor.softmax(1) * neighbor.softmax(1)).sum(1)
    consistency = F.binary_cross_entropy(similarity, torch.ones_like(similarity))
    use = anchor.softmax(1).mean(0).clamp(min=1e-8)
    entropy = -(use * use.log()).sum()
    total = consistency - 5 * entropy
    total.backward()
    save("cluster", "scan_anchor", anchor)
    save("cluster", "scan_neighbor", neighbor)
    save("cluster", "scan_losses", torch.stack([consistency, entropy, total]).reshape(1, 3))
    save("cluster", "scan_anchor_gradient", anchor.grad)
    save("cluster", "scan_neighbor_gradient", neighbor.grad)


def information():
    """The divergence of the joint distribution from the product of its margins, without floors.

    A certain pair that agrees, one that does not, and a cluster that nobody uses are among them.
    """
    generator = torch.Generator().manual_seed(4)
    anchor, neighbor = random(generator, 9, 5), random(generator, 9, 5)
    with torch.no_grad():
        anchor[0], neighbor[0] = torch.tensor([[60.0, 0, 0, 0, 0], [60.0, 0, 0, 0, 0]])
        anchor[1], neighbor[1] = torch.tensor([[60.0, 0, 0, 0, 0], [0, 60.0, 0, 0, 0]])
        anchor[:, 4] -= 30
        neighbor[:, 4] -= 30
    pairs = anchor.softmax(1)[:, :, None] * neighbor.softmax(1)[:, None, :]
    joint = torch.cat([pairs, pairs.transpose(1, 2)]).mean(0)
    independent = torch.outer(joint.sum(1), joint.sum(0))
    loss = -F.kl_div(independent.log(), joint, reduction="sum")
    loss.backward()
    save("cluster", "information_anchor", anchor)
    save("cluster", "information_neighbor", neighbor)
    save("cluster", "information_loss", loss.reshape(1, 1))
    save("cluster", "information_anchor_gradient", anchor.grad)
    save("cluster", "information_neighbor_gradient", neighbor.grad)


def confidence():
    """Selection and PyTorch's weighted cross-entropy. Class 3 is nobody's confident label."""
    generator = torch.Generator().manual_seed(3)
    weak, strong = random(generator, 24, 4), random(generator, 24, 4)
    with torch.no_grad():
        weak *= 4
        weak[:, 3] -= 30
    save("selflabel", "confidence_weak", weak)
    save("selflabel", "confidence_strong", strong)
    probability, label = weak.detach().softmax(1).max(1)
    kept = probability > 0.9
    assert 3 < kept.sum() < 24 and len(label[kept].unique()) == 3
    for balanced in (False, True):
        weight = torch.ones(4, dtype=torch.float64)
        if balanced:
            classes, counts = label[kept].unique(return_counts=True)
            weight[classes] = kept.sum() / counts.double()
        loss = F.cross_entropy(strong[kept], label[kept], weight=weight)
        (gradient,) = torch.autograd.grad(loss, strong)
        name = "balanced" if balanced else "plain"
        save("selflabel", f"confidence_{name}_loss", torch.stack([loss, kept.sum()]).reshape(1, 2))
        save("selflabel", f"confidence_{name}_gradient", gradient)


if __name__ == "__main__":
    simclr()
    scan()
    information()
    confidence()
