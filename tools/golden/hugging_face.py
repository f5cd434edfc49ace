"""Golden views of transformers' processors of pictures, computed in the peers' environment:

  python tools/golden/hugging_face.py FOLDER

Writes two pictures that are not square, a folder of each processor (config.json and
preprocessor_config.json, as transformers writes them or as files of earlier versions are), and the
views in golden.safetensors: PROCESSOR/PICTURE by Pillow and PROCESSOR/PICTURE/torchvision by
tensors, both [H,W,3] (nolabel/pipeline/hugging_face_live_test.cc).
"""

import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import (
    BitImageProcessor,
    BitImageProcessorPil,
    CLIPImageProcessor,
    CLIPImageProcessorPil,
    DeiTImageProcessor,
    DeiTImageProcessorPil,
    SiglipImageProcessor,
    SiglipImageProcessorPil,
    ViTImageProcessor,
    ViTImageProcessorPil,
)

IMAGENET = dict(image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
# A processor by Pillow, the same by tensors, the type of its network, and its settings.
VIT = (ViTImageProcessorPil, ViTImageProcessor, "vit")
CLIP = (CLIPImageProcessorPil, CLIPImageProcessor, "clip")
DINO = (BitImageProcessorPil, BitImageProcessor, "dinov2")
SIGLIP = (SiglipImageProcessorPil, SiglipImageProcessor, "siglip")
DEIT = (DeiTImageProcessorPil, DeiTImageProcessor, "deit")
CASES = {
    "vit": (*VIT, {}),
    "clip": (*CLIP, {}),
    "dinov2": (*DINO, dict(size={"shortest_edge": 256}, **IMAGENET)),
    "siglip": (*SIGLIP, {}),
    "deit": (*DEIT, {}),
    "vit_not_rescaled": (*VIT, dict(do_rescale=False)),
    "vit_not_normalised": (*VIT, dict(do_normalize=False)),
    "vit_to_one": (*VIT, dict(rescale_factor=1 / 127.5, image_mean=[1, 1, 1], image_std=[1, 1, 1])),
    "clip_336": (*CLIP, dict(size={"shortest_edge": 336}, crop_size=336)),
    "clip_box": (*CLIP, dict(resample=Image.Resampling.BOX)),
    "clip_lanczos": (*CLIP, dict(resample=Image.Resampling.LANCZOS)),
    "clip_nearest": (*CLIP, dict(resample=Image.Resampling.NEAREST)),
    "siglip_hamming": (*SIGLIP, dict(resample=Image.Resampling.HAMMING)),
}
# Settings as earlier versions wrote them: a size is a number, and what was the rule is left out.
EARLIER = {
    "vit": (*VIT, dict(size=224, resample=2, feature_extractor_type="ViTFeatureExtractor")),
    "clip": (*CLIP, dict(size=224, crop_size=224, feature_extractor_type="CLIPFeatureExtractor")),
}
# torchvision has no other filters, and its `nearest` takes other pixels than Pillow's.
FILTERS_OF_TENSORS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)
SIZES = {"wide": (231, 157), "high": (380, 500)}


def picture(width, height):
    """Waves of several lengths, with noise: every filter and shift shows."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    noise = np.random.default_rng(width).integers(-40, 40, (height, width, 3))
    waves = [np.sin(x / 9 + y / 31), np.sin(x / 3 - y / 5), np.sin(x * y / 900)]
    return np.clip(np.stack(waves, -1) * 100 + 128 + noise, 0, 255).astype(np.uint8)


def main(folder):
    pictures = {}
    for name, size in SIZES.items():
        pictures[name] = Image.fromarray(picture(*size))
        pictures[name].save(folder / f"{name}.png")
    golden = {}

    def add(name, by_pillow, by_tensors, model_type, write):
        here = folder / name
        here.mkdir()
        write(here)
        (here / "config.json").write_text(json.dumps({"model_type": model_type}))
        for kind, processor in {"": by_pillow, "/torchvision": by_tensors}.items():
            for of, image in pictures.items():
                if kind and processor.resample not in FILTERS_OF_TENSORS:
                    continue
                views = processor(image, return_tensors="pt").pixel_values[0].float()
                golden[f"{name}/{of}{kind}"] = views.permute(1, 2, 0).contiguous()

    for name, (pillow, tensors, model_type, settings) in CASES.items():
        processor = pillow(**settings)
        add(name, processor, tensors(**settings), model_type, processor.save_pretrained)
    for name, (pillow, tensors, model_type, settings) in EARLIER.items():
        add(f"earlier_{name}", pillow.from_dict(dict(settings)), tensors.from_dict(dict(settings)),
            model_type, lambda here: (here / "preprocessor_config.json").write_text(
                json.dumps(settings)))  # fmt: skip
    save_file(golden, folder / "golden.safetensors")


if __name__ == "__main__":
    torch.manual_seed(0)
    main(pathlib.Path(sys.argv[1]))
