"""The same experiment for many settings and seeds: the same as `neurarium sweep`."""

from __future__ import annotations

import html
import os
import pathlib
import signal
import sys
from typing import Any, Dict, List, Mapping, NamedTuple, NoReturn, Optional, Sequence, Union

from . import _engine
from ._checks import some
from ._model import plain
from ._progress import ProgressLike, Reporting
from ._run import DataLike, PathLike, _arrays, _asked, run
from ._signs import setting_with_listed_signs
from .errors import DataError, Interrupted, NeurariumError, NumericError, ResumeError, ShapeError, SpecError

#: A child of a sweep: this package may not lie on the new interpreter's path.
_MEMBER = "import sys; sys.path.insert(0, sys.argv.pop(1)); from neurarium._sweep import _member; _member(sys.argv[1:])"


class Summary(NamedTuple):
    """What the finished runs of a point say about a figure."""

    n: int
    mean: Optional[float]
    sd: Optional[float]  #: sample standard deviation (divisor n − 1); None if n < 2
    low: Optional[float]  #: of the 95 % confidence interval (Student's t)
    high: Optional[float]


class Point(NamedTuple):
    """One combination of the swept settings."""

    settings: Dict[str, Any]
    finished: int
    failed: int
    figures: Dict[str, Summary]


class Failure(NamedTuple):
    """A run that failed."""

    settings: Dict[str, Any]
    seed: int
    exit_code: int  #: 1 failed, 2 configuration, 3 data, 4 diverged, above 128 ended by a signal
    error: str
    path: pathlib.Path


class SweepResult:
    """What a sweep found.

    Attributes
    ----------
    table : list of dict
        One row per run: swept settings, seed, status, every figure that is a number, wall_seconds, run (its directory).
        pandas.DataFrame(result.table) makes a data frame of it.
    points : list of Point
        Mean, sample standard deviation and 95 % confidence interval of every figure, point by point.
    failures : list of Failure
    study : str; path : pathlib.Path
        The sweep's folder; `page` is its report.html.
    keys : list of str; seeds : list of int; units, meanings : dict
    """

    def __init__(self, told: Mapping[str, Any]):
        self.study: str = told["study"]
        self.path = pathlib.Path(told["sweep"])
        self.keys: List[str] = list(told["keys"])
        self.seeds: List[int] = list(told["seeds"])
        self.figure: str = told["figure"]
        self.units: Dict[str, str] = {name: figure["unit"] for name, figure in told["figures"].items()}
        self.meanings: Dict[str, str] = {name: figure["meaning"] for name, figure in told["figures"].items()}
        self.points = [Point(dict(point["settings"]), point["finished"], point["failed"],
                             {name: Summary(**numbers) for name, numbers in point["figures"].items()}) for point in told["points"]]
        self.table: List[Dict[str, Any]] = [
            {**run["settings"], "seed": run["seed"], "status": run["status"], **{name: run["figures"].get(name) for name in self.units},
             "wall_seconds": run.get("wall_seconds"), "run": run["run"]} for run in told["runs"]]
        self.failures = [Failure(dict(run["settings"]), run["seed"], run["exit_code"], run["error"], pathlib.Path(run["run"]))
                         for run in told["runs"] if run["status"] == "failed"]

    @property
    def page(self) -> pathlib.Path:
        """The report as one HTML file."""
        return self.path / "report.html"

    def _rows(self) -> List[List[str]]:
        rows = [[*self.keys, "runs", self.figure]]
        for point in self.points:
            found = point.figures.get(self.figure)
            text = "–" if found is None or found.mean is None else f"{found.mean:.6g}" + ("" if found.sd is None else f" ± {found.sd:.2g}")
            rows.append([*(str(point.settings[key]) for key in self.keys), f"{point.finished}/{len(self.seeds)}", text])
        return rows

    def __repr__(self) -> str:
        rows = self._rows()
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        lines = [f"sweep of {self.study}: {sum(point.finished for point in self.points)} of {len(self.table)} runs finished"]
        lines += ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
        lines += [f"  failed ({failure.exit_code}): {failure.settings}, seed {failure.seed}: {failure.error}" for failure in self.failures]
        return "\n".join([*lines, f"  in {self.path}"])

    def _repr_html_(self) -> str:
        head, *rows = [[html.escape(cell) for cell in row] for row in self._rows()]
        return ("<table><tr>" + "".join(f"<th>{cell}</th>" for cell in head) + "</tr>"
                + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
                + f"</table><p>{html.escape(str(self.page))}</p>")


