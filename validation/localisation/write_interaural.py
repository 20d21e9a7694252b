#!/usr/bin/python3
"""Writes tests/data/localisation/interaural.npz: the localisation task and its ideal observer in plain NumPy.

Probabilities by the founding notebook's formula, rate_max·dt·(½(1 + sin θ))^k, with θ written out for each bin. The observer adds up
log p and log(1−p) of all bins, one by one, for each interaural phase and phase of the stimulus of a grid: no two ears, periods
or products of tables. Per case (CASES):
  <case>/params              in the order of PARAMS
  <case>/rates               spontaneous rates, unit by unit (empty: none)
  <case>/ipd, /phase         of each sample, rad and cycles
  <case>/p           [1, T, 2F]  of the first sample
  <case>/spikes      [n, T, 2F] uint8: drawn from p, with refractoriness
  <case>/grid                [steps seen, points per class]
  <case>/masses      [n, C]  on the grid: Simpson in the classes, trapezoid over the phase
  <case>/known       [n, C]  if the phase is known
  <case>/fine        [n, C]  by 20 Gauss–Legendre nodes in each class and 600 phases (cases marked so)
Needs python3-numpy; nothing of Neurarium is imported.
"""
import pathlib
import sys

import numpy as np

PARAMS = ["steps", "dt", "fibres", "classes", "frequency", "rate_max", "sharpness", "spontaneous_rate", "refractory", "phase_span"]
NOTEBOOK = dict(steps=100, dt=1e-3, fibres=100, classes=12, frequency=20.0, rate_max=600.0, sharpness=2.0,
                spontaneous_rate=0.0, refractory=0.0, phase_span=np.pi / 2)  # fmt: skip
SMALL = dict(NOTEBOOK, steps=40, fibres=12, classes=6)
rng = np.random.default_rng(6)
# name: parameters, spontaneous rates, samples, steps seen, points per class, whether finely
CASES = {
    "notebook": (NOTEBOOK, [], 2, 97, 24, False),
    "small": (SMALL, [], 8, 40, 24, True),
    "odd": (dict(SMALL, steps=33, dt=7e-4, frequency=87.3, sharpness=2.5, rate_max=310.0, spontaneous_rate=40.0, phase_span=1.0),
            [], 6, 30, 12, True),
    "own-rates": (dict(SMALL, sharpness=1.0, frequency=0.0, rate_max=200.0), rng.uniform(0, 300, 24), 6, 40, 12, True),
    "refractory": (dict(SMALL, refractory=2.5e-3, rate_max=900.0), [], 8, 40, 24, True),
    "certain": (dict(SMALL, fibres=5, steps=12, rate_max=1000.0, frequency=100.0, phase_span=0.0), [], 8, 12, 12, False),
}  # fmt: skip


def probabilities(c, rates, ipd, phase):
    """[..., T, 2F] for ipd and phase of one shape"""
    t, j = np.arange(c["steps"]) * c["dt"], np.linspace(0, c["phase_span"], c["fibres"])
    phi = 2 * np.pi * (c["frequency"] * t + np.asarray(phase)[..., None])[..., None]
    left = phi + j
    right = phi + j + np.asarray(ipd)[..., None, None]
    theta = np.concatenate([left, right], -1)
    base = c["spontaneous_rate"] + (np.asarray(rates) if len(rates) else 0.0)
    p = c["dt"] * (base + c["rate_max"] * (0.5 * (1 + np.sin(theta))) ** c["sharpness"])
    return np.minimum(p, 1.0)


def dead_steps(c):
    return int(np.ceil(c["refractory"] / c["dt"] - 1e-9))


def draw(c, p):
    spikes = np.zeros(p.shape, np.uint8)
    for i, u in np.ndindex(p.shape[0], p.shape[2]):
        silent_until = 0
        for t in range(p.shape[1]):
            if t >= silent_until and rng.random() < p[i, t, u]:
                spikes[i, t, u] = 1
                silent_until = t + 1 + dead_steps(c)
    return spikes


def ready(c, spikes):
    """Where a fibre could fire."""
    free = np.ones(spikes.shape, bool)
    for t in range(spikes.shape[1]):
        for back in range(1, dead_steps(c) + 1):
            if t >= back:
                free[:, t] &= spikes[:, t - back] == 0
    return free


def log_likelihoods(c, rates, spikes, seen, ipd, phase):
    """[n, points]: the sum over all bins seen, one after the other."""
    x, free = spikes[:, :seen], ready(c, spikes)[:, :seen]
    out = np.empty((len(x), len(ipd)))
    for m in range(len(ipd)):
        p = probabilities(c, rates, ipd[m], phase[m])[:seen]
        with np.errstate(divide="ignore"):
            spike, silence = np.log(p), np.log1p(-p)
        out[:, m] = [spike[one == 1].sum() + silence[(one == 0) & can].sum() for one, can in zip(x, free)]
    return out


