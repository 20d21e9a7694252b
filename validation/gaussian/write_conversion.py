#!/usr/bin/python3
"""Writes tests/data/gaussian/conversion.npz: what the founding notebook computes, by NumPy as it does, for some neurons.

<i>/weights, bias, sigma    the classical neuron W [2], b [1], and σ [1]
<i>/centre, bias_back       c = −b/|W|² W, and −W · c
<i>/linear, gauss, activity  least, largest and sum over the points of arange(−8, 8.1, 0.1)²
Neuron 0 is the notebook's own; 1 and 2 have W₁ = 0 and W₂ = 0, 3 has b = 0; 4 and 5 are drawn as it draws them.
"""
import pathlib
import sys

import numpy as np

rng = np.random.default_rng(6)
NEURONS = [([51, 98], 861.2337694), ([0, 37], -120.5), ([-64, 0], 55.25), ([3, -4], 0.0)]
NEURONS += [(rng.integers(-100, 100, 2), 2000 * (rng.random() - 0.5)) for _ in range(2)]


def main():
    table = {}
    axis = np.arange(-8, 8.1, 0.1)
    first, second = np.meshgrid(axis, axis)
    points = np.stack([first.ravel(), second.ravel()], 1)
    for i, (weights, bias) in enumerate(NEURONS):
        w = np.array(weights, float)
        centre = -bias / np.dot(w, w) * w
        linear = np.sum(w * points, axis=1) + bias
        gauss = np.exp(-np.sum(np.square(points - centre), axis=1) / 2**2)
        table.update({f"{i}/weights": w, f"{i}/bias": np.array([bias]), f"{i}/sigma": np.array([2.0]), f"{i}/centre": centre,
                      f"{i}/bias_back": np.array([-np.dot(w, centre)])})  # fmt: skip
        table.update({f"{i}/{name}": np.array([a.min(), a.max(), a.sum()]) for name, a in
                      (("linear", linear), ("gauss", gauss), ("activity", linear * gauss))})  # fmt: skip
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "tests/data/gaussian/conversion.npz"
    np.savez_compressed(out, **table)
    print(out, "NumPy", np.__version__)


if __name__ == "__main__":
    main()
