#!/usr/bin/python3
"""Writes tests/data/backprop/xor_surface.npz: the lecture's error surface, from the notebook's own fprop in NumPy.

surface    E(w5, w6) on the notebook's grid, [w6, w5], sum of squares without the half
all_pairs  for every pair (i < j) of w1 … w6, b1 … b3: E at three points, to check the names of all nine weights
slice      E_0 … E_3 along w5 = w, w6 = w + 2 on the same grid, without the half
walks      60 steps of (w5, w6) alone on half the sum: gradient descent (rate 20), the same with momentum 0.9, Adam (rate 0.1)
descent    ten steps of gradient descent on all nine weights, gradients by complex steps (exact to rounding)
Nothing of Neurarium is imported.
"""
import itertools
import pathlib
import sys

import numpy as np

X = np.array([[0, 1], [1, 0], [0, 0], [1, 1]])
Y = np.array([1, 1, 0, 0])
DEFAULTS = dict(w1=0.1, w2=0.2, b1=0.1, w3=-0.2, w4=0.2, b2=-0.1, w5=-0.3, w6=-0.25, b3=0.2)


def logit(a):
    return 1.0 / (1 + np.exp(-a))


def fprop(x1, x2, w1=0.1, w2=0.2, b1=0.1, w3=-0.2, w4=0.2, b2=-0.1, w5=-0.3, w6=-0.25, b3=0.2):
    return logit(b1 + w1 * logit(b2 + w3 * x1 + w4 * x2) + w2 * logit(b3 + w5 * x1 + w6 * x2))


def error(**weights):
    return sum((fprop(X[n, 0], X[n, 1], **weights) - Y[n]) ** 2 for n in range(4))


def slope_of(at):
    """∂/∂(w5, w6) of half the sum, by complex steps."""
    h = 1e-30
    return np.array([np.imag(0.5 * error(w5=at[0] + 1j * h, w6=at[1])) / h, np.imag(0.5 * error(w5=at[0], w6=at[1] + 1j * h)) / h])


def walk(rule):
    at = np.array([DEFAULTS["w5"], DEFAULTS["w6"]])
    memory, path = {}, [at]
    for step in range(1, 61):
        at = at - rule(slope_of(at), memory, step)
        path.append(at)
    return path


def descent(g, memory, step):
    return 20.0 * g


def momentum(g, memory, step):
    memory["v"] = 0.9 * memory.get("v", 0) + g
    return 20.0 * memory["v"]


def adam(g, memory, step):
    memory["m"] = 0.9 * memory.get("m", 0) + 0.1 * g
    memory["s"] = 0.999 * memory.get("s", 0) + 0.001 * g**2
    return 0.1 * (memory["m"] / (1 - 0.9**step)) / (np.sqrt(memory["s"] / (1 - 0.999**step)) + 1e-8)


def main():
    grid = np.arange(-10, 10, 0.25)
    W1, W2 = np.meshgrid(grid, grid)
    surface = error(w5=W1, w6=W2)
    names = ["w1", "w2", "w3", "w4", "w5", "w6", "b1", "b2", "b3"]
    points = [(-2.0, 3.0), (0.5, 0.25), (7.0, -7.5)]
    pairs = np.array([[error(**{a: p, b: q}) for p, q in points] for a, b in itertools.combinations(names, 2)])
    slice_ = np.array([(fprop(X[n, 0], X[n, 1], w5=grid, w6=grid + 2) - Y[n]) ** 2 for n in range(4)])
    weights = dict(DEFAULTS)
    path = []
    for _ in range(10):
        h = 1e-30
        # training follows the half sum
        slope = {n: np.imag(0.5 * error(**{**weights, n: weights[n] + 1j * h})) / h for n in names}
        weights = {n: weights[n] - 2.0 * slope[n] for n in names}
        path.append([weights[n] for n in names])
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "tests/data/backprop/xor_surface.npz"
    np.savez(out, grid=grid, surface=surface, points=np.array(points), all_pairs=pairs, descent=np.array(path),
             slice=slice_, walks=np.array([walk(descent), walk(momentum), walk(adam)]))
    print(out, surface.min(), surface.max(), surface.mean())


if __name__ == "__main__":
    main()
