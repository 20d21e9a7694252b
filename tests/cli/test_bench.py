"""neurarium bench: a peer of the test's own, every way in which it can misbehave, and one real run."""

import csv
import json
import os
import pathlib
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, npy  # noqa: E402

# A benchmark without NumPy: the map of 3 × 3 units beside a peer that sleeps.
TINY = '''"""A tiny benchmark.

It needs no package.
"""
import os, struct, time

PEER = "sleeper"
PARAMETERS = {{"inputs": 12, "pause": 0.001}}

def npy(numbers, shape):
    header = "{{'descr': '|u1', 'fortran_order': False, 'shape': %s, }}" % (shape,)
    header += " " * (-(len(header) + 11) % 64) + "\\n"
    return b"\\x93NUMPY\\x01\\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(numbers)

def cases(quick, parameters):
    print("a print of the script's own must do no harm")
    model = {{"type": "topographic_map", "rows": 3, "columns": 3, "inputs": parameters["inputs"], "radius": 1}}
    variants = [{{"name": "float32"}}, {{"name": "float64", "settings": {{"scalar": "float64"}}, "against": "float32",
                 "asked": {{"against": 0.0}}}}]
    return [{{"name": name, "workload": "observe", "model": model, "divisor": 255, "pause": parameters["pause"],
             "limits": {{"one_sweep": {{"array": "weights", "update": 1}}}}, "variants": variants, {more}}}
            for name in ("first", "second")]

def prepare(case, folder):
    inputs = case["model"]["inputs"]
    with open(os.path.join(folder, "samples.npy"), "wb") as file:
        file.write(npy([i * 37 % 256 for i in range(20 * inputs)], (20, inputs)))

class Peer:
    def __init__(self, case, folder):
        self.pause = case["pause"]

    def turn(self, samples):
        {turn}
        time.sleep(self.pause * samples)
'''


# Ten classes told apart by a layer of softmax: cross-entropy, momentum, batches of 16 of 40 samples.
SOFTMAX = '''"""Softmax regression beside NumPy."""
import os
import numpy as np

PEER = "NumPy"

def software():
    return {"a setting of its own": os.environ["OMP_NUM_THREADS"] + " thread"}

def cases(quick, parameters):
    return [{
        "name": "softmax", "workload": "train", "answers": "labels.npy", "start": ["dense1.weight", "dense1.bias"],
        "model": {"type": "sequential", "inputs": [12], "layers": [{"type": "dense", "units": 10}],
                  "loss": "cross_entropy"},
        "training": {"batch_size": 16, "shard_size": 8, "shuffle": False,
                     "optimiser": {"type": "sgd", "learning_rate": 0.1, "momentum": 0.9}},
        "check_samples": 40, "limits": {"products": {"products": [{"rows": 8, "columns": 10, "depth": 12}], "samples": 8}},
        "variants": [{"name": "float64", "settings": {"scalar": "float64"}}, {"name": "float32, 2 threads", "threads": 2}],
    }]

def prepare(case, folder):
    generator = np.random.default_rng(1)
    np.save(os.path.join(folder, "samples.npy"), generator.uniform(-1, 1, (40, 12)).astype(np.float32))
    np.save(os.path.join(folder, "labels.npy"), generator.integers(0, 10, 40))
    np.save(os.path.join(folder, "dense1.weight.npy"), generator.uniform(-0.3, 0.3, (10, 12)))
    np.save(os.path.join(folder, "dense1.bias.npy"), generator.uniform(-0.3, 0.3, 10))

class Peer:
    def __init__(self, case, folder):
        load = lambda name: np.load(os.path.join(folder, name + ".npy")).astype(float)
        self.x, self.y = load("samples"), load("labels").astype(int)
        self.start = [load("dense1.weight"), load("dense1.bias")]
        self.now, self.speed, self.seen = [a.copy() for a in self.start], [0, 0], 0

    def turn(self, samples):
        total, count = 0.0, samples
        while samples > 0:
            first = self.seen % 40
            x, y = self.x[first:][:min(16, samples)], self.y[first:][:min(16, samples)]
            z = x @ self.now[0].T + self.now[1]
            p = np.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            total -= np.log(p[np.arange(len(y)), y]).sum()
            p[np.arange(len(y)), y] -= 1
            self.speed = [0.9 * v + g / len(y) for v, g in zip(self.speed, (p.T @ x, p.sum(axis=0)))]
            self.now = [w - 0.1 * v for w, v in zip(self.now, self.speed)]
            self.seen, samples = self.seen + len(y), samples - len(y)
        self.loss = total / count

    def state(self):
        names = "dense1.weight", "dense1.bias"
        found = {name: now for name, now in zip(names, self.now)}
        found.update({"moved." + name: now - start for name, now, start in zip(names, self.now, self.start)})
        return {**found, "loss": [self.loss]}
'''


