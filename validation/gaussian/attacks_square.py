"""The Square attack (Andriushchenko et al., ECCV 2020) in linf and l2, for write_attacks.py. Pictures of one channel, 14 × 14."""
import math

import numpy as np
import torch

from write_attacks import Case

SIDE = 14


def share(query, queries, p_init=0.8):
    i = 10000 * query / queries
    return p_init / 2 ** sum(i > limit for limit in (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000))


def margin(net, x, y):
    z = net.logits(torch.tensor(x)).numpy()
    rows = np.arange(len(z))
    right = z[rows, y].copy()
    z[rows, y] = -np.inf
    return right - z.max(1)


def rings(h, w):
    """eta of appendix/section 3.3: squares around the middle that grow by 1 on each side, the k-th adding 1/k²."""
    eta = np.zeros((h, w))
    i, j = np.indices((h, w))
    away = np.maximum(abs(i - h // 2), abs(j - w // 2))
    for k in range(max(h // 2 + 1, w // 2 + 1)):
        eta += (away <= k) / (k + 1) ** 2
    return eta / np.linalg.norm(eta)


def hills(side, rng):
    eta = np.concatenate([rings(side // 2, side), -rings(side - side // 2, side)])
    eta /= np.linalg.norm(eta)
    return eta.T if rng.random() < 0.5 else eta


def unit(change):
    return change / (np.linalg.norm(change) + 1e-12)


def first_linf(x, epsilon, rng):
    return np.clip(x + epsilon * rng.choice([-1, 1], (1, SIDE)), 0, 1)


def next_linf(x, best, p, epsilon, rng):
    s = max(round(math.sqrt(p * SIDE * SIDE)), 1)
    i, j = rng.integers(0, SIDE - s + 1, 2)
    tried = best.copy()
    tried[i : i + s, j : j + s] = np.clip(x + epsilon * rng.choice([-1, 1]), 0, 1)[i : i + s, j : j + s]
    return tried


def first_l2(x, epsilon, rng):
    s = SIDE // 5
    change = np.zeros_like(x)
    eta = hills(s, rng)
    for i in range(SIDE % s // 2, SIDE - s + 1, s):
        for j in range(SIDE % s // 2, SIDE - s + 1, s):
            change[i : i + s, j : j + s] = eta * rng.choice([-1, 1])
    return np.clip(x + epsilon * unit(change), 0, 1)


def next_l2(x, best, p, epsilon, rng):
    s = max(round(math.sqrt(p * SIDE * SIDE)), 3)
    s += s % 2 == 0
    s = min(s, SIDE)
    change = best - x
    i, j, k, l = rng.integers(0, SIDE - s + 1, 4)
    one, two = np.zeros((2, SIDE, SIDE), bool)
    one[i : i + s, j : j + s] = two[k : k + s, l : l + s] = True
    old = change[one].reshape(s, s)
    new = hills(s, rng) * rng.choice([-1, 1]) + unit(old)
    spare = max(epsilon**2 - (change**2).sum(), 0)
    new = unit(new) * math.sqrt(spare + (change[one | two] ** 2).sum())
    change[two] = 0
    change[one] = new.reshape(-1)
    return np.clip(x + epsilon * unit(change), 0, 1)


def square(norm, queries, epsilons):
    first, following = (first_linf, next_linf) if norm == "linf" else (first_l2, next_l2)

    def run(net, x, y, epsilon):
        rng = np.random.default_rng(8)
        flat, labels = x.numpy(), y.numpy()
        pictures = flat.reshape(-1, SIDE, SIDE)
        best = np.stack([first(p, epsilon, rng) for p in pictures])
        least = margin(net, best.reshape(flat.shape), labels)
        for query in range(1, queries):
            open_ = np.flatnonzero(least > 0)
            if len(open_) == 0:
                break
            tried = np.stack([following(pictures[i], best[i], share(query, queries), epsilon, rng) for i in open_])
            found = margin(net, tried.reshape(len(open_), -1), labels[open_])
            better = found < least[open_]
            best[open_[better]], least[open_[better]] = tried[better], found[better]
        return torch.tensor(best.reshape(flat.shape))

    toml = f'type = "square"\nnorm = "{norm}"\nqueries = {queries}\n'
    return Case(f"square_{norm}", toml, run, norm=norm, epsilons=epsilons, allowed=6)


CASES = [square("linf", 400, (1 / 32, 1 / 16, 1 / 8)), square("l2", 400, (0.5, 1.0, 2.0))]
