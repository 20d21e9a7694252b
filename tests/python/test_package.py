"""The package itself: generated classes, signatures and stubs, all from `neurarium describe --json`, and nothing per model."""

import ast
import importlib
import inspect
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np

import neurarium as nr
from neurarium import _engine
from neurarium._progress import Bar

SOURCE = pathlib.Path(os.environ["NEURARIUM_SOURCE_DIR"])
PACKAGE = pathlib.Path(nr.__file__).parent
PLURALS = {"model": "models", "layer": "layers", "loss": "losses", "optimiser": "optimisers", "initialiser": "initialisers",
           "surrogate": "surrogates"}


def described():
    return json.loads(subprocess.run([os.environ["NEURARIUM"], "describe", "--json"], check=True, capture_output=True).stdout)


def camel(name):
    return "".join(part.capitalize() for part in name.replace("-", "_").split("_"))


def stub_functions(text):
    """{(class or None, function): its arguments} of a stub."""
    found = {}
    for node in ast.parse(text).body:
        for inner in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(inner, ast.FunctionDef):
                found[(node.name if isinstance(node, ast.ClassDef) else None), inner.name] = inner.args
    return found


def defaults_of(arguments):
    """{argument: default} of a stub's function; what has none is absent."""
    positional = arguments.args[len(arguments.args) - len(arguments.defaults):]
    pairs = list(zip(positional, arguments.defaults)) + [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d is not None]
    return {argument.arg: ast.literal_eval(default) for argument, default in pairs}


class GeneratedClasses(unittest.TestCase):
    def entries(self):
        for entry in described()["entries"]:
            if entry["kind"] in PLURALS:
                yield entry, getattr(importlib.import_module("neurarium." + PLURALS[entry["kind"]]), camel(entry["type"]))

    def test_every_part_has_a_class_with_its_defaults(self):
        count = 0
        for entry, cls in self.entries():
            with self.subTest(cls.__name__):
                count += 1
                parameters = inspect.signature(cls).parameters
                self.assertEqual(sorted(parameters), sorted(field["name"] for field in entry["fields"]))
                for field in entry["fields"]:
                    default = parameters[field["name"]].default
                    if field["kind"] in ("array", "section"):
                        self.assertIsNone(default)
                        for inner in field.get("fields", []):
                            self.assertIn(field["name"] + "." + inner["name"], cls.__doc__)
                    elif field["kind"] == "component":
                        if set(field["default"]) == {"type"}:
                            self.assertEqual({"type": default}, field["default"])
                        else:  # with settings of its own: the program fills it in, the docstring tells
                            self.assertIsNone(default)
                            self.assertIn(str(field["default"]), cls.__doc__)
                    elif field["kind"] in ("integers", "reals", "texts", "components"):
                        self.assertEqual(list(default), field["default"])
                    else:
                        self.assertEqual(default, field["default"])
                        self.assertIs(type(default), type(field["default"]))
                    for part in ("doc", "range"):
                        self.assertIn(field.get(part, ""), cls.__doc__)
                self.assertIn(entry["doc"], cls.__doc__)
        self.assertGreaterEqual(count, 8)

    def test_parts_made_without_settings_are_their_defaults(self):
        for entry, cls in self.entries():
            if entry["kind"] != "model":
                with self.subTest(cls.__name__):
                    self.assertEqual(dict(cls()), {"type": entry["type"], **_engine.complete(entry["kind"], entry["type"], {})})
                    self.assertEqual(repr(cls()), f"{cls.__name__}()")

    def test_fit_takes_what_the_trainer_takes(self):
        trainer = next(field["fields"] for field in nr.describe("train-network")["fields"] if field["name"] == "train")
        parameters = inspect.signature(nr.Model.fit).parameters
        for field in trainer:
            if field["name"] == "checkpoint_seconds":  # arrays are trained on without a run directory
                continue
            # A section left out is a section of defaults.
            default = field["default"]["type"] if field["kind"] == "component" else field.get("default")
            self.assertEqual(parameters[field["name"]].default, default, field["name"])
            self.assertIn(field["doc"], nr.Model.fit.__doc__)

    def test_version(self):
        self.assertEqual(nr.__version__, described()["version"])

    def test_all_names_are_there(self):
        for name in nr.__all__:
            self.assertTrue(hasattr(nr, name), name)
            self.assertTrue(getattr(nr, name).__doc__, name)
        self.assertIs(nr.Sequential, nr.models.Sequential)


