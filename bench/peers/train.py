"""train.py THREADS: one SimCLR step on 64 images (128 views of 32 x 32), loss as published, SGD,
in fp32 whatever precision ours takes: the published way."""

import sys

import torch
from measure import report, seconds_per_call
from network import Contrastive, random_views

IMAGES, TEMPERATURE = 64, 0.1

torch.set_num_threads(int(sys.argv[1]))
model = Contrastive().train()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
views = random_views(2 * IMAGES)
itself = torch.eye(IMAGES, 2 * IMAGES, dtype=torch.bool)


def step():
    embeddings = model(views).view(IMAGES, 2, -1)
    both = torch.cat(embeddings.unbind(1))
    similarities = embeddings[:, 0] @ both.T / TEMPERATURE
    similarities = similarities.masked_fill(itself, -torch.inf)
    loss = torch.nn.functional.cross_entropy(similarities, torch.arange(IMAGES) + IMAGES)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


report("train", 2 * IMAGES / seconds_per_call(step), "views/s")
