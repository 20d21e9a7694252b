"""nr.convert: classical networks become finite Gaussian ones and come back."""

import unittest

import numpy as np

import neurarium as nr


def clouds(samples, seed):
    """Three clouds of points in ten dimensions, each around a corner."""
    random = np.random.default_rng(seed)
    y = np.arange(samples) % 3
    return 2 * np.eye(10)[y] + 0.4 * random.normal(size=(samples, 10)), y


class Convert(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.x, cls.y = clouds(300, 0)
        cls.x_test, cls.y_test = clouds(150, 1)
        cls.net = nr.Sequential([nr.layers.Dense(units=16, activation="tanh"), nr.layers.Dense(units=3)], inputs=[10], loss="cross_entropy")
        cls.net.fit(cls.x, cls.y, epochs=40, batch_size=30, optimiser=nr.optimisers.Sgd(learning_rate=0.1, momentum=0.9))

    def layer(self, model, name, h, before=None):
        """A finite Gaussian layer by its definition: f(w·x + b), g, and the largest g."""
        w, b, c = (model[f"{name}.{key}"].astype(float) for key in ("weight", "bias", "centre"))
        width = np.sqrt(h.shape[1]) * np.exp(model[f"{name}.log_width"].astype(float))
        away = (h[:, None] - c[None]) / (width[None, :, None] if width.ndim == 1 else width[None])
        g = np.exp(-(away**2).sum(2)) * (1 if before is None else before[:, None])
        return (h @ w.T + b), g, g.max(1)

    def by_definition(self, model, x):
        line, g, support = self.layer(model, "dense1", x)
        line, g, _ = self.layer(model, "dense2", np.tanh(line) * g, support)
        return line * g

    def test_what_a_converted_network_says(self):
        for rule in ("notebook", "author", "scaled", "calibrated", "calibrated-diagonal"):
            finite = nr.convert(self.net, "gaussian", rule=rule, scale=1.5, x=self.x)
            np.testing.assert_array_equal(finite["dense1.weight"], self.net["dense1.weight"])
            np.testing.assert_allclose(finite.logits(self.x_test), self.by_definition(finite, self.x_test), rtol=1e-4, atol=1e-5)
            w, b, c = finite["dense2.weight"], finite["dense2.bias"], finite["dense2.centre"]
            np.testing.assert_allclose(c, -(b / (w**2).sum(1))[:, None] * w, atol=1e-6)

    def test_widths_follow_their_rules(self):
        def width(rule, layer, **keys):
            return np.exp(nr.convert(self.net, "gaussian", rule=rule, x=self.x, **keys)[layer + ".log_width"].astype(float))

        np.testing.assert_allclose(width("notebook", "dense1") * np.sqrt(10), 10, rtol=1e-6)
        np.testing.assert_allclose(width("author", "dense2") * np.sqrt(16), 30, rtol=1e-6)
        np.testing.assert_allclose(width("scaled", "dense2", scale=3.5), 3.5, rtol=1e-6)
        for rule in ("calibrated", "calibrated-diagonal"):
            finite = nr.convert(self.net, "gaussian", rule=rule, x=self.x, quantile=0.9, level=0.3)
            _, g, support = self.layer(finite, "dense1", self.x)
            np.testing.assert_allclose(np.quantile(-np.log(g), 0.9, axis=0), -np.log(0.3), rtol=1e-4)
            line, g, _ = self.layer(finite, "dense1", self.x)
            _, g2, _ = self.layer(finite, "dense2", np.tanh(line) * g)
            np.testing.assert_allclose(np.quantile(-np.log(g2), 0.9, axis=0), -np.log(0.3), rtol=1e-4)
        spread = finite["dense1.log_width"].astype(float)[0] - 0.5 * np.log(self.x.var(0, ddof=1) + 0.05 * self.x.var(0, ddof=1).mean())
        np.testing.assert_allclose(spread, spread[0], atol=1e-5)

    def test_wide_units_are_the_classical_network_and_narrow_ones_know_nothing_far_away(self):
        wide = nr.convert(self.net, "gaussian", rule="scaled", scale=1e4)
        np.testing.assert_allclose(wide.logits(self.x_test), self.net.logits(self.x_test), atol=1e-5)
        near = nr.convert(self.net, "gaussian", x=self.x)
        self.assertGreaterEqual(near.evaluate(self.x_test, self.y_test).accuracy, self.net.evaluate(self.x_test, self.y_test).accuracy - 0.02)
        far = 1e6 * self.x_test
        self.assertGreater(np.abs(self.net.logits(far)).max(), 1)
        np.testing.assert_array_equal(near.logits(far), 0)
        np.testing.assert_array_equal(near.logits(np.full((1, 10), 3e38)), 0)  # squares that are infinite in float32

    def test_there_and_back(self):
        finite = nr.convert(self.net, "gaussian", x=self.x)
        back = nr.convert(finite, "classical")
        np.testing.assert_allclose(back.logits(self.x_test), self.net.logits(self.x_test), atol=1e-5)
        self.assertEqual([layer["type"] for layer in back.settings["layers"]], [layer["type"] for layer in self.net.settings["layers"]])
        self.assertEqual(sorted(back.parameters), sorted(self.net.parameters))

    def test_other_layers_and_double(self):
        net = nr.Sequential([nr.layers.Conv2d(filters=3, kernel_size=3, activation="relu"), nr.layers.BatchNorm(),
                             nr.layers.Dense(units=8, activation="tanh", use_bias=False), nr.layers.Dropout(rate=0.2), nr.layers.Dense(units=2)],
                            inputs=[6, 6], loss="cross_entropy", scalar="float64")  # fmt: skip
        random = np.random.default_rng(3)
        x, y = random.normal(size=(40, 6, 6)), np.arange(40) % 2
        net.fit(x, y, epochs=2, batch_size=8)
        finite = nr.convert(net, "gaussian", x=x)
        self.assertEqual([layer["type"] for layer in finite.settings["layers"]][0], "finite_gaussian_conv2d")
        self.assertLess(np.abs(finite.logits(100 * x)).max(), np.abs(net.logits(100 * x)).max())
        np.testing.assert_array_equal(nr.convert(finite, "classical").logits(x), net.logits(x))

    def test_a_converted_network_goes_on_learning(self):
        finite = nr.convert(self.net, "gaussian", rule="scaled", scale=2)
        before = finite.evaluate(self.x, self.y).loss
        finite.fit(self.x, self.y, epochs=3, optimiser=nr.optimisers.Sgd(learning_rate=0.05))
        self.assertLess(finite.evaluate(self.x, self.y).loss, before)

    def test_layers_in_a_residual_become_gaussian_and_come_back(self):
        net = nr.Sequential([nr.layers.Residual(layers=[nr.layers.Dense(units=10)]), nr.layers.Dense(units=3)], inputs=[10])
        finite = nr.convert(net, "gaussian", x=self.x)
        self.assertIn("residual1.dense1.log_width", finite.parameters)
        back = nr.convert(finite, "classical")
        np.testing.assert_array_equal(back.logits(self.x), net.logits(self.x))
        self.assertFalse(np.array_equal(finite.logits(self.x), net.logits(self.x)))

    def test_what_can_not_be_converted(self):
        with self.assertRaisesRegex(ValueError, "expected one of 'gaussian', 'classical'"):
            nr.convert(self.net, "spiking")
        with self.assertRaisesRegex(nr.SpecError, "'wide' is not one of notebook, author"):
            nr.convert(self.net, "gaussian", rule="wide")
        with self.assertRaisesRegex(nr.SpecError, "looks at training samples"):
            nr.convert(self.net, "gaussian")
        with self.assertRaisesRegex(nr.SpecError, "no finite Gaussian layer"):
            nr.convert(self.net, "classical")
        with self.assertRaisesRegex(ValueError, "scale"):
            nr.convert(self.net, "gaussian", rule="scaled", scale=-1)
        with self.assertRaisesRegex(nr.DataError, "sample 2 has a number that is not finite"):
            nr.convert(self.net, "gaussian", x=np.where(np.arange(300)[:, None] == 2, np.nan, self.x))
        with self.assertRaisesRegex(nr.SpecError, "dense1: all samples are the same"):
            nr.convert(self.net, "gaussian", x=self.x[:1])
        with self.assertRaisesRegex(nr.ShapeError, r"x: .*\[samples, 10\].*\[300, 5\]"):
            nr.convert(self.net, "gaussian", x=self.x[:, :5])
        dead = nr.convert(nr.convert(self.net, "gaussian", rule="scaled"), "classical")
        dead["dense1.weight"][4] = 0
        with self.assertRaisesRegex(nr.SpecError, "dense1, unit 4: all weights are 0"):
            nr.convert(dead, "gaussian", rule="scaled")


if __name__ == "__main__":
    unittest.main()
