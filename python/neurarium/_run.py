"""Experiments from Python: the same as `neurarium run`, with NumPy arrays where the command line has files."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple, Union

import numpy.typing as npt

from . import _engine
from ._component import given
from ._events import NAMES, Spikes, events
from ._model import plain
from ._progress import ProgressLike, Reporting
from ._report import Report
from ._signs import with_listed_signs

PathLike = Union[str, "os.PathLike[str]"]
#: A data set's name, a .npz file, arrays (x, y) or (x, y, x_test, y_test), or a dict of them by name (spikes: nr.events).
DataLike = Union[PathLike, Tuple[Union[npt.ArrayLike, Spikes], npt.ArrayLike], Mapping[str, npt.ArrayLike],
                 Tuple[Union[npt.ArrayLike, Spikes], npt.ArrayLike, Union[npt.ArrayLike, Spikes], npt.ArrayLike]]


def _tree(settings: Mapping[str, Any]) -> Dict[str, Any]:
    """Dotted keys as a tree: {"model.rows": 30} → {"model": {"rows": 30}}. None is "not given".

    A text stands for a part's type, in either order: {"train.optimiser": "adam", "train.optimiser.learning_rate": 0.01}.
    """
    tree: Dict[str, Any] = {}
    for path, value in settings.items():
        if value is None:
            continue
        *way, last = path.split(".")
        place = tree
        for key in way:
            if isinstance(place.get(key), str):  # the name of a part, whose settings follow
                place[key] = {"type": place[key]}
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                raise TypeError(f"{path}: '{key}' was given a plain value before; keep one of the two")
        value = plain(value)
        if isinstance(place.get(last), dict) and isinstance(value, dict):
            value = {**value, **place[last]}
        if isinstance(place.get(last), dict) and isinstance(value, str) and "type" not in place[last]:
            value = {"type": value, **place[last]}
        place[last] = value
    return with_listed_signs(tree)


def _asked(study: Union[PathLike, Mapping[str, Any]], settings: Mapping[str, Any]) -> Tuple[str, str, Dict[str, Any]]:
    """(study, file, settings as a tree)."""
    if isinstance(study, Mapping):
        return "", "", _tree({**study, **given(dict(settings))})
    name = os.fspath(study)
    if not isinstance(study, str) or name.endswith(".toml"):
        return "", name, _tree(settings)
    return name, "", _tree(settings)


def _arrays(data: Any, divisor: Optional[float]) -> Optional[Dict[str, Any]]:
    """The arrays by their names in a .npz file; None if `data` is a name or a file."""
    if data is None or isinstance(data, (str, os.PathLike)):
        if divisor is not None:
            raise TypeError("divisor goes with data in arrays; a data set or a .npz file says its own")
        return None
    names = ("x", "y", "x_test", "y_test")
    if isinstance(data, Mapping):
        if "x" not in data and "t" in data and set(data) <= NAMES and divisor is None:
            return given(dict(data))
        unknown = set(data) - set(names)
        if unknown or "x" not in data:
            raise TypeError(f"data: expected x and y, and perhaps x_test and y_test, found {', '.join(map(repr, data))}")
        parts = dict(data)
    elif isinstance(data, (tuple, list)) and len(data) in (2, 4) and not isinstance(data[0], Split):
        parts = dict(zip(names, data))
    else:
        raise TypeError("data: expected a name, a .npz file, (x, y) or (x, y, x_test, y_test)")
    if any(isinstance(parts.get(name), Spikes) for name in ("x", "x_test")):
        return _spikes(divisor, **parts)
    return given({**parts, "divisor": divisor})


def _spikes(divisor: Optional[float], x: Any, y: Any = None, x_test: Any = None, y_test: Any = None) -> Dict[str, Any]:
    if divisor not in (None, 1):
        raise TypeError("divisor: spikes are counted, not divided; leave it out")
    arrays = events(x, y)
    if x_test is None and y_test is None:
        return given(arrays)
    test = events(x_test, y_test, suffix="_test")
    grids = [tuple(int(of[name]) for name in ("n_steps", "n_units")) for of in (arrays, test)]
    if grids[0] != grids[1]:
        raise ValueError("data: x has {} steps and {} units, x_test {} and {}; they must agree".format(*grids[0], *grids[1]))
    return given({**arrays, **test})


def run(study: Union[PathLike, Mapping[str, Any]], /, *, seed: Optional[int] = None, threads: Optional[int] = None,
        preset: Optional[str] = None, data: Optional[DataLike] = None, divisor: Optional[float] = None, out: Optional[PathLike] = None,
        data_home: Optional[PathLike] = None, resume: bool = False, again: bool = False, allow_isa_change: bool = False,
        progress: ProgressLike = None, **settings: Any) -> Report:
    """Runs a study and returns its report.

    Parameters
    ----------
    study : str, path or dict
        A study's name (see `studies`), a TOML file, or an experiment as a dict.
    seed : int, optional
        0 … 2³²−1. The same seed gives the same bits.
    threads : int, optional
        0 = the CPUs this process may use. Never changes the result.
    preset : str, optional
        A named set of settings of the study.
    data : str, path, tuple or dict, optional
        A data set's name or a .npz file; or arrays (x, y), (x, y, x_test, y_test) or a dict of these: they are kept in the
        run directory as inputs/dataset.npz, and checked like such a file. y may be None for rules that need no answers.
    divisor : float, optional
        x / divisor is what the model sees. Default: 255 for bytes (uint8), which are taken for pictures, else 1.
    out : path, optional
        The run directory; default runs/<study>-<hash>. The same experiment again returns its stored result.
    data_home : path, optional
        Where data sets are; default $NEURARIUM_DATA or the user's data directory.
    resume : bool
        Go on from the checkpoint of an unfinished run.
    again : bool
        Compute a finished run anew.
    progress : None, True or function
        True shows a line on stderr; a function is called with a neurarium.Progress.
    **settings
        Anything else the study can be told (see `describe`), as keywords or dotted keys: model={...},
        **{"model.rows": 30, "train.order": order}. Values may be NumPy arrays, `nr.models`, `nr.layers` ….

    Raises
    ------
    SpecError, DataError, ShapeError, NumericError, ResumeError
        See neurarium.errors. Ctrl-C raises Interrupted (a KeyboardInterrupt) when the checkpoint is written; its
        message says so if there is nothing to keep, as within lbfgs and its like.
    """
    arrays = _arrays(data, divisor)
    if data is not None:
        if "dataset" in settings:
            raise TypeError("data and dataset mean the same: give one of them")
        settings["dataset"] = "memory" if arrays is not None else os.fspath(data)  # type: ignore[arg-type]
    name, file, tree = _asked(study, {**settings, "seed": seed, "threads": threads, "preset": preset})
    with Reporting(progress) as (call, note):
        told = _engine.run(name, file, tree, "nr.run()", arrays, os.fspath(out) if out is not None else "",
                           os.fspath(data_home) if data_home is not None else "", resume, again, allow_isa_change, call, note)
    return Report(told)


def resolve(study: Union[PathLike, Mapping[str, Any]], /, *, seed: Optional[int] = None, threads: Optional[int] = None,
            preset: Optional[str] = None, **settings: Any) -> Dict[str, Any]:
    """What `run` would do, without doing it: study, preset, seed, threads, settings with every default, and the same as `toml`."""
    name, file, tree = _asked(study, {**settings, "seed": seed, "threads": threads, "preset": preset})
    return _engine.resolve(name, file, tree, "nr.resolve()")


def studies() -> Dict[str, str]:
    """The studies that can be run: the question of each by name."""
    return {name: _engine.describe("study", name)["doc"] for name in _engine.names("study")}


class Description(Dict[str, Any]):
    """What a part can be told: kind, type, doc, fields (each with name, kind, doc, default, unit, range, choices)."""

    def __repr__(self) -> str:
        lines = [f"{self['kind']} {self['type']}: {self['doc']}"]
        _list_fields(self["fields"], "", lines)
        if self.get("presets"):
            lines.append("  presets: " + ", ".join(self["presets"]))
        return "\n".join(lines)


def _list_fields(fields: List[Mapping[str, Any]], path: str, lines: List[str]) -> None:
    for field in fields:
        name = path + field["name"]
        if "fields" in field:
            lines.append(f"  {name}: {field['doc']}")
            _list_fields(field["fields"], name + ".", lines)
            continue
        takes = " | ".join(field["choices"]) if "choices" in field else field.get("component_kind", field["kind"])
        takes += "".join(f" {field[word]}" for word in ("unit", "range") if word in field)
        lines.append(f"  {name} = {field.get('default')!r} ({takes}): {field['doc']}")


def describe(name: str) -> Description:
    """What a study, model, layer, … can be told. `name` is its name in experiments, or kind/name."""
    found = [(kind, type_name) for kind in _engine.kinds() for type_name in _engine.names(kind) if name in (type_name, f"{kind}/{type_name}")]
    if not found:
        known = [type_name for kind in _engine.kinds() for type_name in _engine.names(kind)]
        near = _engine.nearest(name, known)
        raise KeyError(f"nothing is called '{name}'; " + (f"did you mean '{near}'?" if near else "known: " + ", ".join(known)))
    if len(found) > 1:
        raise KeyError(f"'{name}' is ambiguous; write " + " or ".join(map("/".join, found)))
    described = Description(_engine.describe(*found[0]))
    if found[0][0] == "study":
        described["presets"] = [preset for of, preset in _engine.presets() if of == name.split("/")[-1]]
    return described


class Split(NamedTuple):
    """Samples x [n, …entry], or spikes, and their answers y: labels [n], targets [n, k], or None."""

    x: Union[npt.NDArray[Any], Spikes]
    y: Optional[npt.NDArray[Any]]


class Data(NamedTuple):
    """A data set."""

    name: str
    train: Split
    test: Optional[Split]
    classes: List[str]  #: names of the labels, may be empty
    divisor: float  #: x / divisor is what models see: 255 for bytes of images
    sha256: str
    dt: Optional[float]  #: seconds per step of spikes, where the data say it
    about: Dict[str, npt.NDArray[Any]]  #: what else is known of the samples to learn from, [n] each: "speaker", "interaural_phase" (rad)
    about_test: Dict[str, npt.NDArray[Any]]  #: and of the test's


def load_data(name: PathLike, *, data_home: Optional[PathLike] = None) -> Data:
    """A data set by name (`neurarium data list`) or a .npz file. Bytes stay bytes: hand on its divisor, or divide.

    Spikes come as events (`Spikes`), which `nr.run(…, data=(*data.train, *data.test))` takes as they are; `data.train.x.counts()` is
    what fit() takes.
    """
    told = _engine.load_data(os.fspath(name), os.fspath(data_home) if data_home is not None else "")

    def split(parts: Mapping[str, Any]) -> Split:
        return Split(Spikes(*parts["x"]) if isinstance(parts["x"], tuple) else parts["x"], parts["y"])

    return Data(told["name"], split(told["train"]), split(told["test"]) if told["test"] else None, told["classes"],
                told["divisor"], told["sha256"], told["dt"], told["train"]["about"], told["test"]["about"] if told["test"] else {})
