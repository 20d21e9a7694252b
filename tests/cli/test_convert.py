"""neurarium convert: the network of a run becomes finite Gaussian and comes back, and is a run like any other."""

import json
import math
import pathlib
import random
import shutil
import struct
import sys
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, npy, write_npz  # noqa: E402

NET = """dataset = "clouds.npz"
[model]
loss = "cross_entropy"
[[model.layers]]
type = "dense"
units = 16
activation = "tanh"
[[model.layers]]
type = "dense"
units = 3
[train]
epochs = 20
batch_size = 20
[train.optimiser]
type = "adam"
learning_rate = 0.01
"""


def clouds(path, samples=300, noise=0.9):
    """Three clouds of points in six dimensions, near enough to one another that nobody gets all of them right."""
    draw = random.Random(7)
    y = [i % 3 for i in range(samples)]
    x = [2.0 * (k == c) + noise * draw.gauss(0, 1) for c in y for k in range(6)]
    cut = samples * 2 // 3
    write_npz(path, x=npy((cut, 6), x[: 6 * cut]), y=npy((cut,), y[:cut], "<i8", "q"),
              x_test=npy((samples - cut, 6), x[6 * cut :]), y_test=npy((samples - cut,), y[cut:], "<i8", "q"))  # fmt: skip


def outputs(path):
    """The float32 outputs that `eval --out` has written."""
    with zipfile.ZipFile(path) as archive:
        content = archive.read("outputs.npy")
    data = content[10 + struct.unpack("<H", content[8:10])[0] :]
    return struct.unpack(f"<{len(data) // 4}f", data)


