"""A spiking network under Dale's law beside PyTorch: training by surrogate gradients, and answers.

The sound-localisation network of the founding notebook: 200 fibres, 30 hidden units of integrate-and-fire, 12 leaky integrators; 100
steps of 1 ms, weights |w| times the sign of their row, sigmoid surrogate, cross-entropy of mean membranes, Adam, batches of 64.

The peer is either the notebook's code (a loop over time with slices and stacks; its gradient writes a whole tensor for each step), or
"tuned": the same network with unbound steps, in-place nothing, and the readout as one product, Σ_t c_t s_t W, as ours has it. Both
sides have their samples in memory: PyTorch as floats [n, steps, fibres], ours as events.

Before anything is timed, both sides learn two batches from the same weights: the loss, the weights and how far each weight has
moved must agree; of answers, the logits.

"threads" has no peer: two threads and one take turns in the same rounds.

"rows" is what the memory closest to the processor allows: each spike of a fibre needs its row of 32 weights once on the way forward
and its row of the gradient once on the way back; nothing else is counted (dynamics, surrogate, output).
"""

import math
import os

# OpenMP's threads wait by spinning unless told otherwise (classic-networks.py). Set before NumPy comes, which may bring OpenMP.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np  # noqa: E402
from neurarium_bench import software_of_torch as software  # noqa: E402, F401
from neurarium_bench import two_threads_beside_one, use_threads  # noqa: E402

try:
    import torch
except ModuleNotFoundError:  # the cases can be listed without it
    torch = None

PEER = "PyTorch"
PARAMETERS = {"seed": 1, "batch": 64, "shard": 16}
STEPS, FIBRES, HIDDEN, CLASSES = 100, 200, 30, 12
ALPHA = math.exp(-1e-3 / 5e-3)
RATE = 0.225  # mean probability of a spike in a step
ASKED = {("train", "notebook"): 75, ("train", "tuned"): 45, ("respond", "notebook"): 30}


def model_of():
    dale = {"signs": "random", "inhibitory_fraction": 0.5, "rule": "abs"}
    layer = {"dt": 1e-3, "tau_membrane": 5e-3, "dale": dale}
    return {"type": "sequential", "inputs": [STEPS, FIBRES], "loss": "cross_entropy", "layers": [
        {"type": "lif", "name": "hidden", "units": HIDDEN, "spike": "late", **layer},
        {"type": "leaky_integrator", "name": "output", "units": CLASSES, "input": "late", **layer}]}  # fmt: skip


def case(work, peer, threads, parameters):
    name = f"{'train' if work == 'train' else 'answer'}-{peer}" + ("-2" if threads == 2 else "")
    asked = {"ratio": ASKED[work, peer]} if (work, peer) in ASKED and threads == 1 else {}
    n = parameters["batch"]
    passes = 2 if work == "train" else 1
    made = {
        "name": name, "workload": work, "peer_code": peer, "threads": threads, "batch": n, "seed": parameters["seed"],
        "title": f"{'training' if work == 'train' else 'answers'}, beside {peer} code, {threads} thread{'s' if threads > 1 else ''}",
        "as_events": True, "model": model_of(), "turn_seconds": 0.3, "answers": "labels.npy",
        "start": ["hidden.weight", "output.weight", "hidden.weight_sign", "output.weight_sign"],
        "limits": {"rows": {"array": "hidden.weight", "read": passes * RATE * STEPS * 32 / HIDDEN}},
        "variants": [{"name": "float32", "threads": threads, "asked": asked}],
    }  # fmt: skip
    if work == "train":
        made["training"] = {"batch_size": n, "shard_size": parameters["shard"], "shuffle": False,
                            "optimiser": {"type": "adam", "learning_rate": 0.01}}  # fmt: skip
        made["check_samples"], made["tolerance"] = 2 * n, 5e-3  # Adam moves by the sign of a gradient, however small
    else:
        made["check_samples"], made["tolerance"] = n, 1e-4
    return made


def cases(quick, parameters):
    if min(parameters["batch"], parameters["shard"]) < 1:
        raise ValueError("batch and shard must be at least 1")
    made = [case(work, peer, 1, parameters) for work in ("train", "respond") for peer in ("notebook", "tuned")]
    made.append(case("train", "tuned", 2, parameters))
    still = {**made[1]["training"], "optimiser": {"type": "adam", "learning_rate": 1e-8}}
    return [*made, two_threads_beside_one(made[1], training=still)]


