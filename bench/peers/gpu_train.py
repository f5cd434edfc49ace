"""gpu_train.py FOLDER IMAGES [alone]: SimCLR training of ResNet-18 (32 px) by PyTorch on this GPU.

The step alone, on views that lie on the GPU, in three ways: as published (fp32, NCHW), in bf16 with
channels last and fused SGD, and that compiled. Then whole training from FOLDER's pictures (IMAGES
of a batch) as PyTorch users write it: torchvision's transforms in one DataLoader worker per core (not with `alone`).
"""

import os
import sys
import time

import torch
from measure import report
from network import Contrastive, random_views
from torchvision import datasets, transforms

FOLDER, IMAGES, TEMPERATURE = sys.argv[1], int(sys.argv[2]), 0.1
ALONE = "alone" in sys.argv[3:]
STEPS = 20


class Training:
    def __init__(self, bf16, compiled=False):
        self.bf16 = bf16
        self.format = torch.channels_last if bf16 else torch.contiguous_format
        model = Contrastive().cuda().to(memory_format=self.format).train()
        self.model = torch.compile(model) if compiled else model
        self.optimizer = torch.optim.SGD(
            model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, fused=bf16
        )

    def step(self, views):
        images = len(views) // 2
        with torch.autocast("cuda", torch.bfloat16, enabled=self.bf16):
            embeddings = self.model(views).float().view(images, 2, -1)
        both = torch.cat(embeddings.unbind(1))
        similarities = embeddings[:, 0] @ both.T / TEMPERATURE
        itself = torch.eye(images, 2 * images, dtype=torch.bool, device="cuda")
        loss = torch.nn.functional.cross_entropy(
            similarities.masked_fill(itself, -torch.inf),
            torch.arange(images, device="cuda") + images,
        )
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss


def step_alone(name, training):
    views = random_views(2 * IMAGES).cuda().to(memory_format=training.format)
    seconds = []
    for _ in range(4):  # the first one warms up
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(STEPS):
            loss = training.step(views)
        loss.item()
        seconds.append(time.perf_counter() - start)
    report(name, 2 * IMAGES * STEPS / min(seconds[1:]), "views/s")


def transform():
    jitter = transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)
    return transforms.Compose([
        transforms.RandomResizedCrop(32, scale=(0.2, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomApply([jitter], p=0.8),
        transforms.RandomGrayscale(p=0.2),
        transforms.ToTensor(),
        transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)),
    ])


class TwoViews(torch.utils.data.Dataset):
    """The pictures in memory, as CIFAR-10's own class has them."""

    def __init__(self, folder, count):
        pictures = datasets.ImageFolder(folder)
        chosen = pictures.samples[:: max(len(pictures) // count, 1)][:count]
        self.pictures = [pictures.loader(path) for path, _ in chosen]
        self.transform = transform()

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, i):
        return torch.stack([self.transform(self.pictures[i]) for _ in range(2)])


def whole_training():
    loader = torch.utils.data.DataLoader(
        TwoViews(FOLDER, 20 * IMAGES), IMAGES, shuffle=True, drop_last=True, pin_memory=True,
        num_workers=len(os.sched_getaffinity(0)), persistent_workers=True,
    )
    training = Training(bf16=True)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        for views in loader:
            views = views.flatten(0, 1).cuda(non_blocking=True)
            loss = training.step(views.to(memory_format=training.format))
        loss.item()
        seconds.append(time.perf_counter() - start)
    report("PyTorch bf16 with a DataLoader", 2 * IMAGES * 20 / min(seconds[1:]), "views/s")


torch.backends.cudnn.benchmark = True
step_alone("PyTorch fp32, step alone", Training(bf16=False))
step_alone("PyTorch bf16 channels last, step alone", Training(bf16=True))
step_alone("PyTorch bf16 compiled, step alone", Training(bf16=True, compiled=True))
if not ALONE:
    whole_training()
