"""Exit codes and messages: what, where, expected, found, how to mend."""

import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ProgramTest, npy, write_npz  # noqa: E402

VERBS = ["run", "gallery", "list", "describe", "config", "data", "report", "compare", "eval", "convert", "gradcheck", "bench"]


class Usage(ProgramTest):
    def test_help_opens_with_examples_and_fits_one_screen(self):
        for words in [[], *[[verb] for verb in VERBS], ["config", "show"]]:
            out, err = self.neurarium(*words, "--help")
            self.assertEqual(err, "")
            self.assertLess(out.index("Examples:"), out.index("Usage:"), words)
            self.assertRegex(out, r"Examples:\n  neurarium ")
            self.assertLessEqual(len(out.splitlines()), 40, words)
            self.assertLessEqual(max(map(len, out.splitlines())), 120, words)

    def test_top_level_help_documents_every_exit_code(self):
        out = self.neurarium("--help")[0]
        for code in ("0 done", "1 run failed", "2 usage", "3 data", "4 diverged", "5 resume mismatch", "130 interrupted"):
            self.assertIn(code, out)
        for verb in VERBS:
            self.assertRegex(out, rf"(?m)^  {verb}\b")

    def test_wrong_command_lines(self):
        self.assertIn("no verb was given", self.fails(2))
        self.assertIn("did you mean 'run'", self.fails(2, "rnu"))
        self.assertIn("--bogus", self.fails(2, "run", "xor-surface", "--bogus"))
        self.assertIn("xor-surface", self.fails(2, "run"))  # names what could have been meant
        self.assertIn("did you mean 'xor-surface'?", self.fails(2, "run", "xor-surfase"))
        self.assertIn("'nodir' is neither a run directory nor a study", self.fails(2, "run", "--resume", "nodir"))
        self.assertIn("presets: ", self.fails(2, "run", "xor-surface", "--preset", "nonesuch"))
        self.assertIn("seeds: out of range: expected in [1, 100000]", self.fails(2, "run", "xor-surface", "seeds=0"))
        self.assertIn("did you mean 'preset'", self.fails(2, "run", "topographic-map", "presett=x"))
        self.assertIn("threads: out of range: expected in [0, 1024]", self.fails(2, "run", "xor-surface", "--threads", 4096))
        self.assertIn("nowhere.toml", self.fails(2, "run", "nowhere.toml"))
        self.assertIn("--seed", self.fails(2, "run", "xor-surface", "--seed", "4294967296"))
        self.assertIn("did you mean 'dense'", self.fails(2, "describe", "dens"))
        self.assertFalse((self.folder / "runs").exists())

    def test_usage_messages_name_the_verbs_own_help(self):
        for words, help_ in ((["eval"], "neurarium eval --help"), (["run", "xor-surface", "--sed", "3"], "neurarium run --help"),
                             (["data", "get", "--quickly"], "neurarium data get --help"), (["evil"], "neurarium --help"),
                             (["--quickly"], "neurarium --help"), ([], "neurarium --help")):  # fmt: skip
            self.assertIn(f"`{help_}`", self.fails(2, *words))

    def test_options_without_a_value(self):
        for words in (["run", "xor-surface", "--out", ""], ["run", "xor-surface", "--seed", ""], ["eval", ""], ["data", "get", ""]):
            self.assertIn("found an empty word, expected", self.fails(2, *words))
        self.assertFalse((self.folder / "runs").exists())

    def test_standard_output_that_is_full(self):
        with open("/dev/full", "w") as full:
            process = self.start("list", stdout=full)
            err = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 1)
        self.assertIn("standard output", err)


