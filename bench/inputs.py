"""Inputs that both sides of a benchmark read, made anew from a fixed seed."""

import numpy as np
from PIL import Image, ImageFilter

SEED = 1


def photo(path, width, height):
    """A JPEG with detail at all scales, as a camera's photo has (white noise would be unfair)."""
    generator = np.random.default_rng(SEED)
    total = np.zeros((height, width, 3), np.float32)
    for step in (4, 16, 64, 256):
        small = generator.integers(0, 256, (height // step + 1, width // step + 1, 3), np.uint8)
        layer = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(layer, np.float32) / 4
    image = Image.fromarray(total.astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.5))
    image.save(path, quality=90)


def folder_of_photos(folder, count, width, height):
    """So many different cuts of one photo, as a folder of pictures."""
    folder.mkdir()
    photo(folder / "whole.jpg", width + 8 * count, height)
    whole = Image.open(folder / "whole.jpg")
    for i in range(count):
        cut = whole.crop((8 * i, 0, 8 * i + width, height))
        cut.save(folder / f"{i:04}.jpg", quality=90)
    (folder / "whole.jpg").unlink()


def small_images(path, count):
    """[count, 32*32*3] smooth random images of 32 x 32 as numbers 0..255."""
    generator = np.random.default_rng(SEED)
    images = []
    for _ in range(count):
        coarse = Image.fromarray(generator.integers(0, 256, (8, 8, 3), np.uint8))
        images.append(np.asarray(coarse.resize((32, 32), Image.Resampling.BICUBIC)).reshape(-1))
    np.save(path, np.stack(images).astype(np.float32))


def features(path, count, dimensions):
    """[count, dimensions] unit vectors around 10 directions, as a trained backbone gives them."""
    generator = np.random.default_rng(SEED)
    centres = generator.standard_normal((10, dimensions))
    rows = centres[generator.integers(0, 10, count)]
    rows += generator.standard_normal((count, dimensions))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    np.save(path, rows.astype(np.float32))


def manifold_features(path, count, dimensions):
    """[count, dimensions] unit vectors on a curved surface of few dimensions, as a trained backbone
    gives them: 100 overlapping groups of points in 24 dimensions, through a random network of two
    ReLU layers, and a little noise. Against CIFAR-10's training images embedded by the starter
    (50,000 x 256; in brackets): intrinsic dimension by Levina and Bickel's estimate 19 (14), lists
    of 447 that hold 95 % of the neighbors 18 (14), so slightly harder for approximate search."""
    generator = np.random.default_rng(SEED)
    latent, groups, width, noise = 24, 100, 512, 0.02
    centres = generator.standard_normal((groups, latent), dtype=np.float32)
    first = generator.standard_normal((latent, width), dtype=np.float32) / np.sqrt(latent)
    second = generator.standard_normal((width, dimensions), dtype=np.float32) * np.sqrt(2 / width)
    rows = np.empty((count, dimensions), np.float32)
    for begin in range(0, count, 10_000):
        some = rows[begin : begin + 10_000]
        points = centres[generator.integers(0, groups, len(some))]
        points += generator.standard_normal(points.shape, dtype=np.float32)
        some[:] = np.maximum(np.maximum(points @ first, 0) @ second.astype(np.float32), 0)
        some += noise * generator.standard_normal(some.shape, dtype=np.float32)
        some /= np.linalg.norm(some, axis=1, keepdims=True)
    np.save(path, rows)


def clusters_and_classes(path, count):
    """[count, 2] clusters that agree with the classes for four images in five."""
    generator = np.random.default_rng(SEED)
    classes = generator.integers(0, 10, count)
    clusters = np.where(generator.random(count) < 0.8, classes, generator.integers(0, 10, count))
    np.save(path, np.stack([clusters, classes], axis=1).astype(np.int64))


def neighbor_table(path, count, neighbors):
    """[count, neighbors+1] each point and its nearest, of points around 20 overlapping centres."""
    generator = np.random.default_rng(SEED)
    points = 0.35 * generator.standard_normal((20, 64))[generator.integers(0, 20, count)]
    points += generator.standard_normal((count, 64))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points = points.astype(np.float32)
    table = np.empty((count, neighbors + 1), np.int64)
    for begin in range(0, count, 1000):
        similarities = points[begin : begin + 1000] @ points.T
        nearest = np.argpartition(-similarities, neighbors, axis=1)[:, : neighbors + 1]
        order = np.argsort(-np.take_along_axis(similarities, nearest, axis=1), axis=1)
        table[begin : begin + 1000] = np.take_along_axis(nearest, order, axis=1)
    np.save(path, table)
