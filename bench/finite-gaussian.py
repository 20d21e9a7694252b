"""Finite Gaussian neurons beside PyTorch: training.

784 → 128 → 10 with tanh, cross-entropy and Adam; classical (dense layers), and finite Gaussian ones with a gate and pressure:
spherical (one width per unit) and diagonal (one per unit and input). Training is our trainer as a run uses it (batches gathered,
cut into shards, finite-checked); PyTorch has its batches as slices of a tensor, no loader. Rates are samples per second. Numbers
are floats that lie in memory on both sides.

PyTorch does the same work by the same tricks: squares are expanded, |x|² − 2 x·c + |c|², so that spherical units are two
products of matrices forward and diagonal ones three, and widths are learned as logarithms.

Before anything is timed, both sides train three batches from the same weights: the loss, the weights, and how far each weight
has moved must agree.

"peak" is what the multiply-add units do when nothing is in their way, and only what the equations need is counted: a product of
matrices forward for each term of the line and the exponent, as many back for the parameters, and again for the second layer's
input. "gemm_floor" is a step's products of matrices alone, in our shards, on our own kernel.
"""

import ctypes
import math
import os

# OpenMP's threads wait by spinning unless told otherwise (classic-networks.py). Set before NumPy comes, which may bring OpenMP.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np  # noqa: E402

try:
    import torch
except ModuleNotFoundError:  # the cases can be listed without it
    torch = None

PEER = "PyTorch"
# shard: samples that one thread of our trainer takes at a time.
PARAMETERS = {"seed": 1, "batch": 128, "shard": 128}

SIZES = [784, 128, 10]
WIDTH, PRESSURE = 1.5, 0.1
PRODUCTS = {"classical": 1, "spherical": 2, "diagonal": 3}  # of matrices, forward, for each layer
ASKED = {
    "classical-train": {"ratio": 2}, "spherical-train": {"ratio": 2.5, "gemm_floor": 0.75},
    "diagonal-train": {"ratio": 2.5, "gemm_floor": 0.75},
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


def multiply_adds(kind, training):
    layers = [inputs * units for inputs, units in zip(SIZES, SIZES[1:])]
    return PRODUCTS[kind] * (3 * sum(layers) - layers[0] if training else sum(layers))


def products(kind, n):
    """The products of matrices of a step of n samples."""
    found = []
    for i, (inputs, units) in enumerate(zip(SIZES, SIZES[1:])):
        once = [{"rows": n, "columns": units, "depth": inputs, "transposed": "second"},  # X Wᵀ
                {"rows": units, "columns": inputs, "depth": n, "transposed": "first"}]  # Δᵀ X  # fmt: skip
        if i > 0:
            once.append({"rows": n, "columns": inputs, "depth": units})  # Δ W
        found += once * PRODUCTS[kind]
    return found


def train_case(kind, threads, parameters):
    batch, shard = parameters["batch"], parameters["shard"]
    n = min(batch, shard)
    return {
        "name": f"{kind}-train" + ("-2" if threads == 2 else ""),
        "title": f"{kind}: train, {batch} a step, {threads} thread{'s' if threads > 1 else ''}",
        "workload": "train", "kind": kind, "threads": threads, "batch": batch, "seed": parameters["seed"],
        "model": model_of(kind), "start": list(arrays_of(kind)), "turn_seconds": 0.2, "answers": "labels.npy",
        "training": {"batch_size": batch, "shard_size": shard, "shuffle": False,
                     "optimiser": {"type": "adam", "learning_rate": 1e-3}},
        # Adam moves by the sign of a gradient, however small: where that is near 0, rounding decides.
        "check_samples": 3 * batch, "tolerance": 5e-3,
        "limits": {"peak": {"multiply_adds": multiply_adds(kind, True)},
                   "gemm_floor": {"products": products(kind, n), "samples": n}},
        "variants": [{"name": "float32", "threads": threads, "asked": ASKED.get(f"{kind}-train", {}) if threads == 1 else {}}],
    }  # fmt: skip


def cases(quick, parameters):
    if min(parameters["batch"], parameters["shard"]) < 1:
        raise ValueError("batch and shard must be at least 1")
    return [train_case(kind, 1, parameters) for kind in PRODUCTS]


def prepare(case, folder):
    """Ten blurred shapes in noise; a tenth of the labels is wrong, so that there is always something left to learn."""
    generator = np.random.default_rng(case["seed"])
    count = 60 * case["batch"]
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


def software():
    """What else the page says about the software."""
    found = {"OMP_WAIT_POLICY": os.environ["OMP_WAIT_POLICY"]}
    for line in torch.__config__.show().split("\n") if torch else []:
        for word in ("MKL-DNN", "CPU capability usage"):  # MKL-DNN: the old name of oneDNN
            if word in line:
                found["PyTorch's " + word] = line.split(" (")[0].split(word)[-1].strip(" :")
    return found


def use_threads(count):
    torch.set_num_threads(count)
    # OpenBLAS has threads of its own, which torch.set_num_threads does not reach.
    with open("/proc/self/maps", encoding="utf-8") as maps:
        files = {line.split()[-1] for line in maps if "openblas" in line}
    for file in files:
        for suffix in ("", "64_"):
            if hasattr(library := ctypes.CDLL(file), f"openblas_set_num_threads{suffix}"):
                getattr(library, f"openblas_set_num_threads{suffix}")(count)


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
        self.network = Network(case["kind"], [load(name).requires_grad_() for name in self.names])
        self.before = [parameter.detach().clone() for parameter in self.network.parameters]
        self.seen, self.batch = 0, case["batch"]
        self.optimiser = torch.optim.Adam(self.network.parameters, case["training"]["optimiser"]["learning_rate"])

    def turn(self, samples):
        count, total = samples, 0.0
        while samples > 0:
            first = self.seen % len(self.x)
            n = min(samples, self.batch, len(self.x) - first)
            total += self.step(self.x[first: first + n], self.y[first: first + n]) * n  # fmt: skip
            self.seen, samples = self.seen + n, samples - n
        self.mean_loss = total / count

    def step(self, x, y):
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.network.loss(x, y)
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def state(self):
        found = {"loss": [self.mean_loss]}
        for parameter, before, name in zip(self.network.parameters, self.before, self.names):
            now = parameter.detach().numpy().astype(np.float64)
            found[name], found["moved." + name] = now, now - before.numpy()
        return found
