"""nr.models.TopographicMap beside the founding notebook's own NumPy loop (topographic-sparsedream, In [27]), for 1,000 samples."""

import unittest

import numpy as np

import neurarium as nr
from images import smooth_images

SHAPES = [(10, 10, 300, 1), (20, 20, 300, 1), (20, 20, 300, 2), (30, 30, 300, 2), (20, 20, 784, 2)]
STEPS = 1000


def sig(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def notebook(w, inputs, Ky, Kx, ex, mends=(), T_s=STEPS):
    """The notebook's cell, line by line; `mends` names the slips that are mended."""
    N = Kx * Ky
    xi = 0.02
    prec = 1e-10
    w = w.copy()
    t = np.zeros((N, 1))
    sp = 0.05
    gamma = 0.01
    slip = 0 if "neighbourhood" in mends else 1

    lat_ex = []
    for y in range(Ky):
        for x in range(Kx):
            curr_ex = np.zeros((Ky, Kx))
            curr_ex[max(0, y - ex): min(Ky - slip, y + ex + 1), max(0, x - ex): min(Kx - slip, x + ex + 1)] = 1
            lat_ex.append(curr_ex.reshape(-1))
    lat_ex = np.array(lat_ex)
    np.fill_diagonal(lat_ex, 0)

    for i in range(T_s):
        v = inputs[i].reshape(-1, 1)
        w_v = w @ v
        p = sig(w_v - t)
        o = sig(w_v + (lat_ex @ p) - t)
        r = w.T @ o
        mod_r = np.maximum(r, prec)
        e = v - r
        if "growth" in mends:
            w += w * np.minimum(o * (e / mod_r).T * xi, 1)
        else:
            w += w * o * (e / mod_r).T * xi
        t += (o - sp) * gamma
        if i % 100 == 0 or "clipping" in mends:
            w = np.where(w > prec, w, 0)
    return w, t.ravel(), lat_ex


def respond(w, t, lat_ex, v):
    w_v = w @ v
    p = sig(w_v - t)
    o = sig(w_v + lat_ex @ p - t)
    return p, o, w.T @ o


def images_for(inputs):
    if inputs == 784:
        if nr._engine.has_data("fashion-mnist"):
            return nr.load_data("fashion-mnist").train.x[:STEPS].reshape(STEPS, -1) / 255.0
        return smooth_images(STEPS, 28, 28, 1, seed=inputs)
    return smooth_images(STEPS, 10, 10, 3, seed=inputs)


def initial_weights(units, inputs, seed):
    """The notebook's U(0.1, 1), but for some that are soon clipped and one pixel that nearly nobody sees at first: its
    reconstruction is near 0, where a step is largest."""
    random = np.random.default_rng(seed)
    w = random.uniform(0.1, 1, (units, inputs))
    small = random.random(w.shape) < 0.02
    w[small] = 10 ** random.uniform(-12, -4, np.count_nonzero(small))
    w[:, 7] = random.uniform(1e-9, 2e-9, units)
    return w


class Base(unittest.TestCase):
    def assert_double(self, found, expected, what):
        """1e-9 relative, entry by entry; zeros are zeros."""
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=0, err_msg=what)

    def assert_single(self, found, expected, what):
        """1e-4 relative where a weight is one at all, 1e-4 of the largest elsewhere."""
        error = np.abs(found - expected)
        large = np.abs(expected) > 1e-8
        self.assertLess((error[large] / np.abs(expected[large])).max(), 1e-4, what)
        self.assertLess(error.max(), 1e-4 * np.abs(expected).max(), what)

    def compare(self, shape, fidelity, corrections=(), mends=()):
        rows, columns, inputs, radius = shape
        what = f"{shape} {fidelity} {corrections}"
        X = images_for(inputs)
        W0 = initial_weights(rows * columns, inputs, seed=rows + inputs)
        kept = W0.copy()
        w, t, lat_ex = notebook(W0, X, rows, columns, radius, mends)
        self.assertGreater(np.abs(w - W0).max(), 0.1, "the loop has learned something")
        for scalar, agree in (("float64", self.assert_double), ("float32", self.assert_single)):
            m = nr.models.TopographicMap(rows=rows, columns=columns, inputs=inputs, radius=radius, fidelity=fidelity,
                                         corrections=corrections, scalar=scalar, weights=W0)
            m.observe(X)
            agree(m.weights, w, f"weights {what} {scalar}")
            # A threshold is a sum of steps that may nearly cancel: measured by the largest of them all.
            tolerance = {"float64": 1e-9, "float32": 1e-4}[scalar]
            self.assertLess(np.abs(m.thresholds - t).max(), tolerance * np.abs(t).max(), f"thresholds {what} {scalar}")
            for name, found, expected in zip("por", m.respond(X[0]), respond(w, t, lat_ex, X[0])):
                np.testing.assert_allclose(found, expected, rtol={"float64": 1e-9, "float32": 1e-3}[scalar], atol=1e-12, err_msg=f"{name} {what}")
        np.testing.assert_array_equal(W0, kept, "the initial weights belong to the caller")


