#!/usr/bin/python3
"""Writes tests/data/dale/signs.npz: training under Dale's law, by PyTorch in float64.

x [12, 5], labels [12]   what a network 5 → 4 (tanh) → 3 learns, by mean cross-entropy
w1, b1, w2, b2           initial weights as drawn and biases; signs1 [5], signs2 [4, one per synapse: 3, 4]: 0 = free
<rule>/<optimiser>       [16, parameters]: what is stored (raw weights), before the first and after each of 15 steps,
                         in the order w1, b1, (s1), w2, b2, (s2)
The rules that change the weights themselves (clamp, exponentiated) are written here from their equations.
Needs python3-torch; nothing of Neurarium is imported.
"""
import pathlib
import sys

import numpy as np
import torch

STEPS = 15
RATE = {"sgd": 0.1, "adam": 0.05}
BETAS, EPSILON, MOMENTUM = (0.9, 0.999), 1e-8, 0.9
WEIGHTS = {
    "abs": lambda w, s: s * w.abs(),
    "relu": lambda w, s: s * torch.relu(w),
    "square": lambda w, s: s * w**2,
    "softplus": lambda w, s: s * torch.nn.functional.softplus(w),
    "learned": lambda w, s: torch.tanh(s) * w.abs(),
    "clamp": lambda w, s: w,
    "exponentiated": lambda w, s: w,
}
STORED = {
    "abs": lambda w, s: w,
    "learned": lambda w, s: w,
    "relu": lambda w, s: np.abs(w),
    "square": lambda w, s: np.sqrt(np.abs(w)),
    "softplus": lambda w, s: np.log(np.expm1(np.abs(w))),
    "clamp": lambda w, s: s * np.abs(w),
    "exponentiated": lambda w, s: s * np.abs(w),
}


def move(p, state, optimiser, step):
    """What the optimiser subtracts from p; torch.optim's equations."""
    g = p.grad
    if optimiser == "sgd":
        state["v"] = MOMENTUM * state.get("v", torch.zeros_like(p)) + g
        return RATE["sgd"] * state["v"]
    state["m"] = BETAS[0] * state.get("m", torch.zeros_like(p)) + (1 - BETAS[0]) * g
    state["s"] = BETAS[1] * state.get("s", torch.zeros_like(p)) + (1 - BETAS[1]) * g**2
    root = (state["s"] / (1 - BETAS[1] ** step)).sqrt() + EPSILON
    return RATE["adam"] / (1 - BETAS[0] ** step) * state["m"] / root


def training(data, rule, optimiser):
    signs = [torch.tensor(np.broadcast_to(data[k], data[w].shape).copy()) for k, w in (("signs1", "w1"), ("signs2", "w2"))]
    parameters = []
    for layer, sign in zip("12", signs):
        w = data["w" + layer]
        raw = np.where(sign.numpy() == 0, w, STORED[rule](w, sign.numpy()))
        parameters.append(torch.tensor(raw, requires_grad=True))
        parameters.append(torch.tensor(data["b" + layer], requires_grad=True))
        if rule == "learned":
            parameters.append(torch.tensor(0.5 * data["signs" + layer], requires_grad=True))
    per_layer = len(parameters) // 2
    by_torch = None
    if rule not in ("clamp", "exponentiated"):
        by_torch = (torch.optim.SGD(parameters, lr=RATE["sgd"], momentum=MOMENTUM) if optimiser == "sgd"
                    else torch.optim.Adam(parameters, lr=RATE["adam"], betas=BETAS, eps=EPSILON))
    x, labels = torch.tensor(data["x"]), torch.tensor(data["labels"])
    states = [{} for _ in parameters]
    rows = []
    for step in range(STEPS + 1):
        rows.append(np.concatenate([p.detach().numpy().ravel() for p in parameters]))
        h = x
        for k, sign in enumerate(signs):
            raw, bias = parameters[k * per_layer], parameters[k * per_layer + 1]
            s = parameters[k * per_layer + 2] if rule == "learned" else sign
            h = h @ torch.where(sign == 0, raw, WEIGHTS[rule](raw, s)).T + bias
            h = torch.tanh(h) if k == 0 else h
        for p in parameters:
            p.grad = None
        torch.nn.functional.cross_entropy(h, labels).backward()
        if by_torch:
            by_torch.step()
            continue
        with torch.no_grad():
            for i, (p, state) in enumerate(zip(parameters, states)):
                delta = move(p, state, optimiser, step + 1)
                if i % per_layer:  # a bias
                    p -= delta
                    continue
                sign = signs[i // per_layer]
                if rule == "exponentiated":
                    p.copy_(torch.where(sign == 0, p - delta, p * torch.exp(-torch.sign(p) * delta)))
                else:
                    p -= delta
                    wrong = sign * p < 0
                    p[wrong] = 0
                    for memory in state.values():
                        memory[wrong] = 0
    return np.array(rows)


def main():
    rng = np.random.default_rng(3)
    data = {
        "x": rng.normal(size=(12, 5)), "labels": rng.integers(0, 3, size=12),
        "w1": 0.6 * rng.normal(size=(4, 5)), "b1": 0.1 * rng.normal(size=4), "signs1": np.array([1.0, -1, 0, 1, -1]),
        "w2": 0.6 * rng.normal(size=(3, 4)), "b2": 0.1 * rng.normal(size=3),
        "signs2": rng.choice([-1.0, 0, 1], size=(3, 4)),
    }
    for rule in WEIGHTS:
        for optimiser in ("sgd", "adam"):
            data[f"{rule}/{optimiser}"] = training(data, rule, optimiser)
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "tests/data/dale/signs.npz"
    np.savez(out, **data)
    print(out, "PyTorch", torch.__version__)


if __name__ == "__main__":
    main()
