"""Long runs of a local rule: kill, a disk that fills up, a directory that goes away, numbers that are no longer finite, and
Ctrl-C while photographs are read. What is lost is at most the time since the last checkpoint."""

import json
import math
import os
import pathlib
import resource
import shutil
import signal
import struct
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, npy, write_npz  # noqa: E402
from photographs import write_png  # noqa: E402

SIDE = 8


def pictures(path, samples=2000, outlier=None):
    """Pictures of SIDE × SIDE: a bright bar at a place of its own. `outlier`: how bright number 1500 is."""
    numbers = []
    for i in range(samples):
        bar, scale = (i * 37) % SIDE, (outlier if i == 1500 and outlier else 1)
        numbers += [scale * (0.9 if column == bar else 0.05 + (i % 7) / 50) for _ in range(SIDE) for column in range(SIDE)]
    write_npz(path, x=npy((samples, SIDE, SIDE), numbers))


MAP = """study = "topographic-map"
dataset = "pictures.npz"
[data]
crop = 0
[model]
type = "topographic_map"
rows = 12
columns = 12
[train]
epochs = {epochs}
shuffle = {shuffle}
checkpoint_seconds = {seconds}
[analysis]
images = []
held_out = 50
control = false
compare_fidelity = false
"""


class LongRuns(ProgramTest):
    def map(self, epochs=1, seconds=0.02, shuffle=True):
        self.write("map.toml", MAP.format(epochs=epochs, seconds=seconds, shuffle=str(shuffle).lower()))

    def checkpoint(self, run):
        """(counters, arrays as lists of numbers) of the checkpoint: its header is JSON."""
        content = (self.folder / run / "checkpoint.safetensors").read_bytes()
        size = struct.unpack("<Q", content[:8])[0]
        header = json.loads(content[8 : 8 + size])
        counters = header.pop("__metadata__")
        arrays = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            code = {"F32": "f", "F64": "d"}.get(entry["dtype"])
            if code:
                data = content[8 + size + begin : 8 + size + end]
                arrays[name] = struct.unpack(f"<{len(data) // struct.calcsize(code)}{code}", data)
        return counters, arrays

    def changed_since(self, run, before, process):
        """Waits until the checkpoint is another one than `before`; returns its time."""
        path = self.folder / run / "checkpoint.safetensors"
        deadline = time.monotonic() + 60
        while not path.exists() or path.stat().st_mtime_ns == before:
            self.assertIsNone(process.poll(), "the run ended too soon")
            self.assertLess(time.monotonic(), deadline, "no checkpoint came")
            time.sleep(0.002)
        return path.stat().st_mtime_ns

    def test_kill_in_the_middle_of_an_epoch(self):
        pictures(self.folder / "pictures.npz", samples=12000)
        self.map(epochs=8, seconds=0)
        self.neurarium("run", "map.toml", "--out", "whole", "--quiet")
        process = self.start("run", "map.toml", "--out", "killed")
        in_the_middle, reached = 0, 0
        for _ in range(3):
            before = 0
            for _ in range(4):
                before = self.changed_since("killed", before, process)
            self.assertEqual(self.stop(process, signal.SIGKILL)[0], -signal.SIGKILL)
            counters, arrays = self.checkpoint("killed")
            in_the_middle += int(counters["sample"]) > 0
            self.assertGreater(int(counters["epoch"]) * 12000 + int(counters["sample"]), reached)  # none began anew
            reached = int(counters["epoch"]) * 12000 + int(counters["sample"])
            self.assertTrue(all(math.isfinite(x) for array in arrays.values() for x in array))
            process = self.start("run", "--resume", "killed")
        self.assertGreater(in_the_middle, 0, "every kill hit the end of an epoch")
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0)
        self.assertIn("the same bits", self.neurarium("compare", "--exact", "whole", "killed")[0])
        self.no_half_written_files("killed")

    def test_a_checkpoint_is_written_after_each_epoch(self):
        pictures(self.folder / "pictures.npz", samples=500)
        self.map(epochs=100000, seconds=1000)
        process = self.start("run", "map.toml", "--out", "out")
        self.changed_since("out", 0, process)
        self.stop(process, signal.SIGKILL)
        counters, _ = self.checkpoint("out")
        self.assertEqual(counters["sample"], "0")
        self.assertGreater(int(counters["epoch"]), 0)

    def test_a_disk_that_fills_up_keeps_the_last_good_checkpoint(self):
        # A limit on the size of files, set from outside while it runs, stands for the full disk: it needs no privileges.
        pictures(self.folder / "pictures.npz")
        self.map(epochs=100000)
        process = self.start("run", "map.toml", "--out", "out", "--quiet",
                             preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))  # fmt: skip
        self.changed_since("out", 0, process)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (20000, 20000))
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (1, ""))
        self.assertRegex(err, r"checkpoint\.safetensors: can't write: File too large")
        counters, arrays = self.checkpoint("out")
        self.assertTrue(all(math.isfinite(x) for array in arrays.values() for x in array))
        self.assertEqual(self.run_record("out")["status"], "failed")
        self.no_half_written_files("out")
        self.assertIn("go on with --resume", self.fails(2, "run", "map.toml", "--out", "out"))
        process = self.start("run", "--resume", "out", "--quiet")  # with room again, it goes on
        self.changed_since("out", (self.folder / "out/checkpoint.safetensors").stat().st_mtime_ns, process)
        self.stop(process)
        later = self.checkpoint("out")[0]
        self.assertGreater((int(later["epoch"]), int(later["sample"])), (int(counters["epoch"]), int(counters["sample"])))

    def test_a_directory_that_goes_away(self):
        pictures(self.folder / "pictures.npz")
        self.map(epochs=100000)
        process = self.start("run", "map.toml", "--out", "out", "--quiet")
        self.changed_since("out", 0, process)
        (self.folder / "out").rename(self.folder / "moved")
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (1, ""))
        self.assertRegex(err, r"out/\S+: can't [a-z ]+: No such file or directory")
        self.checkpoint("moved")

    def diverges_at_sample_1500(self, brightness, message):
        pictures(self.folder / "pictures.npz", outlier=brightness)
        self.map(seconds=0, shuffle=False)
        err = self.fails(4, "run", "map.toml", "model.fidelity=notebook", "--out", "out")
        self.assertRegex(err, message)
        self.assertIn("the last good state is kept in out/checkpoint.safetensors", err)
        record = self.run_record("out")
        self.assertEqual((record["status"], record["exit_status"]), ("diverged", 4))
        counters, arrays = self.checkpoint("out")
        self.assertEqual(counters["epoch"], "0")
        self.assertTrue(0 < int(counters["sample"]) <= 1500, counters)
        self.assertTrue(all(math.isfinite(x) for array in arrays.values() for x in array))
        self.assertLess(max(arrays["weights"]), 10)
        self.assertRegex(self.fails(4, "run", "--resume", "out"), message)  # it can be read, and leads to the same end
        self.checkpoint("out")
        self.neurarium("run", "map.toml", "model.fidelity=notebook", "train.samples=1500", "--out", "before", "--quiet")

    def test_numbers_that_are_no_longer_finite(self):
        # The bright sample is infinite in float32; so are the weights that it leaves, and the next reconstruction shows it.
        self.diverges_at_sample_1500(1e300, r"in epoch 1: not a finite number at step 150[01]\b")

    def test_weights_that_run_away(self):
        # They stay finite: without a limit the run would end well, 600 dB beside the truth.
        self.diverges_at_sample_1500(1e38, r"in epoch 1: has run away at step (1[5-9]\d\d|2000): .* expected at most 1e12")

    def test_weights_of_the_user_that_overflow_at_once(self):
        pictures(self.folder / "pictures.npz")
        self.map()
        (self.folder / "large.npy").write_bytes(npy((144, 64), [3e38] * (144 * 64), "<f4", "f"))
        err = self.fails(4, "run", "map.toml", "model.weights=large.npy", "--out", "out", "--quiet")
        self.assertRegex(err, r"in epoch 1: not a finite number at step 0\b")
        self.assertFalse((self.folder / "out/checkpoint.safetensors").exists())

    def test_again_keeps_the_old_result_until_there_is_a_new_one(self):
        pictures(self.folder / "pictures.npz", samples=500)
        self.map()
        self.neurarium("run", "map.toml", "--out", "out", "--quiet")
        files = ("report.json", "report.html", "run.json", "checkpoint.safetensors")
        before = {name: (self.folder / "out" / name).read_bytes() for name in files}
        data = (self.folder / "pictures.npz").read_bytes()

        def no_threads():  # no room for their stacks; the super-user may have any number of them
            resource.setrlimit(resource.RLIMIT_AS, (1500 << 20, 1500 << 20))

        self.fails(1, "run", "out", "--again", "--threads", 1000, "--quiet", preexec_fn=no_threads)
        self.assertEqual(before, {name: (self.folder / "out" / name).read_bytes() for name in files})
        self.neurarium("run", "out", "--again", "--quiet")
        self.assertNotEqual(before["run.json"], (self.folder / "out/run.json").read_bytes())
        self.assertEqual(data, (self.folder / "pictures.npz").read_bytes())


