#!/usr/bin/python3
"""Writes tests/data/eventprop/anatomy.npz: what NumPy and SciPy say of the single output of eventprop-anatomy.

The grid is the founding notebook's loops in plain Python, with math.exp; the exact adjoint is scipy.integrate.quad on
the closed form, and central differences of the loss itself, integrated by quad too.

  grid/NAME        [8]       tau_m, tau_s, weight, dt, total, outputs, correct (0/1), spikes come before decay (0/1)
  grid/NAME/spikes           ms
  grid/NAME/means  [2]       numpy.mean of V and I
  grid/NAME/lambda           lambda_V - lambda_I at the spikes, Euler
  grid/NAME/trace  [n, 4]    V, I and, over reversed time, lambda_V, lambda_I: every STRIDE-th step
  exact/NAME       [6]       tau_m, tau_s, weight, total, outputs, correct
  exact/NAME/spikes, /lambda (lambda_V - lambda_I by quad), /difference (dL/dt by central differences),
  exact/NAME/loss            L - T l(0)
  exact/NAME/times, /curve [n, 2]   lambda_V and lambda_I at these times
  mean/sizes, mean/values            numpy.mean of x_k = (7919 k mod 1000003) / 1000003, k = 0 ... size - 1
  histogram/NAME/numbers, /counts, /edges
  poisson/rates, /expected [rates, 3], /variance [rates, 3]   spikes of a train in 0-200, 200-400 and 400-1400 ms
  poisson/total_mean, /total_sd      of Euler's totals over TRAINS trains of NumPy's own
Needs python3-numpy and python3-scipy; nothing of Neurarium is imported.
"""
import math
import pathlib
import sys

import numpy as np
from scipy import integrate

STRIDE, TRAINS = 10, 1000
RATES = (10, 20, 50, 100, 200)


def notebook_forward(tau_m, tau_s, weight, dt, total_steps, spike_steps, before_decay=False):
    w = weight * (tau_s * (1.0 - math.exp(-dt / tau_s))) * (1.0 / dt)
    V, I, V_rec, I_rec, spikes = 0.0, 0.0, [], [], set(spike_steps)
    for iT in range(total_steps):
        if tau_m == tau_s:  # the limit of the quotient below, which is 0/0
            V = I * (dt / tau_m) * math.exp(-dt / tau_m) + V * math.exp(-dt / tau_m)
        else:
            am, bs = math.exp(-dt / tau_m), math.exp(-dt / tau_s)
            V = tau_s / (tau_m - tau_s) * I * (am - bs) + V * am
        if before_decay and iT in spikes:
            I = I + w
        I = I * math.exp(-dt / tau_s)
        if not before_decay and iT in spikes:
            I = I + w
        V_rec.append(V)
        I_rec.append(I)
    return np.array(V_rec), np.array(I_rec)


def notebook_backward(tau_m, tau_s, dt, outputs, correct, V_rec):
    lambda_V = lambda_I = 0.0
    lbdv, lbdi = [], []
    for V in V_rec[::-1].tolist():
        lambda_I = lambda_I + (lambda_V - lambda_I) / tau_s * dt
        old = lambda_V
        mexp = math.exp(V) + (outputs - 1)
        drive = (1.0 if correct else 0.0) - math.exp(V) / mexp
        lambda_V = lambda_V + drive / tau_m * dt - old / tau_m * dt
        lbdv.append(lambda_V)
        lbdi.append(lambda_I)
    return np.array(lbdv), np.array(lbdi)


GRID = {  # tau_m, tau_s, weight, dt, total, outputs, correct, input before decay; spikes
    "notebook": ((20.0, 5.0, 1.0, 1.0, 1400.0, 20, 1, 0), (100, 150)),
    "fine": ((20.0, 5.0, 1.0, 0.01, 1400.0, 20, 1, 0), (100, 150)),
    "negative": ((20.0, 5.0, -1.5, 0.5, 400.0, 20, 1, 0), (20, 27.5, 300)),
    "wrong": ((12.0, 3.0, 4.0, 0.25, 300.0, 3, 0, 0), (0, 50, 299.75)),
    "slow-synapse": ((4.0, 15.0, 2.0, 0.5, 300.0, 7, 1, 1), (10, 12)),
    "equal": ((8.0, 8.0, 3.0, 0.5, 300.0, 5, 1, 0), (40, 55)),
}

