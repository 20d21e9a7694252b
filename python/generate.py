#!/usr/bin/env python3
"""Python classes and stubs from `neurarium describe --json`: generate.py PROGRAM PACKAGE-FOLDER

One module per kind of part (models, layers, losses, …), one class per part, each with an explicit signature and a numpydoc
docstring. Standard library only. No model, layer or study is known here by name.
"""

import json
import keyword
import pathlib
import subprocess
import sys

NOT_MADE = {"study", "dataset"}  # kinds that are named, not made: nr.run("…"), data="…"
HEADER = '"""{title}, generated from the registry. Each class says what it can be told."""\n'


def plural(word):
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") else word + "s"


def class_name(type_name):
    return "".join(part[:1].upper() + part[1:] for part in type_name.replace("-", "_").split("_"))


def argument(field):
    return field["name"] + "_" if keyword.iskeyword(field["name"]) else field["name"]


def annotation(field):
    kind = field["kind"]
    if kind == "text" and field.get("choices"):
        return "Literal[" + ", ".join(map(repr, field["choices"])) + "]"
    if kind == "array":
        return "Optional[ArrayLike]"
    if kind == "section":
        return "Optional[Mapping[str, Any]]"
    if kind == "real" and field.get("unit"):
        return "Union[float, str]"
    part = "Union[str, Mapping[str, Any]]"
    if kind == "component" and not is_named_alone(field):
        return f"Optional[{part}]"
    return {"boolean": "bool", "integer": "int", "real": "float", "text": "str", "integers": "Sequence[int]", "reals": "Sequence[float]",
            "texts": "Sequence[str]", "component": part, "components": f"Sequence[{part}]"}[kind]


def is_named_alone(field):
    """Whether the default of a component is a name and nothing else; one with settings of its own is written None, and the program fills it in."""
    return set(field.get("default") or {"type"}) == {"type"}


def default(field):
    """The default as Python; lists become tuples, so that no call can change it for the next."""
    value = field.get("default")
    if field["kind"] in ("array", "section") or (field["kind"] == "component" and not is_named_alone(field)):
        return "None"
    if field["kind"] == "component" and isinstance(value, dict):
        return repr(value["type"])
    if isinstance(value, list):
        return repr(tuple(value))
    if field["kind"] == "real" and isinstance(value, int):
        return repr(float(value))
    return repr(value)


def signature(entry):
    """What lists parts comes first and may be given by position; all else is by keyword."""
    lists = [f for f in entry["fields"] if f["kind"] == "components"]
    others = [f for f in entry["fields"] if f["kind"] != "components"]
    words = [f"{argument(f)}: {annotation(f)} = {default(f)}" for f in lists]
    if others:
        words += ["*"] + [f"{argument(f)}: {annotation(f)} = {default(f)}" for f in others]
    return ", ".join(["self", *words])


def type_text(field):
    kind = field["kind"]
    if field.get("choices"):
        choices = "{" + ", ".join(map(repr, field["choices"])) + "}"
        return choices if kind == "text" else f"list of {choices}"
    words = {"boolean": "bool", "integer": "int", "real": "float", "text": "str", "integers": "list of int", "reals": "list of float",
             "texts": "list of str", "array": "array, optional", "section": "dict, optional"}
    if kind in words:
        return words[kind]
    of = f"neurarium.{plural(field['component_kind'])}"
    return f"list of {of}" if kind == "components" else of


def sentence(field):
    text = field["doc"]
    notes = []
    if field.get("unit"):
        notes.append(f"in {field['unit']}; a text may carry another unit")
    if field.get("range"):
        notes.append(field["range"])
    if field["kind"] == "array":
        notes.append("an array, nested lists, or the name of a .npy file")
    return text + (f" ({'; '.join(notes)})" if notes else "")


def documented(fields, indent, prefix=""):
    lines = []
    for field in fields:
        head = f"{prefix}{argument(field)} : {type_text(field)}"
        if field["kind"] not in ("array", "section"):
            head += f", default {default(field) if field['kind'] != 'component' or is_named_alone(field) else field['default']}"
        lines += [indent + head, f"{indent}    {sentence(field)}"]
        lines += documented(field.get("fields", ()), indent, f"{prefix}{field['name']}.")
    return lines


def docstring(entry):
    lines = [f'    """{entry["doc"]}']
    if entry["fields"]:
        lines += ["", "    Parameters", "    ----------", *documented(entry["fields"], "    ")]
        lines.append('    """')
    else:
        lines[0] += '"""'
    return [line.replace("\\", "\\\\") for line in lines]


def module(kind, entries):
    base, home = ("Model", "._model") if kind == "model" else ("Component", "._component")
    lines = [HEADER.format(title=f"What is a {kind}"), "from typing import Any, Literal, Mapping, Optional, Sequence, Union", "",
             "from numpy.typing import ArrayLike", ""]
    lines += sorted({f"from {home} import {base}", "from ._component import suggests"})
    lines += ["", "__all__ = [" + ", ".join(repr(class_name(e["type"])) for e in entries) + "]"]
    for entry in entries:
        lines += ["", "", f"class {class_name(entry['type'])}({base}):", *docstring(entry), ""]
        lines += [] if kind == "model" else [f"    _kind = {kind!r}"]
        lines += [f"    _type = {entry['type']!r}", ""]
        passed = ", ".join(f"{argument(f)}={argument(f)}" if argument(f) == f["name"] else f"**{{{f['name']!r}: {argument(f)}}}"
                           for f in entry["fields"])
        lines += ["    @suggests", f"    def __init__({signature(entry)}) -> None:", f"        super().__init__({passed})"]
    return "\n".join(lines) + "\n"


def stub(kind, entries):
    base, home = ("Model", "._model") if kind == "model" else ("Component", "._component")
    lines = ["from typing import Any, Literal, Mapping, Optional, Sequence, Union", "", "from numpy.typing import ArrayLike", "",
             f"from {home} import {base}", "", "__all__ = [" + ", ".join(repr(class_name(e["type"])) for e in entries) + "]"]
    for entry in entries:
        lines += ["", f"class {class_name(entry['type'])}({base}):", *docstring(entry), f"    def __init__({signature(entry)}) -> None: ..."]
    return "\n".join(lines) + "\n"


def parts(kinds):
    modules = sorted(map(plural, kinds))
    models = sorted(class_name(e["type"]) for e in kinds.get("model", []))
    lines = ['"""Everything generated, for `from neurarium import …`."""', "", f"from . import {', '.join(modules)}"]
    if models:
        lines.append(f"from .models import {', '.join(models)}")
    return "\n".join([*lines, "", f"__all__ = {[*modules, *models]!r}"]) + "\n"


def write(path, text):
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main(program, folder):
    described = json.loads(subprocess.run([program, "describe", "--json"], check=True, stdout=subprocess.PIPE).stdout)
    kinds = {}
    for entry in described["entries"]:
        if entry["kind"] not in NOT_MADE:
            kinds.setdefault(entry["kind"], []).append(entry)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, entries in kinds.items():
        write(folder / f"{plural(kind)}.py", module(kind, entries))
        write(folder / f"{plural(kind)}.pyi", stub(kind, entries))
    write(folder / "_parts.py", parts(kinds))
    write(folder / "_parts.pyi", parts(kinds))


if __name__ == "__main__":
    main(*sys.argv[1:])
