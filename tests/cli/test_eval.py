"""neurarium eval: a run's network on data and on single pictures."""

import json
import math
import pathlib
import struct
import sys
import unittest
import zipfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, npy, spiking_network, write_npz  # noqa: E402

SIDE = 6
CLASSES = """dataset = "{data}"
[[model.layers]]
type = "dense"
units = 8
activation = "tanh"
[[model.layers]]
type = "dense"
units = 4
[model.loss]
type = "cross_entropy"
[train]
epochs = 30
batch_size = 8
[train.optimiser]
type = "sgd"
learning_rate = 0.3
"""


def bright(quarter, i):
    """A picture of SIDE × SIDE bytes with one bright quarter, and a little of everything else."""
    return [
        (200 + 7 * i % 40 if quarter == 2 * (y >= SIDE // 2) + (x >= SIDE // 2) else (3 * x + 5 * y + i) % 30)
        for y in range(SIDE) for x in range(SIDE)]  # fmt: skip


def quarters(path, samples=80, low=0, kind=("|u1", "B"), factor=1):
    pictures = [v * factor - low for i in range(samples) for v in bright(i % 4, i)]
    labels = npy((samples,), [i % 4 for i in range(samples)], "<i8", "q")
    x = npy((samples, SIDE, SIDE), pictures, *kind)
    write_npz(path, x=x, y=labels, x_test=x, y_test=labels)


def write_png(path, width, height, rows, colour=False):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    step = 3 * width if colour else width
    raw = b"".join(b"\0" + bytes(rows[y * step : (y + 1) * step]) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if colour else 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def read_npz(path):
    """Arrays of doubles and floats as flat lists."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            length = 10 + struct.unpack("<H", content[8:10])[0]
            code = {"'<f4'": "f", "'<f8'": "d", "'<i8'": "q"}[content[10:length].split(b"'descr': ")[1].split(b",")[0].decode()]
            found[name[:-4]] = [v for (v,) in struct.iter_unpack("<" + code, content[length:])]
    return found


def unseal(path):
    """A checkpoint without the texts by which the program knows its own."""
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    header["__metadata__"] = {k: v for k, v in header["__metadata__"].items() if not k.startswith("neurarium.")}
    text = json.dumps(header).encode().ljust(size)
    path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + size :])


class OnData(ProgramTest):
    def setUp(self):
        super().setUp()
        self.network(epochs=3)
        self.figures = self.json_of("run", "net.toml", "--out", "circle")["figures"]

    def test_the_run_s_own_samples_give_the_run_s_own_figures(self):
        found = self.json_of("eval", "circle")
        self.assertEqual((found["data"].split("/")[-1], found["split"], found["samples"]), ("circle.npz", "train", 2000))
        self.assertEqual(found["loss"], self.figures["train_loss"]["value"])
        self.assertEqual((found["run"], found["status"]), ("circle", "finished"))
        self.assertNotIn("accuracy", found)  # the answers are no labels
        out, err = self.neurarium("eval", "circle")
        self.assertRegex(out, r"data +split +samples +loss\n\S*circle\.npz +train +2000 +0\.\d+")
        self.assertEqual(self.neurarium("eval", "circle", "--quiet")[1], "")

    def test_other_data_and_outputs_in_a_file(self):
        before = sorted(p.name for p in (self.folder / "circle").rglob("*"))
        points = [(0.0, 0.0), (0.9, 0.9), (-0.9, 0.9)]
        answers = [1.0, 0.0, 0.25]
        write_npz(self.folder / "three.npz", x=npy((3, 2), [c for p in points for c in p]), y=npy((3, 1), answers))
        found = self.json_of("eval", "circle", "--data", "three.npz", "--out", "out.npz")
        arrays = read_npz(self.folder / "out.npz")
        self.assertEqual(arrays["y"], answers)
        self.assertEqual(len(arrays["outputs"]), 3)
        loss = sum(0.5 * (o - t) ** 2 for o, t in zip(arrays["outputs"], answers)) / 3
        self.assertAlmostEqual(found["loss"], loss, places=6)
        self.assertGreater(arrays["outputs"][0], arrays["outputs"][1])
        self.assertEqual(sorted(p.name for p in (self.folder / "circle").rglob("*")), before)  # the run is as it was

    def test_what_goes_on_inside(self):
        rows = self.json_of("eval", "circle", "--traces", "inside.npz", "--samples", "5,0")
        self.assertEqual(rows["traces"], "inside.npz")
        inside = read_npz(self.folder / "inside.npz")
        self.assertEqual(list(inside)[:2], ["sample", "x"])
        self.assertEqual(inside["sample"], [5, 0])
        self.json_of("eval", "circle", "--out", "out.npz")
        outputs = read_npz(self.folder / "out.npz")["outputs"]
        last = list(inside)[-1]
        self.assertTrue(last.startswith("dense"))
        for found, i in zip(inside[last], (5, 0)):
            self.assertAlmostEqual(found, outputs[i], places=6)
        self.assertIn("sample", self.neurarium("eval", "circle", "--traces", "first.npz")[0])
        self.assertEqual(read_npz(self.folder / "first.npz")["sample"], [0])
        for options, words in ((("--traces", "a.npz", "--samples", "2000"), "from 0 to 1999"), (("--samples", "1"), "--traces FILE.npz"),
                               (("--traces", "circle/run.json"), "a part of the run")):  # fmt: skip
            self.assertIn(words, self.fails(2, "eval", "circle", *options))

    def test_a_network_that_spikes_shows_its_membranes(self):
        spikes = [int((7 * t + 3 * j + i) % 5 == 0) for i in range(24) for t in range(12) for j in range(3)]
        write_npz(self.folder / "spikes.npz", x=npy((24, 12, 3), spikes, "|u1", "B"), y=npy((24,), [i % 2 for i in range(24)], "<i8", "q"))
        self.write("spiking.toml", spiking_network(4, 2, epochs=1, before='dataset = "spikes.npz"'))
        self.neurarium("run", "spiking.toml", "--out", "spiking")
        out, _ = self.neurarium("eval", "spiking", "--traces", "inside.npz", "--samples", "2,7,1")
        self.assertIn("lif1.membrane [3, 12, 4]", out)
        inside = read_npz(self.folder / "inside.npz")
        self.assertEqual(inside["lif1"], inside["lif1.spikes"])
        self.assertEqual(inside["lif1.spikes"], [float(u > 1) for u in inside["lif1.membrane"]])

    def test_data_without_answers_have_outputs_but_no_loss(self):
        write_npz(self.folder / "x.npz", x=npy((2, 2), [0.0, 0.0, 1.0, 1.0]))
        found = self.json_of("eval", "circle", "--data", "x.npz", "--out", "out.npz")
        self.assertNotIn("loss", found)
        self.assertEqual(list(read_npz(self.folder / "out.npz")), ["outputs"])

    def test_wrong_shapes_name_both(self):
        write_npz(self.folder / "three.npz", x=npy((4, 3), [0.0] * 12), y=npy((4, 1), [0.0] * 4))
        err = self.fails(2, "eval", "circle", "--data", "three.npz")
        self.assertIn("three.npz", err)
        self.assertIn("[2]", err)
        self.assertIn("[3]", err)
        write_png(self.folder / "p.png", 4, 4, [0] * 16)
        self.assertIn("[2]", self.fails(2, "eval", "circle", "p.png"))  # it takes no pictures

    def test_out_never_takes_the_place_of_data_or_of_the_run(self):
        (self.folder / "other.npz").write_bytes((self.folder / "circle.npz").read_bytes())
        (self.folder / "again.npz").symlink_to("circle.npz")
        (self.folder / "data/set").mkdir(parents=True)
        (self.folder / "data/set/kept.npz").write_bytes(b"")
        for out in ("circle.npz", "again.npz", "other.npz", "circle/checkpoint.safetensors", "data/set/kept.npz"):
            before = (self.folder / out).read_bytes()
            self.assertIn("would be lost", self.fails(2, "eval", "circle", "--data", "other.npz", "--out", out))
            self.assertEqual((self.folder / out).read_bytes(), before)
        self.write("kept.npz", "of last week")
        (self.folder / "link.npz").symlink_to("kept.npz")
        self.neurarium("eval", "circle", "--out", "link.npz")
        self.assertTrue((self.folder / "link.npz").is_symlink())
        self.assertEqual(len(read_npz(self.folder / "kept.npz")["outputs"]), 2000)
        self.neurarium("eval", "circle", "--out", "circle/outputs.npz")
        self.neurarium("eval", "circle", "--out", "circle/outputs.npz")  # its own answer may be replaced
        for _ in range(2):  # beside the data sets: $NEURARIUM_DATA may be the folder where one works
            self.neurarium("eval", "circle", "--out", "data/outputs.npz")
        (self.folder / "place").mkdir()
        self.assertIn("it is a folder", self.fails(1, "eval", "circle", "--out", "place"))

    def test_what_is_missing_is_said(self):
        self.assertIn("is not a run directory", self.fails(3, "eval", "nowhere"))
        self.assertIn("test", self.fails(3, "eval", "circle", "--split", "test"))
        self.assertIn("'tset' is not one of", self.fails(2, "eval", "circle", "--split", "tset"))
        self.assertIn("not found", self.fails(3, "eval", "circle", "--data", "nowhere.npz"))
        self.assertIn("there are none", self.fails(2, "eval", "circle", "--invert"))
        self.assertIn("two questions", self.fails(2, "eval", "circle", "p.png", "--data", "circle.npz"))
        (self.folder / "circle/checkpoint.safetensors").rename(self.folder / "kept")
        err = self.fails(3, "eval", "circle")
        self.assertIn("has no checkpoint.safetensors", err)
        self.assertIn("neurarium run --again circle", err)
        (self.folder / "circle/checkpoint.safetensors").write_bytes((self.folder / "kept").read_bytes()[:300])
        self.assertIn("checkpoint.safetensors", self.fails(3, "eval", "circle"))

    def test_data_that_have_changed_since_are_noticed(self):
        self.assertNotIn("is not what it was", self.neurarium("eval", "circle")[1])
        write_npz(self.folder / "circle.npz", x=npy((1, 2), [0.0, 0.0]), y=npy((1, 1), [1.0]))
        out, err = self.neurarium("eval", "circle")
        self.assertIn("circle.npz is not what it was when this run learned from it", err)
        self.assertRegex(out, r"train +1 ")

    def test_a_checkpoint_of_another_network(self):
        self.json_of("run", "net.toml", "model.layers.0.units=5", "train.epochs=1", "--out", "small")
        (self.folder / "circle/checkpoint.safetensors").write_bytes((self.folder / "small/checkpoint.safetensors").read_bytes())
        self.assertIn("belongs to another experiment", self.fails(5, "eval", "circle"))
        unseal(self.folder / "circle/checkpoint.safetensors")  # as other software writes them
        err = self.fails(3, "eval", "circle")
        self.assertIn("dense1.weight", err)
        self.assertIn("[5, 2]", err)
        self.assertIn("[16, 2]", err)

    def test_a_damaged_checkpoint(self):
        checkpoint = self.folder / "circle/checkpoint.safetensors"
        content = bytearray(checkpoint.read_bytes())
        content[-9] ^= 16
        checkpoint.write_bytes(content)
        err = self.fails(3, "eval", "circle")
        self.assertIn("checkpoint.safetensors: is damaged", err)
        self.assertIn("neurarium run --again circle", err)

    def test_studies_without_a_network(self):
        self.neurarium("run", "activations", "--out", "curves")
        self.assertIn("keeps no network", self.fails(2, "eval", "curves"))

    def test_errors_are_json_too(self):
        out, err = self.neurarium("eval", "nowhere", "--json", code=3)
        self.assertEqual(json.loads(out)["exit_code"], 3)

    def test_an_unfinished_run_is_its_last_checkpoint(self):
        self.network(epochs=100000, name="long.toml")
        process = self.start("run", "long.toml", "--out", "long")
        self.wait_for("long/checkpoint.safetensors", process)
        self.assertEqual(self.stop(process)[0], 130)
        out, err = self.neurarium("eval", "long")
        self.assertIn("not finished", err)
        self.assertIn("2000", out)


class OnPictures(ProgramTest):
    def setUp(self):
        super().setUp()
        quarters(self.folder / "quarters.npz")
        self.write("net.toml", CLASSES.format(data="quarters.npz"))
        self.neurarium("run", "net.toml", "--out", "run")

    def test_samples_as_png_give_what_the_samples_give(self):
        found = self.json_of("eval", "run", "--out", "out.npz")
        self.assertEqual((found["split"], found["samples"], found["accuracy"]), ("test", 80, 1.0))
        outputs = read_npz(self.folder / "out.npz")["outputs"]
        for i in range(8):
            write_png(self.folder / f"{i}.png", SIDE, SIDE, bright(i % 4, i))
        answers = self.json_of("eval", "run", *[f"{i}.png" for i in range(8)])["pictures"]
        for i, answer in enumerate(answers):
            row = outputs[4 * i : 4 * i + 4]
            self.assertEqual(answer["file"], f"{i}.png")
            for a, b in zip(answer["outputs"], row):
                self.assertAlmostEqual(a, b, places=5)  # a batch of another size: sums in another order
            row = answer["outputs"]
            order = sorted(range(4), key=lambda k: -row[k])
            self.assertEqual([guess["label"] for guess in answer["best"]], order[:3])
            mass = sum(math.exp(z - max(row)) for z in row)
            for guess in answer["best"]:
                self.assertAlmostEqual(guess["probability"], math.exp(row[guess["label"]] - max(row)) / mass, places=12)
        alone = self.json_of("eval", "run", "5.png")["pictures"]
        self.assertEqual(alone, answers[5:6])  # whatever else is asked in the same breath
        out, err = self.neurarium("eval", "run", "2.png", "3.png")
        self.assertRegex(out, r"^2\.png  P\. 2, \d, \d  \(\d+\.\d\s%\)\n3\.png  P\. 3, \d, \d  \(\d+\.\d\s%\)\n$")

    def test_colour_size_and_ink(self):
        large = [v for y in range(SIDE) for _ in range(3) for v in bright(1, 1)[y * SIDE : (y + 1) * SIDE] for _ in range(3)]
        write_png(self.folder / "large.png", 3 * SIDE, 3 * SIDE, [v for v in large for _ in range(3)], colour=True)
        write_png(self.folder / "plain.png", SIDE, SIDE, bright(1, 1))
        write_png(self.folder / "ink.png", SIDE, SIDE, [255 - v for v in bright(1, 1)])
        err = self.fails(2, "eval", "run", "large.png")
        self.assertIn("6 × 6 pixels", err)
        self.assertIn("18 × 18 pixels", err)
        self.assertIn("--resize", err)

        def outputs(*words):
            return self.json_of("eval", "run", *words)["pictures"][0]["outputs"]

        for a, b in zip(outputs("large.png", "--resize"), outputs("plain.png")):
            self.assertAlmostEqual(a, b, places=5)
        self.assertEqual(outputs("ink.png", "--invert"), outputs("plain.png"))
        self.assertNotEqual(outputs("ink.png"), outputs("plain.png"))

    def test_numbers_that_are_no_bytes_have_a_white_of_their_own(self):
        quarters(self.folder / "floats.npz", kind=("<f8", "d"), factor=1 / 239)
        self.write("floats.toml", CLASSES.format(data="floats.npz"))
        self.neurarium("run", "floats.toml", "--out", "floats")
        write_png(self.folder / "white.png", SIDE, SIDE, [round(v * 255 / 239) for v in bright(3, 3)])
        answer = self.json_of("eval", "floats", "white.png")["pictures"][0]
        self.assertEqual(answer["best"][0]["label"], 3)
        quarters(self.folder / "centred.npz", kind=("<f8", "d"), low=100)
        self.write("centred.toml", CLASSES.format(data="centred.npz"))
        self.neurarium("run", "centred.toml", "train.optimiser.learning_rate=1e-4", "--out", "centred")
        self.assertIn("was not learned as pictures", self.fails(3, "eval", "centred", "white.png"))

    def test_files_that_are_no_pictures(self):
        write_png(self.folder / "good.png", SIDE, SIDE, bright(0, 0))
        whole = (self.folder / "good.png").read_bytes()
        (self.folder / "damaged.png").write_bytes(whole[:-30] + bytes(10) + whole[-20:])
        (self.folder / "text.png").write_text("not a picture")
        for name in ("damaged.png", "text.png", "nowhere.png"):
            self.assertIn(name, self.fails(3, "eval", "run", name))
        write_png(self.folder / "large.png", SIDE + 1, SIDE, [0] * SIDE * (SIDE + 1))
        words = ("eval", "run", "good.png", "text.png", "large.png", "nowhere.png", "good.png")
        out, err = self.neurarium(*words, code=3)  # the good ones are answered, and every fault is told
        self.assertRegex(out, r"^(good\.png  P\. 0, \d, \d  \(.*\)\n){2}$")
        for name in ("text.png", "large.png", "nowhere.png"):
            self.assertRegex(err, rf"neurarium: {name}: ")
        found = self.json_of(*words, code=3)
        self.assertEqual([answer["file"] for answer in found["pictures"]], ["good.png"] * 2)
        self.assertEqual(len(found["faults"]), 3)


if __name__ == "__main__":
    unittest.main()
