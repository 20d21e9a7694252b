"""neurarium sweep: grids and seeds, one table out, failures, Ctrl-C and going on, the same sweep again."""

import csv
import json
import pathlib
import os
import re
import shutil
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, circle_data  # noqa: E402

QUICK = ["train.epochs=20", "surface.descent_steps=5"]


class Sweeps(ProgramTest):
    def table(self, folder):
        with open(self.folder / folder / "sweep.csv", newline="") as file:
            return list(csv.DictReader(file))

    def test_a_grid_for_several_seeds(self):
        out = self.json_of("sweep", "xor-surface", *QUICK, "surface.low=range(-1,1,1)", "surface.high=3,4.5", "--repeats", 2, "--out", "out")
        self.assertEqual((out["status"], out["finished"], out["failed"], out["seeds"]), ("finished", 12, 0, [0, 1]))
        self.assertEqual([list(point["settings"].values()) for point in out["points"]],
                         [[-1, 3], [-1, 4.5], [0, 3], [0, 4.5], [1, 3], [1, 4.5]])
        self.assertEqual(out["figure"], next(iter(out["figures"])))
        rows = self.table("out")
        self.assertEqual(len(rows), 12)
        self.assertEqual(list(rows[0])[:4], ["surface.low", "surface.high", "seed", "status"])
        self.assertEqual((rows[3]["surface.low"], rows[3]["surface.high"], rows[3]["seed"]), ("-1", "4.5", "1"))
        # A member is what the same run alone would be: the name, the numbers, and every verb works on it.
        alone = self.json_of("run", "xor-surface", *QUICK, "surface.low=-1", "surface.high=4.5", "--seed", 1)
        self.assertEqual(pathlib.Path(rows[3]["run"]).name, pathlib.Path(alone["run"]).name)
        self.assertEqual(float(rows[3]["surface_min"]), alone["figures"]["surface_min"]["value"])
        self.assertIn("the same bits", self.neurarium("compare", "--exact", alone["run"], rows[3]["run"])[0])
        self.neurarium("report", rows[3]["run"])
        self.assertEqual(self.run_record(rows[3]["run"])["threads"], 1)
        page = (self.folder / "out/report.html").read_text()
        for row in rows:
            link = f'href="members/{pathlib.Path(row["run"]).name}/report.html"'
            self.assertIn(link, page)
        self.assertIn("surface.low=range(-1,1,1)", page.replace("&#39;", ""))
        self.no_half_written_files("out")

    def test_the_numbers_of_a_point(self):
        self.network(epochs=1)
        out = self.json_of("sweep", "net.toml", "train.batch_size=100,200", "--repeats", 3, "--out", "out")
        values = [float(row["train_loss"]) for row in self.table("out") if row["train.batch_size"] == "200"]
        found = out["points"][1]["figures"]["train_loss"]
        mean = sum(values) / 3
        sd = (sum((x - mean) ** 2 for x in values) / 2) ** 0.5
        reach = 4.302652729911275 * sd / 3**0.5  # t(0.975, 2)
        self.assertGreater(sd, 0)
        for key, expected in ("n", 3), ("mean", mean), ("sd", sd), ("low", mean - reach), ("high", mean + reach):
            self.assertAlmostEqual(found[key], expected, delta=1e-9 * abs(expected))

    def test_started_again_it_computes_only_what_is_missing(self):
        words = ["sweep", "xor-surface", *QUICK, "surface.low=-1,0", "--repeats", 2]
        _, err = self.neurarium(*words)
        self.assertEqual(len(re.findall(r"(?m)^\[\d/4\] surface.low = -?\d, seed \d: finished after ", err)), 4)
        (folder,) = (self.folder / "runs").iterdir()
        self.assertRegex(folder.name, r"^xor-surface-sweep-[0-9a-f]{8}$")
        ended = {path: path.stat().st_mtime_ns for path in folder.glob("members/*/report.json")}
        self.assertEqual(len(ended), 4)
        _, err = self.neurarium(*words)
        self.assertIn("all runs are finished", err)
        _, err = self.neurarium("sweep", "xor-surface", *QUICK, "surface.low=-1,0", "--repeats", 3)  # more seeds: the same folder
        self.assertIn("4 of 6 runs are finished already", err)
        self.assertEqual(len(self.table(folder)), 6)
        self.assertEqual(ended, {path: path.stat().st_mtime_ns for path in ended})
        self.neurarium(*words, "--again")
        self.assertTrue(all(path.stat().st_mtime_ns > before for path, before in ended.items()))

    def test_failures_do_not_stop_the_rest(self):
        circle_data(self.folder / "circle.npz", samples=300)
        circle_data(self.folder / "bad.npz", samples=300)
        content = bytearray((self.folder / "bad.npz").read_bytes())
        content[200] ^= 0xFF
        (self.folder / "bad.npz").write_bytes(content)
        self.network(data=False, epochs=1)
        out, err = self.neurarium("sweep", "net.toml", "dataset=bad.npz,circle.npz", "--repeats", 2, "--out", "out", code=3)
        self.assertRegex(out, r"(?m)^  dataset = \S*bad.npz, seed 0 \(exit code 3\): .*bad.npz")
        self.assertRegex(out, r"(?m)^  circle.npz +2/2 ")
        self.assertIn("2 of 4 runs have failed", err)
        page = (self.folder / "out/report.html").read_text()
        self.assertIn("Failed runs", page)
        rows = self.table("out")
        self.assertEqual([row["status"] for row in rows], ["failed", "failed", "finished", "finished"])
        self.assertEqual(rows[0]["train_loss"], "")
        told = json.loads((self.folder / "out/sweep.json").read_text())
        self.assertEqual((told["status"], told["failed"], told["runs"][0]["exit_code"]), ("failed", 2, 3))
        circle_data(self.folder / "bad.npz", samples=200)  # mended: another content, another experiment, and only it runs
        _, err = self.neurarium("sweep", "net.toml", "dataset=bad.npz,circle.npz", "--repeats", 2, "--out", "out")
        self.assertIn("2 of 4 runs are finished already", err)

    def test_a_run_that_is_killed_is_a_failure_and_is_tried_again(self):
        self.network(epochs=100000)
        process = self.start("sweep", "net.toml", "train.batch_size=1,2000", "--out", "out", "-j", 2)
        self.both_have_checkpoints("out", process)
        for _ in range(2):
            child = next(pid for pid in self.children_of(process.pid))
            os.kill(child, signal.SIGKILL)
            deadline = time.monotonic() + 20
            while pathlib.Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
                time.sleep(0.01)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(err.count("ended by signal 9"), 2)

    def children_of(self, pid):
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def both_have_checkpoints(self, out, process):
        deadline = time.monotonic() + 60
        while len(list((self.folder / out).glob("members/*/checkpoint.safetensors"))) < 2:
            self.assertIsNone(process.poll(), "the sweep ended too soon")
            self.assertLess(time.monotonic(), deadline, "no checkpoints came")
            time.sleep(0.01)

    def test_ctrl_c_stops_all_and_the_same_command_goes_on(self):
        self.network(epochs=100)
        words = ["sweep", "net.toml", "train.batch_size=1,2", "-j", 2, "--out"]
        process = self.start(*words, "out")
        self.both_have_checkpoints("out", process)
        children = self.children_of(process.pid)
        self.assertEqual(len(children), 2)
        code, out, err = self.stop(process)
        self.assertEqual((code, out), (130, ""))
        self.assertIn("the same command goes on", err)
        self.assertFalse([child for child in children if pathlib.Path(f"/proc/{child}").exists()])
        states = [self.run_record(path.parent)["status"] for path in self.folder.glob("out/members/*/run.json")]
        self.assertEqual(sorted(states), ["interrupted"] * 2)
        self.assertEqual(json.loads((self.folder / "out/sweep.json").read_text())["status"], "unfinished")
        self.neurarium(*words, "out", "--quiet")
        self.neurarium(*words, "whole", "--quiet")
        for path in (self.folder / "out/members").iterdir():
            self.assertEqual(self.run_record(path)["resumed"], 1)
            self.assertIn("the same bits", self.neurarium("compare", "--exact", path, self.folder / "whole/members" / path.name)[0])

    def test_killed_hard_its_runs_stop_too(self):
        self.network(epochs=100000)
        process = self.start("sweep", "net.toml", "train.batch_size=1,2", "--out", "out", "-j", 2)
        self.both_have_checkpoints("out", process)
        children = self.children_of(process.pid)
        self.stop(process, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while any(pathlib.Path(f"/proc/{child}").exists() and "Z" not in pathlib.Path(f"/proc/{child}/stat").read_text().split(")")[1][:3]
                  for child in children):
            self.assertLess(time.monotonic(), deadline, "a run goes on without its sweep")
            time.sleep(0.02)
        states = [self.run_record(path.parent)["status"] for path in self.folder.glob("out/members/*/run.json")]
        self.assertEqual(states, ["interrupted"] * 2)

    def test_faults_come_before_anything_starts(self):
        text = self.fails(2, "sweep", "xor-surface", "train.epochs=5,-1", "surface.stepp=1,2", "train.batch_size=0,4")
        for part in ("(argument 3): train.epochs", "found -1", "(argument 4): surface.stepp", "did you mean 'step'", "(argument 5): train.batch_size"):
            self.assertIn(part, text)
        self.assertIn("never reaches", self.fails(2, "sweep", "xor-surface", "train.epochs=range(1,5,-1)"))
        self.assertIn("neurarium data get cifar10", self.fails(3, "sweep", "topographic-map", "model.rows=10,20"))
        self.assertIn("nothing to run was named", self.fails(2, "sweep", "train.epochs=1,2"))
        self.assertFalse((self.folder / "runs").exists())

    def test_a_folder_of_something_else_is_left_alone(self):
        (self.folder / "mine").mkdir()
        self.write("mine/notes.txt", "mine")
        self.assertIn("is not the folder of a sweep", self.fails(2, "sweep", "xor-surface", "train.epochs=1,2", "--out", "mine"))
        self.assertEqual(os.listdir(self.folder / "mine"), ["notes.txt"])
        self.neurarium("sweep", "xor-surface", *QUICK, "surface.low=0", "--out", "out", "--quiet")
        self.network(epochs=1)
        self.assertIn("holds a sweep of 'xor-surface'", self.fails(2, "sweep", "net.toml", "--repeats", 2, "--out", "out"))

    def test_a_damaged_table_is_written_anew(self):
        words = ("sweep", "xor-surface", *QUICK, "surface.low=0", "--out", "out")
        self.neurarium(*words, "--quiet")
        table = self.folder / "out/sweep.json"
        whole = json.loads(table.read_text())
        for damage in (lambda: table.write_text("{"), table.unlink):
            damage()
            self.assertIn("all runs are finished", self.neurarium(*words)[1])
            self.assertEqual({**json.loads(table.read_text()), "command": None}, {**whole, "command": None})
        table.write_text("{")
        shutil.rmtree(self.folder / "out/members")
        err = self.fails(2, *words)
        self.assertIn("sweep.json: is damaged", err)
        self.assertIn("nothing was touched", err)

    def test_a_damaged_checkpoint_of_a_run_begins_that_run_anew(self):
        self.network(epochs=100)
        words = ["sweep", "net.toml", "train.batch_size=1,2", "-j", 2, "--out", "out"]
        process = self.start(*words)
        self.both_have_checkpoints("out", process)
        self.assertEqual(self.stop(process)[0], 130)
        for checkpoint in self.folder.glob("out/members/*/checkpoint.safetensors"):
            content = bytearray(checkpoint.read_bytes())
            content[-9] ^= 1
            checkpoint.write_bytes(content)
        err = self.neurarium(*words)[1]
        self.assertEqual(err.count("begins anew"), 2)
        self.assertIn("is damaged", err)
        for path in (self.folder / "out/members").iterdir():
            self.assertNotIn("resumed", self.run_record(path))

    def test_one_sweep_at_a_time_in_a_folder(self):
        self.network(epochs=100000)
        process = self.start("sweep", "net.toml", "train.batch_size=1,2", "--out", "out")
        self.wait_for("out/sweep.json", process)
        self.assertIn("another process works on the sweep", self.fails(1, "sweep", "net.toml", "train.batch_size=1,2", "--out", "out"))
        self.stop(process)

    def test_run_with_seeds(self):
        self.network(epochs=1)
        out = self.json_of("run", "net.toml", "train.batch_size=500", "seeds=3", "--seed", 5)
        self.assertEqual((out["keys"], out["seeds"], out["finished"]), ([], [5, 6, 7], 3))
        self.assertEqual(out["points"][0]["figures"]["train_loss"]["n"], 3)
        self.write("three.toml", "seeds = 3\n" + (self.folder / "net.toml").read_text())
        self.assertEqual(self.json_of("run", "three.toml", "train.batch_size=500", "--seed", 5)["sweep"], out["sweep"])
        self.assertNotIn("sweep", self.json_of("run", "three.toml", "train.batch_size=500", "seeds=1"))

    def test_an_unknown_figure_is_said_and_the_first_is_shown(self):
        _, err = self.neurarium("sweep", "xor-surface", *QUICK, "surface.low=-1,0", "--figure", "surface_mix")
        self.assertIn("did you mean 'surface_min'?", err)
        out = self.json_of("sweep", "xor-surface", *QUICK, "surface.low=-1,0", "--figure", "surface_mean")
        self.assertEqual(out["figure"], "surface_mean")


if __name__ == "__main__":
    unittest.main()
