"""The life of a run directory, seen from outside: stop, kill, resume, the same bits, and places that can't be written."""

import os
import pathlib
import resource
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, circle_data  # noqa: E402

LONG = 400  # epochs: some seconds


class WholeRun(ProgramTest):
    """Beside each run there is one called "whole", which nobody stopped."""

    def exactly_whole(self, run):
        out = self.neurarium("compare", "--exact", "whole", run)[0]
        self.assertIn("the same bits", out)
        self.assertEqual((self.folder / "whole/metrics.csv").read_bytes(), (self.folder / run / "metrics.csv").read_bytes())
        self.assertEqual(self.run_record(run)["status"], "finished")
        self.no_half_written_files(run)


class StopAndResume(WholeRun):
    def setUp(self):
        super().setUp()
        self.network(epochs=LONG)
        self.neurarium("run", "net.toml", "--out", "whole", "--quiet")

    def test_ctrl_c_writes_a_checkpoint_says_how_to_go_on_and_resumes_to_the_same_bits(self):
        def listens():  # though the tests may run under nohup
            signal.signal(signal.SIGHUP, signal.SIG_DFL)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            run = f"stopped{int(number)}"
            process = self.start("run", "net.toml", "--out", run, preexec_fn=listens)
            self.wait_for(f"{run}/checkpoint.safetensors", process)
            code, out, err = self.stop(process, number)
            self.assertEqual((code, out), (130, ""))
            self.assertIn(f"neurarium run --resume {run}", err)
            self.assertEqual(self.run_record(run)["status"], "interrupted")
            err = self.fails(2, "run", "net.toml", "--out", run)
            self.assertIn("--resume", err)
            self.neurarium("run", "--resume", run, "--quiet")
            self.exactly_whole(run)

    def test_under_nohup_a_closed_terminal_stops_nothing(self):
        process = self.start("run", "net.toml", "--out", "out", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.wait_for("out/checkpoint.safetensors", process)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0)
        self.exactly_whole("out")

    def test_a_folder_called_like_a_study_is_resumed(self):
        process = self.start("run", "net.toml", "--out", "train-network")
        self.wait_for("train-network/checkpoint.safetensors", process)
        self.assertEqual(self.stop(process)[0], 130)
        self.neurarium("run", "--resume", "train-network", "--quiet")
        self.exactly_whole("train-network")

    def test_kill_and_resume_end_with_the_same_bits(self):
        process = self.start("run", "net.toml", "--out", "killed", "--threads", 2)
        for _ in range(3):  # again and again
            self.wait_for("killed/checkpoint.safetensors", process)
            time.sleep(0.2)
            self.assertEqual(self.stop(process, signal.SIGKILL)[0], -signal.SIGKILL)
            self.assertEqual(self.run_record("killed")["status"], "running")
            process = self.start("run", "net.toml", "--out", "killed", "--resume", "--threads", 1)
        process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0)
        self.exactly_whole("killed")

    def test_kill_before_the_first_checkpoint(self):
        process = self.start("run", "net.toml", "--out", "early", "train.checkpoint_seconds=1000")
        self.wait_for("early/run.json", process)
        self.assertEqual(self.stop(process, signal.SIGKILL)[0], -signal.SIGKILL)
        self.neurarium("run", "net.toml", "--out", "early", "train.checkpoint_seconds=1000", "--resume", "--quiet")
        self.exactly_whole("early")

    def test_one_thread_two_threads_and_again(self):
        self.neurarium("run", "net.toml", "train.epochs=5", "train.batch_size=100", "train.shard_size=8", "--threads", 1, "--out", "one")
        self.neurarium("run", "net.toml", "train.epochs=5", "train.batch_size=100", "train.shard_size=8", "--threads", 2, "--out", "two")
        self.neurarium("compare", "--exact", "one", "two")
        before = (self.folder / "two/report.json").stat().st_mtime_ns
        self.neurarium("run", "two")
        self.assertEqual((self.folder / "two/report.json").stat().st_mtime_ns, before)
        self.neurarium("run", "two", "--again")
        self.assertGreater((self.folder / "two/report.json").stat().st_mtime_ns, before)
        self.neurarium("compare", "--exact", "one", "two")
        out = self.neurarium("compare", "--exact", "one", "whole", code=1)[0]
        self.assertIn("not the same bits", out)
        self.assertIn("figure train_loss: ", out)

    def test_a_second_process_in_the_same_directory(self):
        process = self.start("run", "net.toml", "--out", "busy")
        self.wait_for("busy/run.json", process)
        err = self.fails(1, "run", "net.toml", "--out", "busy", "--resume")
        self.assertIn(f"in use by another process (process {process.pid})", err)
        self.stop(process)

    def test_resume_refuses_another_experiment_and_damaged_checkpoints(self):
        process = self.start("run", "net.toml", "--out", "out")
        self.wait_for("out/checkpoint.safetensors", process)
        self.assertEqual(self.stop(process)[0], 130)
        err = self.fails(5, "run", "net.toml", "--out", "out", "--resume", "--seed", 8, "train.batch_size=2")
        self.assertIn("seed = 8, there 0", err)
        self.assertIn("train.batch_size = 2, there 1", err)
        self.assertIn("no run of this experiment", self.fails(5, "run", "net.toml", "--resume"))
        record = (self.folder / "out/run.json").read_text()
        self.write("out/run.json", record.replace('"instruction_set": "', '"instruction_set": "other '))
        self.assertIn("--allow-isa-change", self.fails(5, "run", "--resume", "out"))
        self.write("out/run.json", record)
        checkpoint = self.folder / "out/checkpoint.safetensors"
        content = bytearray(checkpoint.read_bytes())
        content[-20:] = bytes(range(20))
        checkpoint.write_bytes(content)
        self.assertIn("is damaged", self.fails(3, "run", "--resume", "out", "--quiet"))
        checkpoint.write_bytes(content[:-10])
        self.assertIn("checkpoint.safetensors", self.fails(3, "run", "--resume", "out", "--quiet"))

    def test_data_that_changed_are_noticed(self):
        process = self.start("run", "net.toml", "--out", "out")
        self.wait_for("out/checkpoint.safetensors", process)
        self.stop(process)
        data = bytearray((self.folder / "circle.npz").read_bytes())
        circle_data(self.folder / "circle.npz", samples=1999)
        err = self.fails(5, "run", "--resume", "out")
        self.assertIn("circle.npz has changed since the run began; put it back as it was", err)
        self.assertNotIn("--resume", err)  # the command just given
        (self.folder / "circle.npz").write_bytes(data)
        toml = (self.folder / "out/experiment.toml").read_text()
        self.write("out/experiment.toml", toml.replace("batch_size = 1", "batch_size = 2"))
        err = self.fails(5, "run", "--resume", "out")
        self.assertIn("out/experiment.toml was edited since the run began", err)
        self.assertNotIn("--resume", err)
        self.write("out/experiment.toml", toml)
        self.neurarium("run", "--resume", "out", "--quiet")