class Configuration(ProgramTest):
    def test_every_fault_at_once_with_file_line_and_column(self):
        self.network()
        text = (self.folder / "net.toml").read_text()
        self.write("net.toml", text.replace("units = 16", "unitz = 16").replace('"tanh"', '"tanhh"').replace("epochs = 3", 'epochs = "3"'))
        err = self.fails(2, "run", "net.toml", "train.bach_size=4", "train.optimiser.learning_rate=-1")
        self.assertRegex(err, r"net\.toml:4:\d+: .*unitz: unknown key; did you mean 'units'\?")
        self.assertRegex(err, r"net\.toml:5:\d+: .*activation: 'tanhh' is not one of .*; did you mean 'tanh'\?")
        self.assertRegex(err, r"net\.toml:11:\d+: train\.epochs: expected a whole number, found text")
        self.assertIn("command line (argument 3): train.bach_size: unknown key; did you mean 'batch_size'?", err)
        self.assertRegex(err, r"command line \(argument 4\): train\.optimiser\.learning_rate: out of range: expected .* 0, found -1")
        self.assertEqual(err.count("\n"), 5)
        self.assertFalse((self.folder / "runs").exists())

    def test_broken_toml(self):
        self.write("bad.toml", 'dataset = "xor"\n[model\n')
        self.assertRegex(self.fails(2, "run", "bad.toml"), r"bad\.toml:2:\d+: not valid TOML")

    def test_config_show_names_the_origin_of_every_value(self):
        self.network()
        out = self.neurarium("config", "show", "net.toml", "model.layers.0.units=8", "--seed", "3")[0]
        self.assertRegex(out, r"units = 8  # command line \(argument 4\)")
        self.assertRegex(out, r"units = 1  # net\.toml:8:9")
        self.assertRegex(out, r"seed = 3  # command line \(--seed\)")
        self.assertRegex(out, r'reduction = "mean"  # default')
        preset = self.neurarium("config", "show", "xor-surface", "--preset", "gallery")[0]
        self.assertRegex(preset, r"# xor-surface\.gallery\.toml:\d+")

    def test_config_show_prints_an_experiment_that_runs_the_same(self):
        self.network()
        self.write("shown.toml", self.neurarium("config", "show", "net.toml", "train.epochs=2")[0])
        self.assertEqual(self.json_of("run", "shown.toml", "--out", "a")["figures"]["train_loss"],
                         self.json_of("run", "net.toml", "train.epochs=2", "--out", "b")["figures"]["train_loss"])  # fmt: skip


class Data(ProgramTest):
    def run_with(self, **arrays):
        self.network()
        write_npz(self.folder / "circle.npz", **arrays)
        err = self.fails(3, "run", "net.toml", "--quiet")
        self.assertIn("circle.npz", err)
        return err

    def test_missing_data_name_the_command_that_gets_them(self):
        self.assertIn("neurarium data get cifar10", self.fails(3, "run", "topographic-map"))
        self.assertFalse((self.folder / "runs").exists())
        self.network()
        (self.folder / "circle.npz").unlink()
        self.assertIn("circle.npz", self.fails(3, "run", "net.toml"))

    def test_damaged_data(self):
        numbers = [float(i) for i in range(20)]
        write_npz(self.folder / "circle.npz", x=npy((10, 2), numbers))  # good data for a rule that needs no answers
        self.network(data=False)
        self.assertIn("has no answers y to learn", self.fails(3, "run", "net.toml", "--quiet"))
        self.assertRegex(self.run_with(x=npy((10, 2), numbers), y=npy((9, 1), numbers[:9])), r"9\b.*10|10\b.*9")
        self.assertRegex(self.run_with(x=npy((10, 2), [float("nan")] + numbers[1:]), y=npy((10, 1), numbers[:10])), "finite|NaN")
        self.run_with(x=npy((10, 2), numbers)[:-9], y=npy((10, 1), numbers[:10]))
        (self.folder / "circle.npz").write_bytes(b"PK\x03\x04 not a zip")
        self.assertIn("circle.npz", self.fails(3, "run", "net.toml"))
        self.no_half_written_files()

    def test_damaged_arrays_in_the_experiment(self):
        self.network()
        self.write("net.toml", (self.folder / "net.toml").read_text().replace("units = 16", 'units = 16\nweights = "w.npy"'))
        self.assertIn("w.npy", self.fails(3, "run", "net.toml"))
        (self.folder / "w.npy").write_bytes(npy((16, 2), [0.1] * 32)[:-8])
        self.assertIn("w.npy", self.fails(3, "run", "net.toml"))
        (self.folder / "w.npy").write_bytes(npy((16, 3), [0.1] * 48))
        self.assertRegex(self.fails(2, "run", "net.toml", "--quiet"), r"\[16, 2\].*\[16, 3\]")
        (self.folder / "w.npy").write_bytes(npy((16, 2), [0.1] * 32))
        self.neurarium("run", "net.toml")

    def test_a_diverging_run_exits_4_and_names_the_place(self):
        self.network()
        err = self.fails(4, "run", "net.toml", "train.optimiser.learning_rate=1e38", "model.layers.0.activation=relu",
                         "model.layers.1.activation=identity", "--out", "out", "--quiet")  # fmt: skip
        self.assertRegex(err, r"dense\d.*: not a finite number at step \d+")
        record = self.run_record("out")
        self.assertEqual((record["status"], record["exit_status"]), ("diverged", 4))
        self.assertIn("at step", record["error"])


