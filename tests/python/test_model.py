"""A model as a Python object: attributes, files, pickles, copies."""

import copy
import json
import multiprocessing
import pathlib
import pickle
import tempfile
import unittest

import numpy as np

import neurarium as nr


def topographic(**more):
    return nr.models.TopographicMap(**{**dict(rows=4, columns=5, inputs=6, radius=1, scalar="float64", seed=3), **more})


def trained_network():
    net = nr.Sequential([nr.layers.Dense(units=4, activation="tanh", weights=np.eye(4)[:, :3]), nr.layers.Dense(name="out", units=2)])
    random = np.random.default_rng(0)
    net.fit(random.random((20, 3)), random.integers(0, 2, 20), epochs=3)
    return net


def assert_same(test, a, b):
    test.assertIs(type(a), type(b))
    test.assertEqual(list(a.arrays), list(b.arrays))
    for name, array in a.arrays.items():
        np.testing.assert_array_equal(array, b[name])
        test.assertEqual(array.dtype, b[name].dtype)
        test.assertFalse(np.shares_memory(array, b[name]))


def weights_of(model):
    return np.asarray(model.weights)


class Attributes(unittest.TestCase):
    def test_by_name(self):
        net = trained_network()
        self.assertEqual(list(net.parameters), ["dense1.weight", "dense1.bias", "out.weight", "out.bias"])
        self.assertEqual(net.buffers, {})
        self.assertTrue(np.shares_memory(net.out.weight, net["out.weight"]))
        self.assertIn("out", dir(net))
        self.assertEqual(dir(net.out), ["bias", "weight"])
        self.assertEqual((net.input_shape, net.scalar, net.type), ((3,), np.float32, "sequential"))

    def test_unknown_names(self):
        m, net = topographic(), trained_network()
        with self.assertRaisesRegex(AttributeError, "no 'weigths'; did you mean 'weights'"):
            m.weigths
        with self.assertRaisesRegex(AttributeError, "no 'tresholds'; did you mean 'thresholds'"):
            m.tresholds = 0
        with self.assertRaisesRegex(AttributeError, "out.wieght"):
            net.out.wieght
        with self.assertRaises(AttributeError):
            m.input_shape = (3,)
        with self.assertRaisesRegex(AttributeError, "group"):
            net.out = 3
        self.assertFalse(hasattr(m, "__array__"))

    def test_waiting_for_data(self):
        net = nr.Sequential([nr.layers.Dense(units=2)])
        self.assertFalse(net.is_built)
        self.assertIn("waits", repr(net))
        with self.assertRaisesRegex(AttributeError, "inputs="):
            net.dense1
        with self.assertRaisesRegex(nr.SpecError, "input shape"):
            net.parameters
        self.assertEqual(net.respond(np.zeros((3, 7))).outputs.shape, (3, 2))
        self.assertEqual(net.dense1.weight.shape, (2, 7))
        m = nr.models.TopographicMap(rows=3, columns=3, radius=1)
        m.observe(np.full((2, 8), 0.5))
        self.assertEqual(m.weights.shape, (9, 8))
        self.assertEqual(nr.models.TopographicMap(rows=3, columns=3, weights=np.ones((9, 5))).input_shape, (5,))

    def test_an_array_that_does_not_say_how_long_an_input_is_does_not_stop_the_model_from_waiting(self):
        m = nr.models.TopographicMap(rows=2, columns=2, thresholds=np.zeros(4))
        self.assertFalse(m.is_built)
        m.observe(np.full((3, 6), 0.5))
        self.assertEqual(m.input_shape, (6,))

    def test_waiting_or_not_the_start_is_the_same(self):
        waited, told = nr.Sequential([nr.layers.Dense(units=2)], seed=5), nr.Sequential([nr.layers.Dense(units=2)], seed=5, inputs=[7])
        waited.logits(np.zeros((1, 7)))
        np.testing.assert_array_equal(waited.dense1.weight, told.dense1.weight)
        other = nr.Sequential([nr.layers.Dense(units=2)], seed=6, inputs=[7])
        self.assertFalse(np.array_equal(other.dense1.weight, told.dense1.weight))

    def test_repr_shows_shapes(self):
        self.assertIn("weights     float64 [20, 6]", repr(topographic()))
        self.assertTrue(repr(topographic()).startswith("TopographicMap(rows=4, columns=5, inputs=6, radius=1, scalar='float64', seed=3)"))


