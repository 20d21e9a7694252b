"""Parts of a network as plain data: what `nr.layers.Dense(units=2)` and its kind are."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, ClassVar, Dict, TypeVar

import numpy as np

from . import _engine
from ._signs import with_listed_signs

_Init = TypeVar("_Init", bound=Callable[..., None])


def suggests(init: _Init) -> _Init:
    """Lets an `__init__` with explicit keywords name the nearest one when a keyword is unknown."""
    known = [name for name in inspect.signature(init).parameters if name != "self"]

    @functools.wraps(init)
    def checked(self: Any, *args: Any, **settings: Any) -> None:
        unknown = [name for name in settings if name not in known]
        if unknown:
            faults = []
            for name in unknown:
                near = _engine.nearest(name, known)
                faults.append(f"no setting is called '{name}'; " + (f"did you mean '{near}'?" if near else "known: " + ", ".join(known)))
            raise TypeError(f"{type(self).__name__}(): " + "; ".join(faults))
        init(self, *args, **settings)

    return checked  # type: ignore[return-value]


def given(settings: Dict[str, Any]) -> Dict[str, Any]:
    """The settings that say something: None means "not given"."""
    return {name: value for name, value in settings.items() if value is not None}


def same(a: Any, b: Any) -> bool:
    """Equality that also compares arrays, at any depth."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.array_equal(a, b)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def short(value: Any, kind: str = "") -> str:
    """A setting in a few words; parts of a kind as the call that makes them."""
    if isinstance(value, np.ndarray):
        return f"<{value.dtype} {list(value.shape)}>"
    if isinstance(value, list):
        return "[" + ", ".join(short(item, kind) for item in value) + "]"
    if isinstance(value, dict) and kind and isinstance(value.get("type"), str):
        name = "".join(word[:1].upper() + word[1:] for word in value["type"].replace("-", "_").split("_"))
        return f"{name}({changed(kind, value['type'], value)})"
    return repr(value)


@functools.lru_cache(maxsize=None)
def _fields(kind: str, type_name: str) -> Dict[str, Dict[str, Any]]:
    """The fields of a part by name, each with its completed default."""
    fields = {field["name"]: dict(field) for field in _engine.describe(kind, type_name)["fields"]}
    for name, value in _engine.complete(kind, type_name, {}).items():
        fields[name]["default"] = value
    return fields


def changed(kind: str, type_name: str, settings: Dict[str, Any]) -> str:
    """The settings that differ from their defaults, as arguments."""
    fields = _fields(kind, type_name)
    return ", ".join(f"{key}={short(value, fields[key].get('component_kind', ''))}" for key, value in settings.items()
                     if key in fields and not same(value, fields[key]["default"]))


class Component(dict):  # type: ignore[type-arg]
    """A part with its type and every setting: a dict, as it would stand in a TOML file. Settings are checked when it is made."""

    _kind: ClassVar[str] = ""
    _type: ClassVar[str] = ""

    def __init__(self, **settings: Any) -> None:
        full = _engine.complete(self._kind, self._type, with_listed_signs(given(settings)), f"{type(self).__name__}()")
        super().__init__(type=self._type, **full)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({changed(self._kind, self._type, self)})"
