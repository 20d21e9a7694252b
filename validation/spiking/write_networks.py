"""Writes tests/data/spiking/networks.npz: spiking networks in PyTorch (float64, autograd), their losses and gradients.

The first is the founding notebook's network with its own loop (the old membrane is tested, so that spikes come late; |w| sign). The
others are the equations of models/lif/lif.md, each with other settings: resets, synaptic currents, thresholds that adapt,
refractory time, recurrence, surrogates, readouts. Every membrane stays 1e-6 away from its threshold, so that rounding does not
change a spike.

    /usr/bin/python3 validation/spiking/write_networks.py [FILE]
"""

import math
import pathlib
import sys

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
CLOSEST = 1e-6
SURROGATES = {
    "sigmoid": lambda x: 5 * torch.sigmoid(5 * x) * (1 - torch.sigmoid(5 * x)),
    "fast_sigmoid": lambda x: 1 / (1 + 10 * x.abs()) ** 2,
    "arctan": lambda x: 1 / (1 + (math.pi * x) ** 2),
    "triangle": lambda x: torch.clamp(1 - x.abs(), min=0),
    "rectangle": lambda x: (x.abs() < 0.5).double(),
    "gaussian": lambda x: torch.exp(-x * x / (2 * 0.4**2)) / (0.4 * math.sqrt(2 * math.pi)),
    "straight": torch.ones_like,
}


def spike_function(kind, closest):
    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            closest.append(x.abs().min().item())
            context.save_for_backward(x)
            return (x > 0).double()

        @staticmethod
        def backward(context, gradient):
            return gradient * SURROGATES[kind](context.saved_tensors[0])

    return Spike.apply


def notebook_network(x, w1, w2, signs1, signs2, closest, tau=5e-3, dt=1e-3):
    """The founding notebook's loops (run_snn), with its beta of 5."""
    spike = spike_function("sigmoid", closest)
    n, steps, _ = x.shape
    alpha = math.exp(-dt / tau)
    w1, w2 = w1.abs() * signs1[:, None], w2.abs() * signs2[:, None]
    h = x @ w1
    v, s = torch.zeros(n, w1.shape[1]), torch.zeros(n, w1.shape[1])
    spikes = [s]
    for t in range(steps - 1):
        new_v = (alpha * v + h[:, t]) * (1 - s)
        s = spike(v - 1)
        v = new_v
        spikes.append(s)
    spikes = torch.stack(spikes, 1)
    h = spikes @ w2
    v = torch.zeros(n, w2.shape[1])
    outs = [v]
    for t in range(steps - 1):
        v = alpha * v + h[:, t]
        outs.append(v)
    return torch.stack(outs, 1).mean(1), spikes


def lif(x, p, settings, closest):
    spike = spike_function(settings.get("surrogate", "sigmoid"), closest)
    n, steps, _ = x.shape
    dt, units = 1e-3, p["weight"].shape[1]
    alpha = torch.exp(-dt / torch.exp(p["log_tau_membrane"]))
    zeros = torch.zeros(n, units)
    v, i, a, s, hold = zeros, zeros, zeros, zeros, zeros
    out = []
    for t in range(steps):
        h = x[:, t] @ p["weight"]
        if "bias" in p:
            h = h + p["bias"]
        if "recurrent" in p:
            h = h + s @ p["recurrent"]
        if "log_tau_synapse" in p:
            i = torch.exp(-dt / torch.exp(p["log_tau_synapse"])) * i + h
        else:
            i = h
        limit = p["threshold"]
        if "adaptation" in p:
            a = torch.exp(-dt / torch.exp(p["log_tau_adaptation"])) * a + s
            limit = limit + p["adaptation"] * a
        u = alpha * v + i
        free = (hold <= 0).double()
        u = free * u + (1 - free) * v
        s = free * spike(u - limit)
        steps_still = settings.get("refractory_steps", 0)
        hold = torch.where(s.detach() > 0, torch.full_like(hold, float(steps_still)), torch.clamp(hold - 1, min=0))
        seen = s.detach() if settings.get("detach_reset") else s
        reset = settings.get("reset", "zero")
        v = u * (1 - seen) if reset == "zero" else u - limit * seen if reset == "subtract" else u
        out.append(s)
    return torch.stack(out, 1)


def leaky(x, p, settings):
    alpha = torch.exp(-1e-3 / torch.exp(p["log_tau_membrane"]))
    o, outs = torch.zeros(x.shape[0], p["weight"].shape[1]), []
    for t in range(x.shape[1]):
        o = alpha * o + x[:, t] @ p["weight"]
        outs.append(o)
    outs = torch.stack(outs, 1)
    readout = settings.get("readout", "mean")
    if readout == "max":
        return outs.max(1).values
    return {"mean": outs.mean(1), "sum": outs.sum(1), "last": outs[:, -1]}[readout]


