"""Interaural phases as classes, and back: what networks of the localisation task answer, in angles.

    sounds = nr.load_data("interaural-phase:seed=3")
    phase = sounds.about_test["interaural_phase"]                       # rad
    answers = net.logits(sounds.test.x.counts()).argmax(axis=1)
    nr.localisation.mean_absolute_error_deg(answers, phase)             # degrees
"""

from __future__ import annotations

from typing import Union

import numpy as np
import numpy.typing as npt

from . import _engine
from ._checks import whole
from .errors import ShapeError

__all__ = ["continuise", "discretise", "mean_absolute_error_deg"]


def discretise(phase: npt.ArrayLike, classes: int = 12) -> Union[int, npt.NDArray[np.int64]]:
    """Class of each interaural phase, ⌊(phase + π/2) classes/π⌋, held in 0 … classes − 1: π/2 belongs to the last.

    Parameters
    ----------
    phase : float or array
        rad, in −π/2 … π/2.
    classes : int
        How many equal parts of that there are.

    Raises
    ------
    SpecError
        A phase is NaN.
    """
    return _engine.discretise(phase, whole("classes", classes, 1))  # type: ignore[no-any-return]


def continuise(labels: npt.ArrayLike, classes: int = 12) -> Union[float, npt.NDArray[np.float64]]:
    """Middle of each class, (label + ½) π/classes − π/2, in rad.

    Raises
    ------
    TypeError, ValueError
        Labels that are no whole numbers in 0 … classes − 1.
    """
    return _engine.continuise(_labels(labels, whole("classes", classes, 1)), classes)  # type: ignore[no-any-return]


def mean_absolute_error_deg(labels: npt.ArrayLike, phase: npt.ArrayLike, classes: int = 12) -> float:
    """Mean of |middle of the class − phase| over samples, in degrees.

    Parameters
    ----------
    labels : array [n]
        The classes that were told, 0 … classes − 1.
    phase : array [n]
        The true interaural phases, rad.
    classes : int
        How many classes there are. Of a perfect answer the error is 45/classes.

    Raises
    ------
    ShapeError
        Not one label for each of at least one phase.
    TypeError, ValueError
        Labels that are no whole numbers in 0 … classes − 1.
    """
    told, true = _labels(labels, whole("classes", classes, 1)), np.asarray(phase, dtype=np.float64)
    if told.shape != true.shape or told.ndim != 1:
        raise ShapeError(f"mean_absolute_error_deg: expected a label for each phase, both [n], found {told.shape} and {true.shape}",
                         "mean_absolute_error_deg", "[n] and [n]", f"{told.shape} and {true.shape}")
    return _engine.mean_absolute_error_deg(told, true, classes)


def _labels(labels: npt.ArrayLike, classes: int) -> npt.NDArray[np.int64]:
    given = np.asarray(labels)
    if given.size and given.dtype.kind not in "iu":
        raise TypeError(f"labels: expected whole numbers, found {given.dtype}")
    outside = np.argwhere((given < 0) | (given >= classes))
    if len(outside):
        raise ValueError(f"labels: found {given[tuple(outside[0])]}, expected 0 … {classes - 1}")
    return given.astype(np.int64)
