"""What a run, and a sweep, show on a terminal. In `make check-all`: it needs a pseudo-terminal, which bare containers may not have."""

import os
import pathlib
import pty
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "cli"))
from program import PROGRAM, ProgramTest  # noqa: E402

LONG = 400  # epochs: some seconds


def pieces(leader):
    """What is written to the other end of a pseudo-terminal, until it is closed."""
    while True:
        try:
            piece = os.read(leader, 4096)
        except OSError:
            return
        if not piece:
            return
        yield piece


class Terminal(ProgramTest):
    def on_a_terminal(self, **environment):
        """What a run writes to stderr if that is a terminal, stopped after two seconds."""
        self.network(epochs=LONG)
        leader, follower = pty.openpty()
        try:
            process = subprocess.Popen(
                [PROGRAM, "run", "net.toml"], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=follower, env={**self.environment, "TERM": "xterm", **environment})  # fmt: skip
            os.close(follower)
            text = b""
            for piece in pieces(leader):
                text += piece
                if b"left" in text and process.poll() is None:
                    process.send_signal(signal.SIGINT)
            process.wait(timeout=120)
        finally:
            os.close(leader)
        return text.decode()

    def test_a_bar_with_share_rate_merit_and_time_left(self):
        self.environment.pop("NO_COLOR", None)
        text = self.on_a_terminal()
        self.assertRegex(text, r"\r.*train .*[━─].* %  \S+ \w? ?samples/s  loss \S+  .* left")
        self.assertIn("\x1b[36m", text)

    def test_no_color_is_respected(self):
        text = self.on_a_terminal(NO_COLOR="1")
        self.assertRegex(text, r"train [━─]{20} ")
        self.assertNotIn("\x1b[36m", text)

    def test_a_sweep_shows_its_table(self):
        ours, theirs = pty.openpty()
        self.environment["TERM"] = "xterm"
        process = subprocess.Popen(
            [PROGRAM, "sweep", "xor-surface", "train.epochs=2000", "surface.low=-1,0", "--repeats", "2", "-j", "1"], cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs, env=self.environment, text=True)  # fmt: skip
        os.close(theirs)
        seen = b"".join(pieces(ours))
        out, _ = process.communicate(timeout=60)
        os.close(ours)
        self.assertEqual(process.returncode, 0)
        text = seen.decode()
        self.assertRegex(text, r"0/4 finished")
        self.assertIn("1 running", text)
        self.assertRegex(text, r"surface.low = -1, seed 0: ")
        self.assertNotIn("[1/4]", text)
        self.assertIn("1.0043 ± 0", out)


if __name__ == "__main__":
    unittest.main()
