#!/usr/bin/python3
"""Writes tests/data/backprop/activations.npz: activation functions and their derivatives, by PyTorch in float64.

x            the points: the notebook's linspace(−5, 5, 100), 0, and some far out
<name>       [2, points]: values, derivatives (PyTorch's own backward pass)
relu and leaky_relu at 0 follow PyTorch: g'(0) = 0 and 0.01. Needs python3-torch; nothing of Neurarium is imported.
"""
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

FUNCTIONS = {
    "identity": lambda a: a * 1,
    "tanh": torch.tanh,
    "logistic": torch.sigmoid,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": lambda a: F.softplus(a, threshold=40),  # PyTorch's is linear above 20 by default
}


def main():
    x = np.concatenate([np.linspace(-5, 5, 100), [0.0, 1e-8, -1e-8, 12.5, -12.5, 30.0, -30.0]])
    table = {"x": x}
    for name, function in FUNCTIONS.items():
        a = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        y = function(a)
        y.sum().backward()
        table[name] = np.stack([y.detach().numpy(), a.grad.numpy()])
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "tests/data/backprop/activations.npz"
    np.savez(out, **table)
    print(out, "PyTorch", torch.__version__)


if __name__ == "__main__":
    main()