class Stubs(unittest.TestCase):
    def test_stubs_parse_and_say_what_the_modules_say(self):
        self.assertTrue((PACKAGE / "py.typed").is_file())
        for name in PLURALS.values():
            module = importlib.import_module(f"neurarium.{name}")
            text = (PACKAGE / f"{name}.pyi").read_text()
            functions = stub_functions(text)
            self.assertEqual({cls for cls, _ in functions}, set(module.__all__))
            for cls in module.__all__:
                with self.subTest(f"{name}.{cls}"):
                    signature = inspect.signature(getattr(module, cls))
                    arguments = functions[cls, "__init__"]
                    self.assertEqual([a.arg for a in arguments.args[1:] + arguments.kwonlyargs], list(signature.parameters))
                    self.assertEqual(defaults_of(arguments), {key: p.default for key, p in signature.parameters.items()})
                    self.assertIn(inspect.cleandoc(getattr(module, cls).__doc__), inspect.cleandoc(text.replace("\n    ", "\n")))

    def test_the_engines_stub_is_complete(self):
        text = (PACKAGE / "_engine.pyi").read_text()
        functions = stub_functions(text)
        self.assertEqual({name for cls, name in functions if cls is None} | {"Model", "version"},
                         {name for name in dir(_engine) if not name.startswith("_")})
        self.assertEqual({name for cls, name in functions if cls == "Model" and name != "__init__"},
                         {name for name in dir(_engine.Model) if not name.startswith("_")})
        # The arguments that pybind11 writes into the docstrings.
        for (cls, name), arguments in functions.items():
            item = getattr(_engine.Model if cls else _engine, name)
            if callable(item) and name != "__init__":
                shown = item.__doc__.splitlines()[0]
                for argument in arguments.args:
                    self.assertIn(argument.arg, shown, name)

    def test_every_module_compiles(self):
        for path in [*PACKAGE.glob("*.py"), *PACKAGE.glob("*.pyi")]:
            ast.parse(path.read_text(), str(path))


class NothingPerModel(unittest.TestCase):
    def test_no_name_of_the_registry_stands_in_the_sources(self):
        names = {entry["type"] for entry in described()["entries"]}
        # fit()'s defaults, held to the trainer's own by the test above; a schedule called like the step of an error, and a surrogate
        # called like the tables of a report, and one like a neuron.
        allowed = {("run.cpp", "table"), ("_report.py", "table"), ("_convert.py", "gaussian"), ("_model.py", "sgd"), ("_model.py", "constant"), ("errors.cpp", "step"), ("model.cpp", "step"), ("_model.py", "step")}
        for path in (SOURCE / "python").rglob("*"):
            if path.suffix in (".cpp", ".hpp"):
                text = path.read_text()
                self.assertEqual([name for name in names if f'"{name}"' in text and (path.name, name) not in allowed], [], path.name)
            elif path.suffix == ".py":
                constants = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
                self.assertEqual([name for name in names & constants if (path.name, name) not in allowed], [], path.name)


class Generator(unittest.TestCase):
    """A model that does not exist gets its class too."""

    FIELDS = [
        {"name": "parts", "kind": "components", "component_kind": "gear", "doc": "The gears.", "default": []},
        {"name": "lambda", "kind": "real", "doc": "A word of Python's own.", "default": 2},
        {"name": "tau", "kind": "real", "unit": "s", "range": "> 0", "doc": "How slow.", "default": 0.02},
        {"name": "mode", "kind": "text", "choices": ["a", "b\\c"], "doc": "Which.", "default": "a"},
        {"name": "sizes", "kind": "integers", "doc": "How large.", "default": [1, 2]},
        {"name": "start", "kind": "array", "doc": "Where from.", "default": ""},
        {"name": "more", "kind": "section", "doc": "Inside.", "fields": [{"name": "deep", "kind": "boolean", "doc": "Very.", "default": True}]},
    ]

    def test_fields_of_every_kind(self):
        told = {"version": "9", "entries": [{"kind": "gear", "type": "cog_wheel", "doc": "Turns.", "fields": self.FIELDS},
                                            {"kind": "study", "type": "a-study", "doc": "", "fields": []}]}
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder, "program")
            program.write_text(f"#!{sys.executable}\nimport sys\nassert sys.argv[1:] == ['describe', '--json']\nprint({json.dumps(told)!r})\n")
            program.chmod(0o755)
            package = pathlib.Path(folder, "package")
            subprocess.run([sys.executable, "-I", SOURCE / "python" / "generate.py", program, package], check=True)
            self.assertEqual(sorted(os.listdir(package)), ["_parts.py", "_parts.pyi", "gears.py", "gears.pyi"])
            tree = ast.parse((package / "gears.py").read_text())
            cls = next(node for node in tree.body if isinstance(node, ast.ClassDef))
            self.assertEqual(cls.name, "CogWheel")
            init = next(node for node in cls.body if isinstance(node, ast.FunctionDef)).args
            self.assertEqual([a.arg for a in init.args], ["self", "parts"])
            self.assertEqual([a.arg for a in init.kwonlyargs], ["lambda_", "tau", "mode", "sizes", "start", "more"])
            self.assertEqual(defaults_of(init), {"parts": (), "lambda_": 2.0, "tau": 0.02, "mode": "a", "sizes": (1, 2), "start": None,
                                                 "more": None})
            doc = ast.get_docstring(cls)
            for line in ("tau : float, default 0.02", "How slow. (in s; a text may carry another unit; > 0)", "more.deep : bool, default True"):
                self.assertIn(line, doc)
            self.assertIn("'lambda': lambda_", (package / "gears.py").read_text())
            self.assertEqual(defaults_of(stub_functions((package / "gears.pyi").read_text())["CogWheel", "__init__"]), defaults_of(init))