class Photographs(ProgramTest):
    def settings(self, **more):
        words = {"data.patch": 6, "data.patches": 2000, "model.rows": 5, "model.columns": 5, "train.epochs": 1,
                 "analysis.images": "[]", "analysis.held_out": 100, "analysis.control": "false",
                 "analysis.compare_fidelity": "false", **more}  # fmt: skip
        return [f"{key}={value}" for key, value in words.items()]

    def test_ctrl_c_while_photographs_are_read(self):
        folder = self.folder / "photos"
        folder.mkdir()
        write_png(folder / "0000.png", 1000, 1500)
        for i in range(1, 800):
            os.link(folder / "0000.png", folder / f"{i:04}.png")
        for waiting in (0.4, 2.5):
            process = self.start("run", "topographic-map", "dataset=images:photos", *self.settings(), "--out", "out")
            self.wait_for("out/run.json", process)
            time.sleep(waiting)
            self.assertIsNone(process.poll())
            begin = time.monotonic()
            code, out, err = self.stop(process)
            self.assertEqual((code, out), (130, ""))
            self.assertLess(time.monotonic() - begin, 20)  # a hang, not a matter of speed
            self.assertIn("stopped while", err)
            shutil.rmtree(self.folder / "out")

    def test_run_twice_resume_and_skip(self):
        folder = self.folder / "photos"
        (folder / "more").mkdir(parents=True)
        for i in range(6):
            write_png(folder / f"{i}.png", 30 + i, 40)
        write_png(folder / "more/tiny.png", 4, 4)
        (folder / "note.txt").write_text("hello")
        (folder / "cut.png").write_bytes((folder / "0.png").read_bytes()[:200])
        words = ("run", "topographic-map", "dataset=images:photos", *self.settings())
        err = self.neurarium(*words, "--out", "one")[1]
        self.assertIn("skipped note.txt: is neither a PNG nor a JPEG", err)
        self.assertIn("skipped cut.png: is a PNG that can't be read: it ends too early", err)
        self.neurarium(*words, "--out", "two", "--threads", 2, "--quiet")
        self.neurarium("compare", "--exact", "one", "two")
        self.assertEqual(self.run_record("one")["choices"]["photographs"], "7 read, 2 files skipped")
        self.assertIn("holds another experiment", self.fails(2, *words, "--seed", 3, "--out", "one"))
        write_png(folder / "7.png", 30, 30)
        self.assertIn("photos has changed since the run began", self.fails(2, *words, "--out", "one"))


if __name__ == "__main__":
    unittest.main()