# settings of the hidden layer and of the readout, and the hidden layer's extra parameters
NETWORKS = {
    "zero": ({}, {}, []),
    "subtract": ({"reset": "subtract", "surrogate": "fast_sigmoid"}, {"readout": "sum"}, []),
    "none": ({"reset": "none", "surrogate": "triangle"}, {"readout": "last"}, []),
    "detached": ({"detach_reset": True, "surrogate": "arctan"}, {"readout": "max"}, []),
    "subtract_detached": ({"reset": "subtract", "detach_reset": True, "surrogate": "gaussian"}, {}, []),
    "cuba": ({"surrogate": "rectangle"}, {}, ["log_tau_synapse"]),
    "alif": ({}, {}, ["adaptation"]),
    "alif_subtract": ({"reset": "subtract"}, {}, ["adaptation", "log_tau_synapse"]),
    "refractory": ({"refractory_steps": 3}, {}, []),
    "recurrent": ({"surrogate": "straight"}, {}, ["recurrent", "bias"]),
    "everything": ({"refractory_steps": 2, "surrogate": "gaussian"}, {"readout": "max"},
                   ["log_tau_synapse", "adaptation", "recurrent", "bias"]),
}  # fmt: skip


def draw(generator, case):
    """Seeds until no membrane is near its threshold."""
    while True:
        found = case(generator)
        if found is not None:
            return found


def notebook_case(generator, n=4, steps=100, inputs=200, hidden=30, classes=12):
    rate = 0.6 * (0.5 * (1 + np.sin(2 * np.pi * (0.02 * np.arange(steps)[:, None] + generator.random((n, 1, inputs)))))) ** 2
    x = (generator.random((n, steps, inputs)) < rate).astype(np.float64)
    signs1, signs2 = (np.where(generator.random(k) < 0.5, -1.0, 1.0) for k in (inputs, hidden))
    w1 = torch.tensor(generator.uniform(-1, 1, (inputs, hidden)) / np.sqrt(hidden), requires_grad=True)
    w2 = torch.tensor(generator.uniform(-1, 1, (hidden, classes)) / np.sqrt(classes), requires_grad=True)
    y = generator.integers(0, classes, n)
    closest = []
    logits, spikes = notebook_network(torch.tensor(x), w1, w2, torch.tensor(signs1), torch.tensor(signs2), closest)
    if min(closest) < CLOSEST:
        return None
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(y), reduction="sum")
    loss.backward()
    numbers = lambda t: t.detach().numpy()  # noqa: E731
    return {"x": x.astype(np.uint8), "y": y, "signs1": signs1, "signs2": signs2, "w1": numbers(w1), "w2": numbers(w2),
            "logits": numbers(logits), "spikes": numbers(spikes).astype(np.uint8), "loss": np.array(loss.item()),
            "dw1": w1.grad.numpy(), "dw2": w2.grad.numpy()}  # fmt: skip


def network_case(name, generator, n=3, steps=25, inputs=12, hidden=7, classes=3):
    settings, readout, extra = NETWORKS[name]
    x = (generator.random((n, steps, inputs)) < 0.2).astype(np.float64)
    y = generator.integers(0, classes, n)
    tensor = lambda value: torch.tensor(np.asarray(value), requires_grad=True)  # noqa: E731
    first = {"weight": tensor(generator.normal(0.15, 0.4, (inputs, hidden))),
             "log_tau_membrane": tensor(np.log(generator.uniform(3e-3, 9e-3, hidden))),
             "threshold": tensor(generator.uniform(0.7, 1.3, hidden))}  # fmt: skip
    if "log_tau_synapse" in extra:
        first["log_tau_synapse"] = tensor(np.log(np.full(hidden, 4e-3)))
    if "adaptation" in extra:
        first["adaptation"] = tensor(np.full(hidden, 0.3))
        first["log_tau_adaptation"] = tensor(np.log(np.full(hidden, 20e-3)))
    if "recurrent" in extra:
        first["recurrent"] = tensor(generator.normal(0, 0.3, (hidden, hidden)))
    if "bias" in extra:
        first["bias"] = tensor(generator.normal(0, 0.05, hidden))
    second = {"weight": tensor(generator.normal(0, 0.5, (hidden, classes))), "log_tau_membrane": tensor(np.log([8e-3]))}
    closest = []
    drive = torch.tensor(x, requires_grad=True)
    spikes = lif(drive, first, settings, closest)
    rate = spikes.mean().item()
    if min(closest) < CLOSEST or not 0.02 < rate < 0.6:
        return None
    logits = leaky(spikes, second, readout)
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(y), reduction="sum")
    loss.backward()
    found = {"x": x.astype(np.uint8), "y": y, "spikes": spikes.detach().numpy().astype(np.uint8),
             "logits": logits.detach().numpy(), "loss": np.array(loss.item()), "dx": drive.grad.numpy()}  # fmt: skip
    for layer, parameters in (("lif1", first), ("leaky_integrator1", second)):
        for key, value in parameters.items():
            found[f"{layer}.{key}"] = value.detach().numpy()
            found[f"{layer}.{key}.gradient"] = value.grad.numpy()
    return found


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests" / "data" / "spiking" / "networks.npz"
    generator = np.random.default_rng(1)
    arrays = {f"notebook/{k}": v for k, v in draw(generator, notebook_case).items()}
    for name in NETWORKS:
        arrays |= {f"{name}/{k}": v for k, v in draw(generator, lambda g: network_case(name, g)).items()}  # noqa: B023
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target, **arrays)
    print(f"{target}: {len(arrays)} arrays, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