IMAGES = """dataset = "images.npz"
[model]
loss = "cross_entropy"
[[model.layers]]
type = "conv2d"
filters = 2
[[model.layers]]
type = "residual"
[[model.layers.layers]]
type = "conv2d"
filters = 2
padding = 1
[[model.layers.layers]]
type = "batch_norm"
[[model.layers]]
type = "dense"
units = 3
[train]
epochs = 2
"""


class Networks(ProgramTest):
    def setUp(self):
        super().setUp()
        self.images()
        self.write("net.toml", IMAGES)

    def images(self, labels=(0, 1, 2) * 4):
        numbers = [(i * 37 % 101) / 101 for i in range(12 * 36)]
        write_npz(self.folder / "images.npz", x=npy((12, 6, 6), numbers), y=npy((12,), labels, "<i8", "q"))

    def change(self, old, new):
        self.assertIn(old, IMAGES)
        self.write("net.toml", IMAGES.replace(old, new))

    def test_a_batch_larger_than_the_data(self):
        err = self.fails(2, "run", "net.toml", "train.batch_size=5000", "--quiet")
        self.assertRegex(err, r"train\.batch_size: .*5000 .* 12 samples")
        self.assertIn("at most 12", err)
        self.json_of("run", "net.toml", "train.batch_size=12", "--quiet")

    def test_wrong_answers_are_found_before_training(self):
        self.images(labels=(0, 1, 2) * 3 + (0, 1, 7))
        err = self.fails(3, "run", "net.toml", "train.epochs=1000000", "--quiet")
        self.assertRegex(err, r"images\.npz \(train\): label 7 of sample 11 is outside 0 … 2")
        write_npz(self.folder / "images.npz", x=npy((12, 6, 6), [0.5] * 432), y=npy((12, 3), [0.5, 0.5, 0] * 11 + [0.5, 0.7, -0.2]))
        err = self.fails(3, "run", "net.toml", "train.epochs=1000000", "--quiet")
        self.assertRegex(err, r"target -0\.2 of sample 11 is below 0; .*cross_entropy")

    def test_numbers_beyond_all_bounds(self):
        for setting, words in (
            ("model.layers.0.padding=9223372036854775807", r"padding: out of range: expected in \[0, 65536\]"),
            ("train.optimiser.learning_rate=inf", r"learning_rate: out of range: expected a finite number"),
        ):
            self.assertRegex(self.fails(2, "run", "net.toml", setting, "--quiet"), words)

    def test_colour_pictures_as_they_are_have_no_channels_first(self):
        write_npz(self.folder / "images.npz", x=npy((12, 6, 8, 3), [0.5] * 12 * 144), y=npy((12,), (0, 1, 2) * 4, "<i8", "q"))
        err = self.fails(2, "run", "net.toml", "--quiet")
        self.assertRegex(err, r"conv2d takes images \[channels, height, width\], and the samples are \[6, 8, 3\]")
        self.assertIn("channels_first", err)

    def test_the_same_numbers_in_another_shape_do_not_fit(self):
        err = self.fails(2, "run", "net.toml", "model.inputs=[4, 9]", "--quiet")
        self.assertRegex(err, r"conv2d1.*\[samples, 4, 9\].*\[\d+, 6, 6\]")

    def test_shapes_that_do_not_fit_name_the_layer_and_both(self):
        self.change("padding = 1\n", "")
        err = self.fails(2, "run", "net.toml", "--quiet")
        self.assertRegex(err, r"residual1: .*\[2, 4, 4\].*\[2, 2, 2\]")
        self.change("filters = 2\npadding", "filters = 2\nkernel_size = 9\npadding")
        self.assertRegex(self.fails(2, "run", "net.toml", "--quiet"), r"residual1\.conv2d1: .*kernel of size 9.*\[2, 4, 4\]")
        self.change('type = "dense"', 'type = "max_pool"')
        self.assertIn("units: unknown key", self.fails(2, "run", "net.toml", "--quiet"))
        self.change('type = "dense"\nunits = 3', 'type = "max_pool"\nsize = 5')
        self.assertRegex(self.fails(2, "run", "net.toml", "--quiet"), r"max_pool1: .*window of size 5.*\[2, 4, 4\]")

    def test_faults_in_inner_layers_have_a_line_and_the_nearest_key(self):
        self.change("padding = 1", "paddding = 1")
        self.assertRegex(self.fails(2, "run", "net.toml"), r"net\.toml:12:\d+: .*paddding: unknown key; did you mean 'padding'\?")

    def test_labels_out_of_range(self):
        for label in (3, -1):
            self.images((0, 1, 2, label) * 3)
            self.assertRegex(self.fails(3, "run", "net.toml", "--quiet"), rf"label.*{label}")

    def test_one_value_per_channel_has_no_variance(self):
        self.change('type = "dense"', 'type = "flatten"\n[[model.layers]]\ntype = "batch_norm"\n[[model.layers]]\ntype = "dense"')
        err = self.fails(2, "run", "net.toml", "train.batch_size=11", "--quiet")  # the last batch has one image
        self.assertRegex(err, r"batch_norm1: .*no variance.*batch_size")

    def test_a_learning_rate_that_diverges_names_layer_and_step(self):
        err = self.fails(4, "run", "net.toml", "train.optimiser.learning_rate=1e30", "--out", "out", "--quiet")
        self.assertRegex(err, r"(conv2d1|residual1\.\w+|dense1)\S*: not a finite number at step \d+")
        self.assertEqual(self.run_record("out")["exit_status"], 4)


