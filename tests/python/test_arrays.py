"""How numbers cross between NumPy and the engine: without a copy where they can, never changed, refused with a reason."""

import gc
import resource
import tracemalloc
import unittest
import weakref

import numpy as np

import neurarium as nr


def topographic(scalar="float64", **more):
    return nr.models.TopographicMap(**{**dict(rows=4, columns=5, inputs=6, radius=1, scalar=scalar), **more})


def network(scalar="float64"):
    return nr.Sequential([nr.layers.Dense(units=4, activation="tanh"), nr.layers.Dense(units=2)], inputs=[3], scalar=scalar)


class ViewsOfTheModel(unittest.TestCase):
    def test_parameters_are_views(self):
        m = topographic()
        for array in (m.weights, m.thresholds):
            self.assertFalse(array.flags.owndata)
            self.assertTrue(array.flags.writeable and array.flags.c_contiguous)
        self.assertTrue(np.shares_memory(m.weights, m.weights))
        self.assertTrue(np.shares_memory(m.weights, m.parameters["weights"]))
        self.assertTrue(np.shares_memory(m.weights, m["weights"]))
        self.assertTrue(np.shares_memory(m.thresholds, m.buffers["thresholds"]))

    def test_a_view_shows_what_the_model_learns(self):
        m = topographic()
        view, before = m.weights, m.weights.copy()
        m.observe(np.full((3, 6), 0.5))
        self.assertFalse(np.array_equal(view, before))
        self.assertTrue(np.shares_memory(view, m.weights))

    def test_writing_to_a_view_changes_the_answers(self):
        net = network()
        x = np.ones((1, 3))
        before = net.logits(x)
        net.dense2.bias += 1
        np.testing.assert_allclose(net.logits(x), before + 1, rtol=1e-14)
        net.dense2.bias = [5, 7]
        np.testing.assert_allclose(net.logits(x), before + [5, 7], rtol=1e-14)  # biases begin at 0
        with self.assertRaises(ValueError):
            net.dense2.bias = [1, 2, 3]

    def test_a_view_keeps_its_model_alive(self):
        m = topographic()
        engine, view = weakref.ref(m), m.weights
        expected = view.copy()
        del m
        gc.collect()
        self.assertIsNone(engine(), "the Python object is gone")
        junk = [np.full((20, 6), np.nan) for _ in range(1000)]  # would be written over freed memory
        np.testing.assert_array_equal(view, expected)
        del junk
        view[...] = 3

    def test_answers_own_their_numbers(self):
        m = topographic()
        x = np.full((3, 6), 0.25)
        p, o, r = m.respond(x)
        again = m.respond(x)
        kept = o.copy()
        self.assertFalse(np.shares_memory(o, again.activity))
        del m, p, r, again
        gc.collect()
        np.testing.assert_array_equal(o, kept)
        o[...] = 0  # they are the caller's
        self.assertTrue(o.flags.writeable)

    def test_answers_are_freed(self):
        net = network("float32")
        x = np.zeros((200_000, 3), np.float32)
        net.logits(x)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(100):  # 100 · 1.6 MB, if they stayed
            net.logits(x)
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 80_000)


