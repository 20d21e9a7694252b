"""The surest wrong answer (Goodfellow, Qin, Berthelot 2018): PGD towards every wrong class, for write_attacks.py."""
import torch

from attacks_steps import RADII, project, step
from write_attacks import Case


def max_confidence(norm, steps, random_start=False, allowed=1):
    def run(net, x, y, epsilon):
        torch.manual_seed(5)
        order = net.logits(x).scatter(1, y[:, None], -torch.inf).argsort(1, descending=True)
        best, best_value = x.clone(), torch.full((len(x),), -torch.inf)
        for t in range(9):
            now = x.clone()
            if random_start:
                now = (x + epsilon * (2 * torch.rand_like(x) - 1)).clamp(0, 1)
            for _ in range(steps + 1):
                p = net.logits(now).softmax(1).scatter(1, y[:, None], 0).amax(1)
                value = p + 2.0 * (net.logits(now).argmax(1) != y)
                better = value > best_value
                best[better], best_value[better] = now[better], value[better]
                gradient, _ = net.gradient(now, lambda z: z.log_softmax(1).gather(1, order[:, t : t + 1])[:, 0])
                now = project(x, now + step(gradient, 2.5 / steps * epsilon, norm), epsilon, norm)
        return best

    toml = f'type = "max-confidence"\nnorm = "{norm}"\nsteps = {steps}\nrandom_start = {str(random_start).lower()}\n'
    name = f"max_confidence_{norm}" + ("_random" if random_start else "")
    return Case(name, toml, run, norm=norm, epsilons=RADII[norm], goes_on=True, allowed=allowed)


CASES = [max_confidence("linf", 10), max_confidence("l2", 10), max_confidence("linf", 10, random_start=True, allowed=6)]
