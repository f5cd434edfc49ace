"""backbones.py THREADS NETWORK: timm's model of the same network with random weights, in PyTorch's
best form on a CPU: bf16, inference mode, channels-last for convolutions, fused attention. NETWORK:
vit-s14, resnet50 or lite0. Batches as ours."""

import sys

import timm
import torch
from measure import report, seconds_per_call

NAMES = {"vit-s14": "vit_small_patch14_dinov2", "resnet50": "resnet50",
         "lite0": "tf_efficientnet_lite0"}
IMAGES = 20

torch.set_num_threads(int(sys.argv[1]))
network = sys.argv[2]
size = {"img_size": 224} if network.startswith("vit") else {}
model = timm.create_model(NAMES[network], pretrained=False, num_classes=0, **size)
model = model.eval().to(torch.bfloat16)
views = torch.randn(IMAGES, 3, 224, 224).to(torch.bfloat16)
if not size:
    model = model.to(memory_format=torch.channels_last)
    views = views.contiguous(memory_format=torch.channels_last)
with torch.inference_mode():
    seconds = seconds_per_call(lambda: model(views))
report("features", IMAGES / seconds, "images/s")
