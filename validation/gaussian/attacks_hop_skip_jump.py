"""HopSkipJump (Chen, Jordan, Wainwright 2020), which asks for decisions only, for write_attacks.py. Another generator draws the
directions, each image its own: another implementation agrees as two seeds do."""
import math

import torch

from write_attacks import Case


def hop_skip_jump(norm, steps=8, first=100, allowed=6):
    def distance(change):
        return change.abs().amax(1, keepdim=True) if norm == "linf" else change.norm(dim=1, keepdim=True)

    def run(net, x, y, epsilon):
        torch.manual_seed(5)
        n, d = x.shape
        theta = min(1e-3, d**-1.5 if norm == "l2" else d**-2)

        def fools(points):  # [..., n, d] -> [..., n, 1]
            return (net.logits(points.reshape(-1, d)).argmax(1).reshape(points.shape[:-1]) != y)[..., None]

        def between(share, point, how):
            if how == "l2":
                return (1 - share) * x + share * point
            reach = share * (point - x).abs().amax(1, keepdim=True)
            return x + (point - x).clamp(-reach, reach)

        def to_border(point, how, tolerance):
            low, high = torch.zeros(n, 1), torch.ones(n, 1)
            while (high - low).max() > tolerance:
                middle = (low + high) / 2
                hit = fools(between(middle, point, how))
                low, high = torch.where(hit, low, middle), torch.where(hit, middle, high)
            return torch.where(high == 1, point, between(high, point, how))

        point, found = x.clone(), fools(x)
        for draw in range(1000):
            if found.all():
                break
            share = (draw % 4) / 4
            noise = (1 - share) * torch.rand(n, d) + share * x
            point = torch.where(~found & fools(noise), noise, point)
            found = fools(point)
        started = found
        point = to_border(to_border(point, "l2", 1e-3), norm, theta)
        best = point.clone()
        for step in range(steps):
            far = distance(point - x)
            delta = 0.1 if step == 0 else far / d
            count = int(first * math.sqrt(step + 1))
            u = torch.randn(count, n, d) if norm == "l2" else torch.rand(count, n, d) * 2 - 1
            u = u / u.norm(dim=2, keepdim=True)
            tried = (point + delta * u).clamp(0, 1)
            phi = fools(tried).double() * 2 - 1
            mean = phi.mean(0)
            weight = torch.where(mean.abs() == 1, phi, phi - mean)
            way = (weight * (tried - point)).sum(0)
            way = way.sign() if norm == "linf" else way / way.norm(dim=1, keepdim=True).clamp_min(1e-300)
            size = far / math.sqrt(step + 1)
            moved, open_ = point.clone(), torch.ones(n, 1, dtype=torch.bool)
            for _ in range(30):
                trial = (point + size * way).clamp(0, 1)
                hit = open_ & fools(trial)
                moved, open_ = torch.where(hit, trial, moved), open_ & ~hit
                size = size / 2
            point = to_border(moved, norm, theta)
            best = torch.where(distance(point - x) < distance(best - x), point, best)
        return torch.where(started, best, x)

    epsilons = {"linf": (1 / 64, 1 / 32, 1 / 16, 1 / 8), "l2": (0.25, 0.5, 1.0, 2.0)}[norm]
    toml = f'type = "hop-skip-jump"\nnorm = "{norm}"\nsteps = {steps}\ninitial_queries = {first}\n'
    return Case(f"hop_skip_jump_{norm}", toml, run, epsilons, norm, seeks_smallest=True, allowed=allowed)


CASES = [hop_skip_jump("l2"), hop_skip_jump("linf")]