class Inputs(unittest.TestCase):
    def test_no_copy_of_large_inputs(self):
        # 160 MB of samples are taken as they lie: memory does not grow by their size.
        m = topographic(inputs=1000, rows=2, columns=2, radius=0)
        samples = np.ones((160_000, 1000), np.uint8)
        m.observe(samples[:10], divisor=255)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        m.observe(samples, divisor=255)
        net = nr.Sequential([nr.layers.Dense(units=1)], inputs=[1000])
        net.fit(samples, np.zeros(160_000), epochs=1, batch_size=2000, divisor=255, optimiser=nr.optimisers.Sgd(learning_rate=1e-6))
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 60_000)

    def test_numbers_that_do_not_begin_at_a_multiple_of_their_size_are_copied(self):
        m = topographic()
        samples = np.random.default_rng(0).random((2000, 6))
        shifted = np.frombuffer(b"x" + samples.tobytes(), np.float64, samples.size, 1).reshape(samples.shape)
        self.assertFalse(shifted.flags.aligned)
        self.assertTrue(shifted.flags.c_contiguous)
        tracemalloc.start()  # sees NumPy's copies, and not the engine's own arrays
        self.addCleanup(tracemalloc.stop)
        m.observe(samples)
        self.assertLess(tracemalloc.get_traced_memory()[1], samples.nbytes)
        again = topographic()
        again.observe(shifted)
        self.assertGreaterEqual(tracemalloc.get_traced_memory()[1], samples.nbytes)
        np.testing.assert_array_equal(again.weights, m.weights)

    def test_inputs_are_never_changed(self):
        random = np.random.default_rng(0)
        W0, samples = random.random((20, 6)), random.random((30, 6))
        x, y = random.random((30, 3)), random.random((30, 2))
        kept = [array.copy() for array in (W0, samples, x, y)]
        m = topographic(weights=W0)
        m.observe(samples)
        m.respond(samples)
        net = network()
        net.fit(x, y, epochs=2)
        net.evaluate(x, y), net.gradient(x, y), net.input_gradient(x, y), net.check_gradients(x, y)
        for array, before in zip((W0, samples, x, y), kept):
            np.testing.assert_array_equal(array, before)
        self.assertFalse(np.shares_memory(m.weights, W0))

    def test_read_only_inputs_will_do(self):
        samples = np.random.default_rng(0).random((10, 6))
        samples.flags.writeable = False
        topographic().observe(samples)

    def test_strides_orders_and_types_mean_the_same(self):
        base = np.random.default_rng(0).integers(0, 100, (12, 6))
        expected = topographic().respond(base.astype(float)).activity
        forms = {"fortran": np.asfortranarray(base.astype(float)), "strided": np.repeat(base.astype(float), 2, axis=1)[:, ::2],
                 "reversed": base[::-1].astype(float)[::-1], "big endian": base.astype(">f8"), "bytes": base.astype(np.uint8),
                 "int16": base.astype(np.int16), "big-endian int": base.astype(">i4"), "float16": base.astype(np.float16),
                 "float32": base.astype(np.float32), "long double": base.astype(np.longdouble), "lists": base.tolist()}
        for name, form in forms.items():
            with self.subTest(name):
                np.testing.assert_array_equal(topographic().respond(form).activity, expected)
                fresh, plain = topographic(), topographic()
                fresh.observe(form)
                plain.observe(base.astype(float))
                np.testing.assert_array_equal(fresh.weights, plain.weights)

    def test_one_entry_without_the_sample_axis(self):
        m, v = topographic(), np.random.default_rng(0).random(6)
        alone, batch = m.respond(v), m.respond(v[None])
        self.assertEqual(alone._fields, ("feedforward", "activity", "reconstruction"))
        self.assertEqual([array.shape for array in alone], [(20,), (20,), (6,)])
        for a, b in zip(alone, batch):
            np.testing.assert_array_equal(a, b[0])

    def test_answers_come_in_the_models_type(self):
        for scalar in ("float32", "float64"):
            self.assertEqual(network(scalar).logits(np.zeros((2, 3))).dtype, scalar)
            self.assertEqual(topographic(scalar).weights.dtype, scalar)

    def test_nothing_shown_is_nothing_learned(self):
        m = topographic()
        before = m.weights.copy()
        m.observe(np.zeros((0, 6)))
        np.testing.assert_array_equal(m.weights, before)
        self.assertEqual(m.respond(np.zeros((0, 6))).activity.shape, (0, 20))


