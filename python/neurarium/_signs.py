"""Signs of weights (Dale's law) as arrays: the engine reads one list, since they belong to what a saved network is described by."""

from __future__ import annotations

import functools
from typing import Any, Dict, FrozenSet, Mapping

import numpy as np

from . import _engine

_SIGNS = "given"


@functools.lru_cache(maxsize=None)
def _sections() -> FrozenSet[str]:
    """What the sections of layers are called in which signs can be given."""
    return frozenset(field["name"] for layer in _engine.names("layer") for field in _engine.describe("layer", layer)["fields"]
                     if any(inner["name"] == _SIGNS for inner in field.get("fields", ())))


def _one_list(signs: Any) -> Any:
    """An array of any shape, or nested lists, as one list: the last axis runs fastest. What holds no numbers stays as it is."""
    is_nested = isinstance(signs, (list, tuple)) and any(isinstance(row, (list, tuple, np.ndarray)) for row in signs)
    if not is_nested and not hasattr(signs, "__array__"):
        return signs
    try:
        array = np.asarray(signs)
    except ValueError:  # rows of different lengths: the engine says which of them is no number
        return signs
    return array.ravel().tolist() if array.ndim > 0 and array.dtype.kind in "biuf" else signs


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return with_listed_signs(value)
    if isinstance(value, (list, tuple)) and any(isinstance(item, dict) for item in value):
        return [_listed(item) for item in value]
    return value


def with_listed_signs(settings: Mapping[str, Any]) -> Dict[str, Any]:
    """A copy of `settings` in which signs are one list, however deep the section lies that holds them."""
    copy = {key: _listed(value) for key, value in settings.items()}
    for name in _sections() & copy.keys():
        if isinstance(copy[name], dict) and _SIGNS in copy[name]:
            copy[name][_SIGNS] = _one_list(copy[name][_SIGNS])
    return copy


def setting_with_listed_signs(path: str, value: Any) -> Any:
    """The same for the value of one dotted key: "model.layers.0.dale.given", or a section or part that holds it."""
    *_, section, key = ["", *path.split(".")]
    return with_listed_signs({section: {key: value}})[section][key]