def masses(c, rates, spikes, seen, nodes, weights, phases):
    """[n, C]: the integral over classes (nodes and weights in a class of width 1) and phases."""
    values = np.empty((len(spikes), c["classes"], len(nodes), len(phases)))
    for k in range(c["classes"]):
        for q, node in enumerate(nodes):
            ipd = np.full(len(phases), (k + node) / c["classes"] * np.pi - np.pi / 2)
            values[:, k, q] = log_likelihoods(c, rates, spikes, seen, ipd, phases)
    values = np.exp(values - values.max((1, 2, 3), keepdims=True)).sum(3) @ weights
    return values / values.sum(1, keepdims=True)


def on_grid(c, rates, spikes, seen, points, true_phases):
    nodes = np.arange(points + 1) / points
    weights = np.array([1.0] + [4.0, 2.0] * (points // 2 - 1) + [4.0, 1.0]) / (3 * points)
    n = 2 * c["classes"] * points
    unknown = masses(c, rates, spikes, seen, nodes, weights, np.arange(n) / n)
    known = np.concatenate([masses(c, rates, s[None], seen, nodes, weights, np.array([f])) for s, f in zip(spikes, true_phases)])
    return unknown, known


def notebook_on_grid(c, spikes, seen, points):
    """As on_grid, where that would take hours: each ear by its own phase, with the bins added up by NumPy's products."""
    n, half = 2 * c["classes"] * points, c["classes"] * points // 2
    p = probabilities(c, [], np.zeros(n), np.arange(n) / n)[:, :seen, : c["fibres"]].reshape(n, -1)
    with np.errstate(divide="ignore"):
        spike, silence = np.log(np.maximum(p, 1e-300)), np.log1p(-p)
    out = np.empty((len(spikes), c["classes"]))
    for i, x in enumerate(spikes[:, :seen].astype(float)):
        a, b = (spike @ y + silence @ (1 - y) for y in (x[:, : c["fibres"]].ravel(), x[:, c["fibres"] :].ravel()))
        joint = np.array([a + np.roll(b, -s) for s in range(-half, half + 1)])
        line = np.exp(joint - joint.max()).sum(1)
        weights = np.array([1.0] + [4.0, 2.0] * (points // 2 - 1) + [4.0, 1.0])
        out[i] = [weights @ line[k * points : (k + 1) * points + 1] for k in range(c["classes"])]
    return out / out.sum(1, keepdims=True)


arrays = {}
for name, (c, rates, n, seen, points, finely) in CASES.items():
    ipd, phase = rng.uniform(-np.pi / 2, np.pi / 2, n), rng.uniform(0, 1, n)
    if name == "certain":  # phases of the grid, where p is 0 and 1 in some bins
        grid = 2 * c["classes"] * points
        phase = rng.integers(0, grid, n) / grid
        ipd = (rng.integers(0, grid // 2, n) - grid // 4) / grid * 2 * np.pi
    if name == "apart":  # further apart than any class: each phase of the grid is very unlikely for one of the ears
        ipd[:] = 3.0
    p = probabilities(c, rates, ipd, phase)
    spikes = draw(c, p)
    if c is NOTEBOOK:
        unknown, known = notebook_on_grid(c, spikes, seen, points), np.empty((0, c["classes"]))
    else:
        unknown, known = on_grid(c, rates, spikes, seen, points, phase)
    found = dict(params=np.array([float(c[key]) for key in PARAMS]), rates=np.array(rates, float), ipd=ipd, phase=phase, p=p[:1],
                 spikes=spikes, grid=np.array([seen, points]), masses=unknown, known=known)  # fmt: skip
    if finely:
        x, w = np.polynomial.legendre.leggauss(20)
        found["fine"] = masses(c, rates, spikes, seen, (x + 1) / 2, w / 2, np.arange(600) / 600)
        print(f"{name}: the grid's masses are within {np.abs(found['fine'] - unknown).max():.1e} of the fine ones")
    arrays.update({f"{name}/{key}": value for key, value in found.items()})
    print(name, "right:", (unknown.argmax(1) == np.minimum((ipd + np.pi / 2) * c["classes"] // np.pi, c["classes"] - 1)).mean())

root = pathlib.Path(__file__).resolve().parents[2]
target = sys.argv[1] if len(sys.argv) > 1 else root / "tests/data/localisation/interaural.npz"
np.savez_compressed(target, **arrays)
