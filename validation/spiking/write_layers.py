"""Writes tests/data/spiking/layers.npz: delays, costs of rates and counts of spikes in PyTorch (float64, autograd).

Two networks: spikes, learned delays (models/axonal_delay), units that fire (models/lif), a cost of their rates (models/rate_penalty), and
counts of spikes (models/spike_count) as logits; the second shares spikes out between steps, and its cost is that of the population.
Losses hold the cost. Every membrane stays 1e-6 away from its threshold and every delay from where it is rounded otherwise.

    /usr/bin/python3 validation/spiking/write_layers.py [FILE]
"""

import pathlib
import sys

import numpy as np
import torch
from write_networks import CLOSEST, draw, lif

torch.set_default_dtype(torch.float64)
DT = 1e-3
NETWORKS = {
    "rounded": {"interpolate": False, "rate_of": "unit", "readout": "rate", "factor": 0.02},
    "shared_out": {"interpolate": True, "rate_of": "population", "readout": "count", "factor": 1.0},
}
COST = {"l1": 2e-3, "l2": 3e-5, "lower": 60.0, "lower_strength": 2e-4, "upper": 110.0, "upper_strength": 1e-4}


def reflected(p, most):
    """p folded into [0, most], with the derivative ±1."""
    p = p.abs() % (2 * most)
    return torch.where(p <= most, p, 2 * most - p)


def shifted(x, steps):
    """x[:, t − steps[j], j], 0 where that is no step."""
    n, last, units = x.shape
    t = torch.arange(last)[:, None] - steps[None, :]
    inside = (t >= 0) & (t < last)
    return torch.where(inside, x[:, t.clamp(0, last - 1), torch.arange(units)[None, :]], torch.zeros(()))


def delayed(x, p, most, interpolate):
    d = reflected(p, most)
    if interpolate:
        k = torch.floor(d.detach())
        share = d - k
        return (1 - share) * shifted(x, k.long()) + share * shifted(x, k.long() + 1)
    r = torch.floor(d.detach() + 0.5).long()
    # What is added is 0; its derivative is the central difference in time.
    return shifted(x, r) + (d - d.detach()) * (shifted(x, r + 1) - shifted(x, r - 1)).detach() / 2


def cost(spikes, rate_of):
    rates = spikes.sum(1) / (spikes.shape[1] * DT)
    if rate_of == "population":
        rates = rates.mean(1, keepdim=True)
    p = (COST["l1"] * rates + COST["l2"] * rates**2 + COST["lower_strength"] * torch.relu(COST["lower"] - rates) ** 2
         + COST["upper_strength"] * torch.relu(rates - COST["upper"]) ** 2)  # fmt: skip
    return p.mean(1).sum()


def network_case(name, generator, n=4, steps=20, inputs=8, hidden=5, most=6.0):
    settings = NETWORKS[name]
    x = generator.choice([0.0, 1.0, 2.0], (n, steps, inputs), p=[0.75, 0.22, 0.03])
    y = generator.integers(0, hidden, n)
    tensor = lambda value: torch.tensor(np.asarray(value), requires_grad=True)  # noqa: E731
    delay = tensor(generator.uniform(-3, 9, inputs))
    place = reflected(delay.detach(), most).numpy()
    corner = place if settings["interpolate"] else place + 0.5
    first = {"weight": tensor(generator.normal(0.25, 0.5, (inputs, hidden))),
             "log_tau_membrane": torch.log(torch.full((hidden,), 5e-3)), "threshold": torch.ones(hidden)}  # fmt: skip
    drive, closest = torch.tensor(x, requires_grad=True), []
    spikes = lif(delayed(drive, delay, most, settings["interpolate"]), first, {}, closest)
    counts = spikes.sum(1)
    costs = cost(spikes, settings["rate_of"])
    rates = (counts if settings["rate_of"] == "unit" else counts.mean(1)).detach().numpy() / (steps * DT)
    inside = (rates < COST["lower"]).any() and (rates > COST["upper"]).any()
    if min(closest) < CLOSEST or np.abs(corner - np.round(corner)).min() < CLOSEST or not inside:
        return None
    logits = settings["factor"] * (counts / (steps * DT) if settings["readout"] == "rate" else counts)
    plain = torch.nn.functional.cross_entropy(logits, torch.tensor(y), reduction="sum")
    dx = torch.autograd.grad(plain, drive, retain_graph=True)[0]  # without the cost: it is no part of the logits
    (plain + costs).backward()
    return {"x": x.astype(np.uint8), "y": y, "logits": logits.detach().numpy(), "dx": dx.numpy(),
            "spikes": spikes.detach().numpy().astype(np.uint8), "plain_loss": np.array(plain.item()),
            "loss": np.array((plain + costs).item()), "axonal_delay1.delay": delay.detach().numpy(),
            "axonal_delay1.delay.gradient": delay.grad.numpy(), "lif1.weight": first["weight"].detach().numpy(),
            "lif1.weight.gradient": first["weight"].grad.numpy()}  # fmt: skip


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests" / "data" / "spiking" / "layers.npz"
    generator = np.random.default_rng(2)
    arrays = {}
    for name in NETWORKS:
        arrays |= {f"{name}/{k}": v for k, v in draw(generator, lambda g: network_case(name, g)).items()}  # noqa: B023
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target, **arrays)
    print(f"{target}: {len(arrays)} arrays, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
