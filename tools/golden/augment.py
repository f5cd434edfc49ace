"""Golden files of nolabel/augment, made with Pillow and torchvision.

    python tools/golden/augment.py [PHOTO_32 PHOTO_LARGE]

Writes nolabel/augment/testdata/:
  images.txt, images.rgb          the inputs: "height width" a line, 8-bit RGB one after the other;
                                  only with the two photos, else the stored ones are used
  operations.txt, operations.rgb  "image name magnitude" a line, the expected pixels
  views.txt, views.f32            the parameters of whole views (see write_view), expected floats
  statistics.txt                  "recipe quantity mean standard-error" of random views
"""

import math
import pathlib
import random
import sys

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps
from torchvision import transforms
from torchvision.transforms import functional as F

OUT = pathlib.Path(__file__).resolve().parents[2] / "nolabel" / "augment" / "testdata"
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)
VIEWS = 20_000  # per recipe, for the statistics


def single(value):
    """The nearest single-precision number: what the C++ side works with."""
    return float(np.float32(value))


def affine(image, a, b, c, d, e, f):
    return image.transform(image.size, Image.Transform.AFFINE, (a, b, c, d, e, f))


# The strong operations and the ranges of their magnitudes, as docs of the field have them.
STRONG = {
    "identity": (lambda i, v: i, 0, 0),
    "autocontrast": (lambda i, v: ImageOps.autocontrast(i), 0, 0),
    "equalize": (lambda i, v: ImageOps.equalize(i), 0, 0),
    "rotate": (lambda i, v: i.rotate(v), -30, 30),
    "solarize": (lambda i, v: ImageOps.solarize(i, v), 0, 256),
    "color": (lambda i, v: ImageEnhance.Color(i).enhance(v), 0.05, 0.95),
    "contrast": (lambda i, v: ImageEnhance.Contrast(i).enhance(v), 0.05, 0.95),
    "brightness": (lambda i, v: ImageEnhance.Brightness(i).enhance(v), 0.05, 0.95),
    "sharpness": (lambda i, v: ImageEnhance.Sharpness(i).enhance(v), 0.05, 0.95),
    "shear_x": (lambda i, v: affine(i, 1, v, 0, 0, 1, 0), -0.1, 0.1),
    "translate_x": (lambda i, v: affine(i, 1, 0, v * i.width, 0, 1, 0), -0.1, 0.1),
    "translate_y": (lambda i, v: affine(i, 1, 0, 0, 0, 1, v * i.height), -0.1, 0.1),
    "posterize": (lambda i, v: ImageOps.posterize(i, int(v)), 4, 8),
    "shear_y": (lambda i, v: affine(i, 1, 0, 0, v, 1, 0), -0.1, 0.1),
}

# What ColorJitter and RandomGrayscale do.
JITTER = {
    "jitter_brightness": (F.adjust_brightness, (0.6, 1.0, 1.4)),
    "jitter_contrast": (F.adjust_contrast, (0.6, 1.37)),
    "jitter_saturation": (F.adjust_saturation, (0.0, 0.6, 1.4)),
    "jitter_hue": (F.adjust_hue, (-0.5, -0.1, 0.0, 0.003, 0.07, 0.5)),
}


def magnitudes(low, high):
    return [single(low + (high - low) * t) for t in ((0.5,) if low == high else (0, 0.13, 0.61, 0.99))]


def colors(height, width):
    """Every corner and edge of the color cube, and colors in between."""
    cube = np.array([0, 1, 64, 127, 128, 200, 254, 255], np.uint8)
    every = np.stack(np.meshgrid(cube, cube, cube), -1).reshape(-1, 3)
    return np.resize(every, (height, width, 3))


def write_images(small, large):
    tiny = Image.open(large).convert("RGB").resize((37, 23), Image.Resampling.BICUBIC)
    images = [np.asarray(Image.open(small).convert("RGB")), np.asarray(tiny), colors(16, 32)]
    (OUT / "images.txt").write_text("".join(f"{i.shape[0]} {i.shape[1]}\n" for i in images))
    (OUT / "images.rgb").write_bytes(b"".join(i.tobytes() for i in images))


def read_images():
    data, images = (OUT / "images.rgb").read_bytes(), []
    for line in (OUT / "images.txt").read_text().splitlines():
        height, width = map(int, line.split())
        size = height * width * 3
        pixels = np.frombuffer(data[:size], np.uint8).reshape(height, width, 3)
        images.append(Image.fromarray(pixels))
        data = data[size:]
    return images


def write_operations(images):
    lines, pixels = [], []

    def add(index, name, value, result):
        lines.append(f"{index} {name} {value!r}\n")
        pixels.append(result.tobytes())

    for index, image in enumerate(images):
        for name, (operation, low, high) in STRONG.items():
            for value in magnitudes(low, high):
                add(index, name, value, operation(image, value))
        for name, (operation, values) in JITTER.items():
            for value in map(single, values):
                add(index, name, value, operation(image, value))
        add(index, "grayscale", 0.0, F.rgb_to_grayscale(image, 3))
    (OUT / "operations.txt").write_text("".join(lines))
    (OUT / "operations.rgb").write_bytes(b"".join(pixels))


def finish(image):
    return F.normalize(F.to_tensor(image), MEAN, STD).permute(1, 2, 0).contiguous()