class Drawing(unittest.TestCase):
    def chart(self, *kinds):
        from neurarium._report import Chart, Trace
        line, grid = np.arange(3.0), np.ones((3, 3))
        traces = [Trace(kind, kind, line, line, np.array([]), grid if kind in ("heatmap", "contour", "surface") else None, [], "") for kind in kinds]
        return Chart("c", "title", "", "x", "y", "z", traces, True, False)

    def test_without_matplotlib_the_package_works_and_says_what_is_missing(self):
        code = ("import sys; sys.modules['matplotlib'] = None\n"
                "import neurarium as nr, neurarium.plot\n"
                "try: nr.plot.report(type('R', (), {'exhibits': []})())\n"
                "except ImportError as error: print(error)")
        told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        self.assertIn("neurarium.plot needs matplotlib", told)

    def test_importing_does_not_load_matplotlib(self):
        subprocess.run([sys.executable, "-c", "import neurarium, sys; assert not any(m.split('.')[0] == 'matplotlib' for m in sys.modules)"], check=True)

    def test_each_kind_of_trace_is_drawn(self):
        for kind, method in (("line", "plot"), ("points", "scatter"), ("bars", "bar"), ("heatmap", "pcolormesh"), ("contour", "contour"),
                             ("surface", "plot_surface")):
            ax = mock.MagicMock()
            self.assertIs(nr.plot.chart(self.chart(kind), ax), ax)
            getattr(ax, method).assert_called_once()
            self.assertEqual(ax.set_zlabel.called, kind == "surface")
            self.assertEqual(ax.set_yscale.called, kind != "surface")

    def test_attacks_are_drawn_by_norm_from_the_unchanged_samples_on(self):
        net = nr.Sequential([nr.layers.Dense(units=2)], inputs=[4], loss="cross_entropy")
        x = np.random.default_rng(0).uniform(size=(8, 4))
        found = nr.attack(net, x, np.zeros(8, int), [nr.attacks.Fgsm(norm="linf"), nr.attacks.Fgsm(norm="l2")], epsilon=[0.1, 0.2],
                          look_for_masking=False)  # fmt: skip
        ax = mock.MagicMock()
        self.assertIs(nr.plot.attack(found, "l2", ax), ax)
        drawn = {call.kwargs["label"]: call.args for call in ax.plot.call_args_list}
        self.assertEqual(set(drawn), {"fgsm-2"})  # a single attack is the worst
        np.testing.assert_array_equal(drawn["fgsm-2"][0], [0, 0.1, 0.2])
        both = nr.attack(net, x, np.zeros(8, int), ["fgsm", "pgd"], epsilon=[0.1, 0.2], look_for_masking=False)
        ax = mock.MagicMock()
        nr.plot.attack(both, ax=ax)
        drawn = {call.kwargs["label"]: call.args for call in ax.plot.call_args_list}
        self.assertEqual(list(drawn), ["worst case", "fgsm", "pgd"])
        np.testing.assert_array_equal(drawn["worst case"][1], [both.clean_accuracy, *both.worst_case["linf"].accuracy])
        with self.assertRaisesRegex(TypeError, "what neurarium.attack returns"):
            nr.plot.attack(both.outcomes["pgd"])
        for norm, message in ((None, "say which"), ("l1", "none in 'l1'"), ("", "none in ''")):
            with self.assertRaisesRegex(ValueError, message):
                nr.plot.attack(found, norm, ax)


class Bars(unittest.TestCase):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    def test_a_terminal_gets_one_line(self):
        stream = self.Terminal()
        bar = Bar(stream)
        with mock.patch("time.monotonic", side_effect=[100.0, 110.0]):
            bar(nr.Progress("train", 0, 400, "samples", ""))
            bar(nr.Progress("train", 100, 400, "samples", "loss 0.5"))
        bar.close()
        last = stream.getvalue().split("\r")[-1]
        self.assertEqual(last, "train  25 %  10 samples/s  30 s left  loss 0.5\n")

    def test_a_file_gets_a_line_per_phase_and_every_ten_seconds(self):
        stream = io.StringIO()
        bar = Bar(stream)
        with mock.patch("time.monotonic", side_effect=[0.0, 1.0, 9.0, 11.0, 12.0]):
            for phase, done in (("a", 1), ("a", 2), ("a", 3), ("a", 4), ("b", 1)):
                bar(nr.Progress(phase, done, 9, "steps", ""))
        self.assertEqual([line.split()[0] for line in stream.getvalue().splitlines()], ["a", "a", "b"])


if __name__ == "__main__":
    unittest.main()
