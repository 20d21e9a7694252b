#!/usr/bin/python3
"""Writes tests/data/gaussian/attack_networks.npz: two small trained networks and 200 images, on which attacks are compared.

Fashion-MNIST, 14 × 14 (means of 2 × 2 pixels, rounded to multiples of 1/256, which float32 holds exactly); trained here by PyTorch:
  tanh      196-24-10, tanh, softmax
  gaussian  196-24-10, finite Gaussian units (spherical; the second layer gated), which shrink their logits where they know little
`images` [200, 196] uint8: x = images / 256; `labels` [200]; `<net>/layers`: TOML; `<net>/state/<parameter>` float32.
The other scripts of the family (write_attacks.py) read this file and never train. Needs python3-torch and the data set's four files.
"""
import gzip
import math
import pathlib
import sys

import numpy as np
import torch

FILE = pathlib.Path(__file__).resolve().parents[2] / "tests/data/gaussian/attack_networks.npz"
LAYERS = {
    "tanh": '[[layers]]\ntype = "dense"\nunits = 24\nactivation = "tanh"\n[[layers]]\ntype = "dense"\nunits = 10\n',
    "gaussian": '[[layers]]\ntype = "finite_gaussian"\nunits = 24\nactivation = "tanh"\n'
                '[[layers]]\ntype = "finite_gaussian"\nunits = 10\ngate = true\n',
}  # fmt: skip
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def tanh_logits(p, x):
    hidden = torch.tanh(x @ p["dense1.weight"].T + p["dense1.bias"])
    return hidden @ p["dense2.weight"].T + p["dense2.bias"]


def gaussian_logits(p, x):
    support = None
    for layer in ("finite_gaussian1.", "finite_gaussian2."):
        squares = ((x[:, None] - p[layer + "centre"]) ** 2).sum(2)
        g = torch.exp(-squares / (x.shape[1] * torch.exp(2 * p[layer + "log_width"])))
        if support is not None:
            g = g * support[:, None]
        line = x @ p[layer + "weight"].T + p[layer + "bias"]
        x = (torch.tanh(line) if support is None else line) * g
        support = g.max(1).values
    return x


LOGITS = {"tanh": tanh_logits, "gaussian": gaussian_logits}


class Network:
    """A stored network: logits(x) in float64, differentiable."""

    def __init__(self, name, state):
        self.name, self.state = name, state
        self.classes = 10

    def logits(self, x):
        return LOGITS[self.name](self.state, x)

    def gradient(self, x, loss):
        """∂(Σ loss(logits))/∂x and the losses."""
        x = x.clone().requires_grad_(True)
        losses = loss(self.logits(x))
        (g,) = torch.autograd.grad(losses.sum(), x)
        return g, losses.detach()


def load():
    """The networks by name, images [200, 196] in [0, 1), labels."""
    with np.load(FILE) as file:
        names = [key.split("/")[0] for key in file if key.endswith("/layers")]
        nets = {}
        for name in names:
            mark = name + "/state/"
            nets[name] = Network(name, {k[len(mark):]: torch.tensor(file[k].astype(float)) for k in file if k.startswith(mark)})
        return nets, torch.tensor(file["images"].astype(float) / 256), torch.tensor(file["labels"].astype(np.int64))


def read(folder, part):
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as f:
        images = np.frombuffer(f.read(), np.uint8, offset=16).reshape(-1, 14, 2, 14, 2).mean((2, 4))
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as f:
        labels = np.frombuffer(f.read(), np.uint8, offset=8)
    return np.minimum(np.round(images * (256 / 255)), 255).astype(np.uint8).reshape(-1, 196), labels


def first_values(name):
    def weights(units, inputs):
        return (torch.rand(units, inputs) * 2 - 1) * math.sqrt(6 / (units + inputs))

    if name == "tanh":
        return {"dense1.weight": weights(24, 196), "dense1.bias": torch.zeros(24),
                "dense2.weight": weights(10, 24), "dense2.bias": torch.zeros(10)}  # fmt: skip
    state = {}
    for layer, units, inputs in (("finite_gaussian1.", 24, 196), ("finite_gaussian2.", 10, 24)):
        state |= {layer + "weight": weights(units, inputs), layer + "bias": torch.zeros(units),
                  layer + "centre": torch.randn(units, inputs) * 0.1, layer + "log_width": torch.zeros(units)}  # fmt: skip
    return state


def train(name, x, y, epochs=6, batch=100):
    state = {key: value.requires_grad_(True) for key, value in first_values(name).items()}
    optimiser = torch.optim.Adam(state.values(), lr=2e-3)
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch):
            loss = torch.nn.functional.cross_entropy(LOGITS[name](state, x[rows]), y[rows])
            for key, value in state.items():
                if key.endswith("log_width"):
                    loss = loss + 0.1 * torch.exp(2 * value).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return {key: value.detach().numpy().astype(np.float32) for key, value in state.items()}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist")
    torch.manual_seed(6)
    x, y = (torch.tensor(a) for a in read(folder, "train"))
    images, labels = read(folder, "t10k")
    table = {"images": images[:200], "labels": labels[:200].astype(np.int64)}
    for name, layers in LAYERS.items():
        state = train(name, x.double() / 256, y.long())
        table[name + "/layers"] = np.frombuffer(layers.encode(), np.uint8)
        table |= {f"{name}/state/{key}": value for key, value in state.items()}
        with torch.no_grad():
            z = LOGITS[name]({k: torch.tensor(v.astype(float)) for k, v in state.items()}, torch.tensor(images / 256.0))
        right = (z.argmax(1).numpy() == labels).mean()
        print(f"{name}: {right:.4f} of {len(labels)} test images right, mean largest |logit| {z.abs().amax(1).mean():.3f}")
    np.savez_compressed(FILE, **table)
    print(FILE, "PyTorch", torch.__version__)


if __name__ == "__main__":
    main()