class Notebook(Base):
    def test_five_shapes(self):
        for shape in SHAPES:
            with self.subTest(shape=shape):
                self.compare(shape, "notebook")


class Corrected(Base):
    def test_five_shapes(self):
        for shape in SHAPES:
            with self.subTest(shape=shape):
                self.compare(shape, "corrected", mends=("neighbourhood", "clipping", "growth"))

    def test_each_mend_alone(self):
        for mend in ("neighbourhood", "clipping", "growth"):
            with self.subTest(mend=mend):
                self.compare((10, 12, 300, 2), "notebook", corrections=[mend], mends=(mend,))

    def test_every_mend_changes_something(self):
        # Otherwise the comparisons above could not tell one from the other.
        X, W0 = images_for(300), initial_weights(36, 300, seed=1)
        plain = notebook(W0, X, 6, 6, 2)[0]
        self.assertGreater(np.count_nonzero(plain == 0), 50)
        for mend in ("neighbourhood", "clipping", "growth"):
            self.assertFalse(np.array_equal(plain, notebook(W0, X, 6, 6, 2, (mend,))[0]), mend)


class Calls(unittest.TestCase):
    """How samples are cut into calls must not change a bit."""

    def setUp(self):
        self.X = images_for(300)[:250]
        self.W0 = initial_weights(100, 300, seed=5)

    def map(self):
        return nr.models.TopographicMap(rows=10, columns=10, inputs=300, radius=1, fidelity="notebook", scalar="float64", weights=self.W0)

    def test_one_call_many_calls_and_one_sample_at_a_time(self):
        whole = self.map()
        whole.observe(self.X)
        parts = self.map()
        for first, last in ((0, 1), (1, 99), (99, 130), (130, 250)):
            parts.observe(self.X[first:last])
        single = self.map()
        for v in self.X:
            single.observe(v)
        for m in (parts, single):
            self.assertEqual(m.samples_seen, 250)
            np.testing.assert_array_equal(m.weights, whole.weights)
            np.testing.assert_array_equal(m.thresholds, whole.thresholds)

    def test_an_epoch_begins_where_it_is_told_to(self):
        # The notebook clips on samples 0, 100, 200 … of an epoch: weights that became too small in samples 1 … 59 go at once
        # if sample 60 begins an epoch, and stay if it does not.
        counted, anew, named = self.map(), self.map(), self.map()
        counted.observe(self.X[:60])
        counted.observe(self.X[60:70])
        anew.observe(self.X[:60])
        anew.new_epoch()
        anew.observe(self.X[60:70])
        named.observe(self.X[:60])
        named.observe(self.X[60:70], first=0)
        np.testing.assert_array_equal(anew.weights, named.weights)
        self.assertEqual((anew.epoch, anew.samples_seen, counted.samples_seen), (1, 10, 70))
        self.assertGreater(np.count_nonzero(anew.weights == 0), np.count_nonzero(counted.weights == 0))

    def test_bytes_and_their_divisor(self):
        pixels = np.round(self.X * 255).astype(np.uint8)
        from_bytes, from_numbers = self.map(), self.map()
        from_bytes.observe(pixels, divisor=255)
        from_numbers.observe(pixels / 255.0)
        np.testing.assert_array_equal(from_bytes.weights, from_numbers.weights)

    def test_the_issues_example(self):
        X, V, W0 = self.X, self.X[:7], np.random.default_rng(0).uniform(0.1, 1, (400, 300))
        m = nr.models.TopographicMap(rows=20, columns=20, inputs=300, radius=2, fidelity="notebook", scalar="float64", weights=W0); m.observe(X)  # noqa: E702
        self.assertEqual((m.weights.shape, m.thresholds.shape), ((400, 300), (400,)))
        p, o, r = m.respond(V)
        self.assertEqual((p.shape, o.shape, r.shape), ((7, 400), (7, 400), (7, 300)))


if __name__ == "__main__":
    unittest.main()
