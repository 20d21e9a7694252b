"""nr.run: the same experiments as on the command line, with NumPy arrays where that has files."""

import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import tomllib
import unittest
from contextlib import redirect_stderr

import numpy as np

import neurarium as nr
from images import smooth_images

SMALL = {"surface.step": 5.0, "surface.descent_steps": 3, "train.epochs": 5}


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)


class Reports(InFolder):
    def test_a_report_holds_what_the_directory_holds(self):
        report = nr.run("xor-surface", seed=3, threads=1, **SMALL)
        self.assertEqual(report.path.parent, pathlib.Path("runs"))
        stored = json.loads((report.path / "report.json").read_text())
        self.assertEqual((report.study, report.answer, report.question), ("xor-surface", stored["answer"], stored["question"]))
        self.assertEqual(report.figures, {name: figure["value"] for name, figure in stored["figures"].items()})
        self.assertEqual(report.units, {name: figure["unit"] for name, figure in stored["figures"].items()})
        self.assertEqual(sorted(report.arrays), sorted(file.stem for file in (report.path / "arrays").glob("*.npy")))
        np.testing.assert_array_equal(report.arrays["surface"], np.load(report.path / "arrays" / "surface.npy"))
        with self.assertRaises(KeyError):
            report.arrays["../../secret"]
        self.assertEqual(sorted(report.pictures), sorted(file.stem for file in (report.path / "pictures").glob("*.png")))
        for picture in report.pictures.values():
            self.assertEqual((picture.dtype, picture.ndim, picture.shape[2]), (np.uint8, 3, 3))
        self.assertTrue(report.page.is_file())
        self.assertIn("surface_min", repr(report))
        html = report._repr_html_()
        for part in ("surface_min", "data:image/png;base64,", "<table>"):
            self.assertIn(part, html)
        chart = report.charts[next(name for name, chart in report.charts.items() if any(t.kind == "surface" for t in chart.traces))]
        np.testing.assert_array_equal(next(t.grid for t in chart.traces if t.kind == "surface").shape, (4, 4))

    def test_a_finished_run_is_read_back_and_again_computes(self):
        first = nr.run("xor-surface", seed=3, **SMALL)
        started = json.loads((first.path / "run.json").read_text())["started"]
        record = (first.path / "run.json").stat().st_mtime_ns
        second = nr.run("xor-surface", seed=3, threads=2, **SMALL)
        self.assertEqual((second.path, second.figures), (first.path, first.figures))
        self.assertEqual((first.path / "run.json").stat().st_mtime_ns, record)
        again = nr.run("xor-surface", seed=3, again=True, **SMALL)
        self.assertEqual(again.figures, first.figures)
        self.assertGreater((first.path / "run.json").stat().st_mtime_ns, record)
        self.assertGreaterEqual(json.loads((first.path / "run.json").read_text())["started"], started)
        for name, picture in first.pictures.items():
            np.testing.assert_array_equal(second.pictures[name], picture)
        self.assertNotEqual(nr.run("xor-surface", seed=4, **SMALL).path, first.path)

    def test_the_command_line_runs_the_same_experiment(self):
        here = nr.run("xor-surface", seed=9, **SMALL)
        told = subprocess.run([os.environ["NEURARIUM"], "run", "xor-surface", "--seed", "9", "--json", *(f"{k}={v}" for k, v in SMALL.items())],
                              check=True, capture_output=True, text=True)
        there = json.loads(told.stdout)
        self.assertEqual(pathlib.Path(there["run"]).name, here.path.name)
        self.assertEqual({name: figure["value"] for name, figure in there["figures"].items()}, here.figures)


