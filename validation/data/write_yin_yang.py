#!/usr/bin/python3
"""Writes tests/data/spiking/yin_yang.npz: 1,500 points of the big circle and their classes, by three areas drawn one over the other.

The figure as painters draw it: the upper half of the big circle and a disc of half its radius on the left are yang, a disc of that size
on the right is taken out again, and two small dots lie on top. (Neurarium, as the data set's authors, asks for distances one by one.)
No point is nearer than 1e-9 to an edge.
  points  [n, 2]
  classes [n]     0 yin, 1 yang, 2 dot
Needs python3-numpy; nothing of Neurarium is imported.
"""
import pathlib
import sys

import numpy as np

rng = np.random.default_rng(11)
points = rng.uniform(0, 1, (6000, 2))


def disc(x, radius):
    """Squared distance from the edge's: negative inside."""
    return (points[:, 0] - x) ** 2 + (points[:, 1] - 0.5) ** 2 - radius**2


edges = np.stack([disc(0.5, 0.5), disc(0.25, 0.25), disc(0.75, 0.25), disc(0.25, 0.1), disc(0.75, 0.1), points[:, 1] - 0.5])
use = (edges[0] < 0) & (np.abs(edges).min(0) > 1e-9)
points, edges = points[use][:1500], edges[:, use][:, :1500]
assert len(points) == 1500
classes = np.zeros(1500, np.int64)
classes[points[:, 1] > 0.5] = 1  # the upper half
classes[edges[1] < 0] = 1  # the left disc, of which one half lies below
classes[edges[2] < 0] = 0  # the right disc
classes[(edges[3] < 0) | (edges[4] < 0)] = 2  # the dots

root = pathlib.Path(__file__).resolve().parents[2]
out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests/data/spiking/yin_yang.npz"
np.savez_compressed(out, points=points, classes=classes)
print(out, np.bincount(classes) / 1500)