class Refusals(unittest.TestCase):
    def refused(self, kind, pattern, call):
        with self.assertRaisesRegex(kind, pattern) as caught:
            call()
        return caught.exception

    def test_what_is_no_numbers(self):
        m = topographic()
        for bad, word in ((np.array(["a"]), "<U1"), (np.array([None]), "object"), (np.ones(6, complex), "complex128"),
                          (np.zeros(6, "datetime64[s]"), "datetime64"), ({}, "object"), ("text", "<U4")):
            with self.subTest(word):
                self.refused(TypeError, f"x: expected an array of numbers, found dtype {word}", lambda: m.respond(bad))
                self.refused(TypeError, "samples: expected an array of numbers", lambda: m.observe(bad))

    def test_shapes(self):
        m, net = topographic(), network()
        error = self.refused(nr.ShapeError, r"expected shape \[n, 6\], found \[4, 5\]", lambda: m.respond(np.zeros((4, 5))))
        self.assertEqual((error.expected, error.found), ("[n, 6]", "[4, 5]"))
        self.assertIsInstance(error, ValueError)
        self.refused(nr.ShapeError, r"\[n, 6\]", lambda: m.observe(np.zeros((4, 7))))
        self.refused(nr.ShapeError, "6 axes", lambda: m.respond(np.zeros((1,) * 6)))
        self.refused(nr.ShapeError, "found", lambda: m.respond(np.float64(3)))
        self.refused(nr.ShapeError, "samples, 3", lambda: net.logits(np.zeros((2, 4))))
        self.refused(nr.ShapeError, "4 answers, one per sample of x, found .3", lambda: net.fit(np.zeros((4, 3)), np.zeros((3, 2))))
        self.refused(nr.ShapeError, r"targets.*\[4, 2\].*\[4, 5\]", lambda: net.fit(np.zeros((4, 3)), np.zeros((4, 5))))
        self.refused(nr.ShapeError, "cotangent", lambda: net.input_gradient(np.zeros((4, 3)), np.zeros((4, 3))))
        waiting = nr.Sequential([nr.layers.Dense(units=2)])
        self.refused(nr.ShapeError, "first data", lambda: waiting.logits(np.zeros(3)))
        self.refused(nr.ShapeError, r"model.weights.*\[20, 6\].*\[3, 4\]", lambda: topographic(weights=np.ones((3, 4))))

    def test_bad_samples_change_nothing_wherever_they_are(self):
        good = np.random.default_rng(0).random((30_000, 6))
        for place in (0, 17, 29_999):
            for bad, word in ((-1.0, "-1"), (np.nan, "nan"), (np.inf, "inf")):
                with self.subTest(place=place, bad=bad):
                    m = topographic()
                    m.observe(good[:5])
                    weights, thresholds = m.weights.copy(), m.thresholds.copy()
                    samples = good.copy()
                    samples[place, 3] = bad
                    error = self.refused(nr.DataError, f"entry 3 of sample {place} is {word}", lambda: m.observe(samples))
                    self.assertIsInstance(error, ValueError)
                    np.testing.assert_array_equal(m.weights, weights)
                    np.testing.assert_array_equal(m.thresholds, thresholds)
                    self.assertEqual(m.samples_seen, 5)
                    m.observe(good[5:10])

    def test_what_is_not_finite_in_training(self):
        net = network()
        x = np.ones((4, 3))
        x[2, 1] = np.nan
        error = self.refused(nr.NumericError, "dense1.*step 0", lambda: net.fit(x, np.zeros((4, 2)), epochs=1, shuffle=False))
        self.assertIsInstance(error, ArithmeticError)
        self.assertEqual((error.where, error.step), ("dense1", 0))
        self.assertIsInstance(error.index, int)
        self.refused(nr.NumericError, "learning_rate", lambda: network().fit(np.full((4, 3), 5.0), np.full((4, 2), 5.0), epochs=500,
                                                                             optimiser=nr.optimisers.Sgd(learning_rate=1e9)))

    def test_labels_outside_the_classes(self):
        self.refused(nr.DataError, "label 7 of sample", lambda: network().fit(np.zeros((4, 3)), [0, 1, 7, 1]))

    def test_methods_that_a_model_does_not_have(self):
        self.refused(TypeError, "fit: topographic_map .*observe", lambda: topographic().fit(np.zeros((2, 6)), [0, 1]))
        self.refused(TypeError, "observe: sequential .*fit", lambda: network().observe(np.zeros((2, 3))))
        self.refused(TypeError, "not differentiable", lambda: topographic().logits(np.zeros((2, 6))))

    def test_gradient_check_needs_double(self):
        self.refused(nr.SpecError, "float64", lambda: network("float32").check_gradients(np.zeros((2, 3)), np.zeros((2, 2))))