EXACT = {  # tau_m, tau_s, weight, total, outputs, correct; spikes
    "notebook": ((20.0, 5.0, 1.0, 1400.0, 20, 1), (100, 150)),
    "negative": ((20.0, 5.0, -2.0, 400.0, 20, 1), (33.3, 61.7, 80.01)),
    "wrong": ((20.0, 5.0, 3.0, 300.0, 4, 0), (50.5, 70)),
    "late": ((20.0, 5.0, 2.0, 200.0, 20, 1), (120, 150, 190)),
    "strong": ((20.0, 5.0, 60.0, 300.0, 20, 1), (40, 55)),
    "equal": ((8.0, 8.0, 3.0, 200.0, 20, 1), (40, 60)),
    "slow-synapse": ((4.0, 15.0, 3.0, 300.0, 9, 0), (40, 60, 220)),
}


class Exact:
    def __init__(self, tau_m, tau_s, weight, total, outputs, correct, spikes):
        self.tm, self.ts, self.w, self.T, self.n, self.correct = tau_m, tau_s, weight, total, outputs, correct
        self.spikes = list(spikes)

    def psp(self, u):
        if self.tm == self.ts:
            return u / self.tm * math.exp(-u / self.tm)
        return self.ts / (self.tm - self.ts) * (math.exp(-u / self.tm) - math.exp(-u / self.ts))

    def slope(self, u):
        if self.tm == self.ts:
            return (1 - u / self.tm) / self.tm * math.exp(-u / self.tm)
        return self.ts / (self.tm - self.ts) * (math.exp(-u / self.ts) / self.ts - math.exp(-u / self.tm) / self.tm)

    def v(self, t):
        return self.w * sum(self.psp(t - s) for s in self.spikes if s <= t)

    def loss(self, v):
        return np.logaddexp(v, math.log(self.n - 1)) - (v if self.correct else 0.0)

    def drive(self, v):
        p = 1 / (1 + (self.n - 1) * math.exp(-v))
        return (1 - p) if self.correct else -p

    def quad(self, f, a, b):
        cuts = sorted({a, b, *(s for s in self.spikes if a < s < b), *np.arange(a, b, 10.0)})
        return math.fsum(integrate.quad(f, x, y, epsabs=1e-14, epsrel=1e-12)[0] for x, y in zip(cuts, cuts[1:]))

    def total_loss(self):  # less what it is without spikes
        return self.quad(lambda t: self.loss(self.v(t)) - self.loss(0.0), 0.0, self.T)

    def lambda_at(self, s):  # lambda_V - lambda_I
        return self.quad(lambda t: self.drive(self.v(t)) * self.slope(t - s), s, self.T)

    def curve_at(self, s):
        lambda_v = self.quad(lambda t: self.drive(self.v(t)) * math.exp(-(t - s) / self.tm) / self.tm, s, self.T)
        lambda_i = self.quad(lambda t: self.drive(self.v(t)) * self.psp(t - s) / self.ts, s, self.T)
        return lambda_v, lambda_i

    def difference(self, k, eps=1e-2):  # of fourth order
        def at(by):
            moved = list(self.spikes)
            moved[k] += by
            return Exact(self.tm, self.ts, self.w, self.T, self.n, self.correct, moved).total_loss()

        return (8 * (at(eps) - at(-eps)) - (at(2 * eps) - at(-2 * eps))) / (12 * eps)


