"""A recurrent spiking network at the size of the Heidelberg digits: EventProp beside PyTorch's surrogate gradients.

700 input channels, 256 recurrent integrate-and-fire units with exponential synapses, 20 leaky integrators; 1,000 steps of 1 ms, about 8,000
input spikes a sample (a bump that moves over the channels) and about 9,000 spikes of the hidden units; cross-entropy of the membranes'
mean weighted by e^(-t/T), Adam, batches of 32.

Ours is `eventprop_lif` on the grid: exact gradients of the grid's own adjoint, from spikes alone. The peer is the same network, forward spike
for spike, with a surrogate gradient (SuperSpike): a loop over time of matrix products and autograd, its input product hoisted out of the loop and
its readout as one product. They follow different gradients, so what is compared is time, not weights; before anything is timed, both
must give the same loss for the first batch.

"rows" is what the memory closest to the processor allows: a row of 256 weights is read for each input spike forward, and for each hidden
spike forward and back; a row of the gradient is read and written for each block of steps and presynaptic unit. Nothing else is counted.

"threads" has no peer: two threads and one take turns in the same rounds. What the machine makes of two threads shows in "rows", which as many
threads read: where its share is the same for both, two are as much faster as the machine lets them be.
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
PARAMETERS = {"seed": 1, "batch": 32, "shard": 4, "hidden": 256}
STEPS, CHANNELS, CLASSES, SPIKES = 1000, 700, 20, 8000
TAU_MEMBRANE, TAU_SYNAPSE, DT = 20e-3, 5e-3, 1e-3
ALPHA, BETA = math.exp(-DT / TAU_MEMBRANE), math.exp(-DT / TAU_SYNAPSE)
GAMMA = TAU_SYNAPSE / (TAU_MEMBRANE - TAU_SYNAPSE) * (ALPHA - BETA)
HIDDEN_SPIKES = 9000  # about: for the limit
RATE = 1e-8  # of Adam: small, so that the hidden units spike as often in the last turn as in the first, and all turns are as much work


def model_of(hidden):
    taus = {"tau_membrane": TAU_MEMBRANE, "tau_synapse": TAU_SYNAPSE}
    return {"type": "sequential", "inputs": [STEPS, CHANNELS], "loss": "cross_entropy", "layers": [
        {"type": "spike_times", "dt": DT},
        {"type": "eventprop_lif", "name": "hidden", "units": hidden, "recurrent": True, "engine": "grid", "dt": DT, **taus},
        {"type": "spike_integrator", "name": "output", "units": CLASSES, "readout": "weighted", **taus}]}  # fmt: skip


def cases(quick, parameters):
    if min(parameters["batch"], parameters["shard"], parameters["hidden"]) < 1:
        raise ValueError("batch, shard and hidden must be at least 1")
    made = []
    for threads in (1, 2):
        n, hidden = parameters["batch"], parameters["hidden"]
        rows = SPIKES + 2 * HIDDEN_SPIKES
        made.append({
            "name": "train" + ("-2" if threads == 2 else ""), "workload": "train", "threads": threads, "batch": n,
            "seed": parameters["seed"], "hidden": hidden, "title": f"training, {threads} thread{'s' if threads > 1 else ''}",
            "as_events": True, "model": model_of(hidden), "turn_seconds": 1, "answers": "labels.npy",
            "start": ["hidden.weight", "hidden.recurrent", "output.weight"],
            "peer_samples": n, "check_samples": n, "tolerance": 1e-2, "limits": {"rows": {"array": "hidden.weight", "read": rows / CHANNELS}},
            "training": {"batch_size": n, "shard_size": parameters["shard"], "shuffle": False,
                         "optimiser": {"type": "adam", "learning_rate": RATE}},
            "variants": [{"name": "float32", "threads": threads, "asked": {}}],
        })  # fmt: skip
    return [*made, two_threads_beside_one(made[0])]


def prepare(case, folder):
    """A bump that moves over the channels, and weights as in Nowotny et al. 2025."""
    generator = np.random.default_rng(case["seed"])
    count = 2 * case["batch"]
    x = np.zeros((count, STEPS, CHANNELS), np.uint8)
    for i in range(count):
        t = generator.integers(20, 720, SPIKES)
        centre = 350 + 150 * np.sin(0.006 * t + i)
        channel = np.clip(np.rint(centre + 40 * generator.standard_normal(SPIKES)), 0, CHANNELS - 1).astype(int)
        np.add.at(x[i], (t, channel), 1)
    np.save(os.path.join(folder, "samples.npy"), x)
    np.save(os.path.join(folder, "labels.npy"), generator.integers(0, CLASSES, count))
    hidden = case["hidden"]
    for name, mean, sd, shape in (("hidden.weight", 0.03, 0.01, (CHANNELS, hidden)),
                                  ("hidden.recurrent", 0, 0.02, (hidden, hidden)),
                                  ("output.weight", 0, 0.03, (hidden, CLASSES))):  # fmt: skip
        np.save(os.path.join(folder, name + ".npy"), generator.normal(mean, sd, shape).astype(np.float32))


# ── PyTorch ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def spike_function():
    class SuperSpike(torch.autograd.Function):
        """Zenke & Ganguli, Neural Computation 2018."""

        @staticmethod
        def forward(context, x):
            context.save_for_backward(x)
            return (x >= 0).to(x.dtype)

        @staticmethod
        def backward(context, gradient):
            (x,) = context.saved_tensors
            return gradient / (10 * x.abs() + 1) ** 2

    return SuperSpike.apply


def response(t):
    """∫ from t to T of e^(-t'/T) times the membrane after a spike at t, over T: what a spike adds to a mean."""
    end = STEPS * DT
    rest, membrane, synapse = end - t, 1 / TAU_MEMBRANE + 1 / end, 1 / TAU_SYNAPSE + 1 / end
    courses = (1 - np.exp(-membrane * rest)) / membrane - (1 - np.exp(-synapse * rest)) / synapse
    return TAU_SYNAPSE / (TAU_MEMBRANE - TAU_SYNAPSE) * np.exp(-t / end) * courses / end


class Peer:
    def __init__(self, case, folder):
        if torch is None:
            import torch as missing  # noqa: F401  says which package it is
        use_threads(case["threads"])
        load = lambda name: torch.from_numpy(np.load(os.path.join(folder, name + ".npy")))  # noqa: E731
        self.x, self.y = load("samples").float(), load("labels")
        self.names = ["hidden.weight", "hidden.recurrent", "output.weight"]
        self.parameters = [load(name).requires_grad_(True) for name in self.names]
        self.factors = torch.from_numpy(response(DT * np.arange(STEPS)).astype(np.float32))
        self.spike, self.seen, self.batch = spike_function(), 0, case["batch"]
        self.optimiser = torch.optim.Adam(self.parameters, RATE)

    def logits(self, x):
        weight, recurrent, output = self.parameters
        hidden = weight.shape[1]
        drive = (x.reshape(-1, CHANNELS) @ weight).view(len(x), STEPS, hidden).unbind(1)
        v, i, summed = (torch.zeros(len(x), hidden) for _ in range(3))
        for t in range(STEPS):
            v = ALPHA * v + GAMMA * i
            s = self.spike(v - 1)
            v = v * (1 - s)
            i = BETA * i + drive[t] + s @ recurrent
            summed = summed + self.factors[t] * s
        return summed @ output

    def turn(self, samples):
        count, total = samples, 0.0
        while samples > 0:
            first = self.seen % len(self.x)
            n = min(samples, self.batch, len(self.x) - first)
            x, y = self.x[first: first + n], self.y[first: first + n]  # fmt: skip
            loss = torch.nn.functional.cross_entropy(self.logits(x), y)
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            total += loss.item() * n
            self.seen, samples = self.seen + n, samples - n
        self.mean_loss = total / count

    def state(self):
        return {"loss": [self.mean_loss]}
