"""Folders as timm writes them for the hub of Hugging Face, and what timm makes of them:

  python tools/golden/timm_folders.py FOLDER [ARCHITECTURE ...]

Writes a folder of each case (config.json beside model.safetensors, random weights, one block where
it is a vision transformer), two pictures that are not square, and golden.safetensors: CASE/features
of rough() views, and CASE/PICTURE, the view [H,W,3] that timm makes of it
(nolabel/pipeline/timm_folder_live_test.cc). With architectures, only these, and no views of
pictures.
"""

import pathlib
import sys

import timm
import torch
from hugging_face import SIZES, picture
from model import rough
from PIL import Image
from safetensors.torch import save_file
from timm.models import save_for_hf

# An architecture, and how its pretrained_cfg differs from timm's.
CASES = {
    "token": ("vit_tiny_patch16_224.augreg_in21k_ft_in1k", {}),
    "squash": ("deit3_small_patch16_224", dict(crop_mode="squash", crop_pct=0.95)),
    "gap_16_heads": ("vit_base_patch16_gap_224", dict(crop_pct=1.0, interpolation="bilinear")),
    "registers": ("vit_little_patch16_reg4_gap_256", dict(interpolation="lanczos")),
    "clip": ("vit_base_patch32_clip_224", {}),
    "quick_clip": ("vit_base_patch32_clip_quickgelu_224", {}),
    "siglip": ("vit_base_patch16_siglip_224", dict(crop_mode="squash", crop_pct=1.0)),
    "siglip_tanh": ("vit_base_patch32_siglip_256", {}),
    "siglip_gap": ("vit_base_patch32_siglip_gap_256", {}),
    "resnet": ("resnet18", dict(interpolation="nearest")),
    "bottleneck": ("resnet50.a1_in1k", {}),
    "lite": ("tf_efficientnet_lite0.in1k", {}),
}


def perturb(model):
    """Scales, biases and statistics that begin at zero or one would hide mistakes."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(0.1 * torch.randn_like(buffer))
            if name.endswith("running_var"):
                buffer.copy_(1 + 0.1 * torch.rand_like(buffer))


def main(folder, architectures):
    golden = {}
    pictures = {name: Image.fromarray(picture(*size)) for name, size in SIZES.items()}
    for name, image in pictures.items():
        image.save(folder / f"{name}.png")
    cases = {name: (name, {}) for name in architectures} or CASES
    for case, (architecture, overlay) in cases.items():
        torch.manual_seed(1)
        more = {"depth": 1} if "vit" in architecture or "deit" in architecture else {}
        model = timm.create_model(architecture, num_classes=0, pretrained_cfg_overlay=overlay, **more)
        perturb(model.eval())
        save_for_hf(model, folder / case, safe_serialization=True)
        data = timm.data.resolve_data_config({}, pretrained_cfg=model.pretrained_cfg)
        with torch.no_grad():
            views = rough((2, *data["input_size"]), 0.5)
            golden[f"{case}/features"] = model.double()(views).contiguous()
        transform = timm.data.create_transform(**data)
        for name, image in ({} if architectures else pictures).items():
            golden[f"{case}/{name}"] = transform(image).permute(1, 2, 0).contiguous()
    save_file(golden, folder / "golden.safetensors")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
