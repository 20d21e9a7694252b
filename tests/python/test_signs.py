"""Signs of weights (Dale's law) from NumPy: vectors with one sign per unit, matrices shaped like the weight."""

import copy
import os
import pathlib
import tempfile
import unittest

import numpy as np

import neurarium as nr

VECTOR = np.array([1, -1, 0])
MATRIX = np.array([[1, -1, 0], [0, -1, 1]])  # no row, column or flat reading of it is another's


def network(given, per="unit", **dale):
    layer = nr.layers.Dense(units=2, dale={"given": given, "per": per, "rule": "clamp", **dale})
    return nr.Sequential([layer], inputs=[3], seed=3)


class Signs(unittest.TestCase):
    def assert_kept(self, model, name, signs):
        """The weight has these signs, whose 0 leaves it free."""
        np.testing.assert_array_equal(model[name + "_sign"], signs)
        weight, wanted = np.broadcast_arrays(model[name], signs)
        self.assertTrue(np.all(weight[wanted != 0] * wanted[wanted != 0] > 0), model[name])

    def test_a_sign_for_each_unit(self):
        for given in (VECTOR, VECTOR.astype(np.int8), VECTOR.astype(float), VECTOR[::-1].copy()[::-1], list(VECTOR), VECTOR.tolist()):
            net = network(given)
            self.assert_kept(net, "dense1.weight", VECTOR)
            self.assertEqual(net.settings["layers"][0]["dale"]["given"], [1, -1, 0])

    def test_a_sign_for_each_synapse(self):
        self.assertEqual(network(VECTOR)["dense1.weight"].shape, MATRIX.shape)
        for given in (MATRIX, MATRIX.astype(np.int16), np.sign(MATRIX * 0.5), np.asfortranarray(MATRIX), MATRIX.T.copy().T, MATRIX.tolist(), list(MATRIX),
                      tuple(map(tuple, MATRIX)), MATRIX.ravel()):
            self.assert_kept(network(given, per="synapse"), "dense1.weight", MATRIX)

    def test_layers_whose_weights_lie_otherwise(self):
        random = np.random.default_rng(0)
        signs, recurrent = random.integers(-1, 2, size=(3, 4)), random.integers(-1, 2, size=(4, 4))
        lif = nr.layers.Lif(units=4, recurrent=True, dale={"given": signs, "per": "synapse", "rule": "clamp"},
                            recurrent_dale={"given": recurrent, "per": "synapse", "rule": "clamp"})
        net = nr.Sequential([lif], inputs=[5, 3])
        self.assert_kept(net, "lif1.weight", signs)
        self.assert_kept(net, "lif1.recurrent", recurrent)
        kernels = random.integers(-1, 2, size=(4, 2, 3, 3))
        conv = nr.layers.Conv2d(filters=4, kernel_size=3, dale={"given": kernels, "per": "synapse", "rule": "clamp"})
        self.assert_kept(nr.Sequential([conv], inputs=[2, 6, 6]), "conv2d1.weight", kernels)

    def test_wherever_a_layer_is_told(self):
        table = {"type": "dense", "units": 3, "dale": {"given": VECTOR, "rule": "clamp"}}
        net = nr.Sequential([{"type": "residual", "layers": [table]}, nr.layers.Residual(layers=(table,)), table], inputs=[3])
        for name in ("residual1.dense1", "residual2.dense1", "dense1"):
            self.assert_kept(net, name + ".weight", VECTOR)
        self.assertIs(table["dale"]["given"], VECTOR)
        again = copy.deepcopy(net)
        self.assert_kept(again, "dense1.weight", VECTOR)
        self.assertEqual(nr.layers.Dense(dale={"given": VECTOR}), nr.layers.Dense(dale={"given": VECTOR.tolist()}))

    def test_signs_stay_while_it_learns(self):
        random = np.random.default_rng(1)
        x, y = random.normal(size=(60, 3)), random.normal(size=(60, 2))
        net = network(MATRIX, per="synapse", rule="exponentiated")
        before = net["dense1.weight"].copy()
        net.fit(x, y, epochs=20, optimiser=nr.optimisers.Sgd(learning_rate=0.1))
        self.assertGreater(np.abs(net["dense1.weight"] - before).max(), 0.1)
        self.assert_kept(net, "dense1.weight", MATRIX)

    def test_what_are_no_signs(self):
        cases = [(nr.SpecError, r"given: number 1 is 2, which is no sign", np.array([1, 2, 0]), "unit"),
                 (nr.SpecError, r"dale.given\[1\]: expected a whole number", np.array([1, 0.5, 0]), "unit"),
                 (nr.SpecError, r"dale.given\[0\]: expected a whole number", np.array([np.nan, 1, 0]), "unit"),
                 (nr.SpecError, r"dale.given\[0\]: expected a whole number, found true or false", np.array([True, False, True]), "unit"),
                 (nr.SpecError, r"dale.given\[0\]: expected a whole number, found a list", [[1, -1, 0], [1]], "synapse"),
                 (nr.SpecError, r"dale.given: expected a list of whole numbers, found a whole number", np.array(1), "unit"),
                 (TypeError, r"dale.given: expected an array of numbers", np.array(["a", "b", "c"]), "unit"),
                 (nr.ShapeError, r"dense1.dale.given: expected shape \[3\], a sign for each presynaptic unit, found \[2\]", VECTOR[:2], "unit"),
                 (nr.ShapeError, r"dense1.dale.given: expected shape \[3\], a sign for each presynaptic unit, found \[6\]", MATRIX, "unit"),
                 (nr.ShapeError, r"dense1.dale.given: expected shape \[6\], a sign for each weight, found \[4\]", MATRIX[:, :2], "synapse")]
        for kind, pattern, given, per in cases:
            with self.subTest(pattern):
                with self.assertRaisesRegex(kind, pattern):
                    network(given, per)


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        random = np.random.default_rng(2)
        x = random.normal(size=(40, 3))
        self.data = (x, (x[:, 0] > 0).astype(int))
        pathlib.Path("plain.toml").write_text('study = "train-network"\n[train]\nepochs = 2\n[model]\nloss = "cross_entropy"\n'
                                              '[[model.layers]]\ntype = "dense"\nunits = 2\ndale = {per = "synapse", rule = "clamp"}\n')

    def test_runs_take_arrays_in_tables_dotted_keys_and_models(self):
        layer = {"type": "dense", "units": 2, "dale": {"given": MATRIX, "per": "synapse", "rule": "clamp"}}
        ways = {"table": ("train-network", {"model": {"layers": [layer], "loss": "cross_entropy"}, "train.epochs": 2}),
                "model": ("train-network", {"model": nr.Sequential([layer], loss="cross_entropy"), "train.epochs": 2}),
                "dotted": ("plain.toml", {"model.layers.0.dale.given": MATRIX}),
                "section": ("plain.toml", {"model.layers.0.dale": {"given": MATRIX}})}
        weights = []
        for name, (study, settings) in ways.items():
            with self.subTest(name):
                told = nr.resolve(study, dataset="none.npz", **settings)
                self.assertEqual(told["settings"]["model"]["layers"][0]["dale"]["given"], MATRIX.ravel().tolist())
                model = nr.load(nr.run(study, data=self.data, out=name, **settings).path)
                np.testing.assert_array_equal(model["dense1.weight_sign"], MATRIX)
                self.assertTrue(np.all(model["dense1.weight"] * MATRIX >= 0))
                weights.append(model["dense1.weight"].copy())
        for other in weights[1:]:
            np.testing.assert_array_equal(other, weights[0])

    def test_a_sweep_over_matrices(self):
        choices = [MATRIX, -MATRIX]
        for out, values in (("dotted", {"model.layers.0.dale.given": choices}),
                            ("section", {"model.layers.0.dale": [{"given": signs, "per": "synapse", "rule": "clamp"} for signs in choices]})):
            with self.subTest(out):
                found = nr.sweep("plain.toml", values, data=self.data, out=out)
                self.assertEqual(found.failures, [])
                for row, signs in zip(found.table, choices):
                    np.testing.assert_array_equal(nr.load(row["run"])["dense1.weight_sign"], signs)


if __name__ == "__main__":
    unittest.main()
