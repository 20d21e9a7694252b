"""Spiking networks from the command line: numbers that become spikes, attacks through them, and samples that are spikes already."""

import pathlib
import random
import sys
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, npy, spiking_network, write_npz  # noqa: E402

ENCODER = """dataset = "thirds.npz"
[[model.layers]]
type = "poisson_encoder"
steps = 20
maximal_rate = "500 Hz"
"""


def learns(epochs, before):
    return spiking_network(24, 3, epochs, before)


def thirds(path, samples=300):
    """Nine numbers in [0, 1], one third of them brighter than the others: which?"""
    draw = random.Random(5)
    y = [i % 3 for i in range(samples)]
    x = [0.4 * draw.random() + 0.45 * (k // 3 == c) for c in y for k in range(9)]
    cut = samples * 2 // 3
    write_npz(path, x=npy((cut, 9), x[: 9 * cut]), y=npy((cut,), y[:cut], "<i8", "q"),
              x_test=npy((samples - cut, 9), x[9 * cut :]), y_test=npy((samples - cut,), y[cut:], "<i8", "q"))  # fmt: skip


def whole(numbers):
    return npy((len(numbers),), numbers, "<i8", "q")


def events(samples, suffix=""):
    """One of three pairs of units fires often, in 15 steps: t, i, offsets, y."""
    draw = random.Random(6 + samples)
    t, i, offsets, y = [], [], [0], [k % 3 for k in range(samples)]
    for label in y:
        for step in range(15):
            for unit in range(6):
                if draw.random() < (0.6 if unit // 2 == label else 0.1):
                    t.append(step), i.append(unit)
        offsets.append(len(t))
    return {name + suffix: whole(numbers) for name, numbers in (("t", t), ("i", i), ("offsets", offsets), ("y", y))}


TIMES = """dataset = "events.npz"
[[model.layers]]
type = "spike_times"
dt = "3 ms"
[[model.layers]]
type = "eventprop_lif"
units = 8
engine = "event"
initialiser = {type = "normal", mean = 1.5, sd = 0.5}
[[model.layers]]
type = "spike_integrator"
units = 3
readout = "weighted"
gain = 10
[model.loss]
type = "cross_entropy"
[train]
epochs = 4
batch_size = 20
optimiser = { type = "adam", learning_rate = 0.01 }
"""


class Spikes(ProgramTest):
    def figures(self, *words):
        return {name: figure["value"] for name, figure in self.json_of(*words)["figures"].items()}

    def test_numbers_become_spikes_and_attacks_go_through_them(self):
        thirds(self.folder / "thirds.npz")
        self.write("net.toml", learns(8, ENCODER))
        one, two = (self.figures("run", "net.toml", "--threads", n, "--out", f"t{n}") for n in "12")
        self.assertEqual([one[name] for name in ("train_loss", "test_loss")], [two[name] for name in ("train_loss", "test_loss")])
        self.assertGreater(one["test_accuracy"], 0.9)
        evaluated = [self.json_of("eval", "t1") for _ in range(2)]
        self.assertEqual(evaluated[0], evaluated[1])  # draws are fixed while evaluated
        self.assertEqual(evaluated[0]["accuracy"], one["test_accuracy"])

        words = ("attack", "t1", "--attack", "pgd,hop-skip-jump", "--epsilon", "0.1,0.3", "--samples", "60", "attacks.1.steps=3")
        plain = self.figures(*words, "--no-probes", "--out", "plain")
        averaged = self.figures(*words, "--eot", "4", "--no-probes", "--out", "averaged")
        for found in plain, averaged:
            self.assertGreater(found["clean_accuracy"], 0.85)
            self.assertLess(found["accuracy_pgd"][1], 0.3)  # 0.3 of 0.45 and draws of one third: the straight-through gradient sees
            self.assertLess(found["accuracy_hop_skip_jump"][1], found["clean_accuracy"])
        self.assertEqual(plain["accuracy_hop_skip_jump"], averaged["accuracy_hop_skip_jump"])  # it sees no gradients
        self.assertIn("eot = 4", (self.folder / "averaged/experiment.toml").read_text())
        self.figures(*words[:2], "--attack", "pgd", "--epsilon", "0.1", "--samples", "60", "--out", "probed")
        page = (self.folder / "probed/report.html").read_text()
        self.assertTrue("drawn at random; average gradients over draws" in page, "no warning")

        self.write("still.toml", learns(1, ENCODER).replace('units = 24', 'units = 4\nsoft_spikes = true'))
        self.neurarium("run", "still.toml", "model.layers.0.soft_spikes=true", "--out", "still")
        message = self.fails(2, "attack", "still", "--eot", "4", "--epsilon", "0.1")
        self.assertIn("still draws nothing at random", message)
        both = self.figures("attack", "t1", "still", "--attack", "pgd", "--epsilon", "0.1", "--samples", "20", "--eot", "2",
                            "--no-probes", "--out", "both")  # fmt: skip
        self.assertIn("still_accuracy_pgd", both)
        self.assertIn("eot", self.fails(2, "attack", "t1", "--eot", "0"))

    def test_adversarial_training_of_a_network_that_draws(self):
        thirds(self.folder / "thirds.npz")
        self.write("net.toml", learns(4, ENCODER))
        against = self.figures("run", "net.toml", "train.adversarial.epsilon=0.1", "--out", "against")
        self.assertGreater(against["test_accuracy"], 0.8)

    def test_samples_that_are_spikes(self):
        write_npz(self.folder / "events.npz", **events(240), **events(90, "_test"),
                  n_steps=npy((1,), [15], "<i8", "q"), n_units=npy((1,), [6], "<i8", "q"))  # fmt: skip
        self.write("net.toml", learns(8, 'dataset = "events.npz"'))
        found = self.figures("run", "net.toml", "--out", "trained")
        self.assertGreater(found["test_accuracy"], 0.9)
        self.assertEqual(self.json_of("eval", "trained")["accuracy"], found["test_accuracy"])
        self.neurarium("eval", "trained", "--out", "answers.npz")
        self.assertTrue((self.folder / "answers.npz").exists())
        self.assertIn("are spikes, but attacks change numbers", self.fails(2, "attack", "trained", "--epsilon", "0.1"))
        message = self.fails(2, "run", "net.toml", "train.adversarial.epsilon=0.1", "--out", "against")
        self.assertIn("the samples are spikes, but it changes numbers", message)
        self.assertIn("holds spikes, but samples of numbers are needed here", self.fails(3, "run", "digit-cnn", "dataset=events.npz"))
        self.write("times.toml", TIMES)
        self.assertGreater(self.figures("run", "times.toml", "--out", "timed")["test_accuracy"], 0.8)
        checked = self.json_of("gradcheck", "times.toml")
        self.assertTrue(checked["passed"])
        self.assertEqual([row["name"] for row in checked["rows"]], ["eventprop_lif1.weight", "spike_integrator1.weight"])
        self.assertIn("soft_spikes = true", self.neurarium("gradcheck", "net.toml", code=1)[1])
        bad = events(240)
        bad["i"] = whole([9] + [0] * 10)
        write_npz(self.folder / "bad.npz", **bad, n_steps=npy((1,), [15], "<i8", "q"), n_units=npy((1,), [6], "<i8", "q"))
        self.assertIn("they must be equally many", self.fails(3, "run", "net.toml", "dataset=bad.npz"))

    def test_sounds_as_a_file(self):
        words = ("fibres=6", "steps=40", "classes=3", "phase=per_sample", "--seed", "3")
        told = self.json_of("data", "make", "interaural-phase", "sounds.npz", "--samples", "200", "--test-samples", "60", *words)
        self.assertEqual((told["train_samples"], told["test_samples"], told["n_steps"], told["n_units"]), (200, 60, 40, 12))
        out, _ = self.neurarium("data", "make", "interaural-phase", "fewer.npz", "--samples", "50", "--test-samples", "0", *words)
        self.assertIn("fewer.npz: 50 + 0 samples of 40 steps, 12 units", out)
        with zipfile.ZipFile(self.folder / "sounds.npz") as many, zipfile.ZipFile(self.folder / "fewer.npz") as few:
            units = [archive.read("i.npy")[128:] for archive in (many, few)]
            self.assertLessEqual({"interaural_phase.npy", "stimulus_phase_test.npy"}, set(many.namelist()))
        self.assertTrue(units[0].startswith(units[1]))  # fewer are the first of more
        self.write("net.toml", learns(4, 'dataset = "sounds.npz"'))
        self.assertGreater(self.figures("run", "net.toml", "--out", "trained")["test_accuracy"], 0.5)
        for code, text, *wrong in ((2, "steps", "steps=0"), (2, "did you mean", "fibers=3"), (2, "Hz", "frequency=loud")):
            self.assertIn(text, self.fails(code, "data", "make", "interaural-phase", "wrong.npz", *wrong))
        self.assertIn(".npz", self.fails(2, "data", "make", "interaural-phase", "sounds.txt"))
        self.assertFalse((self.folder / "wrong.npz").exists())


if __name__ == "__main__":
    unittest.main()
