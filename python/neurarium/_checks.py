"""Arguments that are plain numbers, checked where they are named: the compiled part could only say that a call does not fit."""

from __future__ import annotations

import math
import operator
from typing import Any, Optional

MOST_THREADS = 1024
LARGEST_SEED = 0xFFFFFFFF
LARGEST = 2**63 - 1


def whole(name: str, value: Any, least: int, most: int = LARGEST) -> int:
    """`value` as an int, if it is a whole number in [least, most]."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: expected a whole number, found {value!r}") from None
    if not least <= number <= most:
        raise ValueError(f"{name}: expected a whole number in [{least}, {most}], found {number}")
    return number


def some(name: str, value: Optional[int], most: int) -> int:
    """0 for None, which leaves the choice to the program; else a whole number in [1, most]."""
    return 0 if value is None else whole(name, value, 1, most)


def positive(name: str, value: Any) -> float:
    """`value` as a float, if it is finite and above 0."""
    try:
        number = float(value)
    except (TypeError, OverflowError):
        raise TypeError(f"{name}: expected a number, found {value!r}") from None
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name}: expected a finite number above 0, found {number}")
    return number