class Experiments(InFolder):
    def test_keywords_dotted_keys_dicts_and_files_mean_the_same(self):
        (self.folder / "mine.toml").write_text('study = "xor-surface"\nseed = 5\n[surface]\nstep = 2.0\n[train]\nepochs = 3\n')
        ways = [nr.resolve("xor-surface", seed=5, surface={"step": 2.0}, train={"epochs": 3}),
                nr.resolve("xor-surface", seed=5, surface={"step": 2.0}, **{"train.epochs": 3}),
                nr.resolve("xor-surface", seed=5, **{"surface.step": 2.0, "train.epochs": 3}),
                nr.resolve({"study": "xor-surface", "seed": 5, "surface.step": 2.0, "train": {"epochs": 3}}),
                nr.resolve("mine.toml"), nr.resolve(self.folder / "mine.toml")]
        for way in ways[1:]:
            self.assertEqual(way["toml"], ways[0]["toml"])
        self.assertEqual((ways[0]["seed"], ways[0]["settings"]["train"]["epochs"]), (5, 3))
        self.assertEqual(tomllib.loads(ways[0]["toml"])["surface"]["step"], 2.0)

    def test_a_dotted_key_beside_a_table_adds_to_it(self):
        for settings in ({"train": {"epochs": 3}, "train.batch_size": 2}, {"train.batch_size": 2, "train": {"epochs": 3}}):
            found = nr.resolve("xor-surface", **settings)["settings"]["train"]
            self.assertEqual((found["epochs"], found["batch_size"]), (3, 2))
        with self.assertRaisesRegex(TypeError, "surface.step.x: 'step' was given a plain value"):
            nr.resolve("xor-surface", **{"surface.step": 1, "surface.step.x": 2})

    def test_a_part_by_name_and_its_settings(self):
        for settings in ({"train.optimiser": "adam", "train.optimiser.learning_rate": 0.25}, {"train.optimiser.learning_rate": 0.25, "train.optimiser": "adam"}):
            found = nr.resolve("xor-surface", **settings)["settings"]["train"]["optimiser"]
            self.assertEqual((found["type"], found["learning_rate"]), ("adam", 0.25))

    def test_parts_and_models_as_values(self):
        net = nr.Sequential([nr.layers.Dense(units=3, activation="tanh"), nr.layers.Dense(units=1)], scalar="float64")
        found = nr.resolve("xor-surface", model=net, **{"train.optimiser": nr.optimisers.Sgd(momentum=0.5)})["settings"]
        self.assertEqual([layer["units"] for layer in found["model"]["layers"]], [3, 1])
        self.assertEqual(found["model"]["scalar"], "float64")
        # The optimiser that was made is meant, with its own defaults, and not the study's.
        self.assertEqual(found["train"]["optimiser"], dict(nr.optimisers.Sgd(momentum=0.5)))

    def test_numbers_too_large_for_any_setting(self):
        with self.assertRaisesRegex(ValueError, r"train\.epochs: expected a whole number in \[-2\^63, 2\^63\), found 10{30}"):
            nr.resolve("xor-surface", **{"train.epochs": 10**30})

    def test_faults(self):
        cases = [(nr.SpecError, "did you mean 'xor-surface'", lambda: nr.run("xor-surfac")),
                 (nr.SpecError, "surface.stepp.*did you mean 'step'", lambda: nr.run("xor-surface", **{"surface.stepp": 3})),
                 (nr.SpecError, "has no preset 'gallary'.*'gallery'", lambda: nr.run("xor-surface", preset="gallary")),
                 (nr.SpecError, "seed", lambda: nr.run("xor-surface", seed=-1)),
                 (nr.SpecError, "nothing.toml", lambda: nr.run("nothing.toml")),
                 (nr.SpecError, "no data to train on", lambda: nr.run("train-network")),
                 (nr.DataError, "nothing.npz", lambda: nr.run("train-network", data="nothing.npz", model=nr.Sequential([nr.layers.Dense()]))),
                 (nr.DataError, "neurarium data get cifar10", lambda: nr.run("topographic-map", data_home=self.folder)),
                 (TypeError, "data and dataset", lambda: nr.run("train-network", data="a.npz", dataset="b.npz")),
                 (TypeError, "data: expected", lambda: nr.run("train-network", data=np.zeros(3))),
                 (nr.DataError, "data: y has 3 samples, x has 4", lambda: nr.run("train-network", data=(np.zeros((4, 2)), np.zeros(3)))),
                 (TypeError, "divisor goes with data in arrays", lambda: nr.run("train-network", data="a.npz", divisor=255)),
                 (KeyError, "did you mean 'dense'", lambda: nr.describe("dens"))]
        for kind, pattern, call in cases:
            with self.subTest(pattern):
                with self.assertRaisesRegex(kind, pattern):
                    call()
        with self.assertRaises(nr.SpecError) as caught:
            nr.run("xor-surface", **{"surface.stepp": 3, "train.epochs": -1})
        self.assertEqual([fault.key for fault in caught.exception.faults], ["surface.stepp", "train.epochs"])
        self.assertEqual(os.listdir(self.folder), [], "a fault leaves nothing behind")

    def test_a_place_that_is_taken(self):
        (self.folder / "taken").mkdir()
        (self.folder / "taken" / "mine.txt").write_text("mine")
        with self.assertRaisesRegex(nr.SpecError, "taken exists and is not a run directory"):
            nr.run("xor-surface", out="taken", **SMALL)
        self.assertEqual(os.listdir(self.folder / "taken"), ["mine.txt"])

    def test_divergence(self):
        with self.assertRaises(nr.NumericError) as caught:
            nr.run("train-network", data=(np.ones((8, 2)) * 9, np.ones((8, 1))), out="d",
                   model=nr.Sequential([nr.layers.Dense(units=4), nr.layers.Dense(units=1)]),
                   **{"train.epochs": 500, "train.optimiser.learning_rate": 1e9})
        self.assertIn("dense", caught.exception.where)
        self.assertEqual(json.loads((self.folder / "d" / "run.json").read_text())["status"], "diverged")


