#!/usr/bin/python3
"""Writes tests/data/topographic/measures.npz: a small random code and its measures, in plain NumPy.

A map of 4 rows × 6 columns of 2×3 colour images, 40 images; the definitions of docs/topographic-map.md, written out once
more and as literally as possible. Nothing of Neurarium is imported. Run it from anywhere; it prints where it wrote.
"""
import pathlib
import sys

import numpy as np

ROWS, COLUMNS, HEIGHT, WIDTH, IMAGES = 4, 6, 2, 3, 40


def order(rows, d):
    """Mean correlation at each distance, far, and the share of the eight most alike within distance 2."""
    units = len(rows)
    c = np.corrcoef(rows)
    pairs = np.triu(np.ones((units, units), bool), 1)
    at = np.array([0.0] + [c[pairs & (d == k)].mean() for k in range(1, d.max() + 1)])
    far = c[pairs & (d >= COLUMNS // 2)].mean()
    near = 0
    for n in range(units):
        others = sorted((m for m in range(units) if m != n), key=lambda m: -c[n, m])[:8]
        near += sum(d[n, m] <= 2 for m in others)
    return at, far, near / (8 * units)


def sparseness(o):
    """Treves-Rolls over the last axis, normalised, then the mean."""
    n = o.shape[-1]
    return np.mean((1 - o.mean(-1) ** 2 / (o**2).mean(-1)) / (1 - 1 / n))


def main():
    g = np.random.default_rng(3)
    units, inputs = ROWS * COLUMNS, HEIGHT * WIDTH * 3
    y, x = np.divmod(np.arange(units), COLUMNS)
    d = np.maximum(abs(y[:, None] - y), abs(x[:, None] - x))
    # Weights that follow the place on the map, so that neighbours are alike; some 0, some above 1.
    w = np.abs(np.cos(0.5 * y[:, None] + np.arange(inputs)) + np.sin(0.6 * x[:, None] * np.arange(inputs) / 9))
    w = w * g.uniform(0.2, 1.0, w.shape)
    w[g.random(w.shape) < 0.2] = 0
    w[3, 2] = 1e-12
    v = g.uniform(0, 1, (IMAGES, inputs))
    v[5] = 0
    v[:, 4] = 0
    o = 1 / (1 + np.exp(-(0.8 * v @ w.T - 4 + g.normal(0, 1, (IMAGES, units)))))
    o[:, 7] = 1e-4 * g.random(IMAGES)
    o[11] *= 0.1
    r = o @ w

    e = v - r
    gain = (v * r).sum(1) / (r * r).sum(1)
    colour = w.reshape(units, -1, 3).sum(1)
    colour = colour / colour.sum(1, keepdims=True)
    difference = np.linalg.norm(colour[:, None] - colour, axis=2)
    pairs = np.triu(np.ones((units, units), bool), 1)
    on = o > 0.5
    root = np.sqrt(inputs)
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithm = np.where(v > 0, v * np.log(v / r), 0)
    out = {
        "v": v, "o": o, "r": r, "w": w,
        "mean_activity": o.mean(),
        "border_activity": o[:, (y == ROWS - 1) | (x == COLUMNS - 1)].mean(),
        "snr_db": 10 * np.log10((v**2).sum() / (e**2).sum()),
        "gain_corrected_snr_db": 10 * np.log10((v**2).sum() / ((v - gain[:, None] * r) ** 2).sum()),
        "kl_divergence": (logarithm - v + r).sum(1).mean(),
        "population_sparseness": sparseness(o),
        "lifetime_sparseness": sparseness(o.T),
        "max_share_on": on.mean(1).max(),
        "mean_share_on": on.mean(),
        "silent_images": (on.mean(1) < 0.005).mean(),
        "dead_units": float((o.mean(0) < 1e-3).sum()),
        "share_of_zero_weights": (w <= 1e-10).mean(),
        "share_of_weights_above_one": (w > 1).mean(),
        "weight_hoyer_sparseness": np.mean((root - w.sum(1) / np.sqrt((w**2).sum(1))) / (root - 1)),
        "largest": w.max(),
        "knn8_chance": np.mean([[d[a, b] <= 2 for b in range(units) if b != a] for a in range(units)]),
        "colour_smoothness": difference[pairs & (d == 1)].mean() / difference[pairs].mean(),
    }
    for name, rows in (("weights", w), ("responses", o.T)):
        out[f"{name}.at_distance"], out[f"{name}.far"], out[f"{name}.knn8"] = order(rows, d)
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "tests/data/topographic/measures.npz"
    np.savez(path, **{name: np.asarray(value, float) for name, value in out.items()})
    print(path)
    for name, value in out.items():
        if np.ndim(value) == 0:
            print(f"  {name} {value:.6f}")


if __name__ == "__main__":
    main()
