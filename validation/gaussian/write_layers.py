#!/usr/bin/python3
"""Writes tests/data/gaussian/layers.npz: finite Gaussian layers' answers and gradients by PyTorch in float64.

The keys are those of validation/backprop/write_layers.py; distances are taken directly, |x − c|, not expanded, and gradients
by PyTorch's own differentiation. Inputs and parameters are multiples of 1/128, which float32 holds exactly, too.
Needs python3-torch; nothing of Neurarium is imported.
"""
import math
import pathlib
import sys

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
rng = np.random.default_rng(5)
ACTIVATIONS = {"identity": lambda a: a, "tanh": torch.tanh, "relu": torch.relu, "silu": torch.nn.functional.silu}


def numbers(*shape, sd=1.0):
    return np.round(rng.normal(size=shape) * sd * 64) / 64


def exponents(x, p, keys):
    """q [n, units] of rows x [n, d]."""
    d, order, shape = x.shape[1], keys.get("order", 2), keys.get("shape", "spherical")
    away = x[:, None, :] - p["centre"][None]
    if shape == "full":
        z = torch.einsum("nji,jik->njk", away, torch.tril(p["factor"])) / math.sqrt(d)
    else:
        width = math.sqrt(d) * torch.exp(p["log_width"])
        z = away / (width[None, :, None] if shape == "spherical" else width[None])
    return (z.abs() ** order).sum(2)


def forward(layers, parameters, x):
    """The last layer's answers; each layer's support is the largest g times that of the layer before."""
    support = None
    for (kind, keys), p in zip(layers, parameters):
        n, out = len(x), None
        if kind == "finite_gaussian_conv2d":  # rows [sample · position, channels · k²]
            geometry = {key: keys.get(key, default) for key, default in (("stride", 1), ("padding", 0), ("dilation", 1))}
            k = keys["kernel_size"]
            out = [(size + 2 * geometry["padding"] - geometry["dilation"] * (k - 1) - 1) // geometry["stride"] + 1
                   for size in x.shape[2:]]  # fmt: skip
            x = torch.nn.functional.unfold(x, k, **geometry).transpose(1, 2).reshape(-1, p["weight"][0].numel())
            p = {key: v.reshape(len(v), -1) if v.dim() == 4 else v for key, v in p.items()}
        x = x.reshape(n if out is None else len(x), -1)
        bias = -(p["weight"] * p["centre"]).sum(1) if keys.get("bias", "free") == "tied" else p["bias"]
        line = x @ p["weight"].T + bias
        g = torch.exp(-exponents(x, p, keys))
        if keys.get("gate", False) and support is not None:
            g = g * support.repeat_interleave(len(g) // n)[:, None]
        support = g.reshape(n, -1).max(1).values
        x = ACTIVATIONS[keys.get("activation", "identity")](line) * g
        if out is not None:
            x = x.reshape(n, *out, -1).permute(0, 3, 1, 2)
    return x


def parameters_for(kind, keys, entry):
    """Of a layer that is given entries of this shape."""
    if kind == "finite_gaussian_conv2d":
        units, row = keys["filters"], (entry[0], keys["kernel_size"], keys["kernel_size"])
    else:
        units, row = keys["units"], (math.prod(entry),)
    d, shape = math.prod(row), keys.get("shape", "spherical")
    p = {"weight": numbers(units, *row), "centre": numbers(units, *row, sd=0.5)}
    if keys.get("bias", "free") == "free":
        p["bias"] = numbers(units)
    if shape == "full":
        p["factor"] = np.tril(numbers(units, d, d, sd=0.4)) + np.eye(d)
    else:
        p["log_width"] = numbers(*((units,) if shape == "spherical" else (units, *row)), sd=0.3)
    order = ["weight", "bias", "centre", "log_width", "factor"]
    return {key: torch.tensor(p[key], requires_grad=True) for key in order if key in p}


def toml(layers):
    text = ""
    for kind, keys in layers:
        text += f'[[layers]]\ntype = "{kind}"\n'
        for key, value in keys.items():
            text += f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}\n"
    return text


def case(table, name, layers, x):
    parameters, counts, entry = [], {}, x.shape[1:]
    for i, (kind, keys) in enumerate(layers, 1):
        parameters.append(parameters_for(kind, keys, entry))
        with torch.no_grad():
            entry = forward(layers[:i], parameters, torch.tensor(x)).shape[1:]
    put = torch.tensor(x, requires_grad=True)
    y = forward(layers, parameters, put)
    c = numbers(*y.shape)
    (y * torch.tensor(c)).sum().backward()
    table.update({f"{name}/layers": np.frombuffer(toml(layers).encode(), np.uint8), f"{name}/training": np.array([0]),
                  f"{name}/x": x, f"{name}/y": y.detach().numpy(), f"{name}/c": c, f"{name}/dx": put.grad.numpy()})  # fmt: skip
    for (kind, _), p in zip(layers, parameters):
        counts[kind] = counts.get(kind, 0) + 1
        for key, value in p.items():
            table[f"{name}/state/{kind}{counts[kind]}.{key}"] = value.detach().numpy()
            table[f"{name}/gradient/{kind}{counts[kind]}.{key}"] = value.grad.numpy()


def main():
    table = {}
    for shape in ("spherical", "diagonal", "full"):
        for order in (2, 1, 5):
            keys = dict(units=4, activation="tanh", shape=shape, order=order, bias="tied" if order == 1 else "free")
            case(table, f"{shape}{order}", [("finite_gaussian", keys)], numbers(6, 3, 2, sd=0.7))
        # No input at a centre: there |x − c|^½ has no slope.
        case(table, f"{shape}_half", [("finite_gaussian", dict(units=3, shape=shape, order=0.5))], numbers(5, 4, sd=0.7) + 1 / 128)
        chain = [dict(units=6, activation="tanh", shape=shape), dict(units=5, activation="silu", shape=shape, gate=True, bias="tied"),
                 dict(units=3, shape=shape, gate=True)]  # fmt: skip
        case(table, f"{shape}_gated", [("finite_gaussian", keys) for keys in chain], numbers(7, 5, sd=0.7))
    for shape in ("spherical", "diagonal", "full"):
        first = dict(filters=3, kernel_size=3, stride=2, padding=1, activation="tanh", shape=shape)
        second = dict(filters=2, kernel_size=2, dilation=2, shape=shape, gate=True, bias="tied")
        last = dict(units=3, shape=shape, gate=True)
        images = [("finite_gaussian_conv2d", first), ("finite_gaussian_conv2d", second), ("finite_gaussian", last)]
        case(table, f"{shape}_images", images, numbers(4, 2, 9, 8, sd=0.5))
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "tests/data/gaussian/layers.npz"
    np.savez_compressed(out, **table)
    print(out, "PyTorch", torch.__version__)


if __name__ == "__main__":
    main()
