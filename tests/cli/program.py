"""What the command-line tests share: the built program, a folder per test, and data written without NumPy."""

import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest
import zipfile

PROGRAM = os.environ["NEURARIUM"]


def npy(shape, numbers, descr="<f8", code="d"):
    """The bytes of a .npy file."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))},), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
    return start + struct.pack(f"<{len(numbers)}{code}", *numbers)


def write_npz(path, **arrays):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in arrays.items():
            archive.writestr(name + ".npy", content)


def circle_data(path, samples=2000):
    """Points of the plane, labelled by whether they lie in a circle: enough to keep a network busy."""
    points = [(((i * 37) % 101) / 50 - 1, ((i * 61) % 103) / 51 - 1) for i in range(samples)]
    write_npz(
        path,
        x=npy((samples, 2), [c for point in points for c in point]),
        y=npy((samples, 1), [float(a * a + b * b < 0.5) for a, b in points]),
    )


NETWORK = """dataset = "circle.npz"
[[model.layers]]
type = "dense"
units = 16
activation = "tanh"
[[model.layers]]
type = "dense"
units = 1
activation = "logistic"
[train]
epochs = {epochs}
batch_size = 1
checkpoint_seconds = 0.05
"""


def spiking_network(units, classes, epochs, before=""):
    """An experiment: `before`, then spiking units and a readout that learn classes."""
    return f"""{before}
[[model.layers]]
type = "lif"
units = {units}
[[model.layers]]
type = "leaky_integrator"
units = {classes}
[model.loss]
type = "cross_entropy"
[train]
epochs = {epochs}
batch_size = 20
optimiser = {{ type = "adam", learning_rate = 0.01 }}
"""


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="neurarium-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = {**os.environ, "NEURARIUM_DATA": str(self.folder / "data"), "HOME": str(self.folder)}

    def start(self, *words, **more):
        return subprocess.Popen(
            [PROGRAM, *map(str, words)], cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more})  # fmt: skip

    def neurarium(self, *words, code=0, **more):
        """Runs to the end and checks the exit code; returns (stdout, stderr)."""
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, code, f"neurarium {' '.join(map(str, words))}\n{out}\n{err}")
        return out, err

    def fails(self, code, *words, **more):
        """Fails with that exit code, nothing on stdout, and a message; returns the message."""
        out, err = self.neurarium(*words, code=code, **more)
        self.assertEqual(out, "")
        self.assertTrue(err.strip())
        return err

    def json_of(self, *words, code=0):
        return json.loads(self.neurarium(*words, "--json", code=code)[0])

    def run_record(self, run):
        return json.loads((self.folder / run / "run.json").read_text())

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def network(self, epochs=3, name="net.toml", data=True):
        if data:
            circle_data(self.folder / "circle.npz")
        self.write(name, NETWORK.format(epochs=epochs))

    def wait_for(self, name, process):
        """Until the file is there; fails if the process ends before."""
        deadline = time.monotonic() + 120
        while not (self.folder / name).exists():
            self.assertIsNone(process.poll(), "the run ended too soon to be stopped")
            self.assertLess(time.monotonic(), deadline, f"{name} did not appear")
            time.sleep(0.01)

    def stop(self, process, number=signal.SIGINT):
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def no_half_written_files(self, place="."):
        left = [str(p) for p in (self.folder / place).rglob("*") if ".part" in p.name]
        self.assertEqual(left, [])
