#!/usr/bin/python3
"""Writes tests/data/topographic/small_map.npz: the founding notebook's loop on a small map, in plain NumPy.

The loop is the notebook's own (cell 27), statement by statement, on 3 rows × 4 columns (so Kx != Ky) and 7 inputs,
radius 1, 250 samples. `mended` names the notebook's slips that are corrected, as in models/topographic_map.
Nothing of Neurarium is imported. Run it from anywhere; it prints where it wrote.
"""
import pathlib
import sys

import numpy as np


def sig(x):
    return 1.0 / (1.0 + np.exp(-x))


def lateral(Kx, Ky, ex, inclusive_end):
    last = 0 if inclusive_end else 1
    lat_ex = []
    for y in range(Ky):
        for x in range(Kx):
            curr_ex = np.zeros((Ky, Kx))
            curr_ex[max(0, y - ex): min(Ky - last, y + ex + 1), max(0, x - ex): min(Kx - last, x + ex + 1)] = 1
            lat_ex.append(curr_ex.reshape(-1))
    lat_ex = np.array(lat_ex)
    np.fill_diagonal(lat_ex, 0)
    return lat_ex


def learn(w, data, Kx, Ky, ex, mended=(), xi=0.02, sp=0.05, gamma=0.01, prec=1e-10):
    w = w.copy()
    t = np.zeros((Kx * Ky, 1))
    lat_ex = lateral(Kx, Ky, ex, "neighbourhood" in mended)
    for i in range(len(data)):
        v = data[i].reshape(-1, 1)
        w_v = w @ v
        p = sig(w_v - t)
        o = sig(w_v + (lat_ex @ p) - t)
        r = w.T @ o
        mod_r = np.maximum(r, prec)
        e = v - r
        step = o * (e / mod_r).T * xi
        if "growth" in mended:
            step = np.minimum(step, 1)
        w += w * step
        t += (o - sp) * gamma
        if "clipping" in mended or i % 100 == 0:
            w = np.where(w > prec, w, 0)
    v = data[-1].reshape(-1, 1)
    p = sig(w @ v - t)
    o = sig(w @ v + lat_ex @ p - t)
    return w, t[:, 0], p[:, 0], o[:, 0], (w.T @ o)[:, 0]


def main():
    generator = np.random.default_rng(20201213)
    data = generator.uniform(0, 1, (250, 7))
    data[:, 2] = 0          # an input that is always dark: its weights fall below the clipping threshold
    data[::50] = 0          # black images, on which r falls towards 0 and q towards −1
    data[30] = 1
    w0 = generator.uniform(0.1, 1, (12, 7))
    w0[:, 2] *= 1e-9
    w0[5, 5] = 0            # stays 0 for ever
    out = {"data": data, "w0": w0}
    for name, mended in (("notebook", ()), ("neighbourhood", ("neighbourhood",)), ("clipping", ("clipping",)),
                         ("growth", ("growth",)), ("corrected", ("neighbourhood", "clipping", "growth"))):
        w, t, p, o, r = learn(w0, data, 4, 3, 1, mended)
        for key, value in (("w", w), ("t", t), ("p", p), ("o", o), ("r", r)):
            out[f"{name}.{key}"] = value
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "tests/data/topographic/small_map.npz"
    np.savez(path, **out)
    print(path)


if __name__ == "__main__":
    main()
