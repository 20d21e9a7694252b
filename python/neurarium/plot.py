"""Draws what a report holds with matplotlib, which is only imported when something is drawn.

    report = nr.run("xor-surface")
    nr.plot.report(report)                  # every picture and chart
    nr.plot.chart(report.charts["error"])   # one of them, as matplotlib axes
    nr.plot.attack(nr.attack(net, x, y))    # what is left at each ε
"""

from __future__ import annotations

from typing import Any, List, Optional

import numpy as np

from ._attack import AttackCurve, AttackReport
from ._report import Chart, Picture, Report, Trace

__all__ = ["attack", "report", "chart", "picture"]


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as pyplot
    except ImportError as error:
        raise ImportError("neurarium.plot needs matplotlib: install it (Debian: python3-matplotlib), or open report.page, which needs "
                          "nothing") from error
    return pyplot


def report(report: Report) -> List[Any]:
    """Draws every picture and chart of a report, each in a figure of its own, and returns the figures."""
    pyplot = _pyplot()
    figures = []
    for item in report.exhibits:
        if isinstance(item, Picture):
            figures.append(picture(item).figure)
        elif isinstance(item, Chart):
            figures.append(chart(item).figure)
    pyplot.show(block=False)
    return figures


def picture(picture: Picture, ax: Optional[Any] = None) -> Any:
    """Shows a picture and returns its axes."""
    if ax is None:
        ax = _pyplot().figure().add_subplot()
    ax.imshow(picture.pixels, interpolation="bilinear" if picture.smooth else "nearest")
    ax.set_axis_off()
    ax.set_title(picture.title)
    return ax


def chart(chart: Chart, ax: Optional[Any] = None) -> Any:
    """Draws a chart and returns its axes (3-D if it has a surface)."""
    in_space = any(trace.kind == "surface" or len(trace.z) for trace in chart.traces)
    if ax is None:
        ax = _pyplot().figure().add_subplot(projection="3d" if in_space else None)
    for trace in chart.traces:
        _draw(ax, trace, in_space)
    ax.set(title=chart.title, xlabel=chart.x_label, ylabel=chart.y_label)
    if in_space:
        ax.set_zlabel(chart.z_label)
    else:
        if chart.log_y:
            ax.set_yscale("log")
        if chart.log_x:
            ax.set_xscale("log")
        if chart.x_names:
            ax.set_xticks(range(len(chart.x_names)), chart.x_names)
    if chart.equal_axes and not in_space:
        ax.set_aspect("equal")
    if len([trace for trace in chart.traces if trace.name and trace.grid is None]) > 1:
        ax.legend()
    return ax


def attack(found: AttackReport, norm: Optional[str] = None, ax: Optional[Any] = None) -> Any:
    """Draws the accuracy that each attack leaves over ε, from the unchanged samples (ε = 0) on, and the worst of all; returns the axes.

    Attacks of one norm go together: the report's only one, or `norm`, "linf" or "l2".
    """
    if not isinstance(found, AttackReport):
        raise TypeError(f"found: expected what neurarium.attack returns, found {type(found).__name__}")
    norms = list(found.worst_case)
    if norm is None and len(norms) != 1:
        raise ValueError(f"norm: there are attacks in {' and '.join(norms)}; say which to draw")
    norm = norms[0] if norm is None else norm
    if norm not in norms:
        raise ValueError(f"norm: there are attacks in {' and '.join(norms)}, none in {norm!r}")
    if ax is None:
        ax = _pyplot().figure().add_subplot()
    outcomes = {name: outcome for name, outcome in found.outcomes.items() if outcome.norm == norm}

    def curve(of: AttackCurve, **style: Any) -> None:
        ax.plot(np.append(0, of.epsilon), np.append(found.clean_accuracy, of.accuracy), **style)

    if len(outcomes) > 1:  # below the others, which mostly touch it
        curve(found.worst_case[norm], label="worst case", color="silver", linewidth=6)
    for name, outcome in outcomes.items():
        curve(outcome, label=name, marker=".")
    ax.set(title=f"{found.samples} samples under attack", xlabel=f"ε ({norm})", ylabel="accuracy")
    ax.set_ylim(bottom=0)
    ax.legend()
    return ax


def _draw(ax: Any, trace: Trace, in_space: bool) -> None:
    style = {"label": trace.name or None, **({"color": trace.colour} if trace.colour else {})}
    if trace.grid is not None:
        if trace.kind == "surface":
            ax.plot_surface(*np.meshgrid(trace.x, trace.y), trace.grid, cmap="viridis", alpha=0.9)
        elif trace.kind == "contour":
            ax.contour(trace.x, trace.y, trace.grid, levels=12)
        else:
            ax.figure.colorbar(ax.pcolormesh(trace.x, trace.y, trace.grid, shading="nearest"), ax=ax)
        return
    place = (trace.x, trace.y, trace.z) if in_space and len(trace.z) else (trace.x, trace.y)
    if trace.kind == "band":
        ax.fill(trace.x, trace.y, alpha=0.2, color=trace.colour or "grey", linewidth=0)
    elif trace.kind == "points":
        ax.scatter(*place, **style)
    elif trace.kind == "bars":
        ax.bar(trace.labels if trace.labels and not len(trace.x) else trace.x, trace.y, **style)
    else:
        ax.plot(*place, **style)
    if trace.kind == "points" and not in_space:
        for x, y, label in zip(trace.x, trace.y, trace.labels):
            ax.annotate(label, (x, y), textcoords="offset points", xytext=(4, 4))