class ArraysInRuns(InFolder):
    def network(self, **more):
        random = np.random.default_rng(0)
        x = random.normal(size=(50, 3))
        layers = [nr.layers.Dense(units=4, activation="tanh"), nr.layers.Dense(units=2)]
        return x, (x.sum(1) > 0).astype(int), nr.Sequential(layers, loss="cross_entropy", scalar="float64", **more)

    def test_own_data_as_arrays_and_as_a_file(self):
        x, y, net = self.network(seed=6)
        settings = {"model": net, "seed": 6, "train.epochs": 4}
        arrays = nr.run("train-network", data=(x[:40], y[:40], x[40:], y[40:]), **settings)
        self.assertIn("test_accuracy", arrays.figures)
        kept = np.load(arrays.path / "inputs" / "dataset.npz")
        np.testing.assert_array_equal(kept["x"], x[:40])
        np.testing.assert_array_equal(kept["y_test"], y[40:])
        np.savez("mine.npz", x=x[:40], y=y[:40], x_test=x[40:], y_test=y[40:])
        file = nr.run("train-network", data="mine.npz", **settings)
        named = nr.run("train-network", data=dict(x=x[:40], y=y[:40], x_test=x[40:], y_test=y[40:]), out="named", **settings)
        # And the same without a run: the model's own fit.
        net.fit(x[:40], y[:40], epochs=4, seed=6)
        for report in (arrays, file, named):
            np.testing.assert_array_equal(report.arrays["dense1.weight"], net.dense1.weight)
            self.assertEqual(report.figures["test_loss"], net.evaluate(x[40:], y[40:]).loss)
        other = nr.run("train-network", data=(x[:40] + 1, y[:40]), **settings)
        self.assertNotEqual(other.path, arrays.path)

    def test_the_divisor_is_part_of_the_run_and_bytes_are_pictures(self):
        random = np.random.default_rng(3)
        pixels, y = random.integers(0, 256, (40, 3), np.uint8), random.integers(0, 2, 40)
        _, _, net = self.network()
        settings = {"model": net, "train.epochs": 2}
        raw, shares, standard = (nr.run("train-network", data=(pixels, y), **more, **settings)
                                 for more in ({"divisor": 1}, {"divisor": 255}, {}))
        self.assertNotEqual(raw.path, shares.path)
        self.assertNotEqual(raw.figures["train_loss"], shares.figures["train_loss"])
        self.assertEqual(standard.path, shares.path)
        np.savez("mine.npz", x=pixels, y=y)
        self.assertEqual(nr.run("train-network", data="mine.npz", **settings).figures["train_loss"], shares.figures["train_loss"])
        # The directory of a run repeats it.
        for number, report in enumerate((raw, shares)):
            again = nr.run(report.path / "experiment.toml", out=f"again{number}")
            self.assertEqual(again.figures["train_loss"], report.figures["train_loss"])

    def test_bad_arrays_are_refused_with_their_place_and_do_not_crash(self):
        x, y, net = self.network()
        bad = x.copy()
        bad[7, 2] = np.nan
        cases = [("x_test must both have answers", (x[:40], y[:40], x[40:], None)),
                 ("x_test must both have answers", dict(x=x[:40], y=y[:40], x_test=x[40:])),
                 ("y_test is there without x_test", dict(x=x, y=y, y_test=y)),
                 (r"data: x is not a finite number at \[7, 2\]", (bad, y)),
                 (r"data: x_test is not a finite number at \[7, 2\]", (x, y, bad, y)),
                 ("has no answers y", (x, None)),
                 ("label of -1", (x, y - 1)),
                 ("x is empty", (x[:0], y[:0])),
                 ("no array 'x'", (None, y))]
        for pattern, data in cases:
            with self.subTest(pattern), self.assertRaisesRegex(nr.DataError, pattern):
                nr.run("train-network", data=data, model=net)

    def test_data_stay_the_callers(self):
        x, y, net = self.network()
        kept = x.copy(), y.copy()
        nr.run("train-network", data=(x, y), model=net, **{"train.epochs": 1})
        np.testing.assert_array_equal(x, kept[0])
        np.testing.assert_array_equal(y, kept[1])
        self.assertFalse(net.is_built, "a run describes a model, it does not train the caller's")

    def test_a_runs_checkpoint_goes_into_a_model(self):
        x, y, net = self.network(inputs=[3])
        report = nr.run("train-network", data=(x, y), model=net, seed=2, **{"train.epochs": 3})
        net.load(report.path / "checkpoint.safetensors")
        np.testing.assert_array_equal(net.dense1.weight, report.arrays["dense1.weight"])

    def test_initial_weights_and_order_of_a_map(self):
        X = smooth_images(400, 10, 10, 3, seed=1).reshape(400, 10, 10, 3)
        W0 = np.random.default_rng(0).uniform(0.1, 1, (100, 300))
        order = np.random.default_rng(1).permutation(300)[:150]
        model = dict(type="topographic_map", rows=10, columns=10, radius=1, fidelity="notebook", scalar="float64")
        report = nr.run("topographic-map", data=(X[:300], np.zeros(300, int), X[300:], np.zeros(100, int)), model=model, out="map", preset=None,
                        **{"model.weights": W0, "train.order": order, "analysis.images": [1, 2], "analysis.held_out": 50,
                           "analysis.compare_fidelity": False})
        m = nr.models.TopographicMap(rows=10, columns=10, inputs=300, radius=1, fidelity="notebook", scalar="float64", weights=W0)
        m.observe(X.reshape(400, 300)[order])
        np.testing.assert_array_equal(report.arrays["weights"], m.weights)
        np.testing.assert_array_equal(np.load(report.path / "inputs" / "model.weights.npy"), W0)
        np.testing.assert_array_equal(np.load(report.path / "inputs" / "train.order.npy"), order)
        again = nr.run(report.path / "experiment.toml", out="again")
        np.testing.assert_array_equal(again.arrays["weights"], m.weights)


