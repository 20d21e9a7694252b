"""Single pictures shown to a run's network: the same as `neurarium eval RUN PICTURES`."""

from __future__ import annotations

import os
from typing import Any, List, NamedTuple, Optional, Sequence, Tuple, Union, overload

import numpy as np
import numpy.typing as npt

from . import _engine

PathLike = Union[str, "os.PathLike[str]"]


class Guess(NamedTuple):
    """One class, and how strongly the network takes it for the answer."""

    label: int
    name: str  #: of the class, or the label as digits
    strength: float  #: a probability if the loss is cross_entropy, else the output itself


class Prediction(NamedTuple):
    """What a network says of one picture."""

    file: str
    best: Tuple[Guess, ...]  #: the strongest first, three at most; empty if the network has a single output
    outputs: "npt.NDArray[Any]"  #: as the network gives them, before any softmax
    is_probability: bool  #: whether strengths are probabilities


@overload
def predict(run: PathLike, pictures: PathLike, /, *, resize: bool = ..., invert: bool = ...,
            data_home: Optional[PathLike] = ...) -> Prediction: ...
@overload
def predict(run: PathLike, pictures: Sequence[PathLike], /, *, resize: bool = ..., invert: bool = ...,
            data_home: Optional[PathLike] = ...) -> List[Prediction]: ...


def predict(run: PathLike, pictures: Union[PathLike, Sequence[PathLike]], /, *, resize: bool = False, invert: bool = False,
            data_home: Optional[PathLike] = None) -> Union[Prediction, List[Prediction]]:
    """What a run's network sees on pictures.

    Parameters
    ----------
    run : path
        A run directory of a study with one network, finished or with a checkpoint.
    pictures : path or list of paths
        PNG or JPEG files. One path gives one Prediction, a list gives a list.
    resize : bool
        Bring pictures to the size that the network takes; otherwise another size is a ShapeError.
    invert : bool
        Dark on light becomes light on dark.
    data_home : path, optional
        Where data sets are; default $NEURARIUM_DATA or the user's data directory.

    Notes
    -----
    Arrays need no files: `neurarium.load(run).respond(x)`.
    """
    single = isinstance(pictures, (str, os.PathLike))
    files = [os.fspath(picture) for picture in ([pictures] if single else pictures)]  # type: ignore[list-item, union-attr]
    probable, told = _engine.ask_run(os.fspath(run), files, resize, invert, os.fspath(data_home) if data_home is not None else "")
    found = [Prediction(one["file"], tuple(Guess(*guess) for guess in one["best"]), np.array(one["outputs"]), probable) for one in told]
    return found[0] if single else found
