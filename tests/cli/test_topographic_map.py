"""topographic-map from the outside: presets, what a report holds, the same bits after a kill and with two threads, photographs."""

import json
import math
import pathlib
import signal
import struct
import sys
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, npy, write_npz  # noqa: E402

SMALL = ["model.rows=5", "model.columns=4", "model.radius=1", "data.crop=4", "analysis.images=[3,1]", "analysis.held_out=50"]
FIGURES = ("neighbour_correlation far_correlation knn8 snr_db gain_corrected_snr_db max_share_on dead_units mean_activity samples_per_second "
           "colour_smoothness population_sparseness lifetime_sparseness share_of_zero_weights share_of_weights_above_one weight_hoyer_sparseness "
           "kl_divergence control_knn8").split()  # fmt: skip


def colour_images(path, train=400, test=60, side=6):
    """Smooth colour pictures, none like another."""
    def pictures(first, count):
        return [0.5 + 0.4 * math.sin(0.7 * i + (0.3 + 0.05 * (i % 9)) * y + 0.5 * x * (i % 4) + 2 * c)
                for i in range(first, first + count) for y in range(side) for x in range(side) for c in range(3)]  # fmt: skip
    write_npz(path, x=npy((train, side, side, 3), pictures(0, train)), y=npy((train,), [0] * train, "<i8", "q"),
              x_test=npy((test, side, side, 3), pictures(train, test)), y_test=npy((test,), [0] * test, "<i8", "q"))  # fmt: skip


def png(path, height, width, pixel):
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in pixel(y, x)) for y in range(height))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))  # noqa: E731
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))  # fmt: skip


class TopographicMap(ProgramTest):
    def setUp(self):
        super().setUp()
        colour_images(self.folder / "pictures.npz")

    def run_small(self, out, *more):
        self.neurarium("run", "topographic-map", "dataset=pictures.npz", *SMALL, *more, "--out", out, "--quiet")
        return json.loads((self.folder / out / "report.json").read_text())

    def exactly_alike(self, a, b):
        self.neurarium("compare", "--exact", a, b)
        names = sorted(p.name for p in (self.folder / a / "pictures").iterdir())
        self.assertIn("film.png", names)
        for name in names:
            self.assertEqual((self.folder / a / "pictures" / name).read_bytes(), (self.folder / b / "pictures" / name).read_bytes(), name)
        self.assertEqual((self.folder / a / "metrics.csv").read_text(), (self.folder / b / "metrics.csv").read_text())

    def test_what_a_report_holds(self):
        report = self.run_small("whole", "train.epochs=3")
        for name in FIGURES:
            self.assertIn(name, report["figures"])
        pictures = {p.stem for p in (self.folder / "whole/pictures").iterdir()}
        self.assertLessEqual({"tapestry", "tapestry-normalised", "tapestry-control", "film", "thresholds", "unit-colours", "test-image-3", "test-image-1"},
                             pictures)  # fmt: skip
        rows = (self.folder / "whole/metrics.csv").read_text().split()
        self.assertEqual(len(rows), 1 + 3)
        self.assertTrue(rows[0].startswith("epoch,mean_activity,snr_db,"))
        text = (self.folder / "whole/report.html").read_text()
        for words in ("What the notebook said", "The blue bottom row", "Is the last row bluer", "By the notebook", "How many units are on at once"):
            self.assertIn(words, text)

    def test_one_thread_two_threads(self):
        self.run_small("one", "train.epochs=2", "--threads", 1)
        self.run_small("two", "train.epochs=2", "--threads", 2)
        self.exactly_alike("one", "two")

    def test_killed_in_the_second_training(self):
        long = ["train.epochs=150", "train.checkpoint_seconds=0.02"]
        self.run_small("whole", *long)
        process = self.start("run", "topographic-map", "dataset=pictures.npz", *SMALL, *long, "--out", "killed")
        checkpoint = self.folder / "killed/checkpoint.safetensors"

        def in_the_control():
            if not checkpoint.exists():
                return False
            with checkpoint.open("rb") as file:
                return b"side.control.weights" in file.read(65536)

        self.wait_for("killed/checkpoint.safetensors", process)
        while not in_the_control():
            self.assertIsNone(process.poll(), "the run ended too soon to be killed")
        self.assertEqual(self.stop(process, signal.SIGKILL)[0], -signal.SIGKILL)
        out = self.neurarium("run", "--resume", "killed", "--quiet")
        self.assertTrue(out)
        self.exactly_alike("whole", "killed")

    def test_greys_and_a_single_epoch_and_no_control(self):
        report = self.run_small("grey", "data.grey=true", "analysis.control=false", "analysis.compare_fidelity=false")
        self.assertNotIn("colour_smoothness", report["figures"])
        self.assertNotIn("control_knn8", report["figures"])
        self.assertIn("pixel learning", (self.folder / "grey/report.html").read_text())

    def test_presets(self):
        expected = {"cifar-100": (10, 1, 1), "cifar-400-r1": (20, 1, 10), "cifar-400-r2": (20, 2, 10), "cifar-900": (30, 2, 10),
                    "mnist-400": (20, 2, 10), "patches": (20, 2, 10)}  # fmt: skip
        for preset, (side, radius, epochs) in expected.items():
            spec = self.json_of("config", "show", "topographic-map", "--preset", preset)
            spec = spec.get("experiment", spec)
            model = spec["model"]
            self.assertEqual((model["rows"], model["columns"], model["radius"], spec["train"]["epochs"]), (side, side, radius, epochs), preset)
            self.assertEqual((model["fidelity"], model["sparsity"]), ("notebook", 0.05), preset)
        mnist = self.json_of("config", "show", "topographic-map", "--preset", "mnist-400")
        mnist = mnist.get("experiment", mnist)
        self.assertEqual((mnist["dataset"], mnist["data"]["crop"], mnist["analysis"]["images"]), ("mnist", 0, [98, 0, 1, 2, 3, 10]))

    def test_patches_of_photographs(self):
        photographs = self.folder / "photographs"
        photographs.mkdir()
        for i in range(6):
            png(photographs / f"{i}.png", 30 + i, 40, lambda y, x: ((5 * x + 40 * i) % 256, (7 * y) % 256, (x * y) % 256))
        (photographs / "notes.txt").write_text("not a picture")
        words = ["run", "topographic-map", "preset=patches", "dataset=images:photographs", "model.rows=4", "model.columns=5", "data.patch=6",
                 "data.patches=300", "train.epochs=1", "analysis.held_out=40", "analysis.images=[7]", "--quiet"]  # fmt: skip
        self.neurarium(*words, "--out", "colour")
        header = (self.folder / "colour/arrays/weights.npy").read_bytes()[:128]
        self.assertIn(b"(20, 108)", header)
        self.neurarium(*words, "data.grey=true", "--out", "grey", "--threads", 1)
        self.assertIn(b"(20, 36)", (self.folder / "grey/arrays/weights.npy").read_bytes()[:128])
        self.assertIn("notes.txt", (self.folder / "colour/run.json").read_text() + (self.folder / "colour/report.json").read_text())


if __name__ == "__main__":
    unittest.main()