class Bench(ProgramTest):
    def tiny(self, name="tiny.py", turn="pass", more=""):
        self.write(name, TINY.format(turn=turn, more=more))

    def test_a_peer_of_ones_own(self):
        self.tiny()
        out = self.json_of("bench", "tiny.py", "--quick", "--rounds", 2)
        (result,) = out["benchmarks"]
        found = result["benchmark"], result["title"], result["peer"]
        self.assertEqual(found, ("tiny", "A tiny benchmark", "sleeper"))
        self.assertEqual([case["name"] for case in result["cases"]], ["first", "second"])
        first = result["cases"][0]
        self.assertLess(first["peer"]["rate"]["median"], 1000)  # it sleeps for a thousandth of a second per sample
        variants = {variant["name"]: variant for variant in first["variants"]}
        self.assertEqual(variants["float64"]["array_bytes"], 9 * 12 * 8)
        self.assertEqual(variants["float64"]["against"]["to"], "float32")
        for variant in variants.values():
            self.assertGreater(variant["ratio"]["median"], 0)
            self.assertGreater(variant["limits"]["one_sweep"]["share"]["median"], 0)
        # The ratio is that of the turns in the file: ours beside the mean of the peer's times before and after.
        with open(self.folder / "runs/bench/tiny.csv", newline="") as file:
            turns = [row for row in csv.DictReader(file) if row["case"] == "first"]
        ratios = []
        for i, turn in enumerate(turns):
            if turn["side"] == "ours" and turn["variant"] == "float32":
                before = [float(t["rate"]) for t in turns[:i] if t["side"] == "peer"][-1]
                after = [float(t["rate"]) for t in turns[i:] if t["side"] == "peer"][0]
                ratios.append(float(turn["rate"]) * (1 / before + 1 / after) / 2)
        self.assertEqual(len(ratios), 2)
        self.assertAlmostEqual(variants["float32"]["ratio"]["median"] / (sum(ratios) / 2), 1, places=9)
        page = (self.folder / "runs/bench/tiny.html").read_text()
        for expected in ("Benchmark tiny", "sleeper", "neurarium bench tiny.py --quick", "L2 cache"):
            self.assertIn(expected, page)
        self.assertEqual(json.loads((self.folder / "runs/bench/tiny.json").read_text())["rounds"], 2)

    def test_parameters_cases_and_the_place(self):
        self.tiny()
        result = self.json_of("bench", "tiny.py", "--quick", "--case", "sec*", "inputs=30", "--out", "here/there")
        result = result["benchmarks"][0]
        self.assertEqual([case["name"] for case in result["cases"]], ["second"])
        self.assertEqual(result["cases"][0]["variants"][0]["array_bytes"], 9 * 30 * 4)
        self.assertTrue((self.folder / "here/there/tiny.html").exists())
        self.assertFalse((self.folder / "runs").exists())
        self.assertIn("it has: inputs, pause", self.fails(2, "bench", "tiny.py", "input=30"))
        self.assertIn("expected int", self.fails(2, "bench", "tiny.py", "inputs=many"))
        self.assertIn("cases: first, second", self.fails(2, "bench", "tiny.py", "--case", "third"))
        self.assertIn("needs rows, columns and inputs", self.fails(2, "bench", "topographic-map", "rows=5"))
        self.assertIn("named twice", self.fails(2, "bench", "tiny.py", "./tiny.py"))
        out, err = self.neurarium("bench", "--list", "tiny.py")
        self.assertIn("second", out)
        self.assertIn("inputs=12", out)

    def test_list_and_unknown_names(self):
        self.assertIn("topographic-map", self.neurarium("bench", "--list")[0])
        names = [entry["name"] for entry in self.json_of("bench", "--list")["benchmarks"]]
        self.assertIn("topographic-map", names)
        self.assertNotIn("neurarium_bench", names)
        err = self.fails(2, "bench", "topografic-map")
        self.assertIn("did you mean 'topographic-map'?", err)
        self.assertIn("there are: ", err)
        self.assertIn("no such file", self.fails(2, "bench", "nowhere.py"))

    def test_peers_that_misbehave(self):
        self.tiny("dies.py", "import sys; print('out of luck', file=sys.stderr, flush=True); os._exit(9)")
        err = self.fails(1, "bench", "dies.py", "--quick", "--quiet")
        self.assertIn("ended with code 9", err)
        self.assertIn("out of luck", err)
        self.tiny("raises.py", "[][3]")
        self.assertIn("IndexError", self.fails(1, "bench", "raises.py", "--quick", "--quiet"))
        self.tiny("hangs.py", "time.sleep(100)")
        err = self.fails(1, "bench", "hangs.py", "--quick", "--quiet", "--time-limit", 0.5)
        self.assertIn("did not answer to 'turn' within 0.5 s", err)
        self.tiny("needs.py", "import a_package_that_nobody_has")
        self.assertIn("a_package_that_nobody_has", self.fails(3, "bench", "needs.py", "--quick", "--quiet"))
        self.write("empty.py", "")
        self.assertIn("holds no 'cases'", self.fails(2, "bench", "empty.py", "--quiet"))
        self.write("wrong.py", "def")
        self.assertIn("SyntaxError", self.fails(1, "bench", "wrong.py", "--quiet"))
        self.write("words.py", "def cases(quick, parameters): return ['these are words']\nprepare = Peer = None")
        self.assertIn("failed at 'describe'", self.fails(1, "bench", "words.py", "--quiet"))
        self.tiny("slip.py", more='"train_frist": 3, "limits": {"two": {"reed": 1}}')
        self.assertIn("did you mean 'read'", self.fails(2, "bench", "slip.py", "--quiet"))
        self.assertIn("/nowhere/python3", self.fails(3, "bench", "dies.py", "--python", "/nowhere/python3"))
        self.assertFalse((self.folder / "runs").exists())

    def test_a_failure_is_one_json_object_too(self):
        self.tiny("raises.py", "[][3]")
        out, err = self.neurarium("bench", "raises.py", "--quick", "--json", code=1)
        self.assertEqual(json.loads(out)["exit_code"], 1)

    def test_the_peer_must_have_done_the_same_work(self):
        self.tiny("other.py", more='"check_samples": 2, "start": ["weights"]')
        text = (self.folder / "other.py").read_text()
        text += "\n    def state(self):\n        return {'weights': [[0.0] * 12] * 9}\n"
        # The starting weights, 0.5 each, as bytes of a .npy file.
        weights = npy((9, 12), [0.5] * 108)
        text = text.replace(
            '    inputs = case["model"]["inputs"]\n',
            '    inputs = case["model"]["inputs"]\n'
            f'    open(os.path.join(folder, "weights.npy"), "wb").write({weights!r})\n',
        )
        self.write("other.py", text)
        err = self.fails(1, "bench", "other.py", "--quick", "--quiet")
        self.assertIn("have not done the same work: after 2 samples their 'weights'", err)

    def test_ctrl_c_ends_the_peer_and_its_children(self):
        pids = self.folder / "pids"
        turn = (
            "import subprocess; child = subprocess.Popen(['sleep', '300']); "
            f"part = open({str(pids)!r} + '.part', 'w'); part.write('%d %d' % (os.getpid(), child.pid)); part.close(); "
            f"os.rename({str(pids)!r} + '.part', {str(pids)!r}); time.sleep(300)"
        )
        self.tiny("slow.py", turn, more='"busy": 1')
        process = self.start("bench", "slow.py", "--quick")
        self.wait_for("pids", process)
        code, out, err = self.stop(process, signal.SIGINT)
        self.assertEqual((code, out), (130, ""))
        for pid in pids.read_text().split():
            deadline = time.monotonic() + 30
            while self.runs(int(pid)):
                self.assertLess(time.monotonic(), deadline, f"process {pid} is still there")
                time.sleep(0.01)
        self.assertFalse((self.folder / "runs").exists())

    @staticmethod
    def runs(pid):
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def test_temporary_files_are_removed(self):
        self.tiny()
        place = self.folder / "temporary"
        place.mkdir()
        self.environment["TMPDIR"] = str(place)
        self.neurarium("bench", "tiny.py", "--quick", "--quiet", "--rounds", 1)
        self.assertEqual(os.listdir(place), [])
        self.tiny("raises.py", "[][3]")
        self.fails(1, "bench", "raises.py", "--quick", "--quiet")
        self.assertEqual(os.listdir(place), [])

    def test_the_topographic_map_beside_the_notebooks_loop(self):
        result = self.json_of("bench", "topographic-map", "--quick", "--rounds", 1, "--case", "100x300-r1")
        result = result["benchmarks"][0]
        (case,) = result["cases"]
        self.assertEqual(result["software"]["OPENBLAS_NUM_THREADS"], "1")
        variants = {variant["name"]: variant for variant in case["variants"]}
        # Both sides have learned the same: float64 to rounding, float32 to its own.
        self.assertLess(variants["float64"]["difference"], 1e-12)
        self.assertLess(variants["float32"]["difference"], 1e-4)
        self.assertEqual(set(variants["float32"]["asked"]), {"ratio", "two_pass"})

    def test_answers_beside_numpys(self):
        words = ["topographic-map", "--quick", "--rounds", 1, "--case", "respond-*"]
        (case,) = self.json_of("bench", *words)["benchmarks"][0]["cases"]
        variants = {variant["name"]: variant for variant in case["variants"]}
        self.assertLess(variants["float64"]["difference"], 1e-12)
        self.assertIn("multiply", variants["float32"]["limits"])

    def test_training_beside_numpys(self):
        self.write("softmax.py", SOFTMAX)
        result = self.json_of("bench", "softmax.py", "--quick", "--rounds", 2)["benchmarks"][0]
        self.assertEqual(result["software"]["a setting of its own"], "1 thread")
        self.assertIn("NumPy", result["software"])  # beside what every page says
        (case,) = result["cases"]
        variants = {variant["name"]: variant for variant in case["variants"]}
        self.assertLess(variants["float64"]["difference"], 1e-12)
        self.assertLess(variants["float32, 2 threads"]["difference"], 1e-4)
        for variant in variants.values():  # turns are whole batches
            self.assertEqual(variant["samples_per_turn"] % 16, 0)
            self.assertGreater(variant["limits"]["products"]["rate"]["median"], 0)
            self.assertGreater(variant["limits"]["products"]["share"]["median"], 0)
        self.assertEqual(case["peer"]["samples_per_turn"] % 16, 0)
        # The check sees a peer that learns a little slower, which hardly shows in the weights themselves.
        self.write("slower.py", SOFTMAX.replace("- 0.1 * v", "- 0.09998 * v"))
        err = self.fails(1, "bench", "slower.py", "--quick", "--quiet")
        self.assertIn("their 'moved.dense1.", err)

    def test_the_classic_networks_are_described(self):
        # Listed without PyTorch; that the peer needs it is another matter.
        (listed,) = self.json_of("bench", "--list", "classic-networks")["benchmarks"]
        names = [case["name"] for case in listed["cases"]]
        for expected in ("lenet-train", "lenet-infer-nhwc-2", "lenet-latency", "mlp-train-2"):
            self.assertIn(expected, names)
        self.assertEqual(listed["peer"], "PyTorch")
        self.assertEqual(listed["parameters"]["batch"], 128)
        self.assertIn("at least 1", self.fails(2, "bench", "classic-networks", "shard=0", "--quiet"))

    def test_the_example_of_the_page(self):
        page = pathlib.Path(os.environ["NEURARIUM_SOURCE_DIR"], "docs/benchmarks.md").read_text()
        self.write("example.py", page.split("```python\n")[1].split("```")[0])
        (case,) = self.json_of("bench", "example.py", "--quick", "--rounds", 1)["benchmarks"][0]["cases"]
        self.assertLess(case["variants"][1]["difference"], 1e-12)


if __name__ == "__main__":
    unittest.main()
