#!/usr/bin/python3
"""Computes the figures of an `uncertainty` run anew, with scikit-learn and SciPy, from what `neurarium eval` says of each sample.

    neurarium run uncertainty run=RUN other=DATA held_out=0 --out asked
    validation/gaussian/check_uncertainty.py RUN DATA asked

The network's outputs for its own test samples and for those of DATA go to files; accuracy, confidence, ECE, AURC, and of each score
AUROC, FPR95 and average precision against DATA are taken from these and compared with report.json and arrays/detection.npy.
Needs the program `neurarium` on the PATH.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from scipy.special import logsumexp, softmax
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

run, data, asked = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["neurarium", "eval", run, "--quiet", "--out", f"{folder}/clean.npz"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["neurarium", "eval", run, "--quiet", "--data", data, "--out", f"{folder}/other.npz"], check=True, stdout=subprocess.DEVNULL)
    clean, other = np.load(f"{folder}/clean.npz"), np.load(f"{folder}/other.npz")
    z, labels, foreign = clean["outputs"].astype(float), clean["y"], other["outputs"].astype(float)

figures = {name: figure["value"] for name, figure in json.loads(pathlib.Path(asked, "report.json").read_text())["figures"].items()}
detection = np.load(pathlib.Path(asked, "arrays/detection.npy"))
confidence, right = softmax(z, axis=1).max(1), z.argmax(1) == labels
bins = np.maximum(0, np.ceil(15 * confidence) - 1)
order = np.argsort(-confidence, kind="stable")
expected = {
    "accuracy": right.mean(),
    "confidence": confidence.mean(),
    "ece": sum((bins == b).mean() * abs(confidence[bins == b].mean() - right[bins == b].mean()) for b in np.unique(bins)),
    "aurc": (np.cumsum(~right[order]) / np.arange(1, len(right) + 1)).mean(),
    "confidence_other": softmax(foreign, axis=1).max(1).mean(),
}
worst = 0.0
for name, value in expected.items():
    worst = max(worst, abs(value - figures[name]))
    print(f"{name:17} {figures[name]:.9f}  here {value:.9f}")


def margin(logits):
    p = np.sort(softmax(logits, axis=1), axis=1)
    return p[:, -1] - p[:, -2]


scores = {"max-softmax": lambda x: softmax(x, axis=1).max(1), "margin": margin, "energy": lambda x: logsumexp(x, axis=1)}
is_clean = np.r_[np.ones(len(z)), np.zeros(len(foreign))]
for k, (name, score) in enumerate(scores.items()):
    s = np.r_[score(z), score(foreign)]
    fpr, tpr, _ = roc_curve(is_clean, s, drop_intermediate=False)
    here = [roc_auc_score(is_clean, s), fpr[np.argmax(tpr >= 0.95)], average_precision_score(is_clean, s), average_precision_score(1 - is_clean, -s)]
    worst = max(worst, np.abs(detection[k, -1] - here).max())
    print(f"{name:17}", " ".join(f"{x:.9f}" for x in detection[k, -1]), " here", " ".join(f"{x:.9f}" for x in here))
print(f"largest difference {worst:.1e}")
sys.exit(int(worst > 1e-9))
