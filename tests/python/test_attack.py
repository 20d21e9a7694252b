"""nr.attack: how little must change for a network in Python to be wrong."""

import pathlib
import tempfile
import unittest
import warnings

import numpy as np

import neurarium as nr


def clouds(samples, seed):
    """Three clouds of points in ten dimensions that overlap a little, in [0, 1]."""
    random = np.random.default_rng(seed)
    y = np.arange(samples) % 3
    return np.clip(0.35 + 0.3 * np.eye(10)[y] + 0.12 * random.normal(size=(samples, 10)), 0, 1), y


def quietly(call):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()


class Attack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        x, y = clouds(600, 0)
        cls.x, cls.y = clouds(200, 1)
        cls.line = nr.Sequential([nr.layers.Dense(units=3)], inputs=[10], loss="cross_entropy", scalar="float64")
        cls.net = nr.Sequential([nr.layers.Dense(units=16, activation="tanh"), nr.layers.Dense(units=3)], inputs=[10], loss="cross_entropy",
                                scalar="float64")
        for model in (cls.line, cls.net):
            model.fit(x, y, epochs=20, optimiser=nr.optimisers.Adam(learning_rate=0.02))

    def right(self, model, x):
        return model.logits(x).argmax(1) == self.y

    def test_fgsm_by_its_definition(self):
        """Of a linear network ∂E/∂x is (softmax(z) − onehot) W."""
        w, b = self.line.dense1.weight, self.line.dense1.bias
        z = self.x @ w.T + b
        p = np.exp(z - z.max(1, keepdims=True))
        slope = (p / p.sum(1, keepdims=True) - np.eye(3)[self.y]) @ w
        radii = [0.02, 0.05, 0.1]
        found = nr.attack(self.line, self.x, self.y, "fgsm", epsilon=radii, bounds=(0, 1), look_for_masking=False)
        smallest = np.where(self.right(self.line, self.x), np.inf, 0)
        for e in reversed(radii):
            fooled = ~self.right(self.line, np.clip(self.x + e * np.sign(slope), 0, 1))
            smallest = np.where(fooled & (smallest > 0), e, smallest)
        np.testing.assert_allclose(found.outcomes["fgsm"].smallest, smallest, rtol=1e-9)
        np.testing.assert_array_equal(found.outcomes["fgsm"].accuracy, [(smallest > e).mean() for e in radii])
        self.assertGreater(found.outcomes["fgsm"].accuracy[0], found.outcomes["fgsm"].accuracy[-1])
        self.assertEqual(found.clean_accuracy, self.right(self.line, self.x).mean())

    def test_deepfool_finds_how_far_the_nearest_class_is(self):
        w, b = self.line.dense1.weight, self.line.dense1.bias
        z = self.x @ w.T + b
        least = np.full(len(self.x), np.inf)
        for k in range(3):
            away = np.linalg.norm(w[k] - w[self.y], axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                least = np.where(self.y == k, least, np.minimum(least, (z[np.arange(len(z)), self.y] - z[:, k]) / away))
        found = nr.attack(self.line, self.x, self.y, "deepfool", norm="l2", epsilon=5, bounds=(-10, 10), look_for_masking=False)
        outcome = found.outcomes["deepfool"]
        self.assertEqual(outcome.norm, "l2")
        clean = self.right(self.line, self.x)
        np.testing.assert_array_equal(outcome.smallest[~clean], 0)
        np.testing.assert_allclose(outcome.smallest[clean], least[clean], rtol=0.03)  # an overshoot of 2 %

    def test_what_it_reports_is_so(self):
        found = nr.attack(self.net, self.x, self.y, ["fgsm", nr.attacks.Pgd(steps=10), {"type": "square", "queries": 100}],
                          epsilon=[0, 0.03, 0.08], seed=3)
        self.assertEqual(list(found.outcomes), ["fgsm", "pgd", "square"])
        self.assertEqual(found.warnings, [])
        worst = np.full(len(self.x), np.inf)
        for outcome in found.outcomes.values():
            self.assertEqual(outcome.accuracy[0], found.clean_accuracy)
            self.assertEqual(outcome.changed.shape, self.x.shape)
            fooled = np.isfinite(outcome.smallest) & (outcome.smallest > 0)
            self.assertTrue(fooled.any())
            self.assertFalse(self.right(self.net, outcome.changed)[fooled].any())
            away = np.abs(outcome.changed - self.x).max(1)
            self.assertTrue((away <= 0.08 + 1e-12).all())
            np.testing.assert_allclose(away[fooled], outcome.smallest[fooled], atol=1e-12)
            self.assertTrue(((outcome.changed >= self.x.min()) & (outcome.changed <= self.x.max())).all())
            self.assertTrue((outcome.accuracy_or_refused >= outcome.accuracy).all())
            worst = np.minimum(worst, outcome.smallest)
        np.testing.assert_array_equal(found.worst_case["linf"].smallest, worst)
        np.testing.assert_array_equal(found.worst_case["linf"].accuracy, [(worst > e).mean() for e in (0, 0.03, 0.08)])
        self.assertLess(found.worst_case["linf"].accuracy[-1], found.clean_accuracy)
        for word in ("worst case", "0.08", "square", f"{100 * found.clean_accuracy:.1f} %"):
            self.assertIn(word, str(found))

    def test_threads_change_nothing_and_seeds_do(self):
        def once(**keys):
            found = nr.attack(self.net, self.x, self.y, nr.attacks.Pgd(steps=4), epsilon=[0.05], look_for_masking=False, **keys)
            return found.outcomes["pgd"].changed

        np.testing.assert_array_equal(once(threads=1), once(threads=2))
        self.assertTrue((once(seed=1) != once(seed=2)).any())

    def test_a_run_is_attacked_alike(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            x, y = clouds(300, 0)
            np.savez(folder / "clouds.npz", x=(255 * x).astype(np.uint8), y=y, x_test=(255 * self.x).astype(np.uint8), y_test=self.y)
            nr.run("train-network", out=folder / "net", dataset=str(folder / "clouds.npz"), seed=5, model={
                "layers": [{"type": "dense", "units": 8, "activation": "tanh"}, {"type": "dense", "units": 3}], "loss": "cross_entropy"},
                train={"epochs": 8})  # fmt: skip
            report = quietly(lambda: nr.run("attack-network", out=folder / "attacked", runs=[str(folder / "net")], seed=7, pictures=0,
                                            attacks=["fgsm", {"type": "pgd", "steps": 5}], epsilon=[0.02, "16/255"]))
            found = quietly(lambda: nr.attack(nr.load(folder / "net"), (255 * self.x).astype(np.uint8), self.y,
                                              ["fgsm", nr.attacks.Pgd(steps=5)], epsilon=[0.02, "16/255"], divisor=255, seed=7))
        for name, outcome in found.outcomes.items():
            np.testing.assert_array_equal(report.figures[f"accuracy_{name}"], outcome.accuracy)
        np.testing.assert_array_equal(report.figures["worst_case_linf"], found.worst_case["linf"].accuracy)
        self.assertEqual(found.worst_case["linf"].epsilon[1], 16 / 255)

    def test_what_hides_its_gradients_is_warned_of(self):
        masked = nr.convert(self.net, "gaussian", rule="scaled", scale=0.12)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = nr.attack(masked, self.x, self.y, ["pgd", nr.attacks.Square(queries=300)], epsilon=[0.1])
        self.assertEqual([str(w.message) for w in caught], found.warnings)
        self.assertTrue(all(w.category is UserWarning and w.filename == __file__ for w in caught))
        self.assertGreater(len(found.warnings), 0)
        self.assertIn("warning: " + found.warnings[0], str(found))

    def test_by_name(self):
        four = nr.Sequential([nr.layers.Dense(units=4)], inputs=[10], loss="cross_entropy")  # as many as a targeted dlr compares
        found = nr.attack(four, self.x[:20], self.y[:20], "ensemble", epsilon=0.05, look_for_masking=False)
        self.assertEqual(list(found.outcomes), ["apgd", "apgd-2", "square"])
        self.assertEqual({o.norm for o in found.outcomes.values()}, {"linf"})

        found = nr.attack(self.net, self.x, self.y, norm="l2", look_for_masking=False)
        self.assertEqual([(o.name, o.norm) for o in found.outcomes.values()], [("fgsm", "l2"), ("pgd", "l2")])

        found = nr.attack(self.net, self.x, self.y, ({"type": name} for name in ("deepfool", "fgsm")), epsilon=(e for e in (0.05, 0.1)),
                          norm="l2", look_for_masking=False)  # fmt: skip
        self.assertEqual([(o.name, o.norm) for o in found.outcomes.values()], [("deepfool", "l2"), ("fgsm", "l2")])
        self.assertEqual(found.bounds, (self.x.min(), self.x.max()))
        self.assertEqual(repr(found), str(found))
        self.assertIn("<fgsm in l2: ", repr(found.outcomes["fgsm"]))

    def test_progress(self):
        told = []
        nr.attack(self.net, self.x, self.y, "fgsm", epsilon=0.05, look_for_masking=False, progress=told.append)
        self.assertEqual((told[-1].phase, told[-1].done, told[-1].total), ("fgsm", 200, 200))

        class Enough(Exception):
            pass

        def enough(_):
            raise Enough

        with self.assertRaises(Enough):
            nr.attack(self.net, self.x, self.y, nr.attacks.Pgd(steps=20_000, early_stop=False), epsilon=0.01, progress=enough)

    def test_spikes_are_drawn_many_times(self):
        net = nr.Sequential([nr.layers.PoissonEncoder(steps=10, maximal_rate="400 Hz"), nr.layers.Lif(units=12), nr.layers.LeakyIntegrator(units=3)],
                            inputs=[10], loss="cross_entropy")  # fmt: skip
        net.fit(self.x, self.y, epochs=5, optimiser=nr.optimisers.Adam(learning_rate=0.02))
        found = nr.attack(net, self.x, self.y, nr.attacks.Pgd(steps=3), epsilon=0.2, eot=4, look_for_masking=False)
        self.assertLess(found.outcomes["pgd"].accuracy[0], found.clean_accuracy)
        for seed in (0, 3):  # of the attack; the network's draw is the one that answers
            pgd = nr.attack(net, self.x, self.y, nr.attacks.Pgd(steps=3), epsilon=0.2, seed=seed, look_for_masking=False).outcomes["pgd"]
            np.testing.assert_array_equal(pgd.smallest > 0, self.right(net, self.x.astype(np.float32)))
            self.assertFalse(self.right(net, pgd.changed)[np.isfinite(pgd.smallest) & (pgd.smallest > 0)].any())
        with self.assertRaisesRegex(nr.SpecError, "eot: the network draws nothing"):
            nr.attack(self.net, self.x, self.y, epsilon=0.2, eot=4)

    def test_bad_input(self):
        def refused(error, words, *args, **keys):
            with self.assertRaisesRegex(error, words):
                nr.attack(*(args or (self.net, self.x, self.y)), **{"epsilon": 0.1, **keys})

        refused(nr.SpecError, "epsilon", epsilon=-0.1)
        refused(nr.SpecError, "epsilon: 0.1 comes after 0.2", epsilon=[0.2, 0.1])
        refused(nr.SpecError, "epsilon: 3 is more than the data are wide", epsilon=3)
        refused(nr.SpecError, "pdg.*did you mean 'pgd'", attacks="pdg")
        refused(nr.SpecError, "step", attacks={"type": "pgd", "stepps": 3})
        refused(nr.SpecError, "attacks", attacks=[])
        for norm in ("l7", np.inf, 2):
            refused(ValueError, "norm: expected", norm=norm)
        refused(ValueError, "attacks.0. is measured in 'linf'", attacks=nr.attacks.Pgd(), norm="l2")
        refused(ValueError, "epsilon: there is none", epsilon=[])
        refused(ValueError, "bounds: there is none", bounds=[])
        refused(TypeError, "model: expected a network", "run", self.x, self.y)
        refused(nr.SpecError, "bounds", bounds=(1, 0))
        refused(nr.SpecError, "clean_coverage", clean_coverage=0)
        refused(ValueError, "divisor", divisor=0)
        refused(nr.ShapeError, "x: ", self.net, self.x[:, :9], self.y)
        refused(nr.ShapeError, "x: ", self.net, self.x[0], self.y)
        refused(nr.ShapeError, "y: ", self.net, self.x, self.y[:9])
        refused(nr.DataError, "label 3 of sample 0", self.net, self.x[:1], [3])
        refused(nr.DataError, "floating", self.net, self.x, self.y + 0.5)
        bad = self.x.copy()
        for eot in (1, 2):
            refused(nr.DataError, "there are no samples", self.net, self.x[:0], self.y[:0], bounds=(0, 1), eot=eot)
            for number in (np.nan, np.inf):
                bad[4, 2] = number
                refused(nr.DataError, "sample 4 has a number that is not finite", self.net, bad, self.y, eot=eot)
        refused(nr.DataError, "sample 0 holds", self.net, self.x, self.y, bounds=(0.4, 0.41), epsilon=0.001)
        units = nr.models.TopographicMap(rows=2, columns=2, inputs=10)
        with self.assertRaises(nr.NeurariumError):
            nr.attack(units, self.x, self.y, epsilon=0.1)
        refused(TypeError, "progress", progress=3)


if __name__ == "__main__":
    unittest.main()
