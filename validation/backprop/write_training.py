#!/usr/bin/python3
"""Writes tests/data/backprop/training.npz: optimisers, schedules and losses, by PyTorch in float64.

start, gradients       two parameters [3, 2] and [4] as one row of 10 numbers, and the gradient of each of 20 steps
optimiser/<case>       [20, 10]: the parameters after each step, by torch.optim
schedule/<case>        the learning rate of each of 40 steps, for a largest rate of 1 (10 steps per epoch)
clip/<norm>            the first gradients after torch.nn.utils.clip_grad_norm_
loss/logits, …         cross-entropy with label smoothing 0.1: mean loss over 6 samples and its gradient
Needs python3-torch; nothing of Neurarium is imported.
"""
import pathlib
import sys

import numpy as np
import torch

OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgd_momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "sgd_nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, nesterov=True),
    "sgd_decay": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.3),
    "rmsprop": lambda p: torch.optim.RMSprop(p),
    "rmsprop_all": lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-6, momentum=0.7, centered=True, weight_decay=0.2),
    "adam": lambda p: torch.optim.Adam(p),
    "adam_decay": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.3),
    "adamw": lambda p: torch.optim.AdamW(p),
    "adamw_decay": lambda p: torch.optim.AdamW(p, lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.3),
}

SCHEDULES = {
    "step": (lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=2, gamma=0.3), 10),
    "cosine": (lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=40, eta_min=0.05), 1),
    "cosine_warm_up": (lambda o: torch.optim.lr_scheduler.SequentialLR(o, [
        torch.optim.lr_scheduler.LinearLR(o, start_factor=1 / 7, total_iters=6),
        torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=34, eta_min=0.05)], milestones=[6]), 1),
    "one_cycle": (lambda o: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=1, total_steps=40, cycle_momentum=False), 1),
    "one_cycle_own": (lambda o: torch.optim.lr_scheduler.OneCycleLR(
        o, max_lr=1, total_steps=40, pct_start=0.1, div_factor=10, final_div_factor=100, cycle_momentum=False), 1),
}


def set_gradients(parameters, row):
    for p, piece in zip(parameters, np.split(row, [6])):
        p.grad = torch.tensor(piece.reshape(p.shape))


def parameters_at(start):
    return [torch.tensor(piece.reshape(shape), requires_grad=True)
            for piece, shape in zip(np.split(start, [6]), [(3, 2), (4,)])]


def flat(tensors):
    return np.concatenate([t.detach().numpy().ravel() for t in tensors])


def main():
    rng = np.random.default_rng(1)
    table = {"start": rng.normal(size=10), "gradients": rng.normal(size=(20, 10))}
    for name, make in OPTIMISERS.items():
        parameters = parameters_at(table["start"])
        optimiser = make(parameters)
        rows = []
        for row in table["gradients"]:
            set_gradients(parameters, row)
            optimiser.step()
            rows.append(flat(parameters))
        table["optimiser/" + name] = np.array(rows)
    for name, (make, every) in SCHEDULES.items():
        optimiser = torch.optim.SGD(parameters_at(table["start"]), lr=1.0)
        scheduler = make(optimiser)
        rates = []
        for step in range(40):
            rates.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            if (step + 1) % every == 0 and step < 39:
                scheduler.step()
        table["schedule/" + name] = np.array(rates)
    for norm in (1.0, 100.0):
        parameters = parameters_at(table["start"])
        set_gradients(parameters, table["gradients"][0])
        torch.nn.utils.clip_grad_norm_(parameters, norm)
        table[f"clip/{norm:g}"] = flat([p.grad for p in parameters])
    logits = rng.normal(size=(6, 4)) * 3
    labels = np.array([0, 1, 2, 3, 3, 0])
    z = torch.tensor(logits, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(z, torch.tensor(labels), label_smoothing=0.1, reduction="sum")
    loss.backward()
    table.update({"loss/logits": logits, "loss/labels": labels, "loss/value": np.array([loss.item()]), "loss/gradient": z.grad.numpy()})
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "tests/data/backprop/training.npz"
    np.savez(out, **table)
    print(out, "PyTorch", torch.__version__)


if __name__ == "__main__":
    main()