class ProgressAndCatalogue(InFolder):
    def test_progress_function(self):
        seen = []
        nr.run("xor-surface", progress=seen.append, **{**SMALL, "train.epochs": 30_000})
        self.assertTrue(seen)
        self.assertTrue(all(isinstance(p, nr.Progress) and 0 <= p.done <= p.total for p in seen))
        self.assertIn("train", {p.phase for p in seen})

    def test_progress_on_stderr(self):
        errors = io.StringIO()
        with redirect_stderr(errors):
            nr.run("xor-surface", progress=True, **{**SMALL, "train.epochs": 30_000})
        self.assertIn("in runs/xor-surface-", errors.getvalue())
        self.assertIn("train", errors.getvalue())

    def test_silence(self):
        quiet = subprocess.run([sys.executable, "-c", "import neurarium as nr; nr.run('xor-surface', **{'surface.step': 5.0, 'train.epochs': 2})"],
                               check=True, capture_output=True)
        self.assertEqual((quiet.stdout, quiet.stderr), (b"", b""))

    def test_studies_and_descriptions(self):
        listed = json.loads(subprocess.run([os.environ["NEURARIUM"], "describe", "--json"], check=True, capture_output=True).stdout)["entries"]
        self.assertEqual(nr.studies(), {entry["type"]: entry["doc"] for entry in listed if entry["kind"] == "study"})
        for entry in listed:
            described = nr.describe(f"{entry['kind']}/{entry['type']}")
            self.assertEqual({key: described[key] for key in entry}, entry)
            for field in entry["fields"]:
                self.assertIn(field["doc"], repr(described))
        self.assertIn("lecture", nr.describe("xor-surface")["presets"])
        self.assertIn("presets: gallery, lecture", repr(nr.describe("xor-surface")))

    def test_spikes_go_in_as_events(self):
        draw = np.random.default_rng(3)
        y = np.arange(90) % 3
        dense = (draw.random((90, 12, 6)) < np.where(np.arange(6) // 2 == y[:, None, None], 0.7, 0.1)).astype(np.uint8)
        dense[0, 4, 2] = 2  # fired twice

        class Sparse:  # as scipy.sparse.coo_array
            def __init__(self, counts):
                self.shape = counts.shape
                self.row, self.col = (order[::-1] for order in np.nonzero(counts))
                self.data = counts[self.row, self.col]

            def tocoo(self):
                return self

        pairs = [(t[::-1], i[::-1]) for t, i in (np.nonzero(sample) for sample in dense)]
        pairs[0] = (np.append(pairs[0][0], 4), np.append(pairs[0][1], 2))
        found = [nr.events(dense, y), nr.events([Sparse(sample) for sample in dense], y),
                 nr.events(pairs, y, n_steps=12, n_units=6)]  # fmt: skip
        for other in found[1:]:
            for name, numbers in found[0].items():
                np.testing.assert_array_equal(other[name], numbers, name)
        self.assertEqual(found[0]["offsets"][-1], dense.sum())
        seconds = nr.events([(t * 2e-3 + 1e-4, i) for t, i in pairs], y, n_steps=12, n_units=6, dt=2e-3)
        model = {"layers": [{"type": "lif", "units": 8}, {"type": "leaky_integrator", "units": 3}], "loss": "cross_entropy"}
        settings = {"model": model, "train": {"epochs": 10, "optimiser": {"type": "adam", "learning_rate": 0.02}}}
        losses = [nr.run("train-network", data=data, out=f"run{k}", **settings).figures["train_loss"]
                  for k, data in enumerate((found[0], seconds))]  # fmt: skip
        tested = nr.run("train-network", data={**found[0], **nr.events(dense[:30], y[:30], suffix="_test")}, **settings)
        self.assertGreater(tested.figures["test_accuracy"], 0.5)
        self.assertEqual(losses[0], losses[1])
        np.savez("both.npz", **{**found[0], **nr.events(dense[:30], y[:30], suffix="_test")})
        data = nr.load_data("both.npz")
        again = nr.run("train-network", data=(*data.train, *data.test), out="loaded", **settings)
        self.assertEqual(again.figures["test_accuracy"], tested.figures["test_accuracy"])
        for k, alike in enumerate((data.train, {"x": data.train.x, "y": data.train.y}, (*data.train, None, None))):
            loss = nr.run("train-network", data=alike, divisor=data.divisor, out=f"alike{k}", **settings).figures["train_loss"]
            self.assertEqual(loss, losses[0])
        other = nr.Spikes(data.test.x.t, data.test.x.i, data.test.x.offsets, 12, 7)
        for wrong, kind, message in (((*data.train, other, y[:30]), ValueError, "x has 12 steps and 6 units, x_test 12 and 7; they must agree"),
                                     ((data.train, data.test), TypeError, r"expected a name, a .npz file, \(x, y\)"),
                                     (data.train.x, TypeError, "expected a name")):  # fmt: skip
            with self.assertRaisesRegex(kind, message):
                nr.run("train-network", data=wrong, **settings)
        with self.assertRaisesRegex(TypeError, "spikes are counted, not divided; leave it out"):
            nr.run("train-network", data=data.train, divisor=255, **settings)
        net = nr.Sequential([nr.layers.Lif(units=8), nr.layers.LeakyIntegrator(units=3)], inputs=[12, 6], loss="cross_entropy")
        for call in (lambda: net.fit(data.train.x, y), lambda: nr.attack(net, data.train.x, y)):
            with self.assertRaisesRegex(TypeError, r"x.counts\(\)"):
                call()
        with self.assertRaisesRegex(nr.DataError, "outside the units 0 … 5"):
            nr.run("train-network", data={**found[0], "i": np.append(found[0]["i"][:-1], 6)}, out="bad", **settings)
        for wrong, message in ((dense[0], "samples, steps, units"), ([[1, 2, 3]], "sparse matrix"), (-1.5 * dense, "counts"),
                               ([([1, 2], [1])], "as many times as units")):  # fmt: skip
            with self.assertRaisesRegex((TypeError, ValueError), message):
                nr.events(wrong, n_steps=12, n_units=6)
        with self.assertRaisesRegex(TypeError, "give both"):
            nr.events(pairs)

    def test_localisation_in_angles(self):
        sounds = nr.load_data('interaural-phase:seed=3,training_samples=40,test_samples=300,steps=20,fibres=3,phase="per_sample"')
        self.assertEqual(sounds.dt, 1e-3)
        x, y = sounds.test
        phase = sounds.about_test["interaural_phase"]
        self.assertEqual((phase.shape, sounds.about_test["stimulus_phase"].shape), (y.shape, y.shape))
        np.testing.assert_array_equal(nr.localisation.discretise(phase), y)
        np.testing.assert_array_equal(y, np.floor((phase + np.pi / 2) * 12 / np.pi))
        middle = nr.localisation.continuise(y)
        np.testing.assert_allclose(middle, (y + 0.5) * np.pi / 12 - np.pi / 2, atol=1e-15)
        self.assertAlmostEqual(nr.localisation.mean_absolute_error_deg(y, phase), np.degrees(np.abs(middle - phase)).mean(), 12)
        self.assertEqual((nr.localisation.discretise(np.pi / 2, 4), nr.localisation.discretise([[-2, 0]], 4).tolist()), (3, [[0, 2]]))
        self.assertEqual(nr.localisation.continuise(1, 2), np.pi / 4)
        for call, error, message in ((lambda: nr.localisation.discretise(np.nan), nr.SpecError, "NaN"),
                                     (lambda: nr.localisation.discretise(0, 0), ValueError, "classes: .* found 0"),
                                     (lambda: nr.localisation.continuise([3, 12]), ValueError, "found 12, expected 0 … 11"),
                                     (lambda: nr.localisation.continuise(0.5), TypeError, "whole numbers"),
                                     (lambda: nr.localisation.mean_absolute_error_deg(y[:2], phase), nr.ShapeError, r"found \(2,\) and \(300,\)"),
                                     (lambda: nr.localisation.mean_absolute_error_deg([], []), nr.ShapeError, "at least one")):  # fmt: skip
            with self.assertRaisesRegex(error, message):
                call()

    def test_load_data(self):
        data = nr.load_data("xor")
        self.assertEqual((data.train.x.shape, data.train.y.shape, data.test), ((4, 2), (4, 1), None))
        np.testing.assert_array_equal(data.train.y[:, 0], data.train.x[:, 0] != data.train.x[:, 1])
        np.savez("mine.npz", x=np.arange(6.0).reshape(3, 2), y=[0, 1, 2])
        np.testing.assert_array_equal(nr.load_data(self.folder / "mine.npz").train.y, [0, 1, 2])
        np.savez("mine.npz", x=np.arange(6.0).reshape(3, 2), y=[0, 1, 2], age=[3, 1, 4], note=[1, 2])
        mine = nr.load_data("mine.npz")
        self.assertEqual({name: list(numbers) for name, numbers in mine.about.items()}, {"age": [3, 1, 4]})
        self.assertEqual(mine.about_test, {})
        self.assertIsNone(mine.dt)
        counts = np.random.default_rng(1).poisson(0.2, (7, 12, 6)).astype(np.uint8)
        np.savez("spikes.npz", **{**nr.events(counts, np.arange(7)), **nr.events(counts[:2], np.arange(2), suffix="_test")})
        spikes = nr.load_data("spikes.npz").train.x
        self.assertEqual(spikes.shape, counts.shape)
        self.assertEqual(repr(spikes), f"<Spikes: 7 samples of 12 steps and 6 units, {counts.sum()} events>")
        np.testing.assert_array_equal(spikes.counts(), counts)
        for which in (slice(2, 5), slice(-1, None), slice(5, 2), slice(None, None, -2), [3, 0, 3], np.arange(7) % 2 == 0):
            np.testing.assert_array_equal(spikes[which].counts(), counts[which])
        self.assertEqual(len(spikes), 7)
        np.testing.assert_array_equal(nr.load_data("spikes.npz").test.x.counts(), counts[:2])
        for name, numbers in nr.events(counts, np.arange(7), suffix="_test").items():
            np.testing.assert_array_equal(nr.events(spikes, np.arange(7), suffix="_test")[name], numbers)
        with self.assertRaisesRegex(ValueError, "n_units is 6, not 5; leave it out"):
            nr.events(spikes, n_units=5)
        with self.assertRaisesRegex(TypeError, "a slice or a list of samples"):
            spikes[0]
        with self.assertRaisesRegex(TypeError, "spikes are events, not numbers: x.counts()"):
            np.asarray(spikes)
        many = nr.Spikes(**nr.events(np.full((1, 2, 1), 256)))
        self.assertEqual(many.counts(np.uint16).max(), 256)
        with self.assertRaisesRegex(ValueError, r"than uint8 can count; write counts\(np.uint16\)"):
            many.counts()
        t, i, offsets = [0, 1], [0, 1], [0, 2]
        for wrong, kind, message in (
                (([0, -1], i, offsets, 3, 2), ValueError, r"t\[1\] is -1, expected 0 … 2"),
                (([0, 3], i, offsets, 3, 2), ValueError, r"t\[1\] is 3, expected 0 … 2"),
                ((t, [2, 0], offsets, 3, 2), ValueError, r"i\[0\] is 2, expected 0 … 1"),
                ((t, [0.7, 1], offsets, 3, 2), TypeError, "i: expected a list of whole numbers, found float64"),
                ((t, [0], offsets, 3, 2), ValueError, "as many units as steps in t, 2, found 1"),
                ((t, i, [0, 1], 3, 2), ValueError, "rise from 0 to the number of events, 2"),
                ((t, i, [0, 2, 1, 2], 3, 2), ValueError, "rise from 0"),
                ((t, i, [], 3, 2), ValueError, "rise from 0"),
                ((t, i, offsets, 3, 2.5), TypeError, "n_units"),
        ):  # fmt: skip
            with self.assertRaisesRegex(kind, message):
                nr.Spikes(*wrong)
        with self.assertRaisesRegex(nr.SpecError, "did you mean '?cifar10"):
            nr.load_data("cifar-10")
        with self.assertRaisesRegex(nr.DataError, "neurarium data get mnist"):
            nr.load_data("mnist", data_home=self.folder)


if __name__ == "__main__":
    unittest.main()
