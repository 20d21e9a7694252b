#!/usr/bin/python3
"""Writes tests/data/backprop/layers.npz: every layer's answers and gradients, and learning curves, by PyTorch in float64.

<case>/layers           the [[layers]] of the case as TOML text, in bytes
<case>/training         1 if the pass is one of training
<case>/x, y             [samples, entry…]
<case>/c, dx            cotangents of y, and the gradient of Σ c y at x
<case>/state/<name>     parameters and buffers before, by the names that both programs give them
<case>/gradient/<name>  the gradient of Σ c y at a parameter
<case>/after/<name>     buffers after a pass of training
curve/layers, x, labels, state/<name>, losses, final/<name>
                        a small convolutional network: first weights, the loss of each of 201 steps (batches of 24 of 64 images,
                        in order; sgd, learning rate 0.05, momentum 0.9), last weights and buffers
Inputs and first weights are multiples of 1/64, which float32 holds exactly, too.
Needs python3-torch; nothing of Neurarium is imported.
"""
import collections
import pathlib
import sys

import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
rng = np.random.default_rng(4)

ACTIVATIONS = {"identity": nn.Identity, "tanh": nn.Tanh, "logistic": nn.Sigmoid, "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU,
               "elu": nn.ELU, "gelu": nn.GELU, "silu": nn.SiLU, "softplus": nn.Softplus}  # fmt: skip


def numbers(*shape, sd=1.0):
    return np.round(rng.normal(size=shape) * sd * 64) / 64


class Residual(nn.Module):
    def __init__(self, layers, shortcut):
        super().__init__()
        self.inside = list(layers)
        for name, layer in self.inside:
            self.add_module(name, layer)
        if shortcut:
            self.shortcut = named(shortcut)

    def forward(self, x):
        y = x
        for _, layer in self.inside:
            y = layer(y)
        return y + (self.shortcut(x) if hasattr(self, "shortcut") else x)


def named(layers):
    return nn.Sequential(collections.OrderedDict(layers))


def layer(kind, entry, **keys):
    """The module, with its activation function behind it, for entries of shape `entry`."""
    activation = keys.pop("activation", None)
    if kind == "conv2d":
        module = nn.Conv2d(entry[0], keys["filters"], keys["kernel_size"], keys.get("stride", 1), keys.get("padding", 0),
                           keys.get("dilation", 1), keys.get("groups", 1), keys.get("use_bias", True))  # fmt: skip
    elif kind == "dense":
        module = nn.Linear(int(np.prod(entry)), keys["units"])
    elif kind in ("max_pool", "average_pool"):
        module = {"max_pool": nn.MaxPool2d, "average_pool": nn.AvgPool2d}[kind](
            keys["size"], keys.get("stride") or None, keys.get("padding", 0))  # fmt: skip
    elif kind == "batch_norm":
        module = (nn.BatchNorm1d if len(entry) == 1 else nn.BatchNorm2d)(entry[0], keys.get("epsilon", 1e-5), keys.get("momentum", 0.1))
    elif kind == "activation":
        module = ACTIVATIONS[keys["function"]]()
    elif kind == "dropout":
        module = nn.Dropout(keys["rate"])
    elif kind == "flatten":
        module = nn.Flatten()
    elif kind == "residual":
        module = Residual(build(keys["layers"], entry)[0], build(keys.get("shortcut", []), entry)[0])
    return module, activation


def build(layers, entry):
    """[(name, module)] of a list of (kind, settings), and the shape of the last entry."""
    counts, modules = collections.Counter(), []
    for kind, keys in layers:
        counts[kind] += 1
        name = f"{kind}{counts[kind]}"
        added = [(name + "_rows", nn.Flatten())] if kind == "dense" and len(entry) > 1 else []
        module, activation = layer(kind, entry, **keys)
        added.append((name, module))
        if activation:
            added.append((name + "_activation", ACTIVATIONS[activation]()))
        entry = tuple(named(added).eval()(torch.zeros(1, *entry)).shape[1:])
        modules += added
    return modules, entry


def toml(layers, path="layers"):
    text = ""
    for kind, keys in layers:
        text += f'[[{path}]]\ntype = "{kind}"\n'
        for key, value in keys.items():
            if not isinstance(value, list):
                text += f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}\n"
        for key, value in keys.items():
            if isinstance(value, list):
                text += toml(value, f"{path}.{key}")
    return text


def randomise(net):
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue
            random = numbers(*value.shape, sd=0.5)
            value.copy_(torch.tensor(np.abs(random) + 0.5 if name.endswith("running_var") else random))


def state(net):
    return {name: value.numpy().copy() for name, value in net.state_dict().items() if not name.endswith("num_batches_tracked")}


