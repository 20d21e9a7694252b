"""Carlini and Wagner's attack in l2 (2017), with PyTorch's Adam and each image's loss and stopping its own, for write_attacks.py."""
import torch

from write_attacks import Case


def carlini_wagner(confidence=0.0, searches=6, iterations=100, rate=0.02, initial_c=1e-2, abort=True):
    def run(net, x, y, epsilon):
        n = len(x)
        start = torch.atanh((2 * x - 1).clamp(-1, 1) * (1 - HELD_OFF))
        c, low, high = torch.full((n,), initial_c), torch.zeros(n), torch.full((n,), torch.inf)
        best, nearest = torch.full((n,), torch.inf), x.clone()
        own = torch.nn.functional.one_hot(y, net.classes).bool()
        for _ in range(searches):
            w = start.clone().requires_grad_(True)
            adam = torch.optim.Adam([w], lr=rate)
            going, before, fooled = torch.ones(n, dtype=torch.bool), torch.full((n,), torch.inf), torch.zeros(n, dtype=torch.bool)
            for t in range(iterations):
                changed = (torch.tanh(w) + 1) / 2
                z = net.logits(changed)
                lead = z.masked_fill(own, -torch.inf).amax(1) - z[own]
                square = ((changed - x) ** 2).sum(1)
                loss = square + c * (confidence - lead).clamp_min(0)
                with torch.no_grad():
                    hit = going & (lead >= confidence) & (z.argmax(1) != y)
                    fooled |= hit
                    better = hit & (square.sqrt() < best)
                    best = torch.where(better, square.sqrt(), best)
                    nearest = torch.where(better[:, None], changed, nearest)
                adam.zero_grad()
                loss.sum().backward()
                adam.step()
                if abort and t % max(1, iterations // 10) == 0:  # the authors look at 0, a tenth, two tenths …
                    still = loss.detach() <= 0.9999 * before
                    before = loss.detach()
                    going &= still
            high = torch.where(fooled, torch.minimum(high, c), high)
            low = torch.where(fooled, low, torch.maximum(low, c))
            c = torch.where(torch.isinf(high), c * 10, (low + high) / 2)
        return nearest.detach()

    toml = (f'type = "carlini-wagner"\nconfidence = {confidence}\nsearches = {searches}\niterations = {iterations}\n'
            f'learning_rate = {rate}\ninitial_c = {initial_c}\nearly_abort = {str(abort).lower()}\n')  # fmt: skip
    name = f"carlini_wagner_{confidence}_{rate}" + ("" if abort else "_patient")
    return Case(name, toml, run, (0.125, 0.25, 0.5, 1.0), "l2", seeks_smallest=True)


HELD_OFF = 1e-3
CASES = [carlini_wagner(), carlini_wagner(rate=0.1, abort=False), carlini_wagner(confidence=0.5)]
