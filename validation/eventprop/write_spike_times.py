#!/usr/bin/python3
"""Writes tests/data/eventprop/spike_times.npz: when leaky integrate-and-fire units with exponential synapses spike.

Found without any of our ways: membranes are sums of closed-form responses to all spikes so far (inputs, and own resets as
jumps of -threshold), and their crossings are bracketed on a fine grid and found by scipy.optimize.brentq.

crossings      rows (v, i, threshold, tau_membrane, tau_synapse, s): the first s > 0 with V(s) = threshold; -1: none
network.N.*    layers of units: input times and units, W, recurrent R (may be empty), time constants and thresholds per unit,
               delays [inputs, units] (may be empty), and the spike times and units that follow, before `duration`;
               for units that take time to recover, `refractory` (seconds), `adaptation` and `tau_adaptation`, too
adapting       rows (v, i, b, threshold, tau_membrane, tau_synapse, tau_adaptation, s): the first s > 0 with
               V(s) = threshold + b e^(-s/tau_adaptation) from below; -1: none
"""
import pathlib
import sys

import numpy as np
from scipy.optimize import brentq

root = pathlib.Path(__file__).resolve().parents[2]
path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests/data/eventprop/spike_times.npz"
rng = np.random.default_rng(20261122)


def kernel(t, tau_membrane, tau_synapse):
    """Membrane at t >= 0 after a unit of current at 0."""
    if tau_membrane == tau_synapse:
        return t / tau_membrane * np.exp(-t / tau_membrane)
    slow, fast = np.exp(-t / tau_membrane), np.exp(-t / tau_synapse)
    return tau_synapse / (tau_membrane - tau_synapse) * (slow - fast)


def first_root(f, begin, end, step):
    """The first place in (begin, end) where f crosses 0 upwards, or None."""
    places = np.linspace(begin, end, max(int((end - begin) / step), 8))
    values = f(places)
    upwards = np.flatnonzero((values[:-1] < 0) & (values[1:] >= 0))
    if not upwards.size:
        return None
    k = upwards[0]
    return brentq(lambda t: float(f(np.array(t))), places[k], places[k + 1], xtol=1e-20, rtol=4 * np.finfo(float).eps)


def crossings():
    rows = []
    for tau_membrane, tau_synapse in ((0.02, 0.005), (0.02, 0.01), (0.01, 0.01), (0.005, 0.02), (0.02, 0.0199), (0.1, 0.001)):
        for _ in range(40):
            threshold = rng.uniform(0.5, 2)
            v, i = threshold * rng.uniform(-2, 0.98), rng.uniform(0.5, 12)
            f = lambda s: v * np.exp(-s / tau_membrane) + i * kernel(s, tau_membrane, tau_synapse) - threshold
            peak = f(np.linspace(0, 10 * tau_membrane, 200_001)).max()
            if abs(peak) < 0.02:  # grazing: the place of a double root is known to half the digits only
                continue
            s = first_root(f, 0, 10 * tau_membrane, 1e-3 * min(tau_membrane, tau_synapse)) if peak > 0 else None
            rows.append((v, i, threshold, tau_membrane, tau_synapse, -1 if s is None else s))
    return np.array(rows)


def network(inputs, units, times, who, weights, recurrent, tau_membrane, tau_synapse, threshold, delays, duration):
    """Spikes of a layer, the earliest crossing of all units first."""
    arrivals = [[] for _ in range(units)]  # (time, weight)
    resets = [[] for _ in range(units)]
    for j in range(units):
        for t, i in zip(times, who):
            arrivals[j].append((t + (delays[i, j] if delays.size else 0), weights[i, j]))
    spikes = []
    now = 0.0
    while True:
        best = None
        for j in range(units):
            def membrane(t, j=j):
                v = -threshold[j]
                for at, w in arrivals[j]:
                    v = v + np.where(t > at, w * kernel(np.maximum(t - at, 0), tau_membrane[j], tau_synapse[j]), 0)
                for at in resets[j]:
                    v = v - np.where(t >= at, threshold[j] * np.exp(-np.maximum(t - at, 0) / tau_membrane[j]), 0)
                return v
            t = first_root(membrane, now if now == 0 else now + 1e-9, duration, 5e-5)
            if t is not None and (best is None or t < best[0]):
                best = (t, j)
        if best is None:
            return np.array([s[0] for s in spikes]), np.array([s[1] for s in spikes], dtype=np.int64)
        now, n = best
        spikes.append(best)
        resets[n].append(now)
        if recurrent.size:
            for j in range(units):
                arrivals[j].append((now, recurrent[n, j]))


answers = {"crossings": crossings()}
duration = 0.06
kinds = {  # time constants of all units, or None: drawn for each; recurrent; delays
    "newton": (0.02, 0.005, False, False),
    "parabola": (0.02, 0.01, False, False),
    "lambert": (0.01, 0.01, False, False),
    "mixed": (None, None, False, False),
    "recurrent": (0.02, 0.005, True, False),
    "recurrent_mixed": (None, None, True, False),
    "delays": (0.02, 0.005, False, True),
    "recurrent_delays": (0.02, 0.01, True, True),
}
for name, (tau_membrane, tau_synapse, is_recurrent, has_delays) in kinds.items():
    inputs, units, events = 5, 6, 12
    times = np.sort(rng.uniform(0, 0.04, events))
    who = rng.integers(0, inputs, events)
    each = lambda tau, low, high: np.full(units, tau) if tau else rng.uniform(low, high, units)
    given = {
        "times": times,
        "who": who,
        "weights": rng.normal(1.6, 1.2, (inputs, units)),
        "recurrent": rng.normal(0, 0.4, (units, units)) if is_recurrent else np.zeros((0, 0)),
        "tau_membrane": each(tau_membrane, 0.01, 0.03),
        "tau_synapse": each(tau_synapse, 0.004, 0.02),
        "threshold": rng.uniform(0.8, 1.2, units),
        "delays": rng.uniform(0, 0.01, (inputs, units)) if has_delays else np.zeros((0, 0)),
    }
    spike_times, spike_units = network(inputs, units, duration=duration, **given)
    for key, value in {**given, "spike_times": spike_times, "spike_units": spike_units}.items():
        answers[f"network.{name}.{key}"] = value
    print(name, len(spike_times), "spikes")


