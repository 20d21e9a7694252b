"""nr.convert: classical networks become finite Gaussian ones and come back."""

import os
import pathlib
import subprocess
import tempfile
import unittest
import warnings

import numpy as np

import neurarium as nr


def clouds(samples, seed, sd=0.4):
    """Three clouds of points in ten dimensions, each around a corner."""
    random = np.random.default_rng(seed)
    y = np.arange(samples) % 3
    return 2 * np.eye(10)[y] + sd * random.normal(size=(samples, 10)), y


def mean_loss(logits, labels):
    """−ln p of the labels."""
    z = logits - logits.max(1, keepdims=True)
    return (np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), labels]).mean()


def best_temperature(logits, labels):
    """By golden sections on ln T: the loss falls, then rises."""
    low, high, share = np.log(1e-3), np.log(1e3), (np.sqrt(5) - 1) / 2
    while high - low > 1e-9:
        a, b = high - share * (high - low), low + share * (high - low)
        if mean_loss(logits / np.exp(a), labels) < mean_loss(logits / np.exp(b), labels):
            high = b
        else:
            low = a
    return np.exp(low)


def warned(call):
    """(What the call gives, the lines it warns of.)"""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = call()
    for warning in caught:
        assert warning.category is UserWarning and warning.filename == __file__, warning
    return made, [str(warning.message) for warning in caught]


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

    def test_a_temperature_makes_the_loss_least_and_changes_no_answer(self):
        x, y = clouds(400, 5, sd=0.9)
        for to, model, keys in (("gaussian", self.net, {}), ("gaussian", self.net, {"rule": "scaled", "scale": 3}),
                                ("classical", nr.convert(self.net, "gaussian", x=x), {})):  # fmt: skip
            with self.subTest(to, **keys):
                plain, made = (nr.convert(model, to, x=x, **keys, **more) for more in ({}, {"y": y, "temperature": True}))
                z = plain.logits(x).astype(float)
                wanted = best_temperature(z, y)
                self.assertGreater(abs(np.log(wanted)), 0.1)  # else nothing would be seen of it
                for name in ("dense2.weight", "dense2.bias"):
                    np.testing.assert_allclose(plain[name] / made[name], wanted, rtol=1e-4)
                for name in set(plain.parameters) - {"dense2.weight", "dense2.bias"}:
                    np.testing.assert_array_equal(made[name], plain[name])
                np.testing.assert_allclose(made.logits(x), z / wanted, rtol=1e-3, atol=1e-4)
                np.testing.assert_array_equal(made.logits(x).argmax(1), z.argmax(1))
                self.assertLess(made.evaluate(x, y).loss, plain.evaluate(x, y).loss)

    def test_the_temperature_is_that_of_the_samples_in_the_models_units(self):
        x, y = clouds(200, 6, sd=1.2)
        a = nr.convert(self.net, "gaussian", x=x, y=y, temperature=True)
        b = nr.convert(self.net, "gaussian", x=[list(row) for row in 10 * x], y=y.astype(np.uint8), divisor=10, temperature=True)
        np.testing.assert_allclose(b["dense2.weight"], a["dense2.weight"], rtol=1e-5)
        other = nr.convert(self.net, "gaussian", x=x, y=np.where(np.arange(200) < 100, y, (y + 1) % 3), temperature=True)
        self.assertLess(np.abs(other["dense2.weight"]).max(), 0.5 * np.abs(a["dense2.weight"]).max())  # half of them wrong: not sure at all

    def test_back_the_temperature_stays(self):
        x, y = clouds(200, 6, sd=1.2)
        finite = nr.convert(self.net, "gaussian", x=x, y=y, temperature=True)
        temperature = self.net["dense2.weight"][0, 0] / finite["dense2.weight"][0, 0]
        back = nr.convert(finite, "classical")
        np.testing.assert_allclose(back.logits(self.x_test), self.net.logits(self.x_test) / temperature, rtol=1e-4, atol=1e-5)

    def test_where_there_is_no_temperature(self):
        x, y = clouds(60, 7, sd=1.2)
        linear = [nr.layers.Dense(units=4, activation="tanh"), nr.layers.Dense(units=3)]
        cases = [(TypeError, "temperature=True needs x and y", {"x": x}), (TypeError, "temperature=True needs x and y", {"y": y}),
                 (TypeError, "y goes with temperature=True", {"x": x, "y": y, "temperature": False}),
                 (TypeError, "temperature: expected True or False, found 2.5", {"x": x, "y": y, "temperature": 2.5}),
                 (nr.DataError, "y: holds floating-point numbers", {"x": x, "y": y.astype(float)}),
                 (nr.ShapeError, r"y: expected shape \[60\], a label for each sample of x, found \[59\]", {"x": x, "y": y[:-1]}),
                 (nr.ShapeError, r"y: expected shape \[60\].*found \[60, 3\]", {"x": x, "y": np.eye(3, dtype=int)[y]}),
                 (nr.DataError, "label of sample 1: is 4, but the network has 3 outputs", {"x": x, "y": y + 3 * (np.arange(60) > 0)}),
                 (nr.DataError, "no samples that a temperature could be fitted on", {"x": x[:0], "y": y[:0], "rule": "scaled"}),
                 (nr.DataError, "sample 4 has a number that is not finite", {"x": np.where(np.arange(60)[:, None] == 4, np.inf, x), "y": y, "rule": "scaled"}),
                 (nr.DataError, "temperature: none of the 300 samples is wrong", {"x": self.x, "y": self.net.logits(self.x).argmax(1), "rule": "scaled", "scale": 1e4}),
                 (nr.DataError, "no better than chance", {"x": x, "y": self.net.logits(x).argmin(1), "rule": "scaled", "scale": 1e4})]  # fmt: skip
        for kind, pattern, given in cases:
            with self.subTest(pattern):
                with self.assertRaisesRegex(kind, pattern):
                    nr.convert(self.net, "gaussian", **{"temperature": True, **given})
        with self.assertRaisesRegex(nr.SpecError, "temperature: the network's outputs are no logits"):
            nr.convert(nr.Sequential(linear, inputs=[10]), "gaussian", x=x, y=y, temperature=True)
        bent = nr.Sequential([nr.layers.Dense(units=3, activation="tanh")], inputs=[10], loss="cross_entropy")
        bent.fit(self.x, self.y, epochs=5)
        with self.assertRaisesRegex(nr.SpecError, "dense1 is not linear"):
            nr.convert(bent, "gaussian", x=x, y=y, temperature=True)

    def test_a_layer_that_has_lost_the_data_is_a_warning(self):
        def median(x, scale):
            """Of exp(−q) in dense1, by its definition."""
            finite, _ = warned(lambda: nr.convert(self.net, "gaussian", rule="scaled", scale=scale))
            return np.median(self.layer(finite, "dense1", x)[1])

        lost = r"^dense1: the median of exp\(−q\) over the data is ([\d.e-]+), below 0\.05: its units have lost the data; choose wider ones "
        _, lines = warned(lambda: nr.convert(self.net, "gaussian", rule="scaled", scale=0.3, x=self.x))
        self.assertEqual(len(lines), 1, lines)  # dense2 sees numbers near 0
        self.assertRegex(lines[0], lost)
        self.assertAlmostEqual(float(lines[0].split(" is ")[1].split(",")[0]) / median(self.x, 0.3), 1, delta=0.01)

        low, high = 0.3, 2.0  # the scale at which the median is 0.05: a little below it there is a warning, a little above none
        while high / low > 1.0001:
            middle = np.sqrt(low * high)
            low, high = (middle, high) if median(self.x, middle) < 0.05 else (low, middle)
        for scale, count in ((low / 1.01, 1), (high * 1.01, 0)):
            _, lines = warned(lambda: nr.convert(self.net, "gaussian", rule="scaled", scale=scale, x=self.x))
            self.assertEqual(len(lines), count, lines)

        for quiet in ({"rule": "scaled", "scale": 0.3}, {"rule": "calibrated", "x": self.x}, {"x": self.x}, {"rule": "notebook", "x": self.x}):
            self.assertEqual(warned(lambda: nr.convert(self.net, "gaussian", **quiet))[1], [])
        finite, _ = warned(lambda: nr.convert(self.net, "gaussian", rule="scaled", scale=0.3))
        self.assertEqual(warned(lambda: nr.convert(finite, "classical", x=self.x))[1], [])  # nothing is lost there
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with self.assertRaisesRegex(UserWarning, lost):
                nr.convert(self.net, "gaussian", rule="scaled", scale=0.3, x=10 * self.x, divisor=10)

    def test_many_samples_are_looked_at_from_first_to_last(self):
        near, far = np.repeat(self.x, 7, axis=0), np.repeat(1000 * self.x, 9, axis=0)  # 2,100 and 2,700: more are far
        convert = lambda *parts: warned(lambda: nr.convert(self.net, "gaussian", rule="scaled", scale=2, x=np.concatenate(parts)))[1]
        self.assertEqual(convert(near), [])
        self.assertEqual(len(convert(near, far)), 1)
        self.assertEqual(len(convert(far, near)), 1)
        self.assertEqual(convert(far[:1900], near), [])

    def test_the_command_line_warns_in_the_same_words(self):
        with tempfile.TemporaryDirectory() as folder:
            run = nr.run("train-network", data=(self.x, self.y), model=self.net, out=pathlib.Path(folder, "run"), **{"train.epochs": 5}).path
            told = subprocess.run([os.environ["NEURARIUM"], "convert", run, "--to", "gaussian", "--rule", "scaled", "--scale", "0.3", "--out", f"{folder}/finite"],
                                  check=True, capture_output=True, text=True).stderr  # fmt: skip
            _, lines = warned(lambda: nr.convert(nr.load(run), "gaussian", rule="scaled", scale=0.3, x=self.x))
            self.assertEqual(len(lines), 1)
            self.assertEqual([line for line in told.splitlines() if line.startswith("warning: ")], ["warning: " + line for line in lines])

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
