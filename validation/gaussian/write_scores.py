#!/usr/bin/python3
"""Writes tests/data/gaussian/scores.npz: what other programs make of scores, logits and confidences.

AUROC and average precision by scikit-learn; the false positive rate from the points of its ROC curve, none of them left out;
temperatures where SciPy's brentq finds the slope of the mean log loss to be 0; areas under risk–coverage curves by walking
through every order of equal scores, or from cumulative sums where none are equal. Nothing of Neurarium is imported.
"""
import itertools
import pathlib
import sys

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp, softmax
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score, roc_curve

rng = np.random.default_rng(11)
out = {}


def detection(known, foreign):
    is_known = np.r_[np.ones(len(known)), np.zeros(len(foreign))]
    score = np.r_[known, foreign]
    fpr, tpr, _ = roc_curve(is_known, score, drop_intermediate=False)
    return [roc_auc_score(is_known, score), fpr[np.argmax(tpr >= 0.95)], average_precision_score(is_known, score),
            average_precision_score(1 - is_known, -score)]  # fmt: skip


cases = {
    "apart": (rng.normal(2, 1, 400), rng.normal(0, 1.5, 300)),
    "ties": (rng.integers(3, 9, 260) / 8, rng.integers(0, 7, 120) / 8),
    "saturated": (np.minimum(1, rng.normal(1, 0.1, 200)), np.minimum(1, rng.normal(0.9, 0.1, 500))),
    "backwards": (rng.normal(0, 1, 50), rng.normal(3, 1, 70)),
    "few": (np.array([0.9, 0.5, 0.5]), np.array([0.5, 0.1])),
}
for name, (known, foreign) in cases.items():
    out[f"detection_{name}_known"], out[f"detection_{name}_foreign"] = known, foreign
    out[f"detection_{name}_answer"] = np.array(detection(known, foreign))

# Logits that are too sure (factor 3), too modest (0.2), tiny (1e-6), and far from 0.
labels = rng.integers(0, 5, 600)
base = rng.normal(0, 1, (600, 5)) + 2 * np.eye(5)[labels]
out["labels"], out["logits"] = labels.astype(np.int64), base
for name, logits in {"sure": 3 * base, "modest": 0.2 * base, "tiny": 1e-6 * base, "far": base + 1000}.items():
    scale = logits.std(1).mean()

    def slope(log_beta):  # of the loss, by 1/T
        beta = np.exp(log_beta) / scale
        return (softmax(beta * logits, axis=1) * logits).sum(1).mean() / scale - logits[np.arange(600), labels].mean() / scale

    temperature = scale / np.exp(brentq(slope, -4, 4, xtol=1e-14))
    losses = [log_loss(labels, softmax(logits / t, axis=1)) for t in (1, temperature, 0.99 * temperature, 1.01 * temperature)]
    assert losses[1] < min(losses[2:])
    out[f"temperature_{name}"] = np.array([temperature, losses[0], losses[1]])
probabilities = np.sort(softmax(3 * base, axis=1), axis=1)
out["scores_sure"] = np.stack([probabilities[:, -1], probabilities[:, -1] - probabilities[:, -2], logsumexp(3 * base, axis=1)])


def area(scores, right):
    """Mean of the areas over all orders of equal scores."""
    groups = [np.flatnonzero(scores == s) for s in sorted(set(scores), reverse=True)]
    areas = []
    for orders in itertools.product(*(itertools.permutations(group) for group in groups)):
        order = np.concatenate([np.array(part) for part in orders])
        areas.append((np.cumsum(~right[order]) / np.arange(1, len(order) + 1)).mean())
    return np.mean(areas)


scores, right = np.array([0.9, 0.7, 0.7, 0.7, 0.4, 0.2, 0.2, 0.1]), np.array([1, 0, 1, 1, 0, 1, 0, 1], bool)
out["ties_scores"], out["ties_right"], out["ties_area"] = scores, right.astype(np.float64), np.array([area(scores, right)])
confidence = softmax(3 * base, axis=1).max(1)
right = base.argmax(1) == labels
order = np.argsort(-confidence)
risk = np.cumsum(~right[order]) / np.arange(1, 601)
out["risk"], out["risk_area"] = risk, np.array([risk.mean()])

file = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "tests/data/gaussian/scores.npz"
np.savez_compressed(file, **out)
