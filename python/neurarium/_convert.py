"""Trained networks as finite Gaussian ones, and back."""

import warnings
from typing import Optional

import numpy as np
import numpy.typing as npt

from . import _engine
from ._checks import positive
from ._model import Model, _from_bytes

TARGETS = ("gaussian", "classical")


def convert(model: Model, to: str, /, *, rule: str = "calibrated-diagonal", scale: float = 2.0, quantile: float = 0.99,
            level: float = 0.5, floor: float = 0.05, x: Optional[npt.ArrayLike] = None, y: Optional[npt.ArrayLike] = None,
            divisor: float = 1.0, temperature: bool = False) -> Model:
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
        Samples [n, …], divided by `divisor`: what the two calibrated rules look at, what the temperature is fitted on, and what a
        finite Gaussian network is asked about, whether it reaches them (see Warns).
    y : array, optional
        The labels [n] of `x`, whole numbers 0 … classes − 1. Only the temperature needs them.
    temperature : bool
        Fit T on all of `x` and `y` after the conversion, and divide W and b of the last layer by it: softmax(z/T) is then what the
        network says. Its answers stay the same, only how sure it is changes. T is the one that makes the mean −ln p of the labels
        least. Give samples that the network has not learned: on those that it knows by heart T comes out too small, and the
        network too sure. T stays in the weights: `convert(…, "classical")` gives back logits that are divided by it. It needs logits
        (the loss cross_entropy) and a dense or finite Gaussian last layer without an activation.

    Returns
    -------
    Model
        A new model; the old one stays as it is.

    Warns
    -----
    UserWarning
        For each layer that has lost the data: the median of exp(−q) over its units and `x` (at most 2,000 samples, evenly taken
        from first to last) is below 0.05. Gates are left out. Nothing is looked at without `x`.

    Raises
    ------
    TypeError
        `temperature` without `x` and `y`, or `y` without `temperature`.
    SpecError
        A network or a rule that can't be converted; outputs that are no logits, if a temperature is asked for.
    ShapeError
        Samples of another shape than the network's, or another number of labels.
    DataError
        Numbers that are not finite, labels that the network does not have; and where no T is best, since all samples are right
        or the answers are no better than chance.
    """
    if to not in TARGETS:
        raise ValueError(f"to: expected one of {', '.join(map(repr, TARGETS))}, found {to!r}")
    if not isinstance(temperature, (bool, np.bool_)):
        raise TypeError(f"temperature: expected True or False, found {temperature!r}")
    if temperature and (x is None or y is None):
        raise TypeError("temperature=True needs x and y: the samples that it is fitted on, and their labels")
    if y is not None and not temperature:
        raise TypeError("y goes with temperature=True: nothing else looks at labels")
    settings = {"rule": rule, "scale": scale, "quantile": quantile, "level": level, "floor": floor}
    made, lost_layers = _engine.convert(model._engine.to_bytes(), to == TARGETS[0], settings, x, y, positive("divisor", divisor))
    for line in lost_layers:
        warnings.warn(line, UserWarning, stacklevel=2)
    return _from_bytes(made)
