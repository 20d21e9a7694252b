"""Two classic networks beside PyTorch: training, inference, latency.

lenet: 28 × 28 → 20 filters 5 × 5 → pool 2 × 2 → 50 filters 5 × 5 → pool 2 × 2 → 128 → 10, with ReLU; mlp: 784 → 128 → 10, with
ReLU. Cross-entropy; gradient descent with momentum 0.9. Training is our trainer as a run uses it (batches gathered, cut into
shards, finite-checked); PyTorch has its batches as slices of a tensor, no loader. Rates are samples per second; one sample per
call in the cases "latency". Numbers are floats that lie in memory on both sides. Cases that end in "2" use two
threads on both sides. In the cases "nhwc" PyTorch has images and filters in torch.channels_last, which its convolutions
like better than what one gets without asking; our side is the same.

Before anything is timed, both sides train three batches from the same weights: the loss, the weights, and how far each weight
has moved must agree.

"peak" is what the multiply-add units do when nothing is in their way, and only what the equations need is counted: per sample
1,991,680 multiply-adds forward for lenet, 5,687,040 for a step of training (three times forward; nobody asks for the first
layer's gradient at the image). "gemm_floor" is a step's products of matrices alone, in our shards, on our own kernel.
"""

import os

# OpenMP's threads wait by spinning unless told otherwise. Beside any other busy process that makes PyTorch's two threads ten
# times slower than one; on an idle machine OMP_WAIT_POLICY=active may be better for it: what is set in the shell counts.
# Set before NumPy comes, whose OpenBLAS may bring OpenMP: it reads this when it is loaded.
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
PARAMETERS = {"seed": 1, "batch": 128, "shard": 64}

RELU = {"activation": "relu"}
NETWORKS = {
    "lenet": {
        "type": "sequential", "inputs": [1, 28, 28], "loss": "cross_entropy",
        "layers": [
            {"type": "conv2d", "filters": 20, "kernel_size": 5, **RELU}, {"type": "max_pool", "size": 2},
            {"type": "conv2d", "filters": 50, "kernel_size": 5, **RELU}, {"type": "max_pool", "size": 2},
            {"type": "dense", "units": 128, **RELU}, {"type": "dense", "units": 10},
        ],
    },
    "mlp": {
        "type": "sequential", "inputs": [784], "loss": "cross_entropy",
        "layers": [{"type": "dense", "units": 128, **RELU}, {"type": "dense", "units": 10}],
    },
}  # fmt: skip
WEIGHTS = {  # in the order of torch.nn.Sequential's parameters, without the biases
    "lenet": {"conv2d1": (20, 1, 5, 5), "conv2d2": (50, 20, 5, 5), "dense1": (128, 800), "dense2": (10, 128)},
    "mlp": {"dense1": (128, 784), "dense2": (10, 128)},
}
POSITIONS = {"conv2d1": 24 * 24, "conv2d2": 8 * 8}  # where a filter is laid; 1 for dense layers
ASKED = {
    "lenet-train": {"ratio": 1.8}, "lenet-infer": {"ratio": 2.2}, "lenet-latency": {"ratio": 3},
    "mlp-train": {"ratio": 2, "gemm_floor": 0.75},
}  # fmt: skip


def multiply_adds(network, training):
    each = [int(np.prod(shape)) * POSITIONS.get(layer, 1) for layer, shape in WEIGHTS[network].items()]
    return 3 * sum(each) - each[0] if training else sum(each)


def products(network, n, training):
    """The products of matrices for n samples, as our dense layers lay them out."""
    found = []
    for i, (units, inputs) in enumerate(WEIGHTS[network].values()):
        found.append({"rows": n, "columns": units, "depth": inputs, "transposed": "second"})  # X Wᵀ
        if training:
            found.append({"rows": units, "columns": inputs, "depth": n, "transposed": "first"})  # Δᵀ X
        if training and i > 0:
            found.append({"rows": n, "columns": inputs, "depth": units})  # Δ W
    return found


