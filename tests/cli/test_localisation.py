"""dale-localisation keeps its network: it can be asked again, and those who can't use spikes say so."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest  # noqa: E402

TINY = ["task.steps=40", "task.fibres=6", "task.classes=4", "task.phase=per_sample", "model.hidden=6", "train.epochs=3",
        "train.batch_size=16", "training_samples=64", "validation_samples=32", "test_samples=48", "observer_samples=60"]  # fmt: skip
SPIKING = """dataset = "interaural-phase:seed=5,steps=40,fibres=6,classes=4,training_samples=64,test_samples=32"
[model]
loss = "cross_entropy"
[[model.layers]]
type = "lif"
units = 6
[[model.layers]]
type = "leaky_integrator"
units = 4
[train]
epochs = 2
batch_size = 16
"""


class Localisation(ProgramTest):
    def setUp(self):
        super().setUp()
        self.neurarium("run", "dale-localisation", *TINY, "--out", "sounds", "--quiet")
        self.figures = self.figures_of("sounds")

    def figures_of(self, run):
        figures = json.loads((self.folder / run / "report.json").read_text())["figures"]
        return {name: figure["value"] for name, figure in figures.items()}

    def test_is_asked_again(self):
        found = json.loads(self.neurarium("eval", "sounds", "--json")[0])
        self.assertEqual(found["accuracy"], self.figures["test_accuracy"])
        self.assertEqual(found["samples"], 48)
        train = json.loads(self.neurarium("eval", "sounds", "--split", "train", "--out", "said.npz", "--json")[0])
        self.assertEqual(train["accuracy"], self.figures["train_accuracy"])
        self.assertTrue((self.folder / "said.npz").is_file())
        other = "interaural-phase:seed=9,steps=40,fibres=6,classes=4,test_samples=500"
        self.assertEqual(json.loads(self.neurarium("eval", "sounds", "--data", other, "--json")[0])["samples"], 500)
        self.assertIn("[40, 12]", self.fails(2, "eval", "sounds", "--data", "interaural-phase:steps=30"))

    def test_others_refuse_spikes(self):
        self.assertIn("are spikes, but attacks change numbers", self.fails(2, "attack", "sounds"))
        for verb in (["convert", "sounds", "--to", "gaussian"], ["eval", "sounds", "picture.png"]):
            message = self.fails(3, *verb)
            self.assertIn("holds spikes", message, verb)

    def test_any_spiking_network_learns_the_sounds(self):
        self.write("net.toml", SPIKING)
        self.neurarium("run", "net.toml", "--out", "net", "--quiet")
        self.assertIn("test_accuracy", self.figures_of("net"))
        self.assertEqual(json.loads(self.neurarium("eval", "net", "--json")[0])["samples"], 32)
        self.assertIn("steps", self.fails(2, "run", "net.toml", "dataset=interaural-phase:stepps=3"))

    def test_networks_of_a_study_are_asked_by_name(self):
        tiny = [word for word in TINY if not word.startswith("observer")]
        self.neurarium("run", "dale-inhibition-site", *tiny, "repeats=1", "--out", "sites", "--quiet")
        found = json.loads(self.neurarium("eval", "sites/w1-positive-repeat-1", "--json")[0])
        self.assertEqual([found["accuracy"]], self.figures_of("sites")["site_accuracy"][1])
        self.assertIn("both-mixed-repeat-1, w1-positive-repeat-1, w2-positive-repeat-1", self.fails(2, "eval", "sites"))
        self.assertIn("are spikes, but attacks change numbers", self.fails(2, "attack", "sites/w1-positive-repeat-1"))

    def test_settings_are_named_as_they_are_written(self):
        self.assertIn("task.dt", self.fails(2, "run", "dale-localisation", "task.dt=0.01"))


if __name__ == "__main__":
    unittest.main()
