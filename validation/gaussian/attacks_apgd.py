"""Auto-PGD (Croce & Hein, ICML 2020, algorithm 1), untargeted and towards each wrong class, for write_attacks.py."""
import math

import torch

from attack_losses import LOSSES, TARGETED
from attacks_steps import RADII, project, step
from write_attacks import Case


def checkpoints(iterations):
    p = [0.0, 0.22]
    while p[-1] < 1:
        p.append(p[-1] + max(p[-1] - p[-2] - 0.03, 0.06))
    return sorted({math.ceil(round(q * iterations, 6)) for q in p[1:]})


def climb(net, x, y, epsilon, norm, loss, iterations, start):
    """The last point, or the first that is fooled."""
    n = len(x)
    now, before = start.clone(), start.clone()
    best, best_loss = start.clone(), torch.full((n,), -torch.inf)
    best_gradient = torch.zeros_like(x)
    size = torch.full((n, 1), 2.0 * epsilon)
    rises, rise_from = torch.zeros(n), None
    best_at_check, halved_before, last = None, torch.zeros(n, dtype=bool), 0
    found, done = start.clone(), torch.zeros(n, dtype=bool)
    for k in range(iterations + 1):
        gradient, value = net.gradient(now, loss)
        fooled = (net.logits(now).argmax(1) != y) & ~done
        found[fooled], done = now[fooled], done | fooled
        if rise_from is not None:
            rises += value > rise_from
        better = value > best_loss
        best[better], best_loss[better], best_gradient[better] = now[better], value[better], gradient[better]
        if k == 0:
            best_at_check = best_loss.clone()
        if k in checkpoints(iterations) and k < iterations:
            halve = (rises < 0.75 * (k - last)) | (~halved_before & (best_loss == best_at_check))
            size[halve] /= 2
            now, gradient = now.clone(), gradient.clone()
            now[halve], gradient[halve], value = best[halve], best_gradient[halve], torch.where(halve, best_loss, value)
            rises, best_at_check, halved_before, last = torch.zeros(n), best_loss.clone(), halve, k
        rise_from = value
        a = 1.0 if k == 0 else 0.75
        z = project(x, now + step(gradient, 1, norm) * size, epsilon, norm)
        now, before = project(x, now + a * (z - now) + (1 - a) * (now - before), epsilon, norm), now
    return torch.where(done[:, None], found, best), done


def apgd(norm, loss, iterations, targets=0, random_start=False, allowed=1):
    def run(net, x, y, epsilon):
        torch.manual_seed(4)
        order = net.logits(x).scatter(1, y[:, None], -torch.inf).argsort(1, descending=True)
        changed, done = x.clone(), torch.zeros(len(x), dtype=bool)
        for t in range(max(targets, 1)):
            start = x
            if random_start:
                start = (x + epsilon * (2 * torch.rand_like(x) - 1)).clamp(0, 1)
            f = (lambda z: TARGETED[loss](z, y, order[:, t])) if targets else (lambda z: LOSSES[loss](z, y))
            last, fooled = climb(net, x, y, epsilon, norm, f, iterations, start)
            changed[~done] = last[~done]
            done |= fooled
        return changed

    toml = f'type = "apgd"\nnorm = "{norm}"\nloss = "{loss}"\niterations = {iterations}\n'
    toml += f"random_start = {str(random_start).lower()}\n" + (f"targeted = true\ntargets = {targets}\n" if targets else "")
    name = f"apgd_{norm}_{loss}" + (f"_towards{targets}" if targets else "") + ("_random" if random_start else "")
    return Case(name, toml, run, norm=norm, epsilons=RADII[norm], allowed=allowed)


CASES = [apgd(norm, loss, 25) for norm in RADII for loss in ("cross-entropy", "scale-free", "dlr")]
CASES += [apgd(norm, "dlr", 10, targets=9) for norm in RADII]
CASES += [apgd("linf", "margin", 10, targets=3), apgd("linf", "cross-entropy", 25, random_start=True, allowed=6)]
