#!/usr/bin/python3
"""Writes tests/data/backprop/augmentation.npz: augmented images, computed with NumPy and SciPy in float64.

images       uint8 [3, 2, 9, 12]: three samples of two channels
ids          their numbers in the data set
<case>/out   float64 like images: what training with seed 5 sees in epoch 7
<case>/bend  (cases with elastic) the displacement [3, 9, 2, 12]: in each row first along x, then along y
Philox4x32-10 and FNV-1a are written out here once more, after Random123's paper and its known answers, so that nothing of
Neurarium is needed. Smoothing is scipy.ndimage.gaussian_filter, looking up is scipy.ndimage.map_coordinates.
"""
import pathlib
import sys

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

SEED, EPOCH = 5, 7
CASES = {
    "shift": dict(shift=2.5),
    "rotate": dict(rotate=40.0),
    "scale": dict(scale=0.4),
    "shear": dict(shear=25.0),
    "flip": dict(flip=True),
    "elastic": dict(elastic=1.5, elastic_sigma=2.0),
    "all": dict(shift=1.0, rotate=15.0, scale=0.2, shear=10.0, elastic=0.7, elastic_sigma=1.3, flip=True),
}


def philox(key, counter):
    """Philox4x32-10 (Salmon et al., SC 2011)."""
    k, c = [int(v) for v in key], [int(v) for v in counter]
    for _ in range(10):
        low, high = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(high >> 32) ^ c[1] ^ k[0], high & 0xFFFFFFFF, (low >> 32) ^ c[3] ^ k[1], low & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def fnv1a(text):
    value = 2166136261
    for byte in text.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def either_side(bits):
    """32 bits, read as a signed number, over 2^31."""
    return (bits - (1 << 32) if bits >> 31 else bits) / 2.0**31


def bend_of(sample, height, width, elastic, sigma):
    blocks = [philox((SEED, fnv1a("augmentation")), (EPOCH, sample, 1, i)) for i in range((height * width + 1) // 2)]
    numbers = np.array([either_side(v) for block in blocks for v in block]).reshape(-1, 2)[: height * width]
    smooth = [gaussian_filter(numbers[:, i].reshape(height, width), sigma, mode="constant", truncate=4) for i in (0, 1)]
    impulse = np.zeros(2 * int(4 * sigma + 0.5) + 1)
    impulse[len(impulse) // 2] = 1
    weights = gaussian_filter(impulse, sigma, mode="constant", truncate=4)
    deviation = np.sqrt(1 / 3) * (weights**2).sum()  # of the smoothed field, far from edges
    return np.stack(smooth) * elastic / deviation


def augmented(image, sample, shift=0.0, rotate=0.0, scale=0.0, shear=0.0, elastic=0.0, elastic_sigma=4.0, flip=False):
    key = (SEED, fnv1a("augmentation"))
    first, second = philox(key, (EPOCH, sample, 0, 0)), philox(key, (EPOCH, sample, 0, 1))
    t = shift * np.array([either_side(first[0]), either_side(first[1])])
    theta, phi = np.radians(rotate * either_side(first[2])), np.radians(shear * either_side(second[0]))
    s = (1 + scale) ** either_side(first[3])
    mirror = np.diag([-1.0 if flip and second[1] >> 31 else 1.0, 1.0])
    turn = np.array([[np.cos(theta), np.sin(theta)], [-np.sin(theta), np.cos(theta)]])
    lean = np.array([[1, -np.tan(phi)], [0, 1]])
    back = np.linalg.inv(turn @ lean @ (s * np.eye(2)) @ mirror)
    height, width = image.shape[1:]
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    y, x = np.mgrid[:height, :width]
    place = back @ (np.stack([x.ravel(), y.ravel()]) - (centre + t)[:, None]) + centre[:, None]
    bend = bend_of(sample, height, width, elastic, elastic_sigma) if elastic else np.zeros((2, height, width))
    place = place.reshape(2, height, width) + bend
    out = [map_coordinates(channel.astype(float), place[::-1], order=1, mode="grid-constant", cval=0) for channel in image]
    return np.stack(out), bend.transpose(1, 0, 2)


def main():
    # Random123's known answers.
    assert philox((0, 0), (0, 0, 0, 0)) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    assert philox((0xA4093822, 0x299F31D0), (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)) == \
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]
    rng = np.random.default_rng(4)
    table = {"images": rng.integers(0, 256, (3, 2, 9, 12), dtype=np.uint8), "ids": np.array([0, 17, 59999])}
    for name, settings in CASES.items():
        pairs = [augmented(image, sample, **settings) for image, sample in zip(table["images"], table["ids"])]
        table[f"{name}/out"] = np.stack([out for out, _ in pairs])
        if "elastic" in settings:
            table[f"{name}/bend"] = np.stack([bend for _, bend in pairs])
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else \
        pathlib.Path(__file__).resolve().parents[2] / "tests/data/backprop/augmentation.npz"
    np.savez_compressed(path, **table)


if __name__ == "__main__":
    main()