def case(table, name, layers, x, training=False):
    net = named(build(layers, x.shape[1:])[0]).train(training)
    randomise(net)
    before = state(net)
    put = torch.tensor(x, requires_grad=True)
    y = net(put)
    c = numbers(*y.shape)
    (y * torch.tensor(c)).sum().backward()
    table.update({f"{name}/layers": np.frombuffer(toml(layers).encode(), np.uint8), f"{name}/training": np.array([int(training)]),
                  f"{name}/x": x, f"{name}/y": y.detach().numpy(), f"{name}/c": c, f"{name}/dx": put.grad.numpy()})  # fmt: skip
    table.update({f"{name}/state/{key}": value for key, value in before.items()})
    table.update({f"{name}/gradient/{key}": value.grad.numpy() for key, value in net.named_parameters()})
    if training:
        table.update({f"{name}/after/{key}": value for key, value in state(net).items() if "running" in key})


def pick(*choices):
    return int(rng.choice(choices))


def images(channels=None):
    return numbers(pick(2, 3, 5), channels or pick(1, 2, 3), pick(5, 6, 7), pick(5, 6, 8))


def cases(table):
    for i in range(10):
        groups = pick(1, 1, 2)
        keys = dict(filters=groups * pick(1, 2, 3), kernel_size=pick(1, 2, 3), stride=pick(1, 1, 2), padding=pick(0, 1, 2),
                    dilation=pick(1, 1, 2), groups=groups, use_bias=bool(i % 3), activation=("identity", "relu", "tanh", "silu")[i % 4])  # fmt: skip
        case(table, f"conv2d{i}", [("conv2d", keys)], images(groups * pick(1, 2)))
    for i in range(5):
        for kind in ("max_pool", "average_pool"):
            size = pick(2, 3)
            keys = dict(size=size, stride=pick(0, 1, 2, 3), padding=pick(0, size // 2))
            case(table, f"{kind}{i}", [(kind, keys)], images())
    for training in (False, True):
        word = "training" if training else "evaluation"
        case(table, f"batch_norm_images_{word}", [("batch_norm", {"momentum": 0.3})], images(3), training)
        case(table, f"batch_norm_units_{word}", [("batch_norm", {"epsilon": 0.01})], numbers(9, 5) * 2 + 1, training)
        block = [("conv2d", dict(filters=3, kernel_size=3, stride=2, padding=1, use_bias=False)), ("batch_norm", {}),
                 ("activation", {"function": "relu"}), ("conv2d", dict(filters=3, kernel_size=3, padding=1, use_bias=False)),
                 ("batch_norm", {})]  # fmt: skip
        around = [("conv2d", dict(filters=3, kernel_size=1, stride=2, use_bias=False)), ("batch_norm", {})]
        case(table, f"residual_{word}", [("residual", {"layers": block, "shortcut": around}), ("activation", {"function": "relu"})],
             images(2), training)  # fmt: skip
        block = [("dense", dict(units=6, activation="tanh")), ("dropout", {"rate": 0.0}), ("dense", dict(units=4))]
        case(table, f"residual_units_{word}", [("residual", {"layers": block})], numbers(5, 4), training)
    for function in ACTIVATIONS:
        case(table, f"activation_{function}", [("activation", {"function": function})], numbers(3, 13) * 2)
    for i, activation in enumerate(("identity", "gelu", "logistic")):
        case(table, f"dense{i}", [("dense", dict(units=(1, 4, 7)[i], activation=activation))], images(2) if i else numbers(4, 9))
    case(table, "dropout", [("dropout", {"rate": 0.4})], numbers(3, 7))
    case(table, "flatten", [("conv2d", dict(filters=2, kernel_size=2)), ("flatten", {}), ("batch_norm", {})], images(2), True)


def curve(table):
    layers = [("conv2d", dict(filters=4, kernel_size=3, activation="relu")), ("max_pool", {"size": 2}),
              ("conv2d", dict(filters=6, kernel_size=2)), ("batch_norm", {}), ("activation", {"function": "relu"}),
              ("dense", dict(units=4))]  # fmt: skip
    x, labels = numbers(64, 1, 8, 8), rng.integers(0, 4, 64)
    x[np.arange(64), 0, labels, labels] += 2  # something to learn
    net = named(build(layers, x.shape[1:])[0]).train()
    with torch.no_grad():
        for name, value in net.named_parameters():
            if not name.startswith("batch_norm"):
                value.copy_(torch.tensor(numbers(*value.shape, sd=0.3)))
    table.update({"curve/layers": np.frombuffer(toml(layers).encode(), np.uint8), "curve/x": x, "curve/labels": labels})
    table.update({f"curve/state/{key}": value for key, value in state(net).items()})
    optimiser = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(67):
        for first in range(0, 64, 24):
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(net(torch.tensor(x[first : first + 24])), torch.tensor(labels[first : first + 24]))
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    table["curve/losses"] = np.array(losses)
    table.update({f"curve/final/{key}": value for key, value in state(net).items()})


def main():
    table = {}
    cases(table)
    curve(table)
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "tests/data/backprop/layers.npz"
    np.savez_compressed(out, **table)
    print(out, "PyTorch", torch.__version__)


if __name__ == "__main__":
    main()
