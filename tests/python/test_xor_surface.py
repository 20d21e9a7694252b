"""The error surface of the 2-2-1 network beside an independent NumPy computation, and beside golden values."""

import tempfile
import unittest

import numpy as np

import neurarium as nr

# The lecture's default weights.
W = dict(w1=0.1, w2=0.2, w3=-0.2, w4=0.2, w5=-0.3, w6=-0.25, b1=0.1, b2=-0.1, b3=0.2)
PATTERNS = [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]


def logistic(a):
    return 1 / (1 + np.exp(-a))


def fprop(x1, x2, w1, w2, w3, w4, w5, w6, b1, b2, b3):
    h1 = logistic(b2 + w3 * x1 + w4 * x2)
    h2 = logistic(b3 + w5 * x1 + w6 * x2)
    return logistic(b1 + w1 * h1 + w2 * h2)


def error(**weights):
    """Σ (y − t)² over the four patterns; weights may be arrays."""
    return sum((fprop(x1, x2, **{**W, **weights}) - t) ** 2 for (x1, x2), t in PATTERNS)


class Surface(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.report = nr.run("xor-surface", seed=3, threads=2, out=f"{cls.folder.name}/a", **{"train.epochs": 50})

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_surface_is_numpys(self):
        axis = np.arange(-10, 10, 0.25)
        first, second = np.meshgrid(axis, axis)
        expected = error(w5=first, w6=second)
        np.testing.assert_array_equal(self.report.arrays["axis"], axis)
        self.assertEqual(self.report.arrays["surface"].shape, (80, 80))
        np.testing.assert_allclose(self.report.arrays["surface"], expected, rtol=0, atol=1e-12)

    def test_golden_values(self):
        for name, golden in (("surface_min", 0.992675623), ("surface_max", 1.046818355), ("surface_mean", 1.018995599),
                             ("surface_origin", 1.016384213)):
            self.assertAlmostEqual(self.report.figures[name], golden, delta=1e-9, msg=name)
        self.assertEqual(self.report.figures["surface_argmin"], [4.75, -10.0])
        self.assertAlmostEqual(self.report.arrays["surface"][0, 0], 1.035354596, delta=1e-9)

    def test_another_pair(self):
        report = nr.run("xor-surface", out=f"{self.folder.name}/b", **{
            "surface.first": "w1", "surface.second": "b1", "surface.low": -2, "surface.high": 2, "surface.step": 0.5,
            "surface.descent_steps": 3, "train.epochs": 2})
        axis = np.arange(-2, 2, 0.5)
        first, second = np.meshgrid(axis, axis)
        np.testing.assert_allclose(report.arrays["surface"], error(w1=first, b1=second), rtol=0, atol=1e-12)

    def test_the_walk_is_gradient_descent(self):
        # On half the sum of squares, two weights alone, by central differences in NumPy.
        walk = self.report.arrays["walk"]
        rate = nr.resolve("xor-surface")["settings"]["surface"]["descent_rate"]
        at, h = np.array([W["w5"], W["w6"]]), 1e-6
        for step in range(20):
            np.testing.assert_allclose(walk[step], at, rtol=0, atol=1e-6)
            slope = [(error(w5=at[0] + h, w6=at[1]) - error(w5=at[0] - h, w6=at[1])) / (4 * h),
                     (error(w5=at[0], w6=at[1] + h) - error(w5=at[0], w6=at[1] - h)) / (4 * h)]
            at = at - rate * np.array(slope)


if __name__ == "__main__":
    unittest.main()
