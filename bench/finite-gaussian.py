"""Finite Gaussian neurons beside PyTorch: training, attacks.

784 → 128 → 10 with tanh, cross-entropy and Adam; classical (dense layers), and finite Gaussian ones with a gate and pressure:
spherical (one width per unit) and diagonal (one per unit and input). Training is our trainer as a run uses it (batches gathered,
cut into shards, finite-checked); PyTorch has its batches as slices of a tensor, no loader. Rates are samples per second. Numbers
are floats that lie in memory on both sides.

PyTorch does the same work by the same tricks: squares are expanded, |x|² − 2 x·c + |c|², so that spherical units are two
products of matrices forward and diagonal ones three, and widths are learned as logarithms.

In the cases "attack" every sample is changed by projected gradient descent in the largest norm: 20 steps of 1/8 of ε = 0.1 from
the sample itself, for all samples, fooled or not, 200 of them at a time, for gradients at the input only.

Before anything is timed, both sides train three batches from the same weights: the loss, the weights, and how far each weight
has moved must agree. Of attacks, the network's answers to the changed samples must.

"peak" is what the multiply-add units do when nothing is in their way, and only what the equations need is counted: a product of
matrices forward for each term of the line and the exponent, as many back for the parameters, and again for the second layer's
input. "gemm_floor" is a step's products of matrices alone, in our shards, on our own kernel.
"""

import math
import os

# OpenMP's threads wait by spinning unless told otherwise (classic-networks.py). Set before NumPy comes, which may bring OpenMP.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np  # noqa: E402
from neurarium_bench import software_of_torch as software  # noqa: E402, F401
from neurarium_bench import use_threads  # noqa: E402

try:
    import torch
except ModuleNotFoundError:  # the cases can be listed without it
    torch = None

PEER = "PyTorch"
# shard: samples that one thread of our trainer takes at a time.
# together: samples that are attacked at a time.
PARAMETERS = {"seed": 1, "batch": 128, "shard": 128, "together": 200}

SIZES = [784, 128, 10]
WIDTH, PRESSURE = 1.5, 0.1
EPSILON, STEPS = 0.1, 20
PRODUCTS = {"classical": 1, "spherical": 2, "diagonal": 3}  # of matrices, forward, for each layer
ASKED = {
    "classical-train": {"ratio": 2}, "spherical-train": {"ratio": 2.5, "gemm_floor": 0.75},
    "diagonal-train": {"ratio": 2.5, "gemm_floor": 0.75}, "classical-attack": {"ratio": 1.8}, "spherical-attack": {"ratio": 2.2},
}  # fmt: skip


def model_of(kind):
    layers = []
    for i, units in enumerate(SIZES[1:]):
        layer = {"type": "dense", "units": units} if kind == "classical" else {
            "type": "finite_gaussian", "units": units, "shape": kind, "gate": i > 0, "pressure": PRESSURE}  # fmt: skip
        layers.append({**layer, **({"activation": "tanh"} if i == 0 else {})})
    return {"type": "sequential", "inputs": SIZES[:1], "loss": "cross_entropy", "layers": layers}


def arrays_of(kind):
    """Names and shapes of the parameters, in the order of ours and of the peer's."""
    found = {}
    for i, (inputs, units) in enumerate(zip(SIZES, SIZES[1:]), 1):
        layer = f"dense{i}" if kind == "classical" else f"finite_gaussian{i}"
        found[layer + ".weight"], found[layer + ".bias"] = (units, inputs), (units,)
        if kind != "classical":
            found[layer + ".centre"] = (units, inputs)
            found[layer + ".log_width"] = (units,) if kind == "spherical" else (units, inputs)
    return found


def multiply_adds(kind, work):
    first, *others = [PRODUCTS[kind] * inputs * units for inputs, units in zip(SIZES, SIZES[1:])]
    if work == "train":
        return 2 * first + 3 * sum(others)
    return STEPS * 2 * (first + sum(others)) + first + sum(others)


