"""Spikes as arrays of events: what `nr.run(…, data=…)` takes beside numbers."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt

#: The arrays of spikes, as a .npz file names them.
NAMES = frozenset(name + suffix for name in ("t", "i", "offsets", "y") for suffix in ("", "_test")) | {"n_steps", "n_units", "dt"}


class Spikes(NamedTuple):
    """Spikes of n samples on a grid of time, as events: those of sample k are t[offsets[k]:offsets[k + 1]] and i likewise."""

    t: npt.NDArray[np.int32]  #: the step of each event, rising within a sample
    i: npt.NDArray[np.uint16]  #: its unit
    offsets: npt.NDArray[np.int64]  #: [n + 1]
    n_steps: int
    n_units: int

    @property
    def shape(self) -> Tuple[int, int, int]:
        """(n, steps, units): that of counts()."""
        return len(self.offsets) - 1, self.n_steps, self.n_units

    def __repr__(self) -> str:
        samples, steps, units = self.shape
        return f"<Spikes: {samples} samples of {steps} steps and {units} units, {len(self.t)} events>"

    def counts(self, first: int = 0, end: Optional[int] = None) -> npt.NDArray[np.uint8]:
        """How often each unit fires in each step, [samples, steps, units], of the samples first … end − 1 (all).

        A byte each: all of a large data set may be more than there is memory.
        """
        first, end, _ = slice(first, end).indices(self.shape[0])
        places = slice(self.offsets[first], self.offsets[max(first, end)])
        sample = np.repeat(np.arange(max(first, end) - first), np.diff(self.offsets[first : max(first, end) + 1]))
        counts = np.zeros((max(first, end) - first, self.n_steps, self.n_units), np.uint8)
        np.add.at(counts, (sample, self.t[places], self.i[places]), 1)
        if counts.sum(dtype=np.int64) != len(sample):
            raise ValueError("a unit fires more than 255 times in a step")
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
                raise ValueError(f"samples: {name} is {found}, not {given}")
        return _named(samples.t, samples.i, samples.offsets, samples.n_steps, samples.n_units, y, dt, suffix)
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
    times = np.asarray(t)
    out: Dict[str, Any] = {
        "t" + suffix: times if np.issubdtype(times.dtype, np.floating) else times.astype(np.int64),
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
