#!/usr/bin/python3
"""Writes tests/data/sweeps/statistics.npz: what SciPy says about Student's t and about small samples.

probabilities, degrees   the grid
quantiles                t with P(T <= t) = probability, [probability, degrees]: scipy.stats.t.ppf, sharpened
samples                  rows of five numbers
mean, sd                 of each row (divisor n - 1)
low, high                scipy.stats.t.interval(0.95, n - 1, mean, standard error)
Nothing of Neurarium is imported.
"""
import pathlib
import sys

import numpy as np
from scipy import stats


def main():
    probabilities = np.array([0.025, 0.3, 0.6, 0.9, 0.95, 0.975, 0.995, 0.9999])
    degrees = np.array([1, 2, 3, 4, 5, 7, 9, 19, 30, 99, 1000, 99999], dtype=float)
    quantiles = stats.t.ppf(probabilities[:, None], degrees[None, :])
    for _ in range(3):  # ppf is good to 1e-8 only; Newton's steps on its cdf, which is far better
        excess = np.where(quantiles > 0, probabilities[:, None] - 1 + stats.t.sf(quantiles, degrees),
                          probabilities[:, None] - stats.t.cdf(quantiles, degrees))
        quantiles = quantiles + excess / stats.t.pdf(quantiles, degrees)
    samples = np.array([[0.98, 0.985, 0.979, 0.99, 0.982], [1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4, 1e9 + 6],
                        [-3.5, 0.25, 7.0, 1.0, -2.0], [1e-12, 2e-12, 5e-12, 1e-12, 3e-12]])
    n = samples.shape[1]
    mean, sd = samples.mean(axis=1), samples.std(axis=1, ddof=1)
    low, high = stats.t.interval(0.95, n - 1, loc=mean, scale=sd / np.sqrt(n))
    target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "tests/data/sweeps/statistics.npz")
    np.savez(target, probabilities=probabilities, degrees=degrees, quantiles=quantiles, samples=samples, mean=mean, sd=sd, low=low, high=high)
    print(target)


if __name__ == "__main__":
    main()