def sweep(study: Union[PathLike, Mapping[str, Any]], values: Optional[Mapping[str, Sequence[Any]]] = None, /, *, repeats: Optional[int] = None,
          jobs: Optional[int] = None, figure: str = "", seed: Optional[int] = None, threads: Optional[int] = None, preset: Optional[str] = None,
          data: Optional[DataLike] = None, divisor: Optional[float] = None, out: Optional[PathLike] = None,
          data_home: Optional[PathLike] = None, again: bool = False, progress: ProgressLike = None, **settings: Any) -> SweepResult:
    """Runs a study for all combinations of values and for several seeds, each run in a process of its own.

        nr.sweep("topographic-map", {"model.radius": [0, 1, 2]}, repeats=3, jobs=2)

    What is finished is not computed again when the same sweep is started again. A run that fails does not stop the others and
    raises nothing: see `failures`.

    Parameters
    ----------
    study, seed, preset, data, divisor, data_home, progress, **settings
        As for `run`; `seed` is the first one.
    values : dict
        Swept settings by dotted key, each with its values: {"model.radius": [0, 1, 2]}; "seed", "preset", "dataset" too.
    repeats : int
        Seeds for each point: seed, seed + 1, …; default 1.
    jobs : int
        Runs at a time; default: available CPUs / threads of a run.
    threads : int
        Threads of each run; default 1.
    figure : str
        The figure that is shown first; default the study's first.
    out : path
        The sweep's folder; default runs/<study>-sweep-<hash>.
    again : bool
        Compute finished runs anew.

    Raises
    ------
    SpecError, DataError
        Before anything is started, with the faults of all points. Ctrl-C raises Interrupted when all checkpoints are written.
    """
    seeds, at_a_time = some("repeats", repeats, 100000), some("jobs", jobs, 1024)
    arrays = _arrays(data, divisor)
    if data is not None:
        if "dataset" in settings:
            raise TypeError("data and dataset mean the same: give one of them")
        settings["dataset"] = "memory" if arrays is not None else os.fspath(data)  # type: ignore[arg-type]
    axes: Dict[str, List[Any]] = {}
    for key, listed in (values or {}).items():
        if isinstance(listed, (str, bytes, Mapping)):
            raise TypeError(f"values: '{key}' needs a list of values, found {type(listed).__name__}")
        axes[key] = [setting_with_listed_signs(key, plain(value)) for value in listed]
    name, file, tree = _asked(study, {**settings, "seed": seed, "threads": threads, "preset": preset})
    program = [sys.executable, "-c", _MEMBER, str(pathlib.Path(__file__).resolve().parents[1])]
    with Reporting(progress) as (call, note):
        told = _engine.sweep(name, file, tree, "nr.sweep()", axes, seeds, arrays, os.fspath(out) if out is not None else "",
                             os.fspath(data_home) if data_home is not None else "", program, at_a_time, again, figure, call, note)
    return SweepResult(told)


def _stopped(*_: object) -> None:
    raise KeyboardInterrupt


def _member(words: List[str]) -> NoReturn:
    """One run of a sweep, in its process: the words are those of `neurarium run`, and so are the exit codes."""
    signal.signal(signal.SIGTERM, _stopped)
    signal.signal(signal.SIGINT, _stopped)
    options = dict(zip(words[2::2], words[3::2]))
    code = 0
    try:
        run(words[1], seed=int(options["--seed"]), threads=int(options["--threads"]), out=options["--out"],
            data_home=options.get("--data-dir"), resume="--resume" in words, again="--again" in words)
    except (NeurariumError, Interrupted, MemoryError) as error:
        print(f"neurarium: {error}", file=sys.stderr)
        codes = ((SpecError, 2), (ShapeError, 2), (DataError, 3), (NumericError, 4), (ResumeError, 5), (Interrupted, 130))
        code = next((number for kind, number in codes if isinstance(error, kind)), 1)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
