#!/usr/bin/python3
"""Writes tests/data/dale/dann.npz: two layers of Dale's ANN (Cornford et al., ICLR 2021), by PyTorch's autograd in float64.

x [7, 6] ≥ 0, labels [7]    what a network 6 → 5 (softplus, two interneurons) → 3 (one interneuron) learns, by mean cross-entropy
<layer>.<parameter>         initial parameters: weight_ex, weight_ix, weight_ei, alpha, gain, bias; some weights are 0
logits [7, 3], loss         of those
gradient/<layer>.<parameter>, gradient/x        ∂(mean loss)/∂ …
step<k>/<layer>.<parameter>   after each of three corrected steps of SGD, learning rate 0.5, each followed by the clamp of all W and g
Needs python3-torch; nothing of Neurarium is imported.
"""
import pathlib
import sys

import numpy as np
import torch

EPSILON, RATE = 1e-8, 0.5
SIZES = {"dann1": (6, 5, 2), "dann2": (5, 3, 1)}  # inputs, units, interneurons


def drawn(random):
    data = {}
    for layer, (d, units, inter) in SIZES.items():
        data[f"{layer}.weight_ex"] = random.exponential(0.6, (units, d))
        data[f"{layer}.weight_ix"] = random.exponential(0.6, (inter, d))
        data[f"{layer}.weight_ei"] = random.exponential(0.5, (units, inter))
        data[f"{layer}.alpha"] = random.normal(-0.3, 0.4, inter)
        data[f"{layer}.gain"] = random.uniform(0.5, 1.5, units)
        data[f"{layer}.bias"] = random.normal(0, 0.3, units)
    data["dann1.weight_ex"][1, 2] = data["dann1.weight_ei"][3, 0] = data["dann2.weight_ex"][0, 4] = 0
    return data


def layer(p, name, x):
    h = x @ p[name + ".weight_ix"].T
    centred = x @ p[name + ".weight_ex"].T - h @ p[name + ".weight_ei"].T
    gamma = h @ (p[name + ".weight_ei"] * torch.exp(p[name + ".alpha"])).T + EPSILON
    return p[name + ".gain"] * centred / gamma + p[name + ".bias"]


def forward(p, x):
    return layer(p, "dann2", torch.nn.functional.softplus(layer(p, "dann1", x)))


def main(target):
    random = np.random.default_rng(7)
    data = drawn(random)
    p = {name: torch.tensor(value, requires_grad=True) for name, value in data.items()}
    data["x"] = random.uniform(0, 1, (7, 6))
    data["labels"] = random.integers(0, 3, 7)
    x, labels = torch.tensor(data["x"], requires_grad=True), torch.tensor(data["labels"])
    for step in range(4):
        for q in p.values():
            q.grad = None
        logits = forward(p, x)
        loss = torch.nn.functional.cross_entropy(logits, labels)
        loss.backward()
        if step == 0:
            data["logits"], data["loss"] = logits.detach().numpy(), loss.detach().numpy()
            data["gradient/x"] = x.grad.numpy().copy()
            for name, q in p.items():
                data["gradient/" + name] = q.grad.numpy().copy()
        if step == 3:
            break
        with torch.no_grad():
            for name, q in p.items():
                which, part = name.split(".")
                d, units, _ = SIZES[which]
                divisor = {"weight_ix": units**0.5, "weight_ei": d, "alpha": d * units**0.5}.get(part, 1)
                q -= RATE * q.grad / divisor
                if part in ("weight_ex", "weight_ix", "weight_ei", "gain"):
                    q.clamp_(min=0)
                data[f"step{step + 1}/{name}"] = q.numpy().copy()
    np.savez(target, **data)


root = pathlib.Path(__file__).resolve().parents[2]
main(sys.argv[1] if len(sys.argv) > 1 else root / "tests/data/dale/dann.npz")
