"""What a run found."""

from __future__ import annotations

import base64
import html
import pathlib
from collections.abc import Mapping as MappingBase
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Figure(NamedTuple):
    """A named value with its unit."""

    name: str
    value: Any
    unit: str  #: "" = dimensionless
    meaning: str
    reference: Any  #: what the notebook or the literature gives, or None
    reference_source: str


class Picture(NamedTuple):
    """An image, uint8 [height, width, 3]."""

    name: str
    title: str
    caption: str
    pixels: Array
    smooth: bool  #: whether it may be enlarged with soft edges


class Trace(NamedTuple):
    """One curve, cloud or surface of a chart."""

    kind: str  #: line, points, bars, heatmap, contour, surface, band (a filled outline)
    name: str
    x: Array
    y: Array
    z: Array  #: heights of a line in space; empty otherwise
    grid: Optional[Array]  #: [y, x] for heatmap, contour, surface
    labels: List[str]
    colour: str


class Chart(NamedTuple):
    """A chart as data; all traces share its axes."""

    name: str
    title: str
    caption: str
    x_label: str
    y_label: str
    z_label: str
    traces: List[Trace]
    log_y: bool
    equal_axes: bool
    log_x: bool = False
    x_names: Sequence[str] = ()


class Table(NamedTuple):
    """A table of texts."""

    name: str
    title: str
    caption: str
    columns: List[str]
    rows: List[List[str]]


class Remark(NamedTuple):
    """A paragraph under a heading."""

    title: str
    text: str


class Arrays(MappingBase):  # type: ignore[type-arg]
    """The arrays of a run, read from its directory when asked for."""

    def __init__(self, folder: pathlib.Path):
        self._folder = folder
        self._read: Dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._read:
            file = self._folder / f"{name}.npy"
            if not file.is_file():
                raise KeyError(name)
            self._read[name] = np.load(file, allow_pickle=False)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(file.stem for file in self._folder.glob("*.npy")))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<arrays {', '.join(self) or 'none'} in {self._folder}>"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(value)


class Report:
    """What a run found, as a value.

    Attributes
    ----------
    study, question, answer : str
    path : pathlib.Path
        The run directory; `page` is its report.html.
    figures : dict
        Value by name; `units`, `meanings` and `references` likewise.
    pictures : dict of str to array
        uint8 [height, width, 3].
    arrays : mapping of str to array
        Read from the run directory when asked for.
    charts : dict of str to Chart; tables : dict of str to Table; remarks : list of Remark
    exhibits : list
        Pictures, charts, tables and remarks in the order of the page.
    """

    def __init__(self, told: Mapping[str, Any]):
        self.study: str = told["study"]
        self.path = pathlib.Path(told["run"])
        self.question: str = told["question"]
        self.answer: str = told["answer"]
        self.all_figures = [Figure(**figure) for figure in told["figures"]]
        self.figures: Dict[str, Any] = {figure.name: figure.value for figure in self.all_figures}
        self.units: Dict[str, str] = {figure.name: figure.unit for figure in self.all_figures}
        self.meanings: Dict[str, str] = {figure.name: figure.meaning for figure in self.all_figures}
        self.references: Dict[str, Any] = {figure.name: figure.reference for figure in self.all_figures if figure.reference is not None}
        self.exhibits: List[Any] = [_exhibit(dict(item)) for item in told["exhibits"]]
        self.pictures: Dict[str, Array] = {item.name: item.pixels for item in self.exhibits if isinstance(item, Picture)}
        self.charts: Dict[str, Chart] = {item.name: item for item in self.exhibits if isinstance(item, Chart)}
        self.tables: Dict[str, Table] = {item.name: item for item in self.exhibits if isinstance(item, Table)}
        self.remarks: List[Remark] = [item for item in self.exhibits if isinstance(item, Remark)]
        self.arrays = Arrays(self.path / "arrays")

    @property
    def page(self) -> pathlib.Path:
        """The report as one HTML file."""
        return self.path / "report.html"

    def __repr__(self) -> str:
        width = max(map(len, self.figures), default=0)
        lines = [f"{self.study}: {self.answer}"]
        for figure in self.all_figures:
            reference = "" if figure.reference is None else f"   ({figure.reference_source or 'reference'}: {_text(figure.reference)})"
            lines.append(f"  {figure.name:{width}}  {_text(figure.value)} {figure.unit}".rstrip() + reference)
        return "\n".join([*lines, f"  in {self.path}"])

    def _repr_html_(self) -> str:
        escape = html.escape
        rows = "".join(f"<tr><td>{escape(f.name)}</td><td>{escape(_text(f.value))} {escape(f.unit)}</td>"
                       f"<td>{'' if f.reference is None else escape(_text(f.reference))}</td><td>{escape(f.meaning)}</td></tr>"
                       for f in self.all_figures)
        image = ""
        for item in self.exhibits:
            file = self.path / "pictures" / f"{item.name}.png" if isinstance(item, Picture) else None
            if file is not None and file.is_file():
                edges = "auto" if item.smooth else "pixelated"
                image = (f'<figure style="margin:0"><img alt="{escape(item.caption, quote=True)}" style="image-rendering:{edges};min-width:240px;'
                         f'max-width:100%" src="data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()}">'
                         f"<figcaption>{escape(item.title)}</figcaption></figure>")
                break
        return (f"<div><b>{escape(self.study)}</b>: {escape(self.question)}<p>{escape(self.answer)}</p>{image}"
                f"<table><tr><th>figure</th><th>value</th><th>reference</th><th>meaning</th></tr>{rows}</table>"
                f"<p>{escape(str(self.page))}</p></div>")


def _exhibit(item: Dict[str, Any]) -> Any:
    kind = item.pop("kind")
    if kind == "chart":
        item["traces"] = [Trace(**trace) for trace in item["traces"]]
    return {"picture": Picture, "chart": Chart, "table": Table, "remark": Remark}[kind](**item)
