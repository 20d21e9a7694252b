"""digit-cnn on pictures of one's own: every figure, every picture, and the messages of data that are none."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, npy, write_npz  # noqa: E402

CLASSES = 4
NETWORK = """study = "digit-cnn"
dataset = "columns.npz"
held_out = 0.2
[model]
loss = "cross_entropy"
[[model.layers]]
type = "dense"
units = {units}
[train]
epochs = 8
batch_size = 8
"""


def columns_of_light(count):
    """Grey pictures of 3 × 4 pixels: picture i is bright in column i mod 4."""
    pixels = [200 + (i * 7 + row) % 50 if column == i % CLASSES else (i * 13 + column * 5) % 60
              for i in range(count) for row in range(3) for column in range(CLASSES)]  # fmt: skip
    return npy((count, 3, CLASSES), pixels, "|u1", "B"), [i % CLASSES for i in range(count)]


class DigitCnn(ProgramTest):
    def setUp(self):
        super().setUp()
        x, y = columns_of_light(80)
        x_test, y_test = columns_of_light(20)
        y_test[5], y_test[10] = 0, 1  # two labels that lie: picture 5 shows column 1, picture 10 column 2
        self.write("net.toml", NETWORK.format(units=CLASSES))
        self.arrays = {"x": x, "y": npy((80,), y, "<i8", "q"), "x_test": x_test, "y_test": npy((20,), y_test, "<i8", "q")}
        write_npz(self.folder / "columns.npz", **self.arrays)

    def run_study(self, *words):
        self.neurarium("run", "net.toml", "--out", "run", "--quiet", *words)
        return json.loads((self.folder / "run/report.json").read_text())

    def test_every_figure_and_picture(self):
        report = self.run_study()
        figures = {name: f["value"] for name, f in report["figures"].items()}
        self.assertEqual(figures["test_errors"], 2)
        self.assertEqual(figures["test_accuracy"], 0.9)
        self.assertEqual(figures["trained_on"], 64)
        self.assertEqual(figures["parameters"], 12 * CLASSES + CLASSES)
        self.assertEqual(figures["bytes"], 4 * figures["parameters"])
        self.assertEqual(figures["epochs"], 8)
        for name in ("test_loss", "train_accuracy", "train_loss", "held_out_accuracy", "held_out_loss", "calibration_error",
                     "mean_confidence", "train_seconds", "images_per_second", "seconds_per_image"):  # fmt: skip
            self.assertIn(name, figures)
        for name in ("first-errors", "confusion", "first-weights", "all-errors"):
            picture = (self.folder / f"run/pictures/{name}.png").read_bytes()
            self.assertTrue(picture.startswith(b"\x89PNG"), name)
        for name in ("accuracy", "loss", "reliability"):
            self.assertTrue((self.folder / f"run/charts/{name}.json").exists(), name)
        for name in ("confusion", "misclassified", "outputs", "dense1.weight"):
            self.assertTrue((self.folder / f"run/arrays/{name}.npy").exists(), name)
        header = (self.folder / "run/metrics.csv").read_text().splitlines()[0]
        self.assertEqual(header, "epoch,train_loss,train_accuracy,held_out_loss,held_out_accuracy")
        self.assertIn("90.00", report["answer"])

    def test_feature_maps_of_layers_that_have_some(self):
        layers = '[[model.layers]]\ntype = "conv2d"\nfilters = 3\nkernel_size = 2\n[[model.layers]]\ntype = "activation"\n'
        self.write("net.toml", NETWORK.format(units=CLASSES).replace("[[model.layers]]", layers + "[[model.layers]]", 1))
        self.run_study()
        pictures = {path.stem for path in (self.folder / "run/pictures").glob("*.png")}
        self.assertLessEqual({"first-weights", "maps-activation1"}, pictures)
        self.assertFalse({"maps-conv2d1", "maps-dense1"} & pictures)  # the same without the activation; no maps

    def test_pictures_without_tests_labels_or_shape(self):
        def refused(code, *words):
            refused.runs += 1
            return self.fails(code, "run", "net.toml", "--out", f"bad{refused.runs}", *words)

        refused.runs = 0

        for left_out, said in ((("x_test", "y_test"), "no test images"), (("y", "y_test"), "no labels")):
            write_npz(self.folder / "columns.npz", **{k: v for k, v in self.arrays.items() if k not in left_out})
            self.assertIn(said, refused(3))
        write_npz(self.folder / "columns.npz", **self.arrays)
        self.write("net.toml", NETWORK.format(units=2))
        self.assertIn("is outside 0 … 1", refused(3))
        self.assertIn("held_out", refused(2, "held_out=1"))


if __name__ == "__main__":
    unittest.main()