class Convert(ProgramTest):
    def setUp(self):
        super().setUp()
        clouds(self.folder / "clouds.npz")
        self.write("net.toml", NET)
        self.neurarium("run", "net.toml", "--out", "net", "--quiet")

    def outputs(self, run):
        self.neurarium("eval", run, "--out", f"{run}.npz".replace("/", "-"), "--quiet")
        return outputs(self.folder / f"{run}.npz".replace("/", "-"))

    def figure(self, report, name):
        return report["figures"][name]["value"]

    def test_makes_a_run_like_any_other(self):
        report = self.json_of("convert", "net", "--to", "gaussian")
        self.assertRegex(report["run"], r"^runs/convert-network-[0-9a-f]{8}$")
        for name in ("network.safetensors", "report.html", "experiment.toml"):
            self.assertTrue((self.folder / report["run"] / name).is_file(), name)
        found = self.json_of("eval", report["run"])
        self.assertAlmostEqual(found["accuracy"], self.figure(report, "accuracy_after"), places=12)
        self.assertAlmostEqual(self.json_of("eval", "net")["accuracy"], self.figure(report, "accuracy_before"), places=12)
        self.assertEqual(self.figure(report, "layers_converted"), 2)
        self.assertEqual(self.figure(report, "lost_layers"), 0)
        self.assertGreater(self.figure(report, "median_g_dense1"), 0.5)
        self.assertLess(self.figure(report, "noise_confidence_after"), self.figure(report, "noise_confidence_before"))
        # The same run named otherwise is the same experiment, whose result is already there.
        out, err = self.neurarium("convert", f"{self.folder}/net/", "--to", "gaussian")
        self.assertIn(f"{report['run']} is finished: this is its stored result", err)
        self.assertIn(f"network: neurarium eval {report['run']}", out)
        other = self.json_of("convert", "net", "--to", "gaussian", "--rule", "calibrated")
        self.assertNotEqual(other["run"], report["run"])
        self.assertRegex(self.neurarium("compare", report["run"], other["run"])[0], r"confidence_after .* differs")
        self.assertRegex(self.run_record(report["run"])["inputs"]["run"], r"^[0-9a-f]{64}$")

    def test_there_and_back(self):
        before = self.outputs("net")
        report = self.json_of("convert", "net", "--to", "gaussian", "--out", "finite")
        self.assertLess(self.figure(report, "round_trip_change"), 1e-5)
        self.assertGreater(max(abs(a - b) for a, b in zip(self.outputs("finite"), before)), 0.01)
        report = self.json_of("convert", "finite", "--to", "classical", "--out", "back")
        self.assertLess(max(abs(a - b) for a, b in zip(self.outputs("back"), before)), 1e-5)
        self.assertEqual(self.figure(report, "accuracy_after"), self.json_of("eval", "net")["accuracy"])

    def test_a_temperature_is_part_of_the_network(self):
        plain = self.json_of("convert", "net", "--to", "gaussian", "--out", "plain")
        report = self.json_of("convert", "net", "--to", "gaussian", "--temperature", "--out", "tempered")
        temperature = self.figure(report, "temperature")
        self.assertLess(temperature, 1)  # conversion makes it modest
        for a, b in zip(self.outputs("tempered"), self.outputs("plain")):
            self.assertAlmostEqual(a, b / temperature, delta=1e-4)
        for name in ("accuracy", "confidence", "ece"):
            self.assertAlmostEqual(self.figure(report, name + "_untempered"), self.figure(plain, name + "_after"), places=12)
        self.assertEqual(self.figure(report, "accuracy_after"), self.figure(plain, "accuracy_after"))
        self.assertLess(self.figure(report, "ece_after"), self.figure(report, "ece_untempered"))

    def test_warns_where_units_have_lost_the_data(self):
        out, err = self.neurarium("convert", "net", "--to", "gaussian", "--rule", "scaled", "--scale", 0.05, "--out", "lost")
        self.assertIn("warning: dense1: the median of exp(−q) over the data is", err)
        report = json.loads((self.folder / "lost/report.json").read_text())
        self.assertGreaterEqual(self.figure(report, "lost_layers"), 1)
        self.assertLess(self.figure(report, "median_g_dense1"), 0.05)
        self.assertIn("Warning: layers that have lost the data", (self.folder / "lost/report.html").read_text())
        err = self.neurarium("convert", "net", "--to", "gaussian", "--out", "fine")[1]
        self.assertNotIn("warning", err)

    def test_stays_when_its_source_is_gone(self):
        self.json_of("convert", "net", "--to", "gaussian", "--out", "finite")
        before = self.outputs("finite")
        shutil.rmtree(self.folder / "net")
        (self.folder / "finite").rename(self.folder / "moved")
        self.assertEqual(self.outputs("moved"), before)
        self.neurarium("convert", "moved", "--to", "classical", "--quiet")
        self.assertIn("net: is not a run directory", self.fails(3, "run", "--again", "moved"))

    def test_a_network_that_is_lost_is_missing_data(self):
        self.json_of("convert", "net", "--to", "gaussian", "--out", "finite")
        (self.folder / "finite/network.safetensors").unlink()
        for verb in (["eval"], ["attack"], ["convert", "--to", "classical"]):
            message = self.fails(3, *verb, "finite")
            self.assertIn("finite/network.safetensors: is missing", message)
            self.assertIn("neurarium run --again finite", message.replace(str(self.folder.resolve()) + "/", ""))
        self.neurarium("run", "--again", "finite", "--quiet")
        self.neurarium("eval", "finite")

    def test_layers_in_a_residual(self):
        text = NET.replace("[[model.layers]]", """[[model.layers]]
type = "residual"
[[model.layers.layers]]
type = "dense"
units = 6
activation = "tanh"
[[model.layers]]""", 1)  # fmt: skip
        self.write("residual.toml", text)
        self.neurarium("run", "residual.toml", "--out", "residual", "--quiet")
        report = self.json_of("convert", "residual", "--to", "gaussian", "--out", "finite")
        self.assertEqual(self.figure(report, "round_trip_change"), 0)
        self.json_of("convert", "finite", "--to", "classical", "--out", "back")
        self.assertEqual(self.outputs("back"), self.outputs("residual"))
        self.assertNotEqual(self.outputs("finite"), self.outputs("residual"))
        self.assertIn("residual1.dense1", (self.folder / "finite/report.html").read_text())

    def test_other_networks(self):
        text = NET.replace('loss = "cross_entropy"', "").replace("clouds.npz", "targets.npz")
        write_npz(self.folder / "targets.npz", x=npy((20, 2), [0.1 * i for i in range(40)]), y=npy((20, 3), [0.5] * 60))
        self.write("plain.toml", text)
        self.neurarium("run", "plain.toml", "--out", "plain", "--quiet")
        report = self.json_of("convert", "plain", "--to", "gaussian")  # no logits: no confidence, all else
        self.assertNotIn("confidence_after", report["figures"])
        self.assertTrue(math.isfinite(self.figure(report, "loss_after")))
        self.assertIn("no logits", self.fails(2, "convert", "plain", "--to", "gaussian", "--temperature"))

    def test_what_is_wrong_is_said_and_nothing_is_made(self):
        self.assertIn("nowhere: is not a run directory", self.fails(3, "convert", "nowhere", "--to", "gaussian"))
        self.assertIn("give the run alone", self.fails(3, "convert", "net/first", "--to", "gaussian"))
        err = self.fails(2, "convert", "net", "--to", "gausian")
        self.assertIn("command line (--to)", err)
        self.assertIn("did you mean 'gaussian'?", err)
        self.assertIn("--to", self.fails(2, "convert", "net"))
        self.assertIn("calibrated", self.fails(2, "convert", "net", "--to", "gaussian", "--rule", "callibrated"))
        self.assertIn("--rule scaled", self.fails(2, "convert", "net", "--to", "gaussian", "--scale", 2))
        self.assertIn("--to gaussian", self.fails(2, "convert", "net", "--to", "classical", "--rule", "scaled"))
        self.assertIn("scale: out of range", self.fails(2, "convert", "net", "--to", "gaussian", "--rule", "scaled", "--scale", -1))
        self.assertIn("no finite Gaussian layer", self.fails(2, "convert", "net", "--to", "classical"))
        self.assertIn("there is no network to convert", self.fails(2, "run", "convert-network"))
        self.neurarium("run", "activations", "--out", "curves", "--quiet")
        self.assertIn("keeps no network", self.fails(2, "convert", "curves", "--to", "gaussian"))
        self.assertEqual(list((self.folder / "runs").glob("*")) if (self.folder / "runs").exists() else [], [])
        weights = self.folder / "net/checkpoint.safetensors"
        weights.write_bytes(weights.read_bytes()[:-3])
        self.assertIn("checkpoint.safetensors", self.fails(3, "convert", "net", "--to", "gaussian"))


if __name__ == "__main__":
    unittest.main()
