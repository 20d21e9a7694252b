"""Writes tests/data/eventprop/brian2.npz: spikes of recurrent leaky units with exponential synapses, simulated by Brian2 (2.5).

Brian2 integrates the differential equations exactly over each of its steps, in its own order: units, thresholds, synapses, resets. What
it calls step n ends at (n + 1) dt, so its spikes of step n are those of neurarium/models/eventprop_lif's grid at (n + 1) dt. No potential is
nearer than 1e-6 to its threshold. The last case has adapting thresholds and a refractory time; Brian2 counts that from the beginning of
the step in which a unit spikes, we from its end: it is told one step more. Needs python3-brian; nothing of Neurarium is imported.

    /usr/bin/python3 validation/eventprop/write_brian2.py [FILE]
"""

import pathlib
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore", category=FutureWarning)
import brian2 as b2  # noqa: E402

b2.prefs.codegen.target = "numpy"
INPUTS, UNITS, CLOSEST = 30, 20, 1e-6
CASES = {"coarse": (1e-3, 300, None), "fine": (0.1e-3, 2000, None), "recovering": (0.5e-3, 600, 5)}  # dt, steps, refractory steps


def simulate(
    dt, steps, step, unit, weights, recurrent, tau_membrane, tau_synapse, threshold, wait=None, growth=None, tau_adaptation=None
):
    b2.start_scope()
    b2.defaultclock.dt = dt * b2.second
    source = b2.SpikeGeneratorGroup(INPUTS, unit, (step - 1) * dt * b2.second)
    recovers = wait is not None
    group = b2.NeuronGroup(
        UNITS,
        f"""dv/dt = (current - v) / tau_membrane : 1 {"(unless refractory)" if recovers else ""}
           dcurrent/dt = -current / tau_synapse : 1
           db/dt = -b / tau_adaptation : 1
           growth : 1 (constant)
           tau_adaptation : second (constant)
           tau_membrane : second (constant)
           tau_synapse : second (constant)
           limit : 1 (constant)""",
        threshold="v >= limit + b",
        reset="v = 0; b += growth",
        refractory=(wait + 1) * dt * b2.second if recovers else False,
        method="exact",
    )
    group.growth, group.tau_adaptation = (growth, tau_adaptation * b2.second) if recovers else (0, 1 * b2.second)
    group.tau_membrane, group.tau_synapse, group.limit = tau_membrane * b2.second, tau_synapse * b2.second, threshold
    parts = [source, group]
    for origin, matrix in ((source, weights), (group, recurrent)):
        synapses = b2.Synapses(origin, group, "w : 1", on_pre="current_post += w")
        synapses.connect()
        synapses.w = matrix.ravel()
        parts.append(synapses)
    potentials = b2.StateMonitor(group, ["v", "b"], record=True, when="after_thresholds")
    spikes = b2.SpikeMonitor(group)
    b2.Network(parts, potentials, spikes).run(steps * dt * b2.second, namespace={})
    own = np.round(np.asarray(spikes.t) / dt).astype(np.uint32) + 1
    order = np.lexsort((np.asarray(spikes.i), own))
    return own[order], np.asarray(spikes.i).astype(np.uint16)[order], np.abs(np.asarray(potentials.v - potentials.b).T - threshold).min()


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests" / "data" / "eventprop" / "brian2.npz"
    generator = np.random.default_rng(5)
    arrays = {}
    for name, (dt, steps, wait) in CASES.items():
        closest = 0
        while closest < CLOSEST:
            x = generator.random((steps, INPUTS)) < 40 * dt
            step, unit = np.nonzero(x)
            step = step + 1  # Brian2 has nothing before its first step
            numbers = {
                "weights": generator.normal(0.6, 0.6, (INPUTS, UNITS)),
                "recurrent": generator.normal(0, 0.3, (UNITS, UNITS)),
                "tau_membrane": generator.uniform(8e-3, 25e-3, UNITS),
                "tau_synapse": generator.uniform(2e-3, 7e-3, UNITS),
                "threshold": generator.uniform(0.8, 1.2, UNITS),
            }
            if wait is not None:
                recovery = {"growth": generator.uniform(0.1, 0.5, UNITS), "tau_adaptation": generator.uniform(10e-3, 60e-3, UNITS)}
                numbers = numbers | {"weights": 1.5 * numbers["weights"]} | recovery
            own_step, own_unit, closest = simulate(dt, steps, step, unit, **numbers, wait=wait)
        if wait is not None:
            numbers |= {"refractory": np.array(wait * dt)}
        numbers |= {"settings": np.array([dt, steps]), "input_step": step.astype(np.uint32), "input_unit": unit.astype(np.uint16)}
        arrays |= {f"{name}/{key}": value for key, value in (numbers | {"step": own_step, "unit": own_unit}).items()}
        print(f"{name}: {len(step)} in, {len(own_step)} own spikes")
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target, **arrays)
    print(f"{target}: {len(arrays)} arrays, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