class Keeping(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def models(self):
        learned = topographic(weights=np.random.default_rng(0).random((20, 6)))
        learned.new_epoch()
        learned.observe(np.random.default_rng(1).random((7, 6)))
        return [learned, trained_network()]

    def test_pickle_and_copies(self):
        for m in self.models():
            for again in (pickle.loads(pickle.dumps(m)), copy.copy(m), copy.deepcopy(m)):
                assert_same(self, m, again)
                self.assertEqual((m.epoch, m.samples_seen), (again.epoch, again.samples_seen))
        waiting = pickle.loads(pickle.dumps(nr.Sequential([nr.layers.Dense(units=2)])))
        self.assertFalse(waiting.is_built)
        self.assertEqual(waiting.settings["layers"][0]["units"], 2)

    def test_a_pickled_model_goes_on_like_the_first(self):
        m = self.models()[0]
        again = pickle.loads(pickle.dumps(m))
        samples = np.random.default_rng(2).random((300, 6))
        m.observe(samples)
        again.observe(samples)
        assert_same(self, m, again)

    def test_other_processes(self):
        m = self.models()[0]
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            np.testing.assert_array_equal(pool.apply(weights_of, (m,)), m.weights)

    def test_save_and_load(self):
        for m in self.models():
            m.save(self.folder / "m.safetensors")
            again = nr.load(self.folder / "m.safetensors")
            assert_same(self, m, again)
            self.assertEqual((m.epoch, m.samples_seen), (again.epoch, again.samples_seen))

    def test_the_file_is_plain_safetensors(self):
        # Read by the format's own description, not by our reader.
        m = self.models()[0]
        m.save(self.folder / "m.safetensors")
        data = (self.folder / "m.safetensors").read_bytes()
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8:8 + length])
        first, last = header["weights"]["data_offsets"]
        numbers = np.frombuffer(data[8 + length + first:8 + length + last], "<f8").reshape(header["weights"]["shape"])
        np.testing.assert_array_equal(numbers, m.weights)
        self.assertEqual(header["__metadata__"]["type"], "topographic_map")

    def test_another_scalar_and_another_shape(self):
        m = self.models()[0]
        m.save(self.folder / "m.safetensors")
        single = topographic(scalar="float32")
        single.load(self.folder / "m.safetensors")
        np.testing.assert_array_equal(single.weights, m.weights.astype(np.float32))
        other = topographic(rows=3)
        before = other.weights.copy()
        with self.assertRaisesRegex(nr.ShapeError, r"weights.*\[15, 6\].*\[20, 6\]"):
            other.load(self.folder / "m.safetensors")
        np.testing.assert_array_equal(other.weights, before)
        with self.assertRaisesRegex(nr.SpecError, "no 'dense1.weight'"):
            trained_network().load(self.folder / "m.safetensors")

    def test_damaged_and_missing_files(self):
        m = self.models()[0]
        m.save(self.folder / "m.safetensors")
        whole = (self.folder / "m.safetensors").read_bytes()
        (self.folder / "cut.safetensors").write_bytes(whole[:-9])
        before = m.weights.copy()
        with self.assertRaises(nr.DataError) as caught:
            m.load(self.folder / "cut.safetensors")
        self.assertIn("cut.safetensors", caught.exception.file)
        with self.assertRaisesRegex(nr.DataError, "nowhere"):
            nr.load(self.folder / "nowhere.safetensors")
        with self.assertRaisesRegex(nr.DataError, "which model"):
            header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
            (self.folder / "foreign.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
            nr.load(self.folder / "foreign.safetensors")
        with self.assertRaises(nr.NeurariumError):
            m.save(self.folder / "no" / "such" / "folder" / "m.safetensors")
        np.testing.assert_array_equal(m.weights, before)

    def test_errors_survive_a_pickle(self):
        try:
            topographic(rows=-1)
        except nr.SpecError as error:
            again = pickle.loads(pickle.dumps(error))
            self.assertEqual((str(again), again.faults), (str(error), error.faults))


if __name__ == "__main__":
    unittest.main()
