"""Noise as an attack: uniform, Gaussian, salt and pepper, shuffled pixels, for write_attacks.py. Another generator draws, so another
implementation agrees as two seeds do."""
import torch

from write_attacks import Case

ALLOWED = 10  # two seeds of PyTorch's differ by up to 7 samples at one ε


def additive(kind, norm, repeats=30):
    def run(net, x, y, epsilon):
        torch.manual_seed(7)
        kept = x.clone()
        for _ in range(repeats):
            open_ = (net.logits(kept).argmax(1) == y)[:, None]
            if kind == "uniform":
                noise = torch.rand_like(x) * 2 - 1
            else:
                noise = torch.randn_like(x) / 2
            if norm == "linf":
                noise = epsilon * noise.clamp(-1, 1)
            else:
                noise = epsilon * noise / noise.norm(dim=1, keepdim=True)
            kept = torch.where(open_, (x + noise).clamp(0, 1), kept)
        return kept

    epsilons = {"linf": (0.1, 0.2, 0.4, 0.8), "l2": (0.5, 1.0, 2.0, 4.0)}[norm]
    toml = f'type = "{kind}-noise"\nnorm = "{norm}"\nrepeats = {repeats}\n'
    return Case(f"{kind}_noise_{norm}", toml, run, epsilons, norm, allowed=ALLOWED)


def growing(name, spoiler, epsilons, steps=200):
    """Foolbox's search: the share of spoiled pixels grows; after a success between half and 1.2 times of it."""

    def run(net, x, y, epsilon):
        torch.manual_seed(8)
        n, d = x.shape
        best, nearest = torch.full((n, 1), torch.inf), x.clone()
        low, high = torch.zeros(n, 1), torch.ones(n, 1)
        stride = high / steps
        share = stride.clone()
        spoil = spoiler(x)
        for step in range(steps):
            changed = spoil(share, step)
            far = (changed - x).norm(dim=1, keepdim=True)
            better = (net.logits(changed).argmax(1) != y)[:, None] & (far < best)
            at_end = share >= high
            best, nearest = torch.where(better, far, best), torch.where(better, changed, nearest)
            low, high = torch.where(better, share / 2, low), torch.where(better, (1.2 * share).clamp_max(1), high)
            stride = torch.where(better, (high - low) / (steps - step), stride)
            share = torch.minimum(torch.where(better | at_end, low, share) + stride, high)
        return nearest

    toml = f'type = "{name}"\nsteps = {steps}\n' + ("steps_per_order = 20\n" if name == "shuffled-pixels" else "")
    return Case(name, toml, run, epsilons, "l2", seeks_smallest=True, allowed=ALLOWED)


def salt_and_pepper(x):
    def spoil(share, step):
        u = torch.rand_like(x)
        spoiled = torch.where(u < share / 2, torch.zeros_like(x), x)
        return torch.where(u >= 1 - share / 2, torch.ones_like(x), spoiled)

    return spoil


def shuffled_pixels(x):
    n, d = x.shape
    order = [None]

    def spoil(share, step):
        if step % 20 == 0:
            order[0] = torch.rand(n, d).argsort(1)
        spoiled = x.clone()
        for i in range(n):
            chosen = order[0][i, : round(float(share[i]) * d)]
            spoiled[i, chosen] = x[i, chosen.roll(-1)]
        return spoiled

    return spoil


CASES = [additive("uniform", "linf"), additive("uniform", "l2"), additive("gaussian", "linf"), additive("gaussian", "l2")]
CASES += [growing("salt-and-pepper", salt_and_pepper, (1.0, 2.0, 3.0, 4.0))]
CASES += [growing("shuffled-pixels", shuffled_pixels, (0.5, 1.0, 2.0, 4.0))]
