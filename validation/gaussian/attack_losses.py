"""Losses that attacks climb, for rows of logits z [n, k] and labels y [n]; TARGETED: towards the classes t [n]. To be differentiated."""
import torch
import torch.nn.functional as F


def at(z, places):
    return z.gather(1, places[:, None])[:, 0]


def other(z, y):
    """The strongest class but y."""
    return z.scatter(1, y[:, None], -torch.inf).argmax(1)


def scaled(z):
    return 10 * z / z.detach().abs().amax(1, keepdim=True).clamp_min(1e-300)


def dlr(z, y):
    ranked = z.sort(1, descending=True).values
    return -(at(z, y) - at(z, other(z, y))) / (ranked[:, 0] - ranked[:, 2] + 1e-12)


def dlr_targeted(z, y, t):
    ranked = z.sort(1, descending=True).values
    return -(at(z, y) - at(z, t)) / (ranked[:, 0] - (ranked[:, 2] + ranked[:, 3]) / 2 + 1e-12)


LOSSES = {
    "cross-entropy": lambda z, y: F.cross_entropy(z, y, reduction="none"),
    "scale-free": lambda z, y: F.cross_entropy(scaled(z), y, reduction="none"),
    "dlr": dlr,
    "margin": lambda z, y: at(z, other(z, y)) - at(z, y),
    "confidence": lambda z, y: at(F.log_softmax(z, 1), other(z, y)),
}
TARGETED = {
    "cross-entropy": lambda z, y, t: -F.cross_entropy(z, t, reduction="none"),
    "scale-free": lambda z, y, t: -F.cross_entropy(scaled(z), t, reduction="none"),
    "dlr": dlr_targeted,
    "margin": lambda z, y, t: at(z, t) - at(z, y),
    "confidence": lambda z, y, t: at(F.log_softmax(z, 1), t),
}