class Json(ProgramTest):
    def test_one_object_and_nothing_else(self):
        self.network()
        report = self.json_of("run", "net.toml", "--out", "a")
        self.assertEqual(report, json.loads((self.folder / "a/report.json").read_text()))
        self.assertLessEqual({"study", "run", "question", "answer", "figures", "exhibits"}, set(report))
        self.assertLessEqual({"value", "unit", "meaning"}, set(report["figures"]["train_loss"]))
        self.assertEqual(self.json_of("run", "net.toml", "--out", "a"), report)  # the stored result
        self.assertEqual(self.json_of("report", "a")["figures"], report["figures"])
        self.assertIn("xor-surface", [s["name"] for s in self.json_of("list")["study"]])
        self.assertEqual(self.json_of("list", "layer").keys(), {"layer"})
        self.assertEqual(self.json_of("describe", "layer/dense")["type"], "dense")
        entries = self.json_of("describe")["entries"]
        self.assertIn(("study", "xor-surface"), [(e["kind"], e["type"]) for e in entries])
        self.assertEqual(self.json_of("config", "show", "net.toml")["train"]["epochs"], 3)
        self.assertTrue(self.json_of("compare", "a", "a", "--exact")["exact"])
        self.assertTrue(self.json_of("gradcheck", "net.toml")["passed"])
        self.assertEqual(self.json_of("run", "nonesuch", code=2)["exit_code"], 2)
        gallery = self.json_of("gallery", code=3)
        self.assertEqual({card["study"] for card in gallery["cards"]}, {s["name"] for s in self.json_of("list")["study"]})

    def test_quiet_and_no_colour(self):
        self.network()
        out, err = self.neurarium("run", "net.toml", "--quiet")
        self.assertEqual(err, "")
        self.assertIn("train_loss", out)
        err = self.neurarium("run", "net.toml", "seed=1")[1]
        self.assertIn("seed 1", err)
        self.assertNotIn("\x1b", err)
        self.assertNotIn("\r", err)


class Gallery(ProgramTest):
    def test_goes_on_past_missing_data_and_exits_3(self):
        out, err = self.neurarium("gallery", "--quiet", code=3)
        page = (self.folder / "runs/gallery/index.html").read_text()
        for study in ("xor-surface", "topographic-map", "train-network"):
            self.assertIn(study, page)
        self.assertIn("neurarium data get cifar10", page)
        self.assertIn("in all", out)
        link = re.search(r'href="([^"]*report\.html)"', page).group(1)
        self.assertTrue((self.folder / "runs/gallery" / link).resolve().is_file())


class Gradcheck(ProgramTest):
    def test_the_founding_network_passes(self):
        out = self.neurarium("gradcheck", "xor-surface")[0]
        self.assertRegex(out, r"passed: largest error \S+e-\d+")
        self.assertIn("failed", self.neurarium("gradcheck", "xor-surface", "--tolerance", "1e-15", code=1)[0])
        for wrong in ("nan", "-1", "0", "inf", "x"):
            self.assertIn("--tolerance", self.fails(2, "gradcheck", "xor-surface", "--tolerance", wrong))
        self.assertIn("--entries", self.fails(2, "gradcheck", "xor-surface", "--entries", "-1"))
        self.assertIn("has 4 samples, not 8", self.neurarium("gradcheck", "xor-surface")[1])

    def test_needs_a_model_with_gradients_and_data(self):
        self.write("none.toml", '[[model.layers]]\ntype = "dense"\n')
        self.assertIn("dataset", self.fails(2, "gradcheck", "none.toml"))


if __name__ == "__main__":
    unittest.main()
