"""DeepFool (Moosavi-Dezfooli et al. 2016), numbers on a bound that would have to leave it held fast, for write_attacks.py."""
import torch

from write_attacks import Case


def deepfool(norm, candidates=10, steps=50, overshoot=0.02):
    def one(net, x, y):
        """x [196], y: one image at a time, all class gradients from the Jacobian."""

        def f(point):
            return net.logits(point[None])[0]

        order = f(x).argsort(descending=True)
        rivals = [int(k) for k in order if int(k) != y][: candidates - 1]
        r, now = torch.zeros_like(x), x
        for _ in range(steps):
            z = f(now)
            if int(z.argmax()) != y:
                break
            jacobian = torch.autograd.functional.jacobian(f, now)
            nearest, move = torch.inf, None
            for k in rivals:
                w = jacobian[k] - jacobian[y]
                w = torch.where(((w > 0) & (now >= 1)) | ((w < 0) & (now <= 0)), torch.zeros_like(w), w)
                gap = (z[k] - z[y]).abs()
                size = w.abs().sum() if norm == "linf" else w.norm()
                if size > 0 and gap / size < nearest:
                    nearest = gap / size
                    move = nearest * (w.sign() if norm == "linf" else w / size)
            if move is None:
                break
            r = r + move
            now = (x + (1 + overshoot) * r).clamp(0, 1)
        return now

    def run(net, x, y, epsilon):
        return torch.stack([one(net, image, int(label)) for image, label in zip(x, y)])

    epsilons = {"linf": (1 / 128, 1 / 64, 1 / 32, 1 / 16), "l2": (0.125, 0.25, 0.5, 1.0)}[norm]
    toml = f'type = "deepfool"\nnorm = "{norm}"\ncandidates = {candidates}\n'
    return Case(f"deepfool_{norm}_{candidates}", toml, run, epsilons, norm, seeks_smallest=True)


CASES = [deepfool("l2"), deepfool("linf"), deepfool("l2", candidates=3)]
