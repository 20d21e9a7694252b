#!/usr/bin/python3
"""Writes tests/data/eventprop/readouts.npz: leaky integrators of spike times by quadrature and search, and their gradients.

V(t) is the sum of the responses to all spikes, ∫_0^u e^(−(u−s)/τm) e^(−s/τs) ds / τm = u/τm e^(−u/τm) 1F1(1; 2; (1/τm − 1/τs) u); means and
weighted means are quadratures of V over time from spike to spike, maxima are searched for between spikes. Gradients of
Σ cotangent · answer by weights, times and ln τ are central differences, extrapolated once. One unit of the maxima has its maximum at
a kink, where an inhibitory spike arrives. The last spike comes after the end.

    /usr/bin/python3 validation/eventprop/write_readouts.py [FILE]

Needs python3-numpy and python3-scipy; nothing of Neurarium is imported.
"""

import pathlib
import sys

import numpy as np
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import hyp1f1

DURATION, DT, STEPS = 60e-3, 7e-3, 9
TAUS = {"usual": (20e-3, 5e-3), "equal": (10e-3, 10e-3), "slow_synapse": (4e-3, 15e-3)}
READOUTS = ("mean", "sum", "weighted", "weighted_slowly", "last", "max", "trace")
WEIGHTED = ("linear_weighted", "sigmoid_weighted", "sigmoid_weighted_steeply", "input_weighted")  # drawn after the others
TAU_WEIGHT = {"weighted": DURATION, "weighted_slowly": 25e-3, "sigmoid_weighted_steeply": 3e-3, "input_weighted": 8e-3}
INPUTS, UNITS, SPIKES = 4, 3, 9


def response(u, tau):
    a, b = 1 / tau[0], 1 / tau[1]
    u = np.maximum(u, 0.0)
    return a * u * np.exp(-a * u) * hyp1f1(1, 2, (a - b) * u)


def weight(readout, t, times):
    """What V counts at t."""
    if readout.startswith("linear"):
        return 1 - t / DURATION
    if readout.startswith("sigmoid"):
        return 1 / (1 + np.exp((t - DURATION / 2) / TAU_WEIGHT.get(readout, DURATION / 5)))
    if readout.startswith("input"):
        return sum(np.exp(-(t - s) / TAU_WEIGHT[readout]) for s in times if s < t) / INPUTS
    return np.exp(-t / TAU_WEIGHT[readout]) if readout in TAU_WEIGHT else 1.0


def membrane(t, times, rows, tau):
    """V of one unit, driven by spikes of weights rows."""
    return sum(w * response(t - s, tau) for s, w in zip(times, rows) if s < DURATION)


def answer(readout, times, rows, tau):
    """[units] or [steps, units]; rows: the weights of each spike [spike, unit]"""
    if readout == "trace":
        return np.array([membrane((s + 1) * DT, times, rows, tau) for s in range(STEPS)])
    if readout == "last":
        return membrane(DURATION, times, rows, tau)
    edges = [0.0, *sorted(s for s in times if s < DURATION), DURATION]
    if readout == "max":
        return np.array([largest(times, rows[:, j], tau, edges)[0] for j in range(rows.shape[1])])
    scale = 1e3 if readout == "sum" else 1 / DURATION
    pieces = readout.startswith("input")  # its weight jumps at every spike
    each = []
    for s in times:  # linear in the weights: every spike by itself, from where it begins
        corners = [s] + [t for t in edges if pieces and s < t < DURATION] + [DURATION]
        areas = [quad(lambda t, s=s: weight(readout, t, times) * response(t - s, tau), low, high, epsabs=0, epsrel=1e-13,
                      limit=200)[0] for low, high in zip(corners, corners[1:])]  # fmt: skip
        each.append(sum(areas) if s < DURATION else 0.0)
    return scale * (np.array(each) @ rows)


def largest(times, row, tau, edges):
    """max V, and whether it lies where a spike arrives."""
    best, kink = 0.0, False
    for low, high in zip(edges, edges[1:]):
        here = minimize_scalar(lambda t: -membrane(t, times, row, tau), bounds=(low, high), method="bounded",
                               options={"xatol": 1e-12})  # fmt: skip
        for value, is_kink in ((-here.fun, False), (membrane(high, times, row, tau), high < DURATION)):
            if value > best + 1e-12:
                best, kink = value, is_kink
    return best, kink


class TooNear(Exception):
    """Two maxima are so nearly equal, or a maximum is so near to a spike, that a step of differences goes from one to the other."""


def derivative(energy, x, h):
    """d energy / dx of every number in x, error h⁴."""
    slopes = np.zeros(x.size)
    for i in range(x.size):
        at = []
        for step in (h, h / 2):
            change = np.zeros(x.size)
            change[i] = step
            change = change.reshape(x.shape)
            at.append((energy(x + change) - energy(x - change)) / (2 * step))
        slopes[i] = (4 * at[1] - at[0]) / 3
        if abs(at[1] - at[0]) > 1e-4 * max(abs(at[0]), 1e-2 * np.abs(slopes).max()):
            raise TooNear
    return slopes.reshape(x.shape)


def case(readout, tau, generator):
    tau = np.array(tau)
    while True:
        times = np.sort(generator.uniform(1e-3, 55e-3, SPIKES))
        times[-1] = DURATION + 2e-3
        units = generator.integers(0, INPUTS, SPIKES)
        weights = generator.normal(0, 1, (INPUTS, UNITS))
        if np.diff(times).min() < 5e-4 or np.abs(np.subtract.outer(times, DT * np.arange(STEPS + 1))).min() < 2e-4:
            continue  # steps of central differences must not change the order
        edges = [0.0, *times[:-1], DURATION]
        kinks = [largest(times, weights[units, j], tau, edges)[1] for j in range(UNITS)]
        if readout != "max" or (any(kinks) and not all(kinks)):
            break
    found = answer(readout, times, weights[units], tau)
    cotangent = generator.normal(0, 1, found.shape)

    def energy(t=times, w=weights, log_tau=np.log(tau)):
        return float((cotangent * answer(readout, t, w[units], np.exp(log_tau))).sum())

    return {
        "tau": tau, "tau_weight": np.array(TAU_WEIGHT.get(readout, 0.0)), "times": times, "units": units, "weights": weights,
        "answer": found, "cotangent": cotangent,
        "of_weights": derivative(lambda w: energy(w=w), weights, 1e-2),
        "of_times": derivative(lambda t: energy(t=t), times, 4e-5),
        "of_log_tau": derivative(lambda log_tau: energy(log_tau=log_tau), np.log(tau), 4e-3),
    }  # fmt: skip


def fitting_case(*arguments):
    while True:
        try:
            return case(*arguments)
        except TooNear:
            pass


generator = np.random.default_rng(7)
stored = {"duration": np.array(DURATION), "dt": np.array(DT)}
cases = [(name, readout) for readouts in (READOUTS, WEIGHTED) for name in TAUS for readout in readouts]
for name, readout in cases:
    for key, value in fitting_case(readout, TAUS[name], generator).items():
        stored[f"{readout}.{name}/{key}"] = value
root = pathlib.Path(__file__).resolve().parents[2]
np.savez_compressed(sys.argv[1] if len(sys.argv) > 1 else root / "tests/data/eventprop/readouts.npz", **stored)
