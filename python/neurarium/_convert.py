"""Trained networks as finite Gaussian ones, and back."""

from typing import Optional

import numpy.typing as npt

from . import _engine
from ._checks import positive
from ._model import Model, _from_bytes

TARGETS = ("gaussian", "classical")


def convert(model: Model, to: str, /, *, rule: str = "calibrated-diagonal", scale: float = 2.0, quantile: float = 0.99,
            level: float = 0.5, floor: float = 0.05, x: Optional[npt.ArrayLike] = None, divisor: float = 1.0) -> Model:
    """`model` with each dense or convolutional layer made finite Gaussian, or the other way round, without training.

    Weights and biases stay. Centres are the points of the units' zero lines nearest to the origin, c = −b w/|w|². On the way
    back centres and widths are dropped.

    Parameters
    ----------
    model : Model
        A trained network of layers.
    to : str
        "gaussian" or "classical".
    rule : str
        How far units reach, σ: "notebook" (σ = d, the number of inputs), "author" (10 × units), "scaled" (`scale` · √d),
        "calibrated" (so that exp(−q) = `level` at the `quantile` of a layer's own distances to `x`), or "calibrated-diagonal" (the
        same with a width for each input, in proportion to its deviation over `x`; its variance no less than `floor` of the mean).
    x : array, optional
        Training samples [n, …], divided by `divisor`, for the two rules that look at data.

    Returns
    -------
    Model
        A new model; the old one stays as it is.
    """
    if to not in TARGETS:
        raise ValueError(f"to: expected one of {', '.join(map(repr, TARGETS))}, found {to!r}")
    settings = {"rule": rule, "scale": scale, "quantile": quantile, "level": level, "floor": floor}
    return _from_bytes(_engine.convert(model._engine.to_bytes(), to == TARGETS[0], settings, x, positive("divisor", divisor)))