class StopAndBeginAnew(WholeRun):
    def wait_while_it_computes(self, process, seconds):
        """By its own processor time, which does not pass while others have the processor."""
        def used():
            words = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

        enough = used() + seconds
        while used() < enough:
            self.assertIsNone(process.poll(), "the run ended too soon to be stopped")
            time.sleep(0.01)

    def test_a_full_batch_method_begins_anew_and_ends_with_the_same_bits(self):
        self.network()
        method = ("train.optimiser={type = \"lbfgs\", tolerance = 0}", "train.batch_size=32", "train.epochs=1000")
        self.neurarium("run", "net.toml", *method, "--out", "whole", "--quiet")
        process = self.start("run", "net.toml", *method, "--out", "stopped", "--threads", 1)
        self.wait_for("stopped/run.json", process)
        self.wait_while_it_computes(process, 0.1)  # of a second and more
        code, _, err = self.stop(process)
        self.assertEqual(code, 130, err)
        self.assertIn("nothing of it is kept: neurarium run --resume stopped begins anew", err)
        self.assertFalse((self.folder / "stopped/checkpoint.safetensors").exists())
        self.neurarium("run", "--resume", "stopped", "--quiet", "--threads", 2)
        self.exactly_whole("stopped")


class Places(ProgramTest):
    def test_places_that_exist_are_left_alone(self):
        (self.folder / "mine").mkdir()
        self.write("mine/precious", "x")
        self.assertIn("mine exists and is not a run directory", self.fails(2, "run", "xor-surface", "--out", "mine"))
        self.assertEqual(os.listdir(self.folder / "mine"), ["precious"])
        self.assertIn("precious exists and is not a folder", self.fails(2, "run", "xor-surface", "--out", "mine/precious"))
        self.assertIn("--out", self.fails(2, "run", "xor-surface", "--out", "mine/precious/below"))
        self.assertIn("exists", self.fails(2, "run", "xor-surface", "--out", "/dev/full"))

    def test_the_name_of_a_study_is_the_study_whatever_folder_is_called_so(self):
        few = ["train.epochs=3", "surface.descent_steps=2"]
        self.neurarium("run", "xor-surface", *few, "--out", "xor-surface", "--quiet")
        (self.folder / "xor-surface/experiment.toml").write_text("nobody reads this")
        self.assertEqual(self.json_of("run", "xor-surface", "train.epochs=4", few[1])["study"], "xor-surface")
        self.assertIn("changes none", self.fails(2, "run", "./xor-surface", "--preset", "gallery"))

    def test_places_that_cannot_be_written(self):
        self.assertIn("/proc/run", self.fails(2, "run", "xor-surface", "--out", "/proc/run"))
        if os.geteuid() != 0:  # the super-user may write anywhere
            (self.folder / "locked").mkdir(mode=0o500)
            self.assertIn("Permission denied", self.fails(2, "run", "xor-surface", "--out", "locked/run"))

    def test_a_write_that_fails_leaves_status_and_no_half_written_file(self):
        # A limit on the size of files stands for a full disk: it needs no privileges.
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # the program itself sees to it
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

        self.network(epochs=1)
        words = ("run", "net.toml", "model.layers.0.units=2000", "--out", "out")
        err = self.fails(1, *words, "--quiet", preexec_fn=small_files)
        self.assertRegex(err, r"checkpoint\.safetensors: can't write: File too large; free some space")
        record = self.run_record("out")
        self.assertEqual((record["status"], record["exit_status"]), ("failed", 1))
        self.assertIn("checkpoint.safetensors", record["error"])
        self.no_half_written_files()
        self.neurarium(*words)  # and with room again, the same command begins anew
        self.assertEqual(self.run_record("out")["status"], "finished")

        def no_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

        self.fails(1, "run", "net.toml", "--out", "tiny", "--quiet", preexec_fn=no_files)
        self.assertFalse((self.folder / "tiny").exists())
        self.no_half_written_files()


    def test_a_wrong_setting_leaves_no_run_in_the_way(self):
        self.network(epochs=1)
        words = ("run", "net.toml", "train.optimiser=lbfgs", "train.batch_size=32", "--out", "out")
        self.assertIn("clip_norm", self.fails(2, *words, "train.clip_norm=1"))
        self.assertFalse((self.folder / "out").exists())
        self.neurarium(*words, "--quiet")
        self.assertIn("there is no unfinished run", self.fails(2, "run", "--resume"))

    def test_a_part_by_name_and_its_settings(self):
        self.network(epochs=1)
        self.write("net.toml", (self.folder / "net.toml").read_text() + '[train.optimiser]\ntype = "sgd"\nmomentum = 0.5\n')
        for words in (("train.optimiser=adam", "train.optimiser.learning_rate=0.01"), ("train.optimiser.learning_rate=0.01", "train.optimiser=adam")):
            shown = self.json_of("config", "show", "net.toml", *words)["train"]["optimiser"]
            self.assertEqual((shown["type"], shown["learning_rate"]), ("adam", 0.01))

    def test_the_length_of_a_layer_s_name_is_told_before_training(self):
        self.network(epochs=1)
        self.neurarium("run", "net.toml", "model.layers.0.name=" + "a" * 100, "--quiet")
        err = self.fails(2, "run", "net.toml", "model.layers.0.name=" + "a" * 101, "--out", "out")
        self.assertIn("101 characters long", err)
        self.assertIn("at most 100", err)


class CtrlC(ProgramTest):
    def test_ctrl_c_ends_every_verb(self):
        # Verbs without a checkpoint simply end. `data list` and the like are over too soon to be caught, so the one
        # that can be held is stopped: a run reading its experiment from a pipe that never speaks.
        os.mkfifo(self.folder / "pipe.toml")
        for verb in (["run"], ["config", "show"], ["gradcheck"]):
            process = self.start(*verb, "pipe.toml")
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            self.assertIn(process.returncode, (-signal.SIGINT, 130), verb)


if __name__ == "__main__":
    unittest.main()
