"""Writes tests/data/eventprop/grid.npz: EventProp on a grid of time, in NumPy and double, as neurarium/kernels/eventprop_grid.hpp states it.

Everything is dense here: V and I of all steps are kept, events are matrices [step, input], and time constants get their gradient as
the sum over all steps of a costate times what the step's map does with it (complex steps give its derivatives), where the
kernel carries derivatives forward from reset to reset. Nothing of Neurarium is imported.

    /usr/bin/python3 validation/eventprop/write_grid.py [FILE]
"""

import pathlib
import sys

import numpy as np

CLOSEST = 2e-5  # no potential is nearer to its threshold: float and double spike in the same steps
CASES = {  # inputs, units, steps, dt, recurrent, (τm, τs)
    "feedforward": (12, 7, 80, 1e-3, False, "common"),
    "closed_form": (12, 16, 120, 1e-3, True, "twice"),
    "recurrent": (30, 41, 150, 1e-3, True, "per unit"),
    "fine": (20, 10, 600, 1e-4, True, "per unit"),
    "equal": (15, 18, 100, 1e-3, True, "equal"),
    "nearly_equal": (15, 9, 100, 1e-3, True, "nearly equal"),
    "long": (25, 33, 700, 1e-3, True, "per unit"),
}
FLOOR = 0.01  # thresholds


def taus(kind, units, generator):
    membrane = generator.uniform(8e-3, 30e-3, units)
    return {
        "common": (np.full(units, 20e-3), np.full(units, 5e-3)),
        "twice": (np.full(units, 10e-3), np.full(units, 5e-3)),
        "per unit": (membrane, generator.uniform(2e-3, 7e-3, units)),
        "equal": (membrane, membrane),
        "nearly equal": (membrane, membrane * (1 + generator.normal(0, 1e-9, units))),
    }[kind]


def step_map(tau_membrane, tau_synapse, dt):
    """(α, β, γ): V ← α V + γ I, I ← β I, for complex and for equal time constants, too: γ is an integral over what is left of I."""
    places, shares = np.polynomial.legendre.leggauss(20)
    s = (places[:, None] + 1) / 2  # where in the step
    left = np.exp(-s * dt / tau_synapse - (1 - s) * dt / tau_membrane)
    return np.exp(-dt / tau_membrane), np.exp(-dt / tau_synapse), dt / tau_membrane * (shares / 2 @ left)


def derivative(function, at):
    """By complex steps: no difference is taken."""
    step = 1e-40
    return [np.imag(value) / step for value in function(at + 1j * step)]


def forward(x, weights, recurrent, flow, threshold):
    steps, units = x.shape[0], weights.shape[1]
    alpha, beta, gamma = flow
    before, after = np.zeros((2, steps, units)), np.zeros((2, steps, units))  # V and I of each step
    fired = np.zeros((steps, units), bool)
    for n in range(steps):
        if n > 0:
            before[0, n] = alpha * after[0, n - 1] + gamma * after[1, n - 1]
            before[1, n] = beta * after[1, n - 1]
        fired[n] = before[0, n] >= threshold
        after[0, n] = np.where(fired[n], 0, before[0, n])
        after[1, n] = before[1, n] + x[n] @ weights + fired[n] @ recurrent
    return before, after, fired


def slopes_of(before, after, fired, threshold):
    """I − θ where V crosses θ between two steps, of straight lines."""
    slopes = np.zeros(fired.shape)
    for n, unit in zip(*np.nonzero(fired)):
        (v0, i0), (v1, i1) = after[:, n - 1, unit], before[:, n, unit]
        slopes[n, unit] = np.interp(threshold[unit], [v0, v1], [i0, i1]) - threshold[unit]
    return slopes