def products(kind, n, work):
    """The products of matrices of a step of training with n samples, or of an attack on them."""
    found = []
    for i, (inputs, units) in enumerate(zip(SIZES, SIZES[1:])):
        forward = {"rows": n, "columns": units, "depth": inputs, "transposed": "second"}  # X Wᵀ
        weights = {"rows": units, "columns": inputs, "depth": n, "transposed": "first"}  # Δᵀ X
        back = {"rows": n, "columns": inputs, "depth": units}  # Δ W
        if work == "train":
            found += ([forward, weights] + ([back] if i > 0 else [])) * PRODUCTS[kind]
        else:
            found += ([forward, back] * STEPS + [forward]) * PRODUCTS[kind]
    return found


def case(kind, work, threads, parameters):
    n = parameters["batch"] if work == "train" else parameters["together"]
    name = f"{kind}-{work}"
    made = {
        "name": name + ("-2" if threads == 2 else ""),
        "title": f"{kind}: {work}, {n} a {'step' if work == 'train' else 'call'}, {threads} thread{'s' if threads > 1 else ''}",
        "workload": work, "kind": kind, "threads": threads, "batch": n, "seed": parameters["seed"],
        "model": model_of(kind), "start": list(arrays_of(kind)), "turn_seconds": 0.2, "answers": "labels.npy",
        "variants": [{"name": "float32", "threads": threads, "asked": ASKED.get(name, {}) if threads == 1 else {}}],
    }  # fmt: skip
    if work == "train":
        made["training"] = {"batch_size": n, "shard_size": parameters["shard"], "shuffle": False,
                            "optimiser": {"type": "adam", "learning_rate": 1e-3}}  # fmt: skip
        # Adam moves by the sign of a gradient, however small: where that is near 0, rounding decides.
        made["check_samples"], made["tolerance"] = 3 * n, 5e-3
    else:
        made["attack"] = {"type": "pgd", "steps": STEPS, "random_start": False, "early_stop": False}
        made["epsilon"] = EPSILON
        made["check_samples"], made["tolerance"] = n, 2e-3  # so do attacks
    together = min(n, parameters["shard"]) if work == "train" else n
    made["limits"] = {"peak": {"multiply_adds": multiply_adds(kind, work)},
                      "gemm_floor": {"products": products(kind, together, work), "samples": together}}  # fmt: skip
    return made


def cases(quick, parameters):
    if min(parameters["batch"], parameters["shard"], parameters["together"]) < 1:
        raise ValueError("batch, shard and together must be at least 1")
    return [case(kind, work, 1, parameters) for work in ("train", "attack") for kind in PRODUCTS]


def prepare(case, folder):
    """Ten blurred shapes in noise; a tenth of the labels is wrong, so that there is always something left to learn."""
    generator = np.random.default_rng(case["seed"])
    count = 60 * case["batch"] if case["workload"] == "train" else 10 * case["batch"]
    labels = generator.integers(0, 10, count)
    shapes = np.kron(generator.uniform(0, 1, (10, 7, 7)), np.ones((4, 4)))
    x = np.clip(shapes[labels] + generator.normal(0, 0.25, (count, 28, 28)), 0, 1)
    wrong = generator.uniform(0, 1, count) < 0.1
    labels[wrong] = generator.integers(0, 10, wrong.sum())
    np.save(os.path.join(folder, "samples.npy"), x.reshape(count, -1).astype(np.float32))
    np.save(os.path.join(folder, "labels.npy"), labels.astype(np.int64))
    for name, shape in arrays_of(case["kind"]).items():
        if name.endswith("log_width"):
            numbers = np.full(shape, math.log(WIDTH))
        elif name.endswith("centre"):
            numbers = generator.normal(0, 0.1, shape)
        else:
            inputs = SIZES[int(name.split(".")[0][-1]) - 1]
            numbers = generator.uniform(-1, 1, shape) * inputs**-0.5
        np.save(os.path.join(folder, name + ".npy"), numbers.astype(np.float32))


