"""neurarium run uncertainty: what a run's network knows of its own samples and of others."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, npy, write_npz  # noqa: E402
from test_eval import CLASSES, quarters  # noqa: E402


class Uncertainty(ProgramTest):
    def setUp(self):
        super().setUp()
        quarters(self.folder / "quarters.npz")
        self.write("net.toml", CLASSES.format(data="quarters.npz"))
        self.neurarium("run", "net.toml", "--out", "trained")

    def asked(self, *settings):
        return self.json_of("run", "uncertainty", "run=trained", *settings)

    def test_figures_of_every_set_are_there(self):
        write_npz(self.folder / "dark.npz", x=npy((9, 6, 6), [0] * 324, "|u1", "B"))
        found = self.asked("other=dark.npz", "--out", "asked")
        figures = found["figures"]
        self.assertEqual(figures["accuracy"]["value"], self.json_of("eval", "trained")["accuracy"])
        for name in ("uniform_noise", "gaussian_noise", "shuffled_pixels", "times_2", "times_10", "other"):
            for what in ("confidence", "auroc", "fpr95"):
                self.assertTrue(0 <= figures[f"{what}_{name}"]["value"] <= 1, f"{what}_{name}")
        self.assertGreater(figures["confidence_times_10"]["value"], 0.99)
        self.assertIn("pass for familiar", found["answer"])
        self.assertTrue((self.folder / "asked/report.html").exists())
        self.assertTrue((self.folder / "asked/arrays/detection.npy").exists())

    def test_all_right_has_no_temperature_and_says_so(self):
        # The network reads all of the few pictures it has learned.
        found = self.asked("--out", "asked")
        self.assertNotIn("temperature", found["figures"])
        self.assertIn("is wrong", (self.folder / "asked/report.html").read_text())

    def test_threads_change_nothing(self):
        one = self.asked("--threads", "1", "--out", "one")["figures"]
        two = self.asked("--threads", "2", "--out", "two")["figures"]
        self.assertEqual(one, two)

    def test_other_data_count_as_what_they_are(self):
        for name in ("dark.npz", "dim.npz"):
            write_npz(self.folder / name, x=npy((9, 6, 6), [0] * 324, "|u1", "B"))
        write_npz(self.folder / "light.npz", x=npy((9, 6, 6), [200] * 324, "|u1", "B"))
        runs = [self.asked(f"other={name}.npz")["run"] for name in ("dark", "dim", "light")]
        self.assertEqual(runs[0], runs[1])
        self.assertNotEqual(runs[0], runs[2])
        self.assertIn(str(self.folder / "dark.npz"), (self.folder / runs[0] / "experiment.toml").read_text())

    def test_messages(self):
        self.assertIn("run:", self.fails(2, "run", "uncertainty"))
        self.assertIn("nowhere", self.fails(3, "run", "uncertainty", "run=nowhere"))
        self.assertIn("no finite Gaussian layers", self.fails(2, "run", "uncertainty", "run=trained", "score=support"))
        self.assertIn("max-softmax", self.fails(2, "run", "uncertainty", "run=trained", "score=max-softmx"))
        write_npz(self.folder / "wide.npz", x=npy((3, 7, 7), [0] * 147, "|u1", "B"))
        message = self.fails(2, "run", "uncertainty", "run=trained", "other=wide.npz")
        self.assertIn("wide.npz: expected shape [6, 6], found [7, 7]", message)
        before = sorted(self.folder.glob("runs/*"))
        self.assertIn("missing.npz", self.fails(3, "run", "uncertainty", "run=trained", "other=missing.npz"))
        self.assertIn("did you mean", self.fails(2, "run", "uncertainty", "run=trained", "other=fashon-mnist"))
        self.assertEqual(sorted(self.folder.glob("runs/*")), before)  # known before anything was made


if __name__ == "__main__":
    unittest.main()
