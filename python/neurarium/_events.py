"""Spikes as arrays of events: what `nr.run(…, data=…)` takes beside numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Optional, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt

from ._checks import whole

#: The arrays of spikes, as a .npz file names them.
NAMES = frozenset(name + suffix for name in ("t", "i", "offsets", "y") for suffix in ("", "_test")) | {"n_steps", "n_units", "dt"}


@dataclass(frozen=True, eq=False, repr=False)
class Spikes:
    """Spikes of n samples on a grid of time, as events: those of sample k are t[offsets[k]:offsets[k + 1]] and i likewise.

    `len(x)` is n, and `x[:100]`, `x[order]` are some of the samples. ValueError for events that do not fit the grid, TypeError for numbers
    that are not whole.
    """

    t: npt.NDArray[np.int32]  #: the step of each event
    i: npt.NDArray[np.uint16]  #: its unit
    offsets: npt.NDArray[np.int64]  #: [n + 1], from 0 to the number of events
    n_steps: int
    n_units: int

    def __post_init__(self) -> None:
        for name in ("n_steps", "n_units"):
            object.__setattr__(self, name, whole(name, getattr(self, name), 1))
        for name, dtype in (("t", np.int32), ("i", np.uint16), ("offsets", np.int64)):
            given = np.asarray(getattr(self, name))
            if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
                raise TypeError(f"{name}: expected a list of whole numbers, found {given.dtype} of shape {given.shape}")
            limit = {"t": self.n_steps, "i": self.n_units, "offsets": len(self.t) + 1}[name]
            outside = np.flatnonzero((given < 0) | (given >= limit))
            if len(outside):
                raise ValueError(f"{name}[{outside[0]}] is {given[outside[0]]}, expected 0 … {limit - 1}")
            object.__setattr__(self, name, given.astype(dtype, copy=False))
        if len(self.t) != len(self.i):
            raise ValueError(f"i: expected as many units as steps in t, {len(self.t)}, found {len(self.i)}")
        if not len(self.offsets) or self.offsets[0] != 0 or self.offsets[-1] != len(self.t) or np.any(np.diff(self.offsets) < 0):
            raise ValueError(f"offsets: expected numbers that rise from 0 to the number of events, {len(self.t)}")

    @property
    def shape(self) -> Tuple[int, int, int]:
        """(n, steps, units): that of counts()."""
        return len(self), self.n_steps, self.n_units

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __repr__(self) -> str:
        samples, steps, units = self.shape
        return f"<Spikes: {samples} samples of {steps} steps and {units} units, {len(self.t)} events>"

    def __getitem__(self, which: Union[slice, npt.ArrayLike]) -> Spikes:
        chosen = np.arange(len(self))[which if isinstance(which, slice) else np.asarray(which)]
        if chosen.ndim != 1:
            raise TypeError("expected a slice or a list of samples, such as x[:100] or x[[0, 2]]")
        lengths = np.diff(self.offsets)[chosen]
        offsets = np.append(0, np.cumsum(lengths))
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[chosen] - offsets[:-1], lengths)
        return Spikes(self.t[places], self.i[places], offsets, self.n_steps, self.n_units)

    def __array__(self, *_: Any, **__: Any) -> npt.NDArray[Any]:
        raise TypeError("spikes are events, not numbers: x.counts() makes numbers [samples, steps, units] of them")

    def counts(self, dtype: npt.DTypeLike = np.uint8) -> npt.NDArray[Any]:
        """How often each unit fires in each step, [samples, steps, units]: for fit(), and for other libraries.

        All of a large data set may be more than there is memory: x[:1000].counts().
        """
        counts = np.zeros(self.shape, dtype)
        np.add.at(counts, (np.repeat(np.arange(len(self)), np.diff(self.offsets)), self.t, self.i), 1)
        if counts.sum(dtype=np.int64) != len(self.t):
            raise ValueError(f"a unit fires more often in a step than {counts.dtype} can count; write counts(np.uint16)")
        return counts


def _sorted(t: npt.ArrayLike, i: npt.ArrayLike, sample: int) -> Tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    t, i = np.asarray(t), np.asarray(i)
    if t.ndim != 1 or t.shape != i.shape:
        raise ValueError(f"sample {sample}: expected as many times as units, found shapes {t.shape} and {i.shape}")
    order = np.lexsort((i, t))
    return t[order], i[order]


def events(samples: Union[npt.ArrayLike, Spikes, Sequence[Any]], y: Optional[npt.ArrayLike] = None, *, n_steps: Optional[int] = None,
           n_units: Optional[int] = None, dt: Optional[float] = None, suffix: str = "") -> Dict[str, Any]:
    """Spikes as the arrays t, i, offsets (and y, n_steps, n_units, dt) that `nr.run(…, data=…)` and `np.savez` take.

    Parameters
    ----------
    samples : array [samples, steps, units], Spikes, or a list with one entry per sample
        Dense counts; what load_data has given; or for each sample a SciPy sparse matrix [steps, units] of counts, or a pair (t, i) of arrays: when, and
        which unit, in any order. Whole numbers t are steps, floating-point ones seconds (then say `dt`).
    y : labels or targets, optional
    n_steps, n_units : int, optional
        Taken from dense and sparse samples; to be given with pairs.
    dt : float, optional
        Seconds per step, with times in seconds.
    suffix : str
        "_test" for the samples to test on: `{**nr.events(x, y), **nr.events(x_test, y_test, suffix="_test")}`.
    """
    if isinstance(samples, Spikes):
        for name, given, found in (("n_steps", n_steps, samples.n_steps), ("n_units", n_units, samples.n_units)):
            if given is not None and given != found:
                raise ValueError(f"samples: {name} is {found}, not {given}; leave it out, spikes say it themselves")
        return _named(samples.t.astype(np.int64), samples.i, samples.offsets, samples.n_steps, samples.n_units, y, dt, suffix)
    times, units, offsets = [], [], [0]
    is_dense = isinstance(samples, np.ndarray)
    if is_dense and samples.ndim != 3:
        raise ValueError(f"samples: expected an array [samples, steps, units], found shape {samples.shape}")
    for k, sample in enumerate(samples):
        if is_dense or hasattr(sample, "tocoo"):
            if is_dense:
                rows, columns = np.nonzero(sample)
                counts = sample[rows, columns]
            else:
                matrix = sample.tocoo()
                rows, columns, counts = matrix.row, matrix.col, np.asarray(matrix.data)
            if np.any(counts < 0) or np.any(counts != np.floor(counts)):
                raise ValueError(f"sample {k}: expected counts of spikes, 0, 1, 2 …")
            shape = (int(sample.shape[0]), int(sample.shape[1]))
            for name, given, found in (("n_steps", n_steps, shape[0]), ("n_units", n_units, shape[1])):
                if given is not None and given != found:
                    raise ValueError(f"sample {k} has shape {shape}, but {name} is {given}")
            n_steps, n_units = shape
            repeats = counts.astype(np.int64)
            t, i = _sorted(np.repeat(rows, repeats), np.repeat(columns, repeats), k)
        else:
            try:
                t, i = sample
            except (TypeError, ValueError):
                raise TypeError(f"sample {k}: expected a SciPy sparse matrix [steps, units] or a pair (t, i)") from None
            t, i = _sorted(t, i, k)
        times.append(t), units.append(i)
        offsets.append(offsets[-1] + len(t))
    if n_steps is None or n_units is None:
        raise TypeError("n_steps, n_units: pairs (t, i) do not say how many steps and units there are; give both")
    return _named(np.concatenate(times) if times else np.zeros(0, np.int64), np.concatenate(units) if units else np.zeros(0, np.int64),
                  offsets, n_steps, n_units, y, dt, suffix)  # fmt: skip


def _named(t: npt.ArrayLike, i: npt.ArrayLike, offsets: npt.ArrayLike, n_steps: int, n_units: int, y: Optional[npt.ArrayLike],
           dt: Optional[float], suffix: str) -> Dict[str, Any]:
    out: Dict[str, Any] = {
        "t" + suffix: np.asarray(t),
        "i" + suffix: np.asarray(i).astype(np.int64),
        "offsets" + suffix: np.asarray(offsets, np.int64),
        "n_steps": np.int64(n_steps),
        "n_units": np.int64(n_units),
    }
    if y is not None:
        out["y" + suffix] = np.asarray(y)
    if dt is not None:
        out["dt"] = np.float64(dt)
    return out
