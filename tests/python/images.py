"""Images for the tests: smooth like photographs, made from nothing but a seed."""

import numpy as np


def smooth_images(count, height, width, channels, seed):
    """[count, height·width·channels] in [0, 1]: a few long waves per image, the channels alike, one in eight partly black."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    images = np.full((count, height, width, channels), 0.5)
    for _ in range(6):
        frequency = random.uniform(0.2, 2.5, (count, 2, 1, 1))
        phase = random.uniform(0, 2 * np.pi, (count, 1, 1))
        wave = np.cos(2 * np.pi * (frequency[:, 0] * y + frequency[:, 1] * x) + phase)
        tint = random.uniform(0.6, 1.0, (count, 1, 1, channels)) * random.uniform(0.02, 0.25, (count, 1, 1, 1))
        images += wave[..., None] * tint
    images[::8, : height // 2] = 0
    return np.clip(images, 0, 1).reshape(count, -1)
