"""nr.Sequential beside the same network in plain NumPy: answers, gradients and training, in double."""

import unittest

import numpy as np

import neurarium as nr


class PlainNetwork:
    """3-5-2: tanh, then identity; ½ Σ (y − t)²; gradient descent with momentum."""

    def __init__(self, W1, b1, W2, b2):
        self.weights = [W1.copy(), b1.copy(), W2.copy(), b2.copy()]
        self.velocity = [np.zeros_like(w) for w in self.weights]

    def forward(self, x):
        W1, b1, W2, b2 = self.weights
        h = np.tanh(x @ W1.T + b1)
        return h, h @ W2.T + b2

    def gradient(self, x, t):
        h, y = self.forward(x)
        d2 = y - t
        d1 = (d2 @ self.weights[2]) * (1 - h * h)
        return [d1.T @ x, d1.sum(0), d2.T @ h, d2.sum(0)]

    def loss(self, x, t):
        return 0.5 * ((self.forward(x)[1] - t) ** 2).sum()

    def step(self, x, t, rate, momentum):
        for w, v, g in zip(self.weights, self.velocity, self.gradient(x, t)):
            v *= momentum
            v += g / len(x)
            w -= rate * v


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class Regression(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(8)
        self.x, self.t = random.normal(size=(37, 3)), random.normal(size=(37, 2))
        self.W1, self.b1, self.W2, self.b2 = (random.normal(size=shape) for shape in ((5, 3), (5,), (2, 5), (2,)))
        self.plain = PlainNetwork(self.W1, self.b1, self.W2, self.b2)
        self.net = nr.Sequential([nr.layers.Dense(units=5, activation="tanh", weights=self.W1, bias=self.b1),
                                  nr.layers.Dense(units=2, weights=self.W2, bias=self.b2)], inputs=[3], scalar="float64")

    def test_answers(self):
        np.testing.assert_allclose(self.net.respond(self.x).outputs, self.plain.forward(self.x)[1], rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(self.net.logits(self.x), self.plain.forward(self.x)[1], rtol=1e-13, atol=1e-13)

    def test_numbers_that_make_no_sense_are_named(self):
        x, t, net = self.x, self.t, self.net
        before = net.dense1.weight.copy()
        for wrong in ({"divisor": -1}, {"divisor": 0}, {"divisor": float("nan")}, {"divisor": float("inf")}, {"threads": -1}):
            (name,) = wrong
            for call in (net.fit, net.evaluate):
                with self.assertRaisesRegex(ValueError, f"^{name}: expected "):
                    call(x, t, **wrong)
        for wrong in ({"seed": -1}, {"seed": 2**32}, {"batch_size": 10**30}, {"batch_size": 0}, {"epochs": -1}):
            (name,) = wrong
            with self.assertRaisesRegex(ValueError, f"^{name}: expected a whole number in .*found {wrong[name]}"):
                net.fit(x, t, **wrong)
        with self.assertRaisesRegex(TypeError, "^epochs: expected a whole number, found 1.5"):
            net.fit(x, t, epochs=1.5)
        with self.assertRaisesRegex(ValueError, "^divisor: "):
            net.gradient(x, t, divisor=0)
        with self.assertRaisesRegex(ValueError, "^tolerance: "):
            net.check_gradients(x, t, tolerance=float("nan"))
        np.testing.assert_array_equal(net.dense1.weight, before)

    def test_gradient_and_evaluation(self):
        expected = self.plain.gradient(self.x, self.t)
        found = self.net.gradient(self.x, self.t, reduction="sum")
        self.assertEqual(list(found), ["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"])
        for a, b in zip(found.values(), expected):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
        mean = self.net.gradient(self.x, self.t)
        np.testing.assert_allclose(mean["dense1.weight"], expected[0] / 37, rtol=1e-12, atol=1e-13)
        evaluation = self.net.evaluate(self.x, self.t)
        self.assertAlmostEqual(evaluation.loss, self.plain.loss(self.x, self.t) / 37, delta=1e-12)
        self.assertIsNone(evaluation.accuracy)

    def test_input_gradient(self):
        c = np.random.default_rng(1).normal(size=(37, 2))
        h, _ = self.plain.forward(self.x)
        expected = ((c @ self.W2) * (1 - h * h)) @ self.W1
        np.testing.assert_allclose(self.net.input_gradient(self.x, c), expected, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(self.net.input_gradient(self.x[4], c[4]), expected[4], rtol=1e-12, atol=1e-13)

    def test_training(self):
        history = self.net.fit(self.x, self.t, epochs=25, batch_size=10, shuffle=False,
                               optimiser=nr.optimisers.Sgd(learning_rate=0.05, momentum=0.9), threads=2)
        losses = []
        for _ in range(25):
            loss = 0.0
            for first in range(0, 37, 10):
                batch = slice(first, first + 10)
                loss += self.plain.loss(self.x[batch], self.t[batch])
                self.plain.step(self.x[batch], self.t[batch], 0.05, 0.9)
            losses.append(loss / 37)
        for found, expected in zip(self.net.parameters.values(), self.plain.weights):
            np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(history.loss, losses, rtol=1e-10)
        self.assertIsNone(history.accuracy)
        self.assertLess(losses[-1], losses[0] / 2)

    def test_sum_moves_further_than_mean(self):
        self.net.fit(self.x, self.t, epochs=1, batch_size=37, shuffle=False, reduction="sum", optimiser={"type": "sgd", "learning_rate": 0.001})
        for found, w, g in zip(self.net.parameters.values(), self.plain.weights, self.plain.gradient(self.x, self.t)):
            np.testing.assert_allclose(found, w - 0.001 * g, rtol=1e-12, atol=1e-14)

    def test_gradients_are_checked(self):
        check = self.net.check_gradients(self.x, self.t)
        self.assertTrue(check.passed, check)
        self.assertLess(check.largest_error, 1e-7)
        self.assertEqual([row.name for row in check.rows], ["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias", "input"])
        self.assertEqual(check.rows[0].entries, 15)
        self.assertFalse(self.net.check_gradients(self.x, self.t, tolerance=1e-15).passed)

    def test_full_batch_methods_reach_the_closed_form(self):
        solution = np.linalg.lstsq(np.hstack([self.x, np.ones((37, 1))]), self.t, rcond=None)[0]
        for optimiser in ({"type": "lbfgs"}, "conjugate_gradient", nr.optimisers.LevenbergMarquardt(damping=1e-2)):
            with self.subTest(optimiser=optimiser):
                net = nr.Sequential([nr.layers.Dense(units=2)], inputs=[3], scalar="float64")
                history = net.fit(self.x, self.t, epochs=300, optimiser=optimiser, threads=2)
                self.assertLess(len(history.loss), 100)
                np.testing.assert_allclose(net.dense1.weight, solution[:3].T, rtol=1e-6, atol=1e-6)
                np.testing.assert_allclose(net.dense1.bias, solution[3], rtol=1e-6, atol=1e-6)

    def test_on_epoch_may_end_a_full_batch_method_where_it_is(self):
        seen = []
        history = self.net.fit(self.x, self.t, epochs=50, optimiser="lbfgs",
                               on_epoch=lambda epoch, *_: seen.append(self.net.dense1.weight.copy()) or epoch == 3)
        self.assertEqual(len(history.loss), 3)
        np.testing.assert_array_equal(self.net.dense1.weight, seen[-1])
        self.assertLess(self.net.evaluate(self.x, self.t).loss, history.loss[-1])

    def test_full_batch_methods_refuse_what_makes_no_sense(self):
        with self.assertRaisesRegex(nr.SpecError, "learning rate"):
            self.net.fit(self.x, self.t, optimiser="lbfgs", schedule="cosine")


class Classification(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(3)
        self.labels = random.integers(0, 3, 60)
        self.x = random.normal(size=(60, 2)) + 3 * np.stack([np.cos(2 * self.labels), np.sin(2 * self.labels)], 1)
        self.W, self.b = random.normal(size=(3, 2)), random.normal(size=3)
        self.net = nr.Sequential([nr.layers.Dense(units=3, weights=self.W, bias=self.b)], loss=nr.losses.CrossEntropy(), scalar="float64")

    def test_softmax_regression(self):
        self.assertFalse(self.net.is_built)
        W, b, T = self.W.copy(), self.b.copy(), np.eye(3)[self.labels]
        for _ in range(30):
            d = (softmax(self.x @ W.T + b) - T) / 60
            W -= 0.5 * d.T @ self.x
            b -= 0.5 * d.sum(0)
        self.net.fit(self.x, self.labels.astype(np.uint8), epochs=30, batch_size=60, shard_size=60, shuffle=False,
                     optimiser=nr.optimisers.Sgd(learning_rate=0.5))
        self.assertEqual(self.net.input_shape, (2,))
        np.testing.assert_allclose(self.net.dense1.weight, W, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(self.net.dense1.bias, b, rtol=1e-10, atol=1e-12)
        p = softmax(self.x @ W.T + b)
        evaluation = self.net.evaluate(self.x, self.labels)
        self.assertAlmostEqual(evaluation.loss, -np.log(p[np.arange(60), self.labels]).mean(), delta=1e-10)
        self.assertEqual(evaluation.accuracy, (p.argmax(1) == self.labels).mean())
        self.assertGreater(evaluation.accuracy, 0.9)
        # One-hot rows, whole numbers or not, are the same answers as labels.
        for answers in (T, T.astype(int)):
            self.assertAlmostEqual(self.net.evaluate(self.x, answers).loss, evaluation.loss, delta=1e-14)

    def test_the_same_bits_for_any_number_of_threads_and_other_bits_for_another_seed(self):
        def trained(seed, threads):
            net = nr.Sequential([nr.layers.Dense(units=8, activation="relu"), nr.layers.Dense(units=3)], loss="cross_entropy")
            net.fit(self.x, self.labels, epochs=4, batch_size=24, shard_size=8, seed=seed, threads=threads)
            return net.dense1.weight.copy()

        one = trained(1, 1)
        np.testing.assert_array_equal(one, trained(1, 2))
        np.testing.assert_array_equal(one, trained(1, 5))
        self.assertFalse(np.array_equal(one, trained(2, 1)))

    def test_bytes_and_their_divisor(self):
        pixels = np.random.default_rng(0).integers(0, 256, (60, 2), dtype=np.uint8)
        other = nr.Sequential([nr.layers.Dense(units=3, weights=self.W, bias=self.b)], loss="cross_entropy", scalar="float64")
        self.net.fit(pixels, self.labels, epochs=3, divisor=255)
        other.fit(pixels / 255, self.labels, epochs=3)
        np.testing.assert_array_equal(self.net.dense1.weight, other.dense1.weight)
        self.assertEqual(self.net.evaluate(pixels, self.labels, divisor=255), other.evaluate(pixels / 255, self.labels))

    def test_on_epoch_sees_each_epoch_and_may_end_the_training(self):
        seen = []

        def watch(epoch, loss, accuracy):
            seen.append((epoch, loss, accuracy, self.net.dense1.bias.copy()))  # the model may be used meanwhile
            self.net.evaluate(self.x, self.labels)
            return epoch == 3

        history = self.net.fit(self.x, self.labels, epochs=10, on_epoch=watch)
        self.assertEqual([epoch for epoch, *_ in seen], [1, 2, 3])
        np.testing.assert_array_equal(history.loss, [loss for _, loss, _, _ in seen])
        np.testing.assert_array_equal(history.accuracy, [accuracy for _, _, accuracy, _ in seen])
        self.assertFalse(np.array_equal(seen[0][3], seen[2][3]))

    def test_a_stop_in_the_very_last_epoch_is_no_other_end(self):
        self.assertEqual(len(self.net.fit(self.x, self.labels, epochs=2, on_epoch=lambda epoch, *_: epoch == 2).loss), 2)

    def test_what_on_epoch_raises_arrives(self):
        with self.assertRaisesRegex(ZeroDivisionError, "mine"):
            self.net.fit(self.x, self.labels, epochs=3, on_epoch=lambda *_: (_ for _ in ()).throw(ZeroDivisionError("mine")))
        self.net.evaluate(self.x, self.labels)

    def test_progress(self):
        seen = []
        self.net.fit(self.x, self.labels, epochs=3, progress=seen.append)
        self.assertIsInstance(seen[-1], nr.Progress)
        self.assertEqual((seen[-1].phase, seen[-1].done, seen[-1].total, seen[-1].unit), ("train", 180, 180, "samples"))
        with self.assertRaisesRegex(TypeError, "progress"):
            self.net.fit(self.x, self.labels, progress="yes")


class LayersInLayers(unittest.TestCase):
    def setUp(self):
        L = nr.layers
        inner = [L.Conv2d(filters=4, padding=1, use_bias=False), L.BatchNorm(momentum=1)]
        self.net = nr.Sequential([L.Residual(layers=inner, shortcut=[L.Conv2d(filters=4, kernel_size=1)]), L.Activation(function="tanh"),
                                  L.AveragePool(size=3), L.Dropout(rate=0.2), L.Flatten(), L.Dense(units=2)],
                                 inputs=[1, 6, 6], loss="cross_entropy", scalar="float64")
        random = np.random.default_rng(5)
        self.x, self.y = random.normal(size=(24, 1, 6, 6)), np.arange(24) % 2

    def test_names_and_words(self):
        self.assertEqual(list(self.net.parameters),
                         ["residual1.conv2d1.weight", "residual1.batch_norm1.weight", "residual1.batch_norm1.bias",
                          "residual1.shortcut.conv2d1.weight", "residual1.shortcut.conv2d1.bias", "dense1.weight", "dense1.bias"])
        self.assertIn("Residual(layers=[Conv2d(filters=4, padding=1, use_bias=False), BatchNorm(momentum=1", repr(self.net))

    def test_running_statistics_are_those_of_the_last_batch_with_momentum_1(self):
        weight = np.array(self.net.parameters["residual1.conv2d1.weight"])
        self.net.fit(self.x, self.y, epochs=1, batch_size=24, shard_size=5, seed=1)
        padded = np.pad(self.x[:, 0], ((0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
        a = np.einsum("nijuv,fuv->nfij", windows, weight[:, 0])
        buffers = self.net.buffers
        np.testing.assert_allclose(buffers["residual1.batch_norm1.running_mean"], a.mean(axis=(0, 2, 3)), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(buffers["residual1.batch_norm1.running_var"], a.var(axis=(0, 2, 3), ddof=1), rtol=1e-12)


if __name__ == "__main__":
    unittest.main()
