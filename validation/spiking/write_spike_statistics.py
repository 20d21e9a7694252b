#!/usr/bin/python3
"""Writes tests/data/spiking/statistics.npz: what NumPy and SciPy say of spike trains, from dense arrays.

  trains       [n, T, U] uint8   units: 0 Poisson, 1 gamma-like with a dead time, 2 locked to the stimulus, 3 its copy with noise, 4 silent,
                                 5 fires in every step, 6 tuned to the label
  dt, period   s; steps of a cycle
  phases       [n] cycles at step 0        labels  [n] of LABELS
  rates [U], histogram [U, T], mean, cv, cv2 [U], vector_strength, phase [U], synchrony [U, U] in windows of WINDOW steps,
  tuning [U, LABELS]
  rayleigh     [k, 4]  spikes, vector strength, share of DRAWS even draws with at least that strength, its standard error
Needs python3-numpy and python3-scipy; nothing of Neurarium is imported.
"""
import pathlib
import sys

import numpy as np
from scipy import stats

rng = np.random.default_rng(1969)
N, T, U, LABELS, WINDOW, DT, PERIOD, DRAWS = 40, 103, 7, 4, 5, 1e-3, 23.7, 400_000


def make_trains(phases, labels):
    x = np.zeros((N, T, U), np.uint8)
    x[:, :, 0] = rng.random((N, T)) < 0.15
    for i in range(N):
        t = 0
        while True:
            t += 2 + int(rng.gamma(3, 2))
            if t >= T:
                break
            x[i, t, 1] = 1
    theta = 2 * np.pi * (phases[:, None] + np.arange(T) / PERIOD)
    x[:, :, 2] = rng.random((N, T)) < 0.3 * (0.5 * (1 + np.cos(theta - 1))) ** 3
    x[:, :, 3] = np.where(rng.random((N, T)) < 0.7, x[:, :, 2], rng.random((N, T)) < 0.1)
    x[:, :, 5] = 1
    x[:, :, 6] = rng.random((N, T)) < 0.05 * (labels[:, None] + 1)
    return x


def intervals_of(x, unit):
    return [np.diff(np.flatnonzero(x[i, :, unit])) for i in range(N)]


def mean_or_nan(values):
    return np.mean(values) if len(values) else np.nan


def rayleigh_cases():
    rows = []
    for spikes, strength in [(10, 0.2), (10, 0.6), (30, 0.1), (30, 0.35), (100, 0.2)]:
        count = 0
        for _ in range(20):
            theta = rng.random((DRAWS // 20, spikes)) * 2 * np.pi
            count += np.count_nonzero(np.abs(np.exp(1j * theta).sum(1)) / spikes >= strength)
        share = count / DRAWS
        rows.append([spikes, strength, share, np.sqrt(share * (1 - share) / DRAWS)])
    return np.array(rows)


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests/data/spiking/statistics.npz"
    phases, labels = rng.random(N), rng.integers(0, LABELS - 1, N)  # the last label has no samples
    x = make_trains(phases, labels)
    histogram, mean, cv, cv2 = np.zeros((U, T)), np.full(U, np.nan), np.full(U, np.nan), np.full(U, np.nan)
    for u in range(U):
        trains = intervals_of(x, u)
        everything = np.concatenate(trains)
        histogram[u] = np.bincount(everything.astype(int), minlength=T)
        if everything.size:
            mean[u], cv[u] = everything.mean() * DT, stats.variation(everything)
        changes = np.concatenate([2 * np.abs(np.diff(d)) / (d[1:] + d[:-1]) for d in trains])
        cv2[u] = mean_or_nan(changes)
    cycles = phases[:, None] + np.arange(T) / PERIOD
    strength, phase = np.full(U, np.nan), np.full(U, np.nan)
    for u in range(U):
        theta = 2 * np.pi * cycles[x[:, :, u] > 0]
        if theta.size:
            strength[u] = np.hypot(np.cos(theta).mean(), np.sin(theta).mean())
            phase[u] = stats.circmean(theta) / (2 * np.pi) % 1
    counts = x[:, : T // WINDOW * WINDOW].reshape(N, -1, WINDOW, U).sum(2).reshape(-1, U).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        synchrony = np.corrcoef(counts.T)
    tuning = np.array([[mean_or_nan(x[labels == k][:, :, u]) / DT for k in range(LABELS)] for u in range(U)])
    np.savez_compressed(out, trains=x, dt=[DT], period=[PERIOD], window=[float(WINDOW)], phases=phases, labels=labels.astype(np.int64),
                        rates=x.mean((0, 1)) / DT, histogram=histogram, mean=mean, cv=cv, cv2=cv2, vector_strength=strength, phase=phase,
                        synchrony=synchrony, tuning=tuning, rayleigh=rayleigh_cases())  # fmt: skip


if __name__ == "__main__":
    main()