def crop_case(rng, image, size):
    """A view of standard or simclr; returns its parameters as words, and the view."""
    width, height = rng.randint(3, image.width), rng.randint(3, image.height)
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    view = F.resized_crop(image, top, left, height, width, (size, size), antialias=True)
    flip, grayscale = rng.random() < 0.5, rng.random() < 0.2
    if flip:
        view = F.hflip(view)
    words = ["crop", left, top, width, height, "flip", int(flip)]
    steps = rng.sample(list(JITTER), 4) if rng.random() < 0.8 else []
    for name in steps:
        factor = single(rng.uniform(-0.1, 0.1) if name == "jitter_hue" else rng.uniform(0.6, 1.4))
        view = JITTER[name][0](view, factor)
        words += ["color", name, repr(factor)]
    if grayscale:
        view = F.rgb_to_grayscale(view, 3)
        words.append("grayscale")
    return words, finish(view)


def strong_case(rng, image, size):
    left, top = rng.randint(0, image.width - size), rng.randint(0, image.height - size)
    flip = rng.random() < 0.5
    view = F.crop(image, top, left, size, size)
    if flip:
        view = F.hflip(view)
    words = ["crop", left, top, size, size, "flip", int(flip)]
    for _ in range(4):
        name = rng.choice(list(STRONG))
        operation, low, high = STRONG[name]
        value = single(rng.uniform(low, high))
        view = operation(view, value)
        words += ["strong", name, repr(value)]
    view = finish(view)
    top, left = rng.randint(0, size - 4), rng.randint(0, size - 4)
    bottom, right = rng.randint(top + 1, size), rng.randint(left + 1, size)
    view[top:bottom, left:right] = 0
    return words + ["hole", top, bottom, left, right], view


def write_views(images):
    rng = random.Random(11)
    lines, floats = [], []
    for number in range(16):
        index = number % 2  # the photos
        size = (16, 23)[number // 2 % 2]
        case = strong_case if number >= 8 else crop_case
        words, view = case(rng, images[index], size)
        lines.append(" ".join(map(str, [index, size, *words])) + "\n")
        floats.append(view.numpy().astype("<f4").tobytes())
    (OUT / "views.txt").write_text("".join(lines))
    (OUT / "views.f32").write_bytes(b"".join(floats))


def strong_view(image, size):
    view = transforms.RandomCrop(size)(transforms.RandomHorizontalFlip()(image))
    for _ in range(4):
        operation, low, high = random.choice(list(STRONG.values()))
        view = operation(view, random.uniform(low, high))
    view = finish(view)
    half = random.randint(1, 16) // 2
    y, x = random.randrange(size), random.randrange(size)
    view[max(0, y - half) : y + half, max(0, x - half) : x + half] = 0
    return view


def torchvision_recipe(scale, color):
    steps = [transforms.RandomResizedCrop(32, scale=scale), transforms.RandomHorizontalFlip()]
    if color:
        jitter = transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)
        steps += [transforms.RandomApply([jitter], 0.8), transforms.RandomGrayscale(0.2)]
    steps = transforms.Compose(steps)
    return lambda image: finish(steps(image))


def view_quantities(view):
    """What tells random recipes apart, of one view [H,W,3]; the same list as statistics_test.cc."""
    left, right = view[:, : view.shape[1] // 2].mean(), view[:, view.shape[1] // 2 :].mean()
    levels = (view * torch.tensor(STD) + torch.tensor(MEAN)) * 255
    return {
        "mean": view.mean().item(),
        "mean_squared": view.mean().item() ** 2,
        "deviation": view.std(correction=0).item(),
        "right_brighter": float(right > left),
        "gray": float((levels.amax(-1) - levels.amin(-1)).max() < 0.5),
        "corner": view[0, 0].mean().item(),
        "red_minus_blue": (view[..., 0] - view[..., 2]).mean().item(),
        "zeros": (view == 0).all(-1).float().mean().item(),
    }


def crop_quantities(image, scale):
    top, left, height, width = transforms.RandomResizedCrop.get_params(image, scale, [3 / 4, 4 / 3])
    area = height * width / (image.height * image.width)
    return {
        "area": area,
        "area_squared": area**2,
        "log_ratio": math.log(width / height),
        "log_ratio_squared": math.log(width / height) ** 2,
        "left": left,
        "top": top,
    }


def write_statistics(images):
    random.seed(5)
    torch.manual_seed(5)
    photo, wide = images[0], images[1]
    recipes = {
        "standard": lambda: view_quantities(standard(photo)),
        "simclr": lambda: view_quantities(simclr(photo)),
        "ours": lambda: view_quantities(strong_view(photo, 32)),
        "crop_standard": lambda: crop_quantities(wide, [0.08, 1.0]),
        "crop_simclr": lambda: crop_quantities(wide, [0.2, 1.0]),
    }
    standard, simclr = torchvision_recipe((0.08, 1), False), torchvision_recipe((0.2, 1), True)
    lines = []
    for recipe, draw in recipes.items():
        rows = [draw() for _ in range(VIEWS)]
        for name in rows[0]:
            values = np.array([row[name] for row in rows])
            error = values.std() / math.sqrt(VIEWS)
            lines.append(f"{recipe} {name} {values.mean():.8g} {error:.3g}\n")
    (OUT / "statistics.txt").write_text("".join(lines))


def main():
    OUT.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    if len(sys.argv) == 3:
        write_images(*sys.argv[1:])
    images = read_images()
    write_operations(images)
    write_views(images)
    write_statistics(images)


if __name__ == "__main__":
    main()
