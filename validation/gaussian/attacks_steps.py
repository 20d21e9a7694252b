"""FGSM and PGD (Goodfellow et al. 2015; Madry et al. 2018), and the losses with their gradients at the images, for write_attacks.py."""
import numpy as np
import torch

from attack_losses import LOSSES, TARGETED
from write_attacks import Case


def project(x, changed, epsilon, norm):
    change = changed - x
    if norm == "linf":
        change = change.clamp(-epsilon, epsilon)
    else:
        change = change * (epsilon / change.norm(dim=1, keepdim=True).clamp_min(1e-300)).clamp_max(1)
    return (x + change).clamp(0, 1)


def step(gradient, size, norm):
    if norm == "linf":
        return size * gradient.sign()
    return size * gradient / gradient.norm(dim=1, keepdim=True).clamp_min(1e-300)


def fgsm(norm, loss):
    def run(net, x, y, epsilon):
        gradient, _ = net.gradient(x, lambda z: LOSSES[loss](z, y))
        return project(x, x + step(gradient, epsilon, norm), epsilon, norm)

    return Case(f"fgsm_{norm}_{loss}", f'type = "fgsm"\nnorm = "{norm}"\nloss = "{loss}"\n', run, norm=norm, epsilons=RADII[norm])


def pgd(norm, loss, steps, random_start=False, allowed=1):
    def run(net, x, y, epsilon):
        torch.manual_seed(3)
        now = x.clone()
        if random_start:
            if norm == "linf":
                now = x + epsilon * (2 * torch.rand_like(x) - 1)
            else:
                d = torch.randn_like(x)
                now = x + epsilon * torch.rand(len(x), 1) ** (1 / x.shape[1]) * d / d.norm(dim=1, keepdim=True)
            now = now.clamp(0, 1)
        for _ in range(steps):
            moving = (net.logits(now).argmax(1) == y)[:, None]
            gradient, _ = net.gradient(now, lambda z: LOSSES[loss](z, y))
            now = torch.where(moving, project(x, now + step(gradient, 2.5 / steps * epsilon, norm), epsilon, norm), now)
        return now

    toml = f'type = "pgd"\nnorm = "{norm}"\nloss = "{loss}"\nsteps = {steps}\nrandom_start = {str(random_start).lower()}\n'
    name = f"pgd_{norm}_{loss}" + ("_random" if random_start else "")
    return Case(name, toml, run, norm=norm, epsilons=RADII[norm], allowed=allowed)


RADII = {"linf": (1 / 64, 1 / 32, 1 / 16, 1 / 8), "l2": (0.125, 0.25, 0.5, 1.0)}
CASES = [attack for norm in RADII for loss in LOSSES for attack in (fgsm(norm, loss), pgd(norm, loss, 10))]
CASES += [pgd(norm, "cross-entropy", 10, random_start=True, allowed=6) for norm in RADII]


def extra(nets, x, y):
    """Losses of all images and gradients at the first five. Targets: the class after the label."""
    losses = {name: lambda z, f=f: f(z, y) for name, f in LOSSES.items()}
    losses |= {name + "-targeted": lambda z, f=f: f(z, y, (y + 1) % 10) for name, f in TARGETED.items()}
    for name, net in nets.items():
        yield f"{name}/logits", net.logits(x).numpy()
        for loss, f in losses.items():
            gradient, values = net.gradient(x, f)
            yield f"{name}/loss/{loss}", values.numpy()
            yield f"{name}/gradient/{loss}", gradient[:5].numpy().astype(np.float32)
