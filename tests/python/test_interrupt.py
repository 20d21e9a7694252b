"""Ctrl-C, and the interpreter's lock: heavy work stops soon, leaves its object in order, and lets other threads run."""

import os
import pathlib
import signal
import tempfile
import threading
import time
import unittest

import numpy as np

import neurarium as nr


def press_ctrl_c(after=0.3):
    """Ctrl-C, pressed while the main thread is in the engine."""
    timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    return timer


class Interrupt(unittest.TestCase):
    def test_observe(self):
        samples = np.random.default_rng(0).integers(0, 256, (400_000, 300), dtype=np.uint8)  # many seconds of work
        m = nr.models.TopographicMap(rows=20, columns=20, inputs=300, scalar="float64")
        timer = press_ctrl_c()
        with self.assertRaises(KeyboardInterrupt):
            m.observe(samples, divisor=255)
        timer.join()
        learned = m.samples_seen
        self.assertGreater(learned, 0)
        self.assertLess(learned, len(samples))
        # It holds exactly what it says it has learned, and goes on from there.
        again = nr.models.TopographicMap(rows=20, columns=20, inputs=300, scalar="float64")
        again.observe(samples[:learned], divisor=255)
        np.testing.assert_array_equal(m.weights, again.weights)
        for model in (m, again):
            model.observe(samples[learned:learned + 50], divisor=255)
        np.testing.assert_array_equal(m.weights, again.weights)

    def test_fit(self):
        random = np.random.default_rng(0)
        x, y = random.random((500, 20)), random.integers(0, 2, 500)
        net = nr.Sequential([nr.layers.Dense(units=30, activation="tanh"), nr.layers.Dense(units=2)], loss="cross_entropy")
        timer = press_ctrl_c()
        with self.assertRaises(KeyboardInterrupt):
            net.fit(x, y, epochs=1_000_000)
        timer.join()
        self.assertTrue(np.isfinite(net.dense1.weight).all())
        self.assertEqual(len(net.fit(x, y, epochs=2).loss), 2)

    def test_attack(self):
        random = np.random.default_rng(0)
        x, y = random.random((2000, 20)), random.integers(0, 2, 2000)
        net = nr.Sequential([nr.layers.Dense(units=300, activation="tanh"), nr.layers.Dense(units=2)], inputs=[20], loss="cross_entropy")
        before = net.dense1.weight.copy()
        timer = press_ctrl_c()
        with self.assertRaises(KeyboardInterrupt):
            nr.attack(net, x, y, nr.attacks.Pgd(steps=100_000, early_stop=False), epsilon=0.01)
        timer.join()
        # One light shard, of samples that are wrong already, and one heavy: Ctrl-C is seen while a single thread works
        labels = 1 - net.logits(x[:100].astype(np.float32)).argmax(1)
        timer, began = press_ctrl_c(), time.monotonic()
        with self.assertRaises(KeyboardInterrupt):
            nr.attack(net, x[:200], np.concatenate([labels, net.logits(x[100:200].astype(np.float32)).argmax(1)]),
                      nr.attacks.Pgd(steps=200_000, early_stop=False), epsilon=1e-6, threads=2)  # fmt: skip
        self.assertLess(time.monotonic() - began, 5)
        timer.join()
        np.testing.assert_array_equal(net.dense1.weight, before)

    def test_a_handler_of_ones_own(self):
        class Enough(Exception):
            pass

        def handler(*_):
            raise Enough

        old = signal.signal(signal.SIGUSR1, handler)
        self.addCleanup(signal.signal, signal.SIGUSR1, old)
        net = nr.Sequential([nr.layers.Dense(units=2)])
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        with self.assertRaises(Enough):
            net.fit(np.zeros((8, 3)), np.zeros((8, 2)), epochs=100_000_000)
        timer.join()


class InterruptedRuns(unittest.TestCase):
    SETTINGS = {"train.epochs": 60_000, "surface.step": 5.0, "surface.descent_steps": 5, "train.checkpoint_seconds": 3600}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_ctrl_c_writes_a_checkpoint_and_resume_ends_with_the_same_bits(self):
        pressed = []

        def once(progress):
            if progress.phase == "train" and not pressed:
                pressed.append(progress.done)
                os.kill(os.getpid(), signal.SIGINT)

        with self.assertRaises(KeyboardInterrupt) as caught:
            nr.run("xor-surface", out=self.folder / "a", progress=once, **self.SETTINGS)
        self.assertIsInstance(caught.exception, nr.Interrupted)
        self.assertIn("resume", str(caught.exception))
        self.assertTrue((self.folder / "a" / "checkpoint.safetensors").is_file())
        self.assertFalse((self.folder / "a" / "report.json").is_file())
        with self.assertRaisesRegex(nr.SpecError, "unfinished"):
            nr.run("xor-surface", out=self.folder / "a", **self.SETTINGS)
        resumed = nr.run("xor-surface", out=self.folder / "a", resume=True, **self.SETTINGS)
        whole = nr.run("xor-surface", out=self.folder / "b", **self.SETTINGS)
        self.assertEqual(resumed.figures, whole.figures)
        for name in whole.arrays:
            np.testing.assert_array_equal(resumed.arrays[name], whole.arrays[name])

    def test_what_a_progress_function_raises_stops_the_run_and_arrives(self):
        def angry(progress):
            raise ZeroDivisionError(progress.phase)

        with self.assertRaises(ZeroDivisionError):
            nr.run("xor-surface", out=self.folder / "c", progress=angry, **self.SETTINGS)


class OtherThreads(unittest.TestCase):
    def run_beside(self, work):
        """Whether another Python thread gets 10,000 turns while `work` runs."""
        begin, done = threading.Event(), threading.Event()

        def count():
            begin.wait()
            for _ in range(10_000):  # more than the interpreter gives one thread at a time
                sum(range(100))
            done.set()

        thread = threading.Thread(target=count)
        thread.start()
        begin.set()
        work()
        finished_meanwhile = done.is_set()
        thread.join()
        return finished_meanwhile

    def test_heavy_work_lets_them_run(self):
        slowly = nr.optimisers.Sgd(learning_rate=1e-4)
        m = nr.models.TopographicMap(rows=20, columns=20, inputs=300)
        samples = np.random.default_rng(0).random((20_000, 300))
        self.assertTrue(self.run_beside(lambda: m.observe(samples)))
        net = nr.Sequential([nr.layers.Dense(units=300, activation="tanh"), nr.layers.Dense(units=1)])
        self.assertTrue(self.run_beside(lambda: net.fit(samples, samples[:, 0], epochs=2, optimiser=slowly)))
        self.assertTrue(self.run_beside(lambda: m.respond(samples)))

    def test_one_model_in_many_threads_is_used_by_one_at_a_time(self):
        m = nr.models.TopographicMap(rows=10, columns=10, inputs=50, scalar="float64")
        samples = np.random.default_rng(0).random((64, 50))
        threads = [threading.Thread(target=lambda: [m.observe(samples[i:i + 1].repeat(1, 0)) for i in range(64)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(m.samples_seen, 256)
        self.assertTrue(np.isfinite(m.weights).all())


if __name__ == "__main__":
    unittest.main()
