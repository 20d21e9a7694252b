"""nr.load(run) and nr.predict: what a run has learned."""

import pathlib
import struct
import tempfile
import unittest
import zlib

import numpy as np

import neurarium as nr


def write_png(path, image):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = b"".join(b"\0" + row.tobytes() for row in image)
    header = struct.pack(">IIBBBBB", image.shape[1], image.shape[0], 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def quarters(samples, seed):
    """Pictures of 6 × 6 bytes with one bright quarter, which is the label."""
    random = np.random.default_rng(seed)
    y = np.arange(samples) % 4
    x = random.integers(0, 60, size=(samples, 6, 6), dtype=np.uint8)
    for i, label in enumerate(y):
        x[i, 3 * (label // 2) :][:3, 3 * (label % 2) :][:, :3] += 150
    return x, y


class TrainedRun(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.x, cls.y = quarters(80, 0)
        cls.x_test, cls.y_test = quarters(40, 1)
        net = nr.Sequential([nr.layers.Dense(units=8, activation="tanh"), nr.layers.Dense(units=4)], loss="cross_entropy")
        cls.report = nr.run("train-network", data=(cls.x, cls.y, cls.x_test, cls.y_test), model=net, out=cls.folder / "run",
                            **{"train.epochs": 20, "train.optimiser.learning_rate": 0.3})  # fmt: skip

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_what_has_to_be_said_is_a_warning(self):
        import shutil
        import warnings

        shutil.copytree(self.report.path, self.folder / "stopped")
        record = self.folder / "stopped/run.json"
        record.write_text(record.read_text().replace('"finished"', '"interrupted"'))
        with self.assertWarnsRegex(UserWarning, "is not finished: these are the weights of its last checkpoint"):
            nr.load(self.folder / "stopped")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            nr.load(self.report.path)

    def test_bad_answers_say_which(self):
        model = nr.load(self.report.path)
        for bad in (self.y_test + 1, np.full((40, 4), np.nan), self.y_test[:0]):
            for call in (model.evaluate, model.gradient):
                with self.assertRaises(nr.NeurariumError):
                    call(self.x_test[: len(bad)], bad, divisor=255)

    def test_the_network_of_a_run(self):
        model = nr.load(self.report.path)
        self.assertIsInstance(model, nr.Sequential)
        self.assertEqual(model.input_shape, (6, 6))
        found = model.evaluate(self.x_test, self.y_test, divisor=255)
        self.assertEqual(found.loss, self.report.figures["test_loss"])
        self.assertEqual(found.accuracy, self.report.figures["test_accuracy"])
        self.assertEqual(found.accuracy, 1)
        h = np.tanh(self.x_test.reshape(40, -1) / 255 @ model["dense1.weight"].T + model["dense1.bias"])
        np.testing.assert_allclose(model.respond(self.x_test / 255).outputs, h @ model["dense2.weight"].T + model["dense2.bias"], atol=1e-5)
        with self.assertRaisesRegex(nr.DataError, "give the run's folder: neurarium.load"):
            nr.load(self.report.path / "checkpoint.safetensors")
        model.save(self.folder / "kept.safetensors")  # from here on it is a model like any other
        np.testing.assert_array_equal(nr.load(self.folder / "kept.safetensors")["dense1.weight"], model["dense1.weight"])

    def test_converting_the_run_is_converting_its_network(self):
        report = nr.run("convert-network", run=self.report.path, rule="scaled", out=self.folder / "finite", **{"scale": 1.5})
        finite = nr.load(report.path)
        by_hand = nr.convert(nr.load(self.report.path), "gaussian", rule="scaled", scale=1.5)
        np.testing.assert_array_equal(finite.logits(self.x_test / 255), by_hand.logits(self.x_test / 255))
        found = finite.evaluate(self.x_test, self.y_test, divisor=255)
        self.assertEqual(found.accuracy, report.figures["accuracy_after"])
        np.testing.assert_array_equal(nr.load(report.path / "network.safetensors")["dense1.centre"], finite["dense1.centre"])
        with self.assertRaisesRegex(nr.DataError, "has no network 'other'"):
            nr.load(report.path / "other")

    def test_pictures(self):
        files = [self.folder / f"{i}.png" for i in range(4)]
        for i, file in enumerate(files):
            write_png(file, self.x_test[i])
        z = nr.load(self.report.path).respond(self.x_test[:4] / np.float64(255)).outputs
        answers = nr.predict(self.report.path, files)
        for i, answer in enumerate(answers):
            self.assertEqual(answer.file, str(files[i]))
            self.assertTrue(answer.is_probability)
            np.testing.assert_allclose(answer.outputs, z[i], atol=1e-5)
            p = np.exp(answer.outputs) / np.exp(answer.outputs).sum()
            self.assertEqual([guess.label for guess in answer.best], list(np.argsort(-p)[:3]))
            np.testing.assert_allclose([guess.strength for guess in answer.best], np.sort(p)[::-1][:3], rtol=1e-12)
            self.assertEqual(answer.best[0].label, i)
            self.assertEqual(answer.best[0].name, str(i))
        self.assertEqual(nr.predict(str(self.report.path), str(files[2])).best, answers[2].best)  # one file, one answer
        self.assertEqual(nr.predict(self.report.path, []), [])
        large = self.folder / "large.png"
        write_png(large, 255 - np.kron(self.x_test[3], np.ones((4, 4), np.uint8)))
        with self.assertRaises(nr.ShapeError) as caught:
            nr.predict(self.report.path, large)
        self.assertIn("24 × 24", caught.exception.found)
        np.testing.assert_allclose(nr.predict(self.report.path, large, resize=True, invert=True).outputs, answers[3].outputs, atol=1e-5)

    def test_errors(self):
        with self.assertRaisesRegex(nr.DataError, "is not a run directory"):
            nr.load(self.folder)
        with self.assertRaisesRegex(nr.DataError, "not found"):
            nr.predict(self.report.path, self.folder / "nowhere.png")
        (self.folder / "text.png").write_text("no picture")
        with self.assertRaisesRegex(nr.DataError, "text.png"):
            nr.predict(self.report.path, self.folder / "text.png")


if __name__ == "__main__":
    unittest.main()