def prepare(case, folder):
    """Spikes as the task draws them, and weights as the notebook does."""
    generator = np.random.default_rng(case["seed"])
    count = 16 * case["batch"]
    ipd = generator.uniform(-np.pi / 2, np.pi / 2, count)
    delays = np.tile(np.arange(FIBRES // 2) * (np.pi / 2) / (FIBRES // 2 - 1), 2)
    ears = np.repeat([0.0, 1.0], FIBRES // 2)
    x = np.empty((count, STEPS, FIBRES), np.uint8)
    for i in range(count):
        phase = 2 * np.pi * (0.02 * np.arange(STEPS)[:, None] + 0.3) + delays + ears * ipd[i]
        x[i] = generator.random(phase.shape) < 0.6 * (0.5 * (1 + np.sin(phase))) ** 2
    np.save(os.path.join(folder, "samples.npy"), x)
    labels = np.clip((ipd + np.pi / 2) * CLASSES / np.pi, 0, CLASSES - 1).astype(np.int64)
    np.save(os.path.join(folder, "labels.npy"), labels)
    for name, inputs, units in (("hidden", FIBRES, HIDDEN), ("output", HIDDEN, CLASSES)):
        weights = generator.uniform(-1, 1, (inputs, units)) / math.sqrt(units)
        np.save(os.path.join(folder, name + ".weight.npy"), weights.astype(np.float32))
        signs = np.where(generator.permutation(inputs) < inputs // 2, -1, 1)
        np.save(os.path.join(folder, name + ".weight_sign.npy"), signs.astype(np.float32))


# ── PyTorch ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def spike_function():
    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            context.save_for_backward(x)
            out = torch.zeros_like(x)
            out[x > 0] = 1.0
            return out

        @staticmethod
        def backward(context, gradient):
            (x,) = context.saved_tensors
            s = 1 / (1 + torch.exp(-5 * x))
            return gradient * (5 * s * (1 - s))

    return Spike.apply


def notebook_logits(x, w1, w2, spike):
    """The notebook's loops."""
    n = x.shape[0]
    v, s = torch.zeros(n, HIDDEN), torch.zeros(n, HIDDEN)
    rec = [s]
    h = torch.einsum("abc,cd->abd", (x, w1))
    for t in range(STEPS - 1):
        new_v = (ALPHA * v + h[:, t]) * (1 - s)
        s = spike(v - 1)
        v = new_v
        rec.append(s)
    s = torch.stack(rec, 1)
    v = torch.zeros(n, CLASSES)
    rec = [v]
    h = torch.einsum("abc,cd->abd", (s, w2))
    for t in range(STEPS - 1):
        v = ALPHA * v + h[:, t]
        rec.append(v)
    return torch.sum(torch.stack(rec, 1), 1) * 0.01


def tuned_logits(x, w1, w2, spike):
    n = x.shape[0]
    v, s = torch.zeros(n, HIDDEN), torch.zeros(n, HIDDEN)
    drive = (x.reshape(-1, FIBRES) @ w1).view(n, STEPS, HIDDEN).unbind(1)
    summed = torch.zeros(n, HIDDEN)
    for t in range(STEPS - 1):
        summed = summed + s * ((1 - ALPHA ** (STEPS - 1 - t)) / (1 - ALPHA))
        new_v = (ALPHA * v + drive[t]) * (1 - s)
        s = spike(v - 1)
        v = new_v
    return 0.01 * (summed @ w2)


class Peer:
    def __init__(self, case, folder):
        if torch is None:
            import torch as missing  # noqa: F401  says which package it is
        use_threads(case["threads"])
        load = lambda name: torch.from_numpy(np.load(os.path.join(folder, name + ".npy")))  # noqa: E731
        self.x, self.y, self.training = load("samples").float(), load("labels"), case["workload"] == "train"
        self.logits = notebook_logits if case["peer_code"] == "notebook" else tuned_logits
        self.names = ["hidden.weight", "output.weight"]
        self.parameters = [load(name).requires_grad_(self.training) for name in self.names]
        self.signs = [load(name + "_sign")[:, None] for name in self.names]
        self.before = [parameter.detach().clone() for parameter in self.parameters]
        self.spike, self.seen, self.batch = spike_function(), 0, case["batch"]
        if self.training:
            self.optimiser = torch.optim.Adam(self.parameters, 0.01)

    def weights(self):
        return [torch.abs(w) * s for w, s in zip(self.parameters, self.signs)]

    def turn(self, samples):
        count, total = samples, 0.0
        while samples > 0:
            first = self.seen % len(self.x)
            n = min(samples, self.batch, len(self.x) - first)
            x, y = self.x[first: first + n], self.y[first: first + n]  # fmt: skip
            if self.training:
                loss = torch.nn.functional.cross_entropy(self.logits(x, *self.weights(), self.spike), y)
                self.optimiser.zero_grad()
                loss.backward()
                self.optimiser.step()
                total += loss.item() * n
            else:
                with torch.no_grad():
                    self.answers = self.logits(x, *self.weights(), self.spike)
            self.seen, samples = self.seen + n, samples - n
        self.mean_loss = total / count

    def state(self):
        if not self.training:
            return {"outputs": self.answers.numpy()}
        found = {"loss": [self.mean_loss]}
        for parameter, before, name, sign in zip(self.parameters, self.before, self.names, self.signs):
            now = parameter.detach().numpy().astype(np.float64)
            found[name], found["moved." + name] = now, now - before.numpy()
            found[name + "_sign"] = sign.numpy()[:, 0]
        return found
