"""What can go wrong. Messages say what, where, what was expected, what was found and how to mend it;
the attributes say the same to programs."""

from __future__ import annotations

from typing import NamedTuple, Optional, Sequence

__all__ = ["NeurariumError", "Fault", "SpecError", "ShapeError", "DataError", "NumericError", "ResumeError", "Interrupted",
           "InternalError"]


class NeurariumError(Exception):
    """Root of everything that the user can mend."""


class Fault(NamedTuple):
    """One fault of a configuration."""

    key: str  #: dotted path, e.g. "train.learning_rate"
    what: str
    mend: str  #: may name the nearest known key
    source: str  #: a file, or the call
    line: int  #: counted from 1; 0 = unknown
    column: int


class SpecError(NeurariumError, ValueError):
    """A configuration that can't be: `faults` holds all of its faults, not only the first."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()):
        super().__init__(message)
        self.faults = list(faults)


class ShapeError(NeurariumError, ValueError):
    """Two shapes that should agree and do not; `where` names the layer or argument."""

    def __init__(self, message: str, where: str = "", expected: str = "", found: str = ""):
        super().__init__(message)
        self.where, self.expected, self.found = where, expected, found


class DataError(NeurariumError, ValueError):
    """Data that are missing, damaged or of an unexpected form: in `file`, at byte `offset` if that is known."""

    def __init__(self, message: str, file: str = "", offset: Optional[int] = None):
        super().__init__(message)
        self.file, self.offset = file, offset


class NumericError(NeurariumError, ArithmeticError):
    """A value became NaN or infinite: the layer or array, the step, and the first bad index."""

    def __init__(self, message: str, where: str = "", step: int = 0, index: int = 0):
        super().__init__(message)
        self.where, self.step, self.index = where, step, index


class ResumeError(NeurariumError, RuntimeError):
    """A checkpoint that does not belong to this experiment, machine or build."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; what was done so far is in the run directory's checkpoint."""


class InternalError(RuntimeError):
    """A bug of Neurarium."""
