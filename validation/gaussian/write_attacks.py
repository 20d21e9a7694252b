#!/usr/bin/python3
"""Writes tests/data/gaussian/attacks_<family>.npz: what PyTorch's own attacks do to the stored networks, for every file
attacks_<family>.py beside this one (or those named on the command line).

Such a file has CASES, a list of Case. The attacks are written from the papers, with PyTorch's differentiation in float64; nothing of
Neurarium is imported. Each result is run through the network once more here; what is not fooled, out of the ball or out of [0, 1]
does not count. Keys: `<net>/<case>/attack` TOML of the attack, `…/epsilons` [e], `…/smallest` [200]: the least ε at which a sample was
fooled (0: wrong by itself, infinite: never; the change found, if the attack seeks the smallest), `…/allowed`: by how many of the 200
samples another implementation may differ at each ε. For attacks that go on when fooled `…/answered` [200]: the least ε at which a
sample is answered wrongly with a largest softmax probability of at least that which 95 % of the clean images have.
For attacks within a ball that draw nothing (allowed = 1) `…/margins` [200]: z_y − max z_other where the attack at the first ε leads to:
that is the same point for each implementation, but for gradients so near 0 that rounding decides their sign.
"""
import dataclasses
import importlib
import pathlib
import sys
import typing

import numpy as np
import torch

import attack_networks

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Case:
    name: str
    toml: str  # the attack as Neurarium is told: 'type = "pgd"\nsteps = 10\n'
    run: typing.Callable  # (network, x [n, d], labels [n], ε) -> x' [n, d]
    epsilons: tuple = (1 / 64, 1 / 32, 1 / 16, 1 / 8)
    norm: str = "linf"
    seeks_smallest: bool = False
    goes_on: bool = False  # when fooled
    allowed: int = 1
    networks: tuple = ("tanh", "gaussian")


def length(change, norm):
    return change.abs().amax(1) if norm == "linf" else change.norm(dim=1)


def smallest_of(case, net, x, y):
    wrong = net.logits(x).argmax(1) != y
    smallest = torch.where(wrong, 0.0, torch.inf)
    clean = net.logits(x).softmax(1).amax(1)
    threshold = clean.sort().values[len(x) // 20]
    answered = torch.where(wrong & (clean >= threshold), 0.0, torch.inf)
    for epsilon in case.epsilons[-1:] if case.seeks_smallest else case.epsilons:
        changed = case.run(net, x, y, epsilon).detach()
        assert torch.isfinite(changed).all()
        far = length(changed - x, case.norm)
        believed = (net.logits(changed).argmax(1) != y) & (changed >= 0).all(1) & (changed <= 1).all(1)
        if not case.seeks_smallest:
            assert (far <= epsilon * (1 + 1e-9)).all(), f"{case.name} leaves the ball"
            far = torch.full_like(far, epsilon)
        smallest = torch.where(believed, torch.minimum(smallest, far), smallest)
        sure = believed & (net.logits(changed).softmax(1).amax(1) >= threshold)
        answered = torch.where(sure, torch.minimum(answered, far), answered)
    return smallest.numpy(), answered.numpy()


def margins(case, net, x, y):
    z = net.logits(case.run(net, x, y, case.epsilons[0]).detach())
    others = z.scatter(1, y[:, None], -torch.inf).amax(1)
    return (z.gather(1, y[:, None])[:, 0] - others).numpy()


def main():
    families = sys.argv[1:] or sorted(file.stem for file in HERE.glob("attacks_*.py"))
    nets, x, y = attack_networks.load()
    for family in families:
        module = importlib.import_module(family)
        table = dict(module.extra(nets, x, y)) if hasattr(module, "extra") else {}
        for case in module.CASES:
            for name in case.networks:
                smallest, answered = smallest_of(case, nets[name], x, y)
                key = f"{name}/{case.name}/"
                table[key + "attack"] = np.frombuffer(case.toml.encode(), np.uint8)
                table[key + "epsilons"] = np.array(case.epsilons)
                table[key + "smallest"] = smallest
                table[key + "allowed"] = np.array(case.allowed)
                if case.allowed == 1 and not case.seeks_smallest:
                    table[key + "margins"] = margins(case, nets[name], x, y)
                if case.goes_on:
                    table[key + "answered"] = answered
                for measure in (smallest, answered) if case.goes_on else (smallest,):
                    print(f"{key:45}", *(f"{e:.4f}: {(measure > e).mean():.3f}" for e in case.epsilons), flush=True)
        out = attack_networks.FILE.parent / f"{family}.npz"
        np.savez_compressed(out, **table)
        print(out, "PyTorch", torch.__version__)


if __name__ == "__main__":
    main()