def adapting_crossings():
    rows = []
    while len(rows) < 240:
        tau_membrane, tau_synapse, tau_adaptation = 10 ** rng.uniform(-2.7, -1.2, 3)
        threshold, b = rng.uniform(0.5, 2), 10 ** rng.uniform(-2, 1)
        v, i = (threshold + b) * rng.uniform(-1, 0.98), rng.uniform(-5, 12) * rng.choice((1, 5))
        f = lambda s: (
            v * np.exp(-s / tau_membrane) + i * kernel(s, tau_membrane, tau_synapse) - threshold - b * np.exp(-s / tau_adaptation)
        )
        values = f(np.linspace(0, 10 * tau_membrane, 200_001))
        turns = values[1:-1][(values[1:-1] > values[:-2]) & (values[1:-1] > values[2:])]
        if turns.size and np.abs(turns).min() < 0.02:  # grazing
            continue
        s = first_root(f, 0, 10 * tau_membrane, 1e-3 * min(tau_membrane, tau_synapse, tau_adaptation))
        if s is None and len(rows) % 3:  # most draws have none: not too many of them
            continue
        rows.append((v, i, b, threshold, tau_membrane, tau_synapse, tau_adaptation, -1 if s is None else s))
    return np.array(rows)


def recovering_network(
    units, times, who, weights, recurrent, tau_membrane, tau_synapse, threshold, delays, refractory, adaptation, tau_adaptation, duration
):
    """Likewise, where units take time to recover. Behind a refractory time that ends at T the membrane is what it would be without any
    reset, less what of that is left from T."""
    arrivals = [[] for _ in range(units)]
    own = [[] for _ in range(units)]
    for j in range(units):
        for t, i in zip(times, who):
            arrivals[j].append((t + (delays[i, j] if delays.size else 0), weights[i, j]))

    def without_resets(j, t):
        v = np.zeros(np.shape(t))
        for at, w in arrivals[j]:
            v = v + np.where(t > at, w * kernel(np.maximum(t - at, 0), tau_membrane[j], tau_synapse[j]), 0)
        return v

    def above_threshold(j, t):
        free = own[j][-1] + refractory if own[j] else 0.0
        since = np.maximum(t - free, 0)
        v = np.where(t > free, without_resets(j, t) - without_resets(j, free) * np.exp(-since / tau_membrane[j]), 0)
        return v - threshold[j] - sum(adaptation[j] * np.exp(-(t - at) / tau_adaptation[j]) for at in own[j])

    spikes, now = [], 0.0
    while True:
        found = [(first_root(lambda t, j=j: above_threshold(j, t), now + 1e-9 * (now > 0), duration, 5e-5), j) for j in range(units)]
        found = [f for f in found if f[0] is not None]
        if not found:
            return np.array([s[0] for s in spikes]), np.array([s[1] for s in spikes], dtype=np.int64)
        now, n = min(found)
        spikes.append((now, n))
        own[n].append(now)
        if recurrent.size:
            for j in range(units):
                arrivals[j].append((now, recurrent[n, j]))


answers["adapting"] = adapting_crossings()
kinds = {  # recurrent, delays, refractory, adaptation, its time constant
    "refractory": (False, False, 3.7e-3, 0, 0.1),
    "adapting": (False, False, 0, 0.3, 0.03),
    "adapting_quickly": (False, False, 0, 1.5, 0.004),
    "recovering": (False, True, 2.3e-3, 0.2, 0.02),
    "recurrent_recovering": (True, True, 1.1e-3, 0.2, 0.02),
}
for name, (is_recurrent, has_delays, refractory, adaptation, tau_adaptation) in kinds.items():
    inputs, units, events = 5, 6, 12
    given = {
        "times": np.sort(rng.uniform(0, 0.04, events)),
        "who": rng.integers(0, inputs, events),
        "weights": rng.normal(2.6, 1.5, (inputs, units)),
        "recurrent": rng.normal(0, 0.6, (units, units)) if is_recurrent else np.zeros((0, 0)),
        "tau_membrane": rng.uniform(0.01, 0.03, units),
        "tau_synapse": rng.uniform(0.004, 0.02, units),
        "threshold": rng.uniform(0.8, 1.2, units),
        "delays": rng.uniform(0, 0.01, (inputs, units)) if has_delays else np.zeros((0, 0)),
        "refractory": np.array(float(refractory)),
        "adaptation": adaptation * rng.uniform(0.5, 1.5, units),
        "tau_adaptation": tau_adaptation * rng.uniform(0.5, 1.5, units),
    }
    spike_times, spike_units = recovering_network(units, duration=duration, **given)
    for key, value in {**given, "spike_times": spike_times, "spike_units": spike_units}.items():
        answers[f"network.{name}.{key}"] = value
    print(name, len(spike_times), "spikes")
print(len(answers["adapting"]), "adapting crossings,", int((answers["adapting"][:, 7] < 0).sum()), "without")
print(len(answers["crossings"]), "crossings,", int((answers["crossings"][:, 5] < 0).sum()), "without")
np.savez(path, **answers)
