"""Writes tests/data/spiking/brian2.npz: units of models/lif simulated by Brian2 (2.5), their membranes and spikes.

Brian2 integrates the differential equations exactly and its own way; only the order within a step is set, as models/lif/lif.md
says: input arrives before membranes are tested, and spikes reset them in the same step. No membrane is nearer than 1e-6 to its
threshold. Needs python3-brian; nothing of Neurarium is imported.

    /usr/bin/python3 validation/spiking/write_brian2_traces.py [FILE]
"""

import pathlib
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore", category=FutureWarning)
import brian2 as b2  # noqa: E402

b2.prefs.codegen.target = "numpy"
DT, STEPS, INPUTS, UNITS = 1e-3, 200, 10, 6
CLOSEST = 1e-6
TAU_SYNAPSE, TAU_ADAPTATION, ADAPTATION, STILL = 4e-3, 30e-3, 0.4, 3
LEAK = "dv/dt = -v / tau : 1"
CASES = {
    "lif": {},
    "subtract": {"reset": "v -= limit"},
    "none": {"reset": ""},
    "recurrent": {"recurrent": True},
    # The synaptic current that our equations add to a membrane in each step is, in continuous time, current / integral.
    "cuba": {"equations": "dv/dt = -v / tau + current / integral : 1\ndcurrent/dt = -current / tau_synapse : 1\nintegral : second",
             "target": "current", "recurrent": True},
    # A spike lifts the threshold from the next step on, in full: what it adds decays in between.
    "alif": {"equations": LEAK + "\nda/dt = -a / tau_adaptation : 1", "limit": "limit + adaptation * a",
             "reset": "v = 0; a += 1 / decay"},
    "refractory": {"equations": LEAK + " (unless refractory)", "arrive": "v_post += w * int(not_refractory_post)"},
}  # fmt: skip


def simulate(case, x, weights, recurrent, taus, threshold):
    b2.start_scope()
    b2.defaultclock.dt = DT * b2.second
    step, t, i = DT * b2.second, *np.nonzero(x)
    # With synapses before the update, a current drives the membrane in the step in which it arrives.
    first, second = ("synapses", "groups") if "target" in case else ("groups", "synapses")
    source = b2.SpikeGeneratorGroup(INPUTS, i, t * step, when="start")
    names = {"tau_synapse": TAU_SYNAPSE * b2.second, "tau_adaptation": TAU_ADAPTATION * b2.second, "adaptation": ADAPTATION,
             "decay": np.exp(-DT / TAU_ADAPTATION)}  # fmt: skip
    still = {"refractory": (STILL + 1) * step} if "arrive" in case else {}  # Brian2 counts the step of the spike, too
    group = b2.NeuronGroup(UNITS, case.get("equations", LEAK) + "\ntau : second (constant)\nlimit : 1 (constant)",
                           threshold="v > " + case.get("limit", "limit"), reset=case.get("reset", "v = 0"), method="exact",
                           namespace=names, **still)  # fmt: skip
    group.tau, group.limit = taus * b2.second, threshold
    if "target" in case:
        alpha, beta = np.exp(-DT / taus), np.exp(-DT / TAU_SYNAPSE)
        group.integral = (beta - alpha) / (1 / taus - 1 / TAU_SYNAPSE) * b2.second
    target = case.get("target", "v")
    parts = [source, group]
    for origin, matrix in [(source, weights)] + ([(group, recurrent)] if "recurrent" in case else []):
        synapses = b2.Synapses(origin, group, "w : 1", on_pre=case.get("arrive", f"{target}_post += w"))
        synapses.connect()
        synapses.w = matrix.ravel()
        parts.append(synapses)
    membranes = b2.StateMonitor(group, "v", record=True, when="after_thresholds")
    spikes = b2.SpikeMonitor(group)
    net = b2.Network(parts, membranes, spikes)
    net.schedule = ["start", first, second, "thresholds", "resets", "end"]
    if "a" in group.variables:
        thresholds = b2.StateMonitor(group, "a", record=True, when="after_thresholds")
        net.add(thresholds)
    net.run(STEPS * step)
    u = np.asarray(membranes.v).T
    limits = threshold + (ADAPTATION * np.asarray(thresholds.a).T if "a" in group.variables else 0)
    fired = np.zeros((STEPS, UNITS), np.uint8)
    fired[np.round(np.asarray(spikes.t / step)).astype(int), np.asarray(spikes.i)] = 1
    return u, fired, limits * np.ones_like(u), np.abs(u - limits).min()


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests" / "data" / "spiking" / "brian2.npz"
    generator = np.random.default_rng(3)
    arrays = {}
    for name, case in CASES.items():
        closest = 0
        while closest < CLOSEST:
            x = (generator.random((STEPS, INPUTS)) < 0.1).astype(np.uint8)
            scale = 0.25 if "target" in case else 1  # currents last
            weights, recurrent = (scale * generator.normal(*about) for about in ((0.2, 0.5, (INPUTS, UNITS)), (0, 0.4, (UNITS, UNITS))))
            taus, threshold = generator.uniform(3e-3, 20e-3, UNITS), generator.uniform(0.8, 1.2, UNITS)
            u, fired, limits, closest = simulate(case, x, weights, recurrent, taus, threshold)
        found = {"x": x[None], "weights": weights, "tau": taus, "threshold": threshold, "membrane": u, "spikes": fired}
        if "recurrent" in case:
            found["recurrent"] = recurrent
        if name == "alif":
            found["limits"] = limits
        arrays |= {f"{name}/{key}": value for key, value in found.items()}
        print(f"{name}: {fired.mean() / DT:.0f} Hz")
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target, **arrays)
    print(f"{target}: {len(arrays)} arrays, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
