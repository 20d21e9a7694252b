#!/usr/bin/python3
"""Writes tests/data/backprop/full_batch.npz: minima that SciPy and NumPy find, for the full-batch methods to find too.

linear/x, y            40 samples, 3 inputs, 2 targets; linear/parameters: weights [2, 3] and biases [2] as one row, by
                       numpy.linalg.lstsq; linear/loss: ½ Σ (y − t)² / 40 there
logistic/x, labels     60 samples of 3 classes that overlap, so that the softmax regression has a finite minimum;
                       logistic/parameters: [3, 2] and [3], by scipy.optimize.minimize (BFGS), up to a shift of all
                       logits; logistic/loss: mean cross-entropy there
net/x, y               120 noisy samples of a 2-5-1 network (tanh, identity), for a network of the same form
net/start              its first weights [5, 2], [5], [1, 5], [1] as one row
net/loss               mean ½ (y − t)² at the minimum that CG, BFGS, L-BFGS-B (scipy.optimize.minimize) and
                       scipy.optimize.least_squares(method="lm") all reach from there
net/parameters         that minimum, by least_squares
Needs python3-scipy; nothing of Neurarium is imported.
"""

import pathlib
import sys

import numpy as np
import scipy
from scipy.optimize import least_squares, minimize


def linear(rng, table):
    x = np.round(rng.normal(size=(40, 3)), 6)
    y = np.round(x @ rng.normal(size=(3, 2)) + rng.normal(size=2) + 0.3 * rng.normal(size=(40, 2)), 6)
    solution, residuals, _, _ = np.linalg.lstsq(np.hstack([x, np.ones((40, 1))]), y, rcond=None)
    table.update({"linear/x": x, "linear/y": y, "linear/parameters": np.concatenate([solution[:3].T.ravel(), solution[3]]),
                  "linear/loss": np.array([0.5 * residuals.sum() / 40])})  # fmt: skip


def logistic(rng, table):
    labels = rng.integers(0, 3, 60)
    x = np.round(rng.normal(size=(60, 2)) + np.stack([np.cos(2 * labels), np.sin(2 * labels)], 1), 6)
    one_hot = np.eye(3)[labels]

    def value_and_gradient(w):
        z = x @ w[:6].reshape(3, 2).T + w[6:]
        log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
        d = (np.exp(log_p) - one_hot) / 60
        return -(one_hot * log_p).sum() / 60, np.concatenate([(d.T @ x).ravel(), d.sum(0)])

    found = minimize(value_and_gradient, np.zeros(9), jac=True, method="BFGS", options={"gtol": 1e-11})
    assert np.abs(value_and_gradient(found.x)[1]).max() < 1e-9
    table.update({"logistic/x": x, "logistic/labels": labels, "logistic/parameters": found.x,
                  "logistic/loss": np.array([found.fun])})  # fmt: skip


class Network:
    def __init__(self, x, y):
        self.x, self.y = x, y

    @staticmethod
    def unpack(w):
        return w[:10].reshape(5, 2), w[10:15], w[15:20], w[20]

    def residuals(self, w):
        W1, b1, w2, b2 = self.unpack(w)
        return np.tanh(self.x @ W1.T + b1) @ w2 + b2 - self.y

    def jacobian(self, w):
        W1, b1, w2, _ = self.unpack(w)
        h = np.tanh(self.x @ W1.T + b1)
        d = (1 - h * h) * w2
        return np.hstack([(d[:, :, None] * self.x[:, None, :]).reshape(len(self.x), 10), d, h, np.ones((len(self.x), 1))])

    def value_and_gradient(self, w):
        r = self.residuals(w)
        return 0.5 * (r @ r) / len(r), self.jacobian(w).T @ r / len(r)


def net(rng, table):
    # Answers of such a network, with noise, and a start not far from it: the minimum is well-conditioned and the same for all.
    angles = 2 * np.pi * np.arange(5) / 5
    teacher = np.concatenate([1.5 * np.stack([np.cos(angles), np.sin(angles)], 1).ravel(), [0, 1, -1, 0.5, -0.5],
                              [2, -1.5, 1, -2, 1.5], [0.3]])  # fmt: skip
    x = np.round(rng.uniform(-2, 2, size=(120, 2)), 6)
    y = np.round(Network(x, np.zeros(120)).residuals(teacher) + 0.1 * rng.normal(size=120), 6)
    network = Network(x, y)
    start = np.round(teacher + 0.3 * rng.normal(size=21), 6)
    squares = least_squares(network.residuals, start, network.jacobian, method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15)
    loss, gradient = network.value_and_gradient(squares.x)
    others = [minimize(network.value_and_gradient, start, jac=True, method=method, options={"maxiter": 3000, **options}).fun
              for method, options in [("CG", {"gtol": 1e-8}), ("BFGS", {"gtol": 1e-8}), ("L-BFGS-B", {"gtol": 1e-10, "ftol": 1e-16})]]  # fmt: skip
    print("2-5-1:", loss, others, "condition", np.linalg.cond(network.jacobian(squares.x)), "passes", squares.nfev)
    assert np.abs(gradient).max() < 1e-9 and np.allclose(others, loss, rtol=1e-9)
    table.update({"net/x": x, "net/y": y[:, None], "net/start": start, "net/loss": np.array([loss]), "net/parameters": squares.x})


def main():
    rng = np.random.default_rng(4)
    table = {}
    for part in (linear, logistic, net):
        part(rng, table)
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "tests/data/backprop/full_batch.npz"
    np.savez(out, **{key: np.round(array, 10) for key, array in table.items()})  # what follows differs between machines
    print(out, "SciPy", scipy.__version__)


if __name__ == "__main__":
    main()