def case(network, work, threads, parameters, channels_last=False):
    batch, shard, training = parameters["batch"], parameters["shard"], work == "train"
    together = 1 if work == "latency" else batch
    made = {
        "name": f"{network}-{work}" + ("-nhwc" if channels_last else "") + ("-2" if threads == 2 else ""),
        "title": f"{network}: {work}, {together} a {'step' if training else 'call'}, "
                 f"{threads} thread{'s' if threads > 1 else ''}" + (", channels_last" if channels_last else ""),
        "workload": "train" if training else "respond", "network": network, "threads": threads, "batch": together,
        "seed": parameters["seed"], "channels_last": channels_last, "model": NETWORKS[network], "turn_seconds": 0.2,
        "start": [f"{layer}.{kind}" for layer in WEIGHTS[network] for kind in ("weight", "bias")],
        # Of the moves, which are some thousandths of the weights: these then agree to 1e-6.
        "check_samples": 3 * batch if training else together, "tolerance": 5e-4 if training else 1e-4,
        "limits": {"peak": {"multiply_adds": multiply_adds(network, training)}},
        "variants": [{"name": "float32", "threads": threads, "asked": ASKED.get(f"{network}-{work}", {})}],
    }  # fmt: skip
    if training:
        made["answers"] = "labels.npy"
        made["training"] = {"batch_size": batch, "shard_size": shard, "shuffle": False,
                            "optimiser": {"type": "sgd", "learning_rate": 0.01, "momentum": 0.9}}  # fmt: skip
    if network == "mlp":
        n = min(shard, batch) if training else max(1, together // threads)
        made["limits"]["gemm_floor"] = {"products": products(network, n, training), "samples": n}
    return made


def cases(quick, parameters):
    if min(parameters["batch"], parameters["shard"]) < 1:
        raise ValueError("batch and shard must be at least 1")
    return [case(network, work, threads, parameters, channels_last)
            for network in NETWORKS for channels_last in ((False, True) if network == "lenet" else (False,))
            for work in ("train", "infer", "latency") for threads in (1, 2)]  # fmt: skip


def prepare(case, folder):
    """Ten blurred shapes in noise; a tenth of the labels is wrong, so that there is always something left to learn."""
    generator = np.random.default_rng(case["seed"])
    count = 60 * case["batch"] if case["batch"] > 1 else 1000
    labels = generator.integers(0, 10, count)
    shapes = np.kron(generator.uniform(0, 1, (10, 7, 7)), np.ones((4, 4)))
    x = np.clip(shapes[labels] + generator.normal(0, 0.25, (count, 28, 28)), 0, 1)
    wrong = generator.uniform(0, 1, count) < 0.1
    labels[wrong] = generator.integers(0, 10, wrong.sum())
    np.save(os.path.join(folder, "samples.npy"), x.reshape(count, *case["model"]["inputs"]).astype(np.float32))
    np.save(os.path.join(folder, "labels.npy"), labels.astype(np.int64))
    for layer, shape in WEIGHTS[case["network"]].items():
        reach = np.prod(shape[1:]) ** -0.5
        for kind, size in (("weight", shape), ("bias", shape[:1])):
            numbers = generator.uniform(-reach, reach, size).astype(np.float32)
            np.save(os.path.join(folder, f"{layer}.{kind}.npy"), numbers)


# ── PyTorch ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def network_of(name):
    nn = torch.nn
    if name == "mlp":
        return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


class Peer:
    def __init__(self, case, folder):
        if torch is None:
            import torch as missing  # noqa: F401  says which package it is
        use_threads(case["threads"])
        load = lambda name: torch.from_numpy(np.load(os.path.join(folder, name + ".npy")))  # noqa: E731
        self.x, self.y, self.names = load("samples"), load("labels"), case["start"]
        self.network = network_of(case["network"])
        with torch.no_grad():
            for parameter, name in zip(self.network.parameters(), self.names):
                parameter.copy_(load(name))
        if case["channels_last"]:
            self.network = self.network.to(memory_format=torch.channels_last)
            self.x = self.x.contiguous(memory_format=torch.channels_last)
        self.before = [parameter.detach().clone() for parameter in self.network.parameters()]
        self.seen, self.batch, self.training = 0, case["batch"], case["workload"] == "train"
        self.loss = torch.nn.CrossEntropyLoss()
        self.network.train(self.training)
        if self.training:
            options = case["training"]["optimiser"]
            self.optimiser = torch.optim.SGD(self.network.parameters(), options["learning_rate"], options["momentum"])

    def turn(self, samples):
        count, total = samples, 0.0
        while samples > 0:
            first = self.seen % len(self.x)
            n = min(samples, self.batch, len(self.x) - first)
            x = self.x[first: first + n]  # fmt: skip
            if self.training:
                total += self.step(x, self.y[first: first + n]) * n  # fmt: skip
            else:
                with torch.inference_mode():
                    self.answers = self.network(x)
            self.seen, samples = self.seen + n, samples - n
        self.mean_loss = total / count

    def step(self, x, y):
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.loss(self.network(x), y)
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def state(self):
        if not self.training:
            return {"outputs": self.answers.numpy()}
        found = {"loss": [self.mean_loss]}
        for parameter, before, name in zip(self.network.parameters(), self.before, self.names):
            now = parameter.detach().numpy().astype(np.float64)
            found[name], found["moved." + name] = now, now - before.numpy()
        return found
