"""The pictures that golden files of nolabel/image show, and what is computed from them."""

import numpy as np
from PIL import Image


def scene(width=48, height=40):
    """Smooth color with edges: an asymmetric picture, so that a wrong mirroring shows."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    rgb = np.stack([255 * x / width, 255 * y / height, 127 + 90 * np.sin(x / 5 + y / 7)], -1)
    rgb[height // 5 : height // 2, width // 6 : width // 3] = (230, 40, 20)
    rgb[height // 2 :, width - 8 :] = (10, 60, 200)
    return Image.fromarray(rgb.round().astype(np.uint8))


def alpha_channel(width=48, height=40):
    y, x = np.mgrid[0:height, 0:width].astype(float)
    alpha = 255 * np.clip(np.hypot(x - width / 2, y - height / 2) / 18 - 0.3, 0, 1)
    return Image.fromarray(alpha.round().astype(np.uint8))


def over_white(color, alpha):
    opacity = alpha[..., None] / 255
    return (color * opacity + 255 * (1 - opacity)).round().astype(np.uint8)


def stretched(levels):
    """The lowest level becomes black, the highest white."""
    low, high = levels.min(), levels.max()
    return ((levels - low) * (255 / (high - low)) + 0.5).astype(np.uint8)