def poisson(out):
    step = np.arange(1400.0)
    rng = np.random.default_rng(1999)
    am, bs = math.exp(-1 / 20), math.exp(-1 / 5)
    expected, variance, mean, sd = [], [], [], []
    for r_max in RATES:
        p = r_max / 1000 * np.exp(-((step - 200) ** 2) / (2 * 200.0**2))
        parts = [slice(0, 200), slice(200, 400), slice(400, 1400)]
        expected.append([p[a].sum() for a in parts])
        variance.append([(p[a] * (1 - p[a])).sum() for a in parts])
        spikes = rng.random((TRAINS, 1400)) < p
        V, I, recorded = np.zeros(TRAINS), np.zeros(TRAINS), np.zeros((1400, TRAINS))
        for t in range(1400):
            V = 5 / 15 * I * (am - bs) + V * am
            I = I * bs + spikes[:, t] * 5 * (1 - bs)
            recorded[t] = V
        lv, li, totals = np.zeros(TRAINS), np.zeros(TRAINS), np.zeros(TRAINS)
        for t in range(1399, -1, -1):
            li, lv = li + (lv - li) / 5, lv + (1 - np.exp(recorded[t]) / (np.exp(recorded[t]) + 19)) / 20 - lv / 20
            totals += spikes[:, t] * (lv - li)
        mean.append(totals.mean())
        sd.append(totals.std(ddof=1))
    out["poisson/rates"], out["poisson/expected"] = np.array(RATES, float), np.array(expected)
    out["poisson/variance"], out["poisson/total_mean"] = np.array(variance), np.array(mean)
    out["poisson/total_sd"] = np.array(sd)


def numbers(size):
    return np.arange(size) * 7919 % 1000003 / 1000003.0


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests/data/eventprop/anatomy.npz"
    out = {}
    for name, (settings, spikes) in GRID.items():
        tau_m, tau_s, weight, dt, total, outputs, correct, before_decay = settings
        n, steps = round(total / dt), [round(s / dt) for s in spikes]
        V, I = notebook_forward(tau_m, tau_s, weight, dt, n, steps, before_decay)
        lv, li = notebook_backward(tau_m, tau_s, dt, outputs, correct, V)
        at = n - 1 - np.array(steps)
        out[f"grid/{name}"], out[f"grid/{name}/spikes"] = np.array(settings, float), np.array(spikes, float)
        out[f"grid/{name}/means"], out[f"grid/{name}/lambda"] = np.array([V.mean(), I.mean()]), (lv - li)[at]
        out[f"grid/{name}/trace"] = np.stack([V, I, lv, li], 1)[:: STRIDE * round(1 / dt)]
    for name, (settings, spikes) in EXACT.items():
        cell = Exact(*settings, spikes)
        out[f"exact/{name}"], out[f"exact/{name}/spikes"] = np.array(settings, float), np.array(spikes, float)
        out[f"exact/{name}/lambda"] = np.array([cell.lambda_at(s) for s in spikes])
        out[f"exact/{name}/difference"] = np.array([cell.difference(k) for k in range(len(spikes))])
        out[f"exact/{name}/loss"] = np.array([cell.total_loss()])
        times = np.array([0.0, 0.5 * (spikes[0] + spikes[1]), spikes[-1] + 1.25, cell.T - 3.0, cell.T])
        out[f"exact/{name}/times"], out[f"exact/{name}/curve"] = times, np.array([cell.curve_at(t) for t in times])
    sizes = [1, 7, 8, 9, 15, 128, 129, 1400, 8192, 8193, 20001]
    out["mean/sizes"], out["mean/values"] = np.array(sizes, float), np.array([np.mean(numbers(s)) for s in sizes])
    for name, x in {"many": numbers(1000) ** 2, "edges": np.arange(0, 21) / 10, "one": np.array([2.5, 2.5]),
                    "none": np.array([])}.items():
        counts, edges = np.histogram(x, 10)
        out[f"histogram/{name}/numbers"], out[f"histogram/{name}/counts"] = x, counts.astype(np.int64)
        out[f"histogram/{name}/edges"] = edges
    poisson(out)
    np.savez_compressed(path, **out)
    print(path, len(out), "arrays")


if __name__ == "__main__":
    main()
