#!/usr/bin/python3
"""Samples per second of the topographic map beside NumPy running the founding notebook's own loop.

    make python && PYTHONPATH=build/python/python /usr/bin/python3 bench/topographic_map.py

Same images, same initial weights, one process, one thread each; the two take turns and medians are compared, so that
the ratio holds when the machine's speed drifts. Debian's OpenBLAS falls back to slow kernels on processors it does not
know: set OPENBLAS_CORETYPE (e.g. SkylakeX or Haswell) for a fair peer; what is used is printed.
"""
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import time

import numpy as np

import neurarium as nr

SHAPES = [(10, 10, 300, 1), (20, 20, 300, 1), (20, 20, 300, 2), (30, 30, 300, 2), (20, 20, 784, 2)]
ROUNDS = 7


def sig(x):
    return 1.0 / (1.0 + np.exp(-x))


def lateral(Kx, Ky, ex):
    rows = []
    for y in range(Ky):
        for x in range(Kx):
            box = np.zeros((Ky, Kx))
            box[max(0, y - ex): min(Ky - 1, y + ex + 1), max(0, x - ex): min(Kx - 1, x + ex + 1)] = 1
            rows.append(box.reshape(-1))
    rows = np.array(rows)
    np.fill_diagonal(rows, 0)
    return rows


def notebook(w, t, lat_ex, data, xi=0.02, sp=0.05, gamma=0.01, prec=1e-10):
    for i in range(len(data)):
        v = data[i].reshape(-1, 1)
        w_v = w @ v
        p = sig(w_v - t)
        o = sig(w_v + (lat_ex @ p) - t)
        r = w.T @ o
        mod_r = np.maximum(r, prec)
        e = v - r
        w += w * o * (e / mod_r).T * xi
        t += (o - sp) * gamma
        if i % 100 == 0:
            w = np.where(w > prec, w, 0)
    return w, t


def rate(learn, samples):
    start = time.perf_counter()
    learn()
    return samples / (time.perf_counter() - start)


def main():
    print(f"numpy {np.__version__}, OPENBLAS_CORETYPE={os.environ.get('OPENBLAS_CORETYPE', '(its own choice)')}, load {os.getloadavg()[0]:.1f}")
    print(f"{'map':>9} {'inputs':>6} {'radius':>6} {'numpy /s':>9} {'float64 /s':>10} {'ratio':>6} {'float32 /s':>10} {'ratio':>6}")
    for rows, columns, inputs, radius in SHAPES:
        generator = np.random.default_rng(1)
        w0 = generator.uniform(0.1, 1, (rows * columns, inputs))
        data = generator.uniform(0, 1, (100, inputs)) * generator.uniform(0, 1, (100, 1))
        state = [w0.copy(), np.zeros((rows * columns, 1))]
        neighbours = lateral(columns, rows, radius)
        maps = {scalar: nr.models.TopographicMap(rows=rows, columns=columns, inputs=inputs, radius=radius, fidelity="notebook",
                                                 scalar=scalar, weights=w0) for scalar in ("float64", "float32")}
        many = {scalar: np.tile(data, (20, 1)).astype(scalar) for scalar in maps}

        def numpy_loop():
            state[:] = notebook(*state, neighbours, data)

        numpy_rates, ratios = [], {scalar: [] for scalar in maps}
        rates = {scalar: [] for scalar in maps}
        for turn in range(ROUNDS + 1):
            peer = rate(numpy_loop, len(data))
            ours = {scalar: rate(lambda: m.observe(many[scalar]), len(many[scalar])) for scalar, m in maps.items()}
            if turn == 0:
                continue  # warm-up
            numpy_rates.append(peer)
            for scalar in maps:
                rates[scalar].append(ours[scalar])
                ratios[scalar].append(ours[scalar] / peer)
        median = statistics.median
        print(f"{rows:>4}×{columns:<4} {inputs:>6} {radius:>6} {median(numpy_rates):>9.0f} {median(rates['float64']):>10.0f} "
              f"{median(ratios['float64']):>6.1f} {median(rates['float32']):>10.0f} {median(ratios['float32']):>6.1f}")


if __name__ == "__main__":
    main()
