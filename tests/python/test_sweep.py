"""nr.sweep: a grid and seeds, values that only Python has, failures, faults, and a progress function that raises."""

import os
import pathlib
import tempfile
import unittest

import numpy as np

import neurarium as nr

SMALL = {"train.epochs": 20, "surface.descent_steps": 5}


class Sweeps(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        self.folder = pathlib.Path(folder.name)

    def test_a_grid_for_several_seeds(self):
        seen = []
        result = nr.sweep("xor-surface", {"surface.low": [-1, 0]}, repeats=2, jobs=2, progress=seen.append, **SMALL)
        self.assertEqual((result.keys, result.seeds, result.failures), (["surface.low"], [0, 1], []))
        self.assertEqual([(row["surface.low"], row["seed"], row["status"]) for row in result.table],
                         [(-1, 0, "finished"), (-1, 1, "finished"), (0, 0, "finished"), (0, 1, "finished")])
        alone = nr.run("xor-surface", seed=1, **{"surface.low": 0}, **SMALL)
        self.assertEqual(result.table[3]["surface_min"], alone.figures["surface_min"])
        self.assertEqual(pathlib.Path(result.table[3]["run"]).name, alone.path.name)
        self.assertEqual(result.points[1].figures["surface_min"].mean, alone.figures["surface_min"])
        self.assertTrue(result.page.is_file())
        self.assertIn("4 of 4 runs finished", repr(result))
        self.assertEqual((seen[-1].done, seen[-1].total, seen[-1].unit), (4, 4, "runs"))

    def test_counts_begin_at_one(self):
        for wrong in ({"jobs": 0}, {"repeats": 0}, {"jobs": -2}):
            (name,) = wrong
            with self.assertRaisesRegex(ValueError, f"{name}: expected a whole number in "):
                nr.sweep("xor-surface", {"surface.low": [-1, 0]}, **wrong)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_values_that_only_python_has(self):
        random = np.random.default_rng(0)
        data = (random.random((40, 3)), random.random((40, 1)))
        nets = [nr.Sequential([nr.layers.Dense(units=n, activation="tanh"), nr.layers.Dense(units=1)]) for n in (2, 5)]
        result = nr.sweep("train-network", {"model": nets}, data=data, out="out", **{"train.epochs": 2})
        self.assertEqual(len({row["train_loss"] for row in result.table}), 2)
        alone = nr.run("train-network", model=nets[1], data=data, **{"train.epochs": 2})
        self.assertEqual(result.table[1]["train_loss"], alone.figures["train_loss"])

    def test_failures_raise_nothing(self):
        data = (np.ones((8, 2)) * 9, np.ones((8, 1)))
        result = nr.sweep("train-network", {"train.optimiser.learning_rate": [1e-9, 1e9]}, data=data, out="out",
                          model=nr.Sequential([nr.layers.Dense(units=4), nr.layers.Dense(units=1)]), **{"train.epochs": 500})
        self.assertEqual([row["status"] for row in result.table], ["finished", "failed"])
        self.assertEqual([(failure.exit_code, failure.seed) for failure in result.failures], [(4, 0)])
        self.assertIn("dense", result.failures[0].error)

    def test_faults_come_before_anything_starts(self):
        with self.assertRaises(nr.SpecError) as caught:
            nr.sweep("xor-surface", {"train.epochs": [5, -1], "surface.stepp": [1, 2]})
        self.assertEqual({fault.key for fault in caught.exception.faults}, {"train.epochs", "surface.stepp"})
        with self.assertRaisesRegex(TypeError, "needs a list of values"):
            nr.sweep("xor-surface", {"model": "sequential"})
        with self.assertRaisesRegex(nr.SpecError, "repeats = 3"):
            nr.run("xor-surface", seeds=3)
        self.assertEqual(os.listdir(self.folder), [])

    def test_what_progress_raises_stops_the_sweep(self):
        def stop(_):
            raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            nr.sweep("xor-surface", {"surface.low": [-1, 0]}, repeats=20, jobs=1, out="out", progress=stop, **SMALL)
        result = nr.sweep("xor-surface", {"surface.low": [-1, 0]}, repeats=1, jobs=1, out="out", **SMALL)
        self.assertEqual([row["status"] for row in result.table], ["finished"] * 2)


if __name__ == "__main__":
    unittest.main()
