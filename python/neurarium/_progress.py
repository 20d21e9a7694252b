"""How far a loop is."""

from __future__ import annotations

import sys
import time
from typing import Callable, NamedTuple, Optional, TextIO, Union


class Progress(NamedTuple):
    """What a progress function is given."""

    phase: str  #: "train", "evaluate", …
    done: float
    total: float
    unit: str  #: "samples", "steps", …
    merit: str  #: "loss 0.31"


#: None or False: silent. True: a line on stderr. A function: called with a Progress, at most some ten times a second.
ProgressLike = Union[None, bool, Callable[[Progress], object]]


def _span(seconds: float) -> str:
    seconds = int(seconds + 0.5)
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds // 60}:{seconds % 60:02d} min" if seconds < 3600 else f"{seconds // 3600}:{seconds // 60 % 60:02d} h"


class Bar:
    """One line on stderr: phase, share, rate, merit, time left. Where stderr is no terminal, a new line with each phase and every ten seconds."""

    def __init__(self, stream: Optional[TextIO] = None):
        self._stream = stream or sys.stderr
        self._one_line = self._stream.isatty() or "ipykernel" in sys.modules
        self._phase, self._start, self._first, self._shown, self._width = "", 0.0, 0.0, float("-inf"), 0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.phase != self._phase:
            self._phase, self._start, self._first, self._shown = progress.phase, now, progress.done, float("-inf")
        if not self._one_line and now - self._shown < 10:
            return
        self._shown = now
        done, seconds = progress.done - self._first, now - self._start
        text = progress.phase
        if progress.total > 0:
            text += f" {100 * progress.done / progress.total:3.0f} %"
        if seconds > 0 and done > 0:
            text += f"  {done / seconds:,.0f} {progress.unit}/s"
            text += f"  {_span((progress.total - progress.done) * seconds / done)} left"
        self._write(text + (f"  {progress.merit}" if progress.merit else ""))

    def note(self, line: str) -> None:
        """Shows a line that stays."""
        self.close()
        self._stream.write(line + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Ends the running line."""
        if self._one_line and self._width:
            self._stream.write("\n")
            self._stream.flush()
        self._width = 0

    def _write(self, text: str) -> None:
        if self._one_line:
            self._stream.write("\r" + text.ljust(self._width))
            self._width = len(text)
        else:
            self._stream.write(text + "\n")
        self._stream.flush()


class Reporting:
    """What the engine calls, made from a ProgressLike; use it as `with Reporting(progress) as (call, note)`."""

    def __init__(self, progress: ProgressLike):
        self._bar: Optional[Bar] = Bar() if progress is True else None
        if self._bar is None and progress not in (None, False) and not callable(progress):
            raise TypeError(f"progress: expected None, True or a function, found {type(progress).__name__}")
        self._receiver: Optional[Callable[[Progress], object]] = self._bar or (progress if callable(progress) else None)

    def __enter__(self) -> "tuple[Optional[Callable[..., None]], Optional[Callable[[str], None]]]":
        if self._receiver is None:
            return None, None
        receiver = self._receiver

        def call(*fields: object) -> None:
            receiver(Progress(*fields))  # type: ignore[arg-type]

        return call, self._bar.note if self._bar else None

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.close()