class Settings(unittest.TestCase):
    def test_every_fault_at_once_with_the_nearest_word(self):
        with self.assertRaises(nr.SpecError) as caught:
            nr.Sequential([{"type": "dense", "unitz": 3}, {"type": "dens"}], scalar="flaot64")
        text = str(caught.exception)
        for part in ("layers[0].unitz", "did you mean 'units'?", "layers[1].type", "did you mean 'dense'?", "did you mean 'float64'?"):
            self.assertIn(part, text)
        self.assertEqual([fault.key for fault in caught.exception.faults], ["layers[0].unitz", "layers[1].type", "scalar"])
        self.assertEqual(caught.exception.faults[0].mend, "did you mean 'units'?")
        self.assertIn("Sequential()", text)

    def test_a_part_is_checked_when_it_is_made(self):
        with self.assertRaisesRegex(nr.SpecError, "units: out of range: expected ≥ 1, found -1"):
            nr.layers.Dense(units=-1)
        with self.assertRaisesRegex(TypeError, "no setting is called 'unitz'; did you mean 'units'"):
            nr.layers.Dense(unitz=3)
        with self.assertRaisesRegex(TypeError, "no setting is called 'radios'; did you mean 'radius'"):
            nr.models.TopographicMap(radios=3)

    def test_what_a_setting_can_not_be(self):
        with self.assertRaisesRegex(TypeError, "activation: expected a number, text, list, dict or array, found function"):
            nr.layers.Dense(activation=lambda: 0)
        with self.assertRaisesRegex(TypeError, "keys must be text"):
            nr.Sequential([{"type": "dense", 3: 4}])
        with self.assertRaisesRegex(ValueError, "units: expected a whole number in"):
            nr.layers.Dense(units=1 << 70)
        with self.assertRaises(nr.SpecError):
            nr.layers.Dense(units=2.5)
        loop = []
        loop.append(loop)
        with self.assertRaisesRegex(ValueError, "levels"):
            nr.Sequential([{"type": "dense", "units": loop}])

    def test_numpys_scalars_are_numbers(self):
        layer = nr.layers.Dense(units=np.int64(3), use_bias=np.bool_(False))
        self.assertEqual((layer["units"], layer["use_bias"]), (3, False))
        self.assertEqual(nr.optimisers.Sgd(learning_rate=np.float32(0.5))["learning_rate"], 0.5)

    def test_initial_arrays_in_every_form(self):
        W = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
        for form in (W, np.array(W), np.array(W, np.float32), np.asfortranarray(W), np.array(W, int)):
            net = nr.Sequential([nr.layers.Dense(units=2, weights=form)], inputs=[3])
            np.testing.assert_array_equal(net.dense1.weight, W)

    def test_a_part_is_plain_data(self):
        layer = nr.layers.Dense(units=2, activation="logistic")
        self.assertIsInstance(layer, dict)
        self.assertEqual((layer["type"], layer["units"], layer["activation"]), ("dense", 2, "logistic"))
        self.assertEqual(repr(layer), "Dense(units=2, activation='logistic')")
        self.assertEqual(repr(nr.Sequential([layer])).splitlines()[0], f"Sequential(layers=[{layer!r}])")
        layer["units"] = 3  # a dict like any other; the network checks it again
        self.assertEqual(nr.Sequential([layer], inputs=[2]).dense1.bias.shape, (3,))


if __name__ == "__main__":
    unittest.main()
