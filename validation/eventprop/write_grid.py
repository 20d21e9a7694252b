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
# as above, and (steps of refractory time, mean β, mean τa)
RECOVERING_CASES = {
    "refractory": (12, 20, 150, 1e-3, True, "per unit", (4, 0, 0.1)),
    "adapting": (20, 17, 200, 1e-3, True, "per unit", (0, 0.3, 30e-3)),
    "recovering": (20, 17, 300, 0.5e-3, True, "equal", (3, 0.2, 8e-3)),
    "recovering_forward": (12, 9, 120, 1e-3, False, "common", (1, 0.5, 60e-3)),
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


def forward_recovering(x, weights, recurrent, flow, threshold, wait, beta, rho):
    """Likewise; b before the spikes of each step, too, and which units wait in the step that ends there."""
    steps, units = x.shape[0], weights.shape[1]
    alpha, synapse, gamma = flow
    before, after = np.zeros((2, steps, units)), np.zeros((2, steps, units))
    raised, b = np.zeros((steps, units)), np.zeros(units)
    fired, waiting = np.zeros((steps, units), bool), np.zeros((steps, units), bool)
    for n in range(steps):
        if n > 0:
            waiting[n] = fired[max(n - wait, 0) : n].any(0)
            before[0, n] = np.where(waiting[n], 0, alpha * after[0, n - 1] + gamma * after[1, n - 1])
            before[1, n] = synapse * after[1, n - 1]
            raised[n] = rho * b
        fired[n] = before[0, n] >= threshold + raised[n]
        after[0, n] = np.where(fired[n], 0, before[0, n])
        after[1, n] = before[1, n] + x[n] @ weights + fired[n] @ recurrent
        b = raised[n] + beta * fired[n]
    return before, after, fired, raised, waiting


def slopes_of_recovering(before, after, fired, raised, threshold, beta, ratio):
    slopes = np.zeros(fired.shape)
    for n, unit in zip(*np.nonzero(fired)):
        (v0, i0), (v1, i1) = after[:, n - 1, unit], before[:, n, unit]
        b0, b1 = raised[n - 1, unit] + beta[unit] * fired[n - 1, unit], raised[n, unit]
        current, b = (np.interp(0, [v0 - threshold[unit] - b0, v1 - threshold[unit] - b1], ends) for ends in ([i0, i1], [b0, b1]))
        slopes[n, unit] = current - threshold[unit] - b * (1 - ratio[unit])
    return slopes


def backward_recovering(
    x, weights, recurrent, tau, dt, threshold, before, after, fired, raised, waiting, slopes, above, wait, beta, tau_adaptation
):
    """In ∂E/∂V, ∂E/∂I and ∂E/∂b, step by step: nothing flows through V in a step in which a unit waits; what moves with a spike time, V
    behind the end of its refractory time and b behind it, is collected for the spike."""
    tau_membrane, tau_synapse = tau
    alpha, synapse, gamma = step_map(tau_membrane, tau_synapse, dt)
    by_membrane = derivative(lambda t: step_map(t, tau_synapse, dt), tau_membrane)
    by_synapse = derivative(lambda t: step_map(tau_membrane, t, dt), tau_synapse)
    rho, ratio = np.exp(-dt / tau_adaptation), tau_membrane / tau_adaptation
    steps, units = fired.shape
    of_v, of_i, of_b, of_end = np.zeros((4, units))  # of_end: ∂E/∂t of the end of the refractory time that comes before
    names = ("dweights", "drecurrent", "dthreshold", "dmembrane", "dsynapse", "dgrowth", "dtau_adaptation")
    out = {name: 0.0 for name in names}
    by_input = np.zeros(x.shape)
    for n in reversed(range(steps)):
        of_arrival = of_i / tau_synapse - of_v / tau_membrane
        out["dweights"] = out["dweights"] + np.outer(x[n], of_i)
        out["drecurrent"] = out["drecurrent"] + np.outer(fired[n], of_i)
        by_input[n] = weights @ of_arrival
        ends = fired[n - wait] if n >= wait else np.zeros(units, bool)
        slope = np.maximum(slopes[n], FLOOR * threshold)
        current = before[1, n] if wait > 0 else slope + threshold + raised[n] * (1 - ratio)
        of_end = np.where(ends, -of_v * current / tau_membrane, of_end)
        of_v = np.where(ends, 0, of_v)
        of_time = above[n] + recurrent @ of_arrival + of_end + of_b * beta / tau_adaptation
        out["dgrowth"] = out["dgrowth"] + fired[n] * of_b
        of_v = np.where(fired[n], -tau_membrane * of_time / slope, of_v)
        of_b = of_b - fired[n] * of_v
        out["dthreshold"] = out["dthreshold"] - fired[n] * of_v
        of_end = np.where(fired[n], 0, of_end)
        if n > 0:
            flows = ~waiting[n] * of_v
            for name, (d_alpha, d_beta, d_gamma) in (("dmembrane", by_membrane), ("dsynapse", by_synapse)):
                out[name] = out[name] + flows * (d_alpha * after[0, n - 1] + d_gamma * after[1, n - 1]) + of_i * d_beta * after[1, n - 1]
            b_before = raised[n - 1] + beta * fired[n - 1]
            out["dtau_adaptation"] = out["dtau_adaptation"] + of_b * b_before * rho * dt / tau_adaptation**2
            of_i = synapse * of_i + gamma * flows
            of_v, of_b = alpha * flows, rho * of_b
    return out, by_input


def recovering_cases(generator):
    for name, (inputs, units, steps, dt, is_recurrent, kind, (wait, growth, tau_adaptation)) in RECOVERING_CASES.items():
        closest = 0
        while closest < CLOSEST:
            tau = taus(kind, units, generator)
            threshold = generator.uniform(0.8, 1.2, units)
            beta, tau_b = growth * generator.uniform(0.5, 1.5, units), tau_adaptation * generator.uniform(0.5, 1.5, units)
            x = generator.poisson(25 * dt, (steps + 1, inputs)).astype(float)
            weights = generator.normal(6, 4, (inputs, units)) / np.sqrt(inputs)
            recurrent = generator.normal(0, 1.5, (units, units)) / np.sqrt(units) * is_recurrent
            flow = step_map(*tau, dt)
            before, after, fired, raised, waiting = forward_recovering(
                x, weights, recurrent, flow, threshold, wait, beta, np.exp(-dt / tau_b)
            )
            closest = np.abs(before[0] - threshold - raised).min()
        slopes = slopes_of_recovering(before, after, fired, raised, threshold, beta, tau[0] / tau_b)
        above = generator.normal(0, 1, fired.shape) * fired
        gradient, by_input = backward_recovering(
            x, weights, recurrent, tau, dt, threshold, before, after, fired, raised, waiting, slopes, above, wait, beta, tau_b
        )
        found = {"refractory": np.array(wait * dt), "growth": beta, "tau_adaptation": tau_b} | gradient
        yield name, dt, steps, tau, threshold, x, weights, recurrent, is_recurrent, fired, slopes, above, by_input, found


def stored(name, dt, steps, tau, threshold, x, weights, recurrent, is_recurrent, fired, slopes, above, by_input, gradient):
    """A case's arrays, by their names in the file."""
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
    floored = ((slopes < FLOOR * threshold) & fired).sum()
    print(f"{name}: {len(input_step)} in, {fired.sum()} own spikes, {floored} slopes below the floor, "
          f"{(~fired.any(0)).sum()} silent units, largest weight gradient {np.abs(gradient['dweights']).max():.3g}")
    return {f"{name}/{key}": np.asarray(value) for key, value in found.items()}


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
        arrays |= stored(name, dt, steps, tau, threshold, x, weights, recurrent, is_recurrent, fired, slopes, above, by_input, gradient)
    for case in recovering_cases(np.random.default_rng(8)):
        arrays |= stored(*case)
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target, **arrays)
    print(f"{target}: {len(arrays)} arrays, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