def backward(x, weights, recurrent, tau, dt, threshold, after, fired, slopes, above):
    tau_membrane, tau_synapse = tau
    alpha, beta, gamma = step_map(tau_membrane, tau_synapse, dt)
    by_membrane = derivative(lambda t: step_map(t, tau_synapse, dt), tau_membrane)
    by_synapse = derivative(lambda t: step_map(tau_membrane, t, dt), tau_synapse)
    steps, units = fired.shape
    of_v, of_i = np.zeros(units), np.zeros(units)  # ∂E/∂V, ∂E/∂I, not λ
    out = {name: 0.0 for name in ("dweights", "drecurrent", "dthreshold", "dmembrane", "dsynapse")}
    by_input = np.zeros(x.shape)
    for n in reversed(range(steps)):
        lambda_v, lambda_i = -of_v / tau_membrane, -of_i / tau_synapse  # after the spikes of this step
        out["dweights"] = out["dweights"] + np.outer(x[n], of_i)
        out["drecurrent"] = out["drecurrent"] + np.outer(fired[n], of_i)
        by_input[n] = weights @ (lambda_v - lambda_i)
        slope = np.maximum(slopes[n], FLOOR * threshold)
        jump = (threshold * lambda_v + recurrent @ (lambda_v - lambda_i) + above[n]) / slope
        lambda_v = lambda_v + fired[n] * jump
        out["dthreshold"] = out["dthreshold"] + fired[n] * tau_membrane * lambda_v
        of_v, of_i = -tau_membrane * lambda_v, -tau_synapse * lambda_i
        if n > 0:
            for name, (d_alpha, d_beta, d_gamma) in (("dmembrane", by_membrane), ("dsynapse", by_synapse)):
                out[name] = out[name] + of_v * (d_alpha * after[0, n - 1] + d_gamma * after[1, n - 1]) + of_i * d_beta * after[1, n - 1]
            of_i = beta * of_i + gamma * of_v
            of_v = alpha * of_v
    return out, by_input


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests" / "data" / "eventprop" / "grid.npz"
    generator = np.random.default_rng(7)
    arrays = {}
    for name, (inputs, units, steps, dt, is_recurrent, kind) in CASES.items():
        closest = 0
        while closest < CLOSEST:
            tau = taus(kind, units, generator)
            threshold = generator.uniform(0.8, 1.2, units)
            x = generator.poisson(25 * dt, (steps + 1, inputs)).astype(float)  # several at once, too
            weights = generator.normal(4, 4, (inputs, units)) / np.sqrt(inputs)
            recurrent = generator.normal(0, 1.5, (units, units)) / np.sqrt(units) * is_recurrent
            before, after, fired = forward(x, weights, recurrent, step_map(*tau, dt), threshold)
            closest = np.abs(before[0] - threshold).min()
        slopes = slopes_of(before, after, fired, threshold)
        above = generator.normal(0, 1, fired.shape) * fired
        gradient, by_input = backward(x, weights, recurrent, tau, dt, threshold, after, fired, slopes, above)
        step, unit = np.nonzero(fired)
        counts = x.astype(int)
        input_step, input_unit = (np.repeat(index, counts[np.nonzero(counts)]) for index in np.nonzero(counts))
        found = {
            "settings": np.array([dt, steps, FLOOR]), "membrane": tau[0], "synapse": tau[1], "threshold": threshold,
            "input_step": input_step.astype(np.uint32), "input_unit": input_unit.astype(np.uint16), "weights": weights,
            "step": step.astype(np.uint32), "unit": unit.astype(np.uint16), "slope": slopes[fired],
            "above": above[fired], "dinputs": by_input[input_step, input_unit],
        } | gradient  # fmt: skip
        if is_recurrent:
            found["recurrent"] = recurrent
        else:
            del found["drecurrent"]
        arrays |= {f"{name}/{key}": np.asarray(value) for key, value in found.items()}
        floored = ((slopes < FLOOR * threshold) & fired).sum()
        print(f"{name}: {len(input_step)} in, {fired.sum()} own spikes, {floored} slopes below the floor, "
              f"{(~fired.any(0)).sum()} silent units, largest weight gradient {np.abs(gradient['dweights']).max():.3g}")
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target, **arrays)
    print(f"{target}: {len(arrays)} arrays, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
