"""features.py THREADS: ResNet-18 on batches of 128 views of 32 x 32, without gradient, in fp32
whatever precision ours takes: the published way."""

import sys

import torch
from measure import report, seconds_per_call
from network import Contrastive, random_views

torch.set_num_threads(int(sys.argv[1]))
backbone = Contrastive().backbone.eval()
views = random_views(128)
with torch.no_grad():
    seconds = seconds_per_call(lambda: backbone(views))
report("features", 128 / seconds, "images/s")
