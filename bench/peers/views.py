"""views.py RECIPE IMAGES.npy: torchvision's transforms on Pillow images, one core.

`simclr` is the published recipe in torchvision's own transforms; `ours` (RandAugment-like strong
views) draws four of fourteen Pillow operations, then cuts out a square.
"""

import random
import sys

import numpy as np
import torch
from measure import report, seconds_per_call
from PIL import Image, ImageEnhance, ImageOps
from torchvision import transforms

SIDE = 32
torch.set_num_threads(1)
random.seed(1)

normalize = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))


def affine(image, a=1.0, b=0.0, c=0.0, d=0.0, e=1.0, f=0.0):
    return image.transform(image.size, Image.Transform.AFFINE, (a, b, c, d, e, f))


def signed(value):
    return random.choice((-value, value))


OPERATIONS = (
    lambda image, u: image,
    lambda image, u: ImageOps.autocontrast(image),
    lambda image, u: ImageOps.equalize(image),
    lambda image, u: image.rotate(signed(30 * u)),
    lambda image, u: ImageOps.solarize(image, int(256 * u)),
    lambda image, u: ImageEnhance.Color(image).enhance(0.05 + 0.9 * u),
    lambda image, u: ImageEnhance.Contrast(image).enhance(0.05 + 0.9 * u),
    lambda image, u: ImageEnhance.Brightness(image).enhance(0.05 + 0.9 * u),
    lambda image, u: ImageEnhance.Sharpness(image).enhance(0.05 + 0.9 * u),
    lambda image, u: affine(image, b=signed(0.1 * u)),
    lambda image, u: affine(image, c=signed(0.1 * u) * image.size[0]),
    lambda image, u: affine(image, f=signed(0.1 * u) * image.size[1]),
    lambda image, u: ImageOps.posterize(image, int(4 + 4 * u)),
    lambda image, u: affine(image, d=signed(0.1 * u)),
)


def strong_operations(image):
    for operation in random.choices(OPERATIONS, k=4):
        image = operation(image, random.random())
    return image


def cutout(view):
    half = random.randint(1, 16) // 2
    y, x = random.randrange(SIDE), random.randrange(SIDE)
    view[:, max(0, y - half) : y + half, max(0, x - half) : x + half] = 0
    return view


RECIPES = {
    "simclr": transforms.Compose(
        [
            transforms.RandomResizedCrop(SIDE, scale=(0.2, 1.0)),
            transforms.RandomHorizontalFlip(),
            transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
            transforms.RandomGrayscale(p=0.2),
            transforms.ToTensor(),
            normalize,
        ]
    ),
    "ours": transforms.Compose(
        [
            transforms.RandomHorizontalFlip(),
            transforms.RandomCrop(SIDE),
            strong_operations,
            transforms.ToTensor(),
            normalize,
            cutout,
        ]
    ),
}

recipe = RECIPES[sys.argv[1]]
pixels = np.load(sys.argv[2]).astype(np.uint8).reshape(-1, SIDE, SIDE, 3)
images = [Image.fromarray(image) for image in pixels]
seconds = seconds_per_call(lambda: [recipe(image) for image in images])
report("views", len(images) / seconds, "views/s")