# ── PyTorch ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Network:
    """The three networks by their equations, on a list of parameters."""

    def __init__(self, kind, parameters):
        self.kind, self.parameters, self.gaussian = kind, parameters, kind != "classical"

    def logits(self, x):
        support = None
        per_layer = 4 if self.gaussian else 2
        for first in range(0, len(self.parameters), per_layer):
            weight, bias, *rest = self.parameters[first: first + per_layer]  # fmt: skip
            line = torch.addmm(bias, x, weight.t())
            if first + per_layer < len(self.parameters):
                line = torch.tanh(line)
            x, support = self.narrowed(line, x, support, *rest) if self.gaussian else (line, None)
        return x

    def narrowed(self, line, x, support, centre, log_width):
        g = torch.exp(-self.exponents(x, centre, log_width))
        if support is not None:
            g = g * support
        return line * g, g.amax(1, keepdim=True)

    def exponents(self, x, centre, log_width):
        inverse = torch.exp(-2 * log_width) / x.shape[1]
        if self.kind == "spherical":
            distances = torch.addmm((centre * centre).sum(1), x, centre.t(), alpha=-2) + (x * x).sum(1, keepdim=True)
            return distances.clamp_min(0) * inverse
        weighted = inverse * centre
        q = torch.addmm((weighted * centre).sum(1), x * x, inverse.t())
        return torch.addmm(q, x, weighted.t(), alpha=-2).clamp_min(0)

    def loss(self, x, y):
        loss = torch.nn.functional.cross_entropy(self.logits(x), y)
        if self.gaussian:
            loss = loss + PRESSURE * sum(torch.exp(2 * width).mean() for width in self.parameters[3::4])
        return loss


class Peer:
    def __init__(self, case, folder):
        if torch is None:
            import torch as missing  # noqa: F401  says which package it is
        use_threads(case["threads"])
        load = lambda name: torch.from_numpy(np.load(os.path.join(folder, name + ".npy")))  # noqa: E731
        self.x, self.y, self.names = load("samples"), load("labels"), case["start"]
        self.training = case["workload"] == "train"
        self.network = Network(case["kind"], [load(name).requires_grad_(self.training) for name in self.names])
        self.before = [parameter.detach().clone() for parameter in self.network.parameters]
        self.seen, self.batch = 0, case["batch"]
        if self.training:
            self.optimiser = torch.optim.Adam(self.network.parameters, case["training"]["optimiser"]["learning_rate"])

    def turn(self, samples):
        count, total = samples, 0.0
        while samples > 0:
            first = self.seen % len(self.x)
            n = min(samples, self.batch, len(self.x) - first)
            x, y = self.x[first: first + n], self.y[first: first + n]  # fmt: skip
            if self.training:
                total += self.step(x, y) * n
            else:
                self.clean, self.changed, self.answers = x, *self.attack(x, y)
            self.seen, samples = self.seen + n, samples - n
        self.mean_loss = total / count

    def step(self, x, y):
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.network.loss(x, y)
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def attack(self, x, y):
        low, high = (x - EPSILON).clamp_(0, 1), (x + EPSILON).clamp_(0, 1)
        size = 2.5 / STEPS * EPSILON
        changed = x.clone()
        for _ in range(STEPS):
            changed.requires_grad_()
            loss = torch.nn.functional.cross_entropy(self.network.logits(changed), y, reduction="sum")
            (slope,) = torch.autograd.grad(loss, changed)
            changed = changed.detach().add_(slope.sign_(), alpha=size)
            changed = torch.clamp(changed, low, high)
        with torch.inference_mode():
            return changed, self.network.logits(changed)

    def state(self):
        if not self.training:
            distance = (self.changed - self.clean).abs().double().mean()
            return {"outputs": self.answers.numpy(), "distance": [distance.item()]}
        found = {"loss": [self.mean_loss]}
        for parameter, before, name in zip(self.network.parameters, self.before, self.names):
            now = parameter.detach().numpy().astype(np.float64)
            found[name], found["moved." + name] = now, now - before.numpy()
        return found
