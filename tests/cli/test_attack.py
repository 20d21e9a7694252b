"""neurarium attack: how little must change for a run's network to be wrong, and what the verb says to bad input."""

import json
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, npy, write_npz  # noqa: E402
from test_convert import NET, clouds  # noqa: E402


class Attack(ProgramTest):
    def setUp(self):
        super().setUp()
        clouds(self.folder / "clouds.npz")
        self.write("net.toml", NET)
        self.neurarium("run", "net.toml", "--out", "trained")

    def attacked(self, *words):
        return {name: figure["value"] for name, figure in self.json_of("attack", *words)["figures"].items()}

    def test_epsilon_zero_is_the_clean_accuracy_and_curves_only_fall(self):
        found = self.attacked("trained", "--attack", "fgsm,pgd,square", "--epsilon", "0,0.5,1.5", "attacks.2.queries=50",
                              "--out", "attacked")  # fmt: skip
        clean = self.json_of("eval", "trained")["accuracy"]
        self.assertEqual(found["clean_accuracy"], clean)
        for name in ("accuracy_fgsm", "accuracy_pgd", "accuracy_square", "worst_case_linf"):
            self.assertEqual(found[name][0], clean)
            self.assertEqual(found[name], sorted(found[name], reverse=True))
        for fgsm, pgd, square, worst in zip(*(found[name] for name in ("accuracy_fgsm", "accuracy_pgd", "accuracy_square",
                                                                       "worst_case_linf"))):  # fmt: skip
            self.assertLessEqual(worst, min(fgsm, pgd, square))
        self.assertLess(found["worst_case_linf"][2], clean)
        for name in ("changed-pgd", "smallest-pgd", "changed-square"):
            self.assertTrue((self.folder / f"attacked/arrays/{name}.npy").exists(), name)
        self.assertTrue((self.folder / "attacked/report.html").exists())

    def test_settings_of_one_attack(self):
        found = self.json_of("attack", "trained", "--attack", "pgd,pgd", "--norm", "l2", "--epsilon", "1", "--no-probes",
                             "attacks.1.steps=3", "--out", "attacked")["figures"]  # fmt: skip
        self.assertIn("accuracy_pgd_2", found)
        experiment = (self.folder / "attacked/experiment.toml").read_text()
        self.assertEqual(experiment.count('norm = "l2"'), 2)
        self.assertIn("steps = 3", experiment)

    def test_a_radius_may_be_a_quotient(self):
        self.neurarium("attack", "trained", "--attack", "fgsm", "--epsilon", "8/255, 16/255", "--no-probes", "--out", "a")
        self.assertIn(f"epsilon = [{8 / 255!r}, {16 / 255!r}]", (self.folder / "a/experiment.toml").read_text())
        self.write("attack.toml", 'study = "attack-network"\nruns = ["trained"]\nattacks = ["fgsm"]\n'
                   'epsilon = ["8/255", "16/255"]\nlook_for_masking = false\n')  # fmt: skip
        self.neurarium("run", "attack.toml", "attacks.0.norm=linf", "--out", "b")
        one, two = (self.json_of("attack", "trained", "--attack", "fgsm", "--epsilon", "8/255,16/255", "--no-probes", "--out", "a")
                    ["figures"], self.json_of("run", "attack.toml", "attacks.0.norm=linf", "--out", "b")["figures"])  # fmt: skip
        self.assertEqual(one, two)

    def test_settings_of_adversarial_training_without_a_radius(self):
        for setting in ("attack.type=pgd", "attack.steps=3", "bounds=[-5,5]"):
            words = ["train.adversarial.attack.type=pgd"] if "steps" in setting else []
            message = self.fails(2, "run", "net.toml", *words, "train.adversarial." + setting, "--out", "idle")
            self.assertIn("set train.adversarial.epsilon", message)
            self.assertFalse((self.folder / "idle").exists())
        self.neurarium("run", "trained/experiment.toml", "--out", "again")  # where every default is written out

    def test_a_sweep_over_radii_may_begin_at_none(self):
        rows = {}
        self.neurarium("sweep", "net.toml", "train.epochs=1", "train.adversarial.epsilon=0,0.5",
                       "train.adversarial.attack.type=pgd", "train.adversarial.attack.steps=2", "--out", "radii")  # fmt: skip
        for path in (self.folder / "radii/members").glob("*/report.json"):
            figures = json.loads(path.read_text())["figures"]
            rows["epsilon = 0.5" in (path.parent / "experiment.toml").read_text()] = figures["train_loss"]["value"]
        plain = self.json_of("run", "net.toml", "train.epochs=1", "--out", "plain")["figures"]["train_loss"]["value"]
        self.assertEqual(rows[False], plain)  # ε = 0 is training without an adversary
        self.assertNotEqual(rows[True], plain)

    def test_several_networks_attack_one_another(self):
        self.neurarium("convert", "trained", "--to", "gaussian", "--out", "finite")
        found = self.attacked("trained", "finite", "--attack", "pgd", "--epsilon", "1", "--no-probes")
        self.assertEqual(len(found["transfer_linf_from_trained"]), 2)
        self.assertIn("finite_worst_case_linf", found)

    def test_threads_change_nothing(self):
        words = ("trained", "--attack", "pgd,square,hop-skip-jump", "--epsilon", "0.5,1", "attacks.1.queries=30",
                 "attacks.2.steps=2")  # fmt: skip
        self.assertEqual(self.attacked(*words, "--threads", "1", "--out", "one"),
                         self.attacked(*words, "--threads", "2", "--out", "two"))  # fmt: skip

    def test_adversarial_training(self):
        plain = self.attacked("trained", "--attack", "pgd", "--epsilon", "0.6", "--no-probes")
        self.neurarium("run", "net.toml", "train.adversarial.epsilon=0.6", "--out", "against")
        against = self.attacked("against", "--attack", "pgd", "--epsilon", "0.6", "--no-probes")
        self.assertGreaterEqual(against["worst_case_linf"][0], plain["worst_case_linf"][0])
        one, two = (self.json_of("run", "net.toml", "train.adversarial.epsilon=0.6", "--threads", n, "--out", f"t{n}")
                    for n in "12")  # fmt: skip
        self.assertEqual(one["figures"]["test_loss"], two["figures"]["test_loss"])

    def test_a_stop_is_a_stop(self):
        # A signal that runs its handler on the stack of a thread that multiplies matrices may break anything.
        for delay in range(1, 9):
            process = self.start("attack", "trained", "--attack", "apgd,pgd,square", "--epsilon", "0.01,0.02,0.03",
                                 "attacks.0.iterations=100000", "--out", f"stopped{delay}")  # fmt: skip
            self.wait_for(f"stopped{delay}/run.json", process)
            time.sleep(0.1 * delay)
            code, _, err = self.stop(process)
            self.assertEqual(code, 130, err)

    def test_messages(self):
        def says(code, text, *words):
            message = self.fails(code, "attack", *words)
            self.assertIn(text, message)
            self.assertEqual(len([line for line in message.splitlines() if line.startswith("neurarium:")]), 1, message)

        says(2, "≥ 0", "trained", "--epsilon=-0.1")
        says(2, "wide", "trained", "--epsilon", "80")
        says(2, "named twice", "trained", "./trained")
        says(2, "small to large", "trained", "--epsilon", "0.2,0.1")
        says(2, "--attack: found an empty word, expected A,B…", "trained", "--attack", "")
        says(2, "--epsilon: found an empty word, expected E,F…", "trained", "--epsilon", "")
        says(2, "--attack fgsm,pgd", "trained", "--attack", "fgsm,,pgd")
        says(2, "--epsilon 0.05,8/255", "trained", "--epsilon", "0.1,")
        says(2, "'8/0' is not a number", "trained", "--epsilon", "8/0")
        says(2, "`neurarium attack --help`", "trained", "--epsilom", "8/255")
        says(2, "did you mean 'pgd'", "trained", "--attack", "pdg")
        says(2, "linf", "trained", "--norm", "l3")
        says(2, "attacks.5", "trained", "attacks.5.steps=3")
        says(2, "bounds", "trained", "bounds=[1,0]")
        says(2, "attacks.1.loss to margin or scale-free", "trained", "--attack", "ensemble", "--epsilon", "0.5")  # 3 classes
        for setting in ("epsilon=[0.2,0.1]", "epsilon=[0.1,0.1]", "epsilon=[-1]", "bounds=[1,0]"):  # before data are read
            says(2, setting.split("=")[0], "nowhere", setting)
            self.assertIn(setting.split("=")[0], self.fails(2, "run", "gaussian-robustness", "dataset=mnist", setting))
        says(3, "nowhere", "nowhere")
        says(2, "did you mean 'loss'", "trained", "--attack", "pgd", "attacks.0.los=dlr")
        write_npz(self.folder / "wide.npz", x=npy((3, 7), [0] * 21), y=npy((3,), [0, 1, 2], "<i8", "q"))
        says(2, "wide", "trained", "--data", "wide.npz", "--split", "train")
        write_npz(self.folder / "labels.npz", x=npy((3, 6), range(18)), y=npy((3,), [0, 1, 9], "<i8", "q"))
        says(3, "label 9 of sample 2 is outside 0 … 2", "trained", "--data", "labels.npz", "--split", "train")
        write_npz(self.folder / "same.npz", x=npy((3, 6), [0] * 18), y=npy((3,), [0, 1, 2], "<i8", "q"))
        says(2, "all numbers of the data are the same", "trained", "--data", "same.npz", "--split", "train")
        write_npz(self.folder / "bare.npz", x=npy((3, 6), [0] * 18))
        says(3, "no labels", "trained", "--data", "bare.npz", "--split", "train")
        self.neurarium("run", "gaussian-conversion", "--preset", "notebook", "--out", "neuron")
        says(2, "keeps no network", "neuron")


if __name__ == "__main__":
    unittest.main()
