#!/usr/bin/env python3
"""Writes python/nolabel/calls.py, the calls of the Python package, from the declarations that the
program reads its flags by: names, defaults, ranges and help are those of `nolabel COMMAND --help`.

  tools/python_calls.py [--check] MODULE   MODULE: the built _core.*.so

With --check, nothing is written, and the end is 1 where the file is not what would be written.
"""

import argparse
import importlib.util
import keyword
import re
import sys
import textwrap
from pathlib import Path

from python_call_table import CALLS, RUN_DATA

FILE = Path(__file__).resolve().parent.parent / "python" / "nolabel" / "calls.py"
WIDTH = 100

WITH_FEATURES = ("cluster", "update")
TYPES = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "str": "str",
    "path": "PathLike",
    "list[int]": "Sequence[int]",
    "list[float]": "Sequence[float]",
}


def in_python(text):
    """Flags as arguments, as messages have them (python/nolabel/errors.py)."""
    spec = importlib.util.spec_from_file_location("errors", FILE.parent / "errors.py")
    errors = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(errors)
    return errors.in_python(text)


def load(module):
    spec = importlib.util.spec_from_file_location("_core", module)
    core = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(core)
    return core


def type_of(declaration):
    if declaration["type"] == "choice":
        return "Literal[" + ", ".join(repr(name) for name in declaration["choices"]) + "]"
    kind = TYPES[declaration["type"]]
    return f"Optional[{kind}]" if value_of(declaration) is None else kind


def value_of(declaration):
    """The default as Python has it."""
    text, kind = declaration["default"], declaration["type"]
    if kind == "bool":
        return text == "true"
    if kind in ("int", "float"):
        value = float(text) if kind == "float" else int(text)
        return value if fits(value, declaration["range"]) else None
    if kind.startswith("list"):
        number = int if "int" in kind else float
        return [number(item) for item in text.strip("[]").replace(",", " ").split()]
    return None if text == "none" else text


def fits(value, text):
    """Whether a default may be given, too; one that means "unset" is outside of the range."""
    low = re.match(r"(?:at least )?(-?[0-9.]+?)(?:\.\.|$)", text)
    return low is None or value >= float(low[1])


class Group:
    """Settings that share a prefix: a TypedDict."""

    def __init__(self):
        self.values, self.groups = {}, {}

    def add(self, names, declaration):
        if len(names) == 1:
            self.values[names[0]] = declaration
        else:
            self.groups.setdefault(names[0], Group()).add(names[1:], declaration)

    def fields(self, names):
        """(key, type) of each, where `names` gives the TypedDict of a group."""
        for key, declaration in self.values.items():
            yield key, type_of(declaration)
        for key, group in self.groups.items():
            yield key, names[id(group)]

    def defaults(self):
        values = {key: value_of(one) for key, one in self.values.items()}
        return values | {key: group.defaults() for key, group in self.groups.items()}

    def lines(self, indent):
        for key, one in self.values.items():
            yield from help_lines(key, one, indent)
        for key, group in self.groups.items():
            yield f"{indent}{key}: a dict of"
            yield from group.lines(indent + "    ")


def help_lines(name, declaration, indent):
    text = in_python(declaration["help"])
    if declaration["range"] and declaration["type"] != "choice":
        text += f" ({declaration['range']})"
    if "\\" in text or '"""' in text:
        raise SystemExit(f"the help of {name} cannot stand in a docstring")
    return textwrap.wrap(
        f"{name}: {text}", WIDTH - 4, initial_indent=indent, subsequent_indent=indent + "    "
    )


def class_name(path):
    return "".join(part.capitalize() for word in path for part in word.split("_"))


class Dicts:
    """The TypedDicts of the file; equal ones are written once."""

    def __init__(self):
        self.of_fields, self.text, self.taken = {}, [], set()

    def name(self, group, path, call, names):
        for key, inner in group.groups.items():
            self.name(inner, [*path, key], call, names)
        fields = tuple(group.fields(names))
        if fields not in self.of_fields:
            name = class_name(path)
            if name in self.taken:
                name = class_name([call, *path])
            self.taken.add(name)
            self.of_fields[fields] = name
            body = "\n".join(f"    {key}: {kind}" for key, kind in fields)
            self.text.append(f"class {name}(TypedDict, total=False):\n{body}\n")
        names[id(group)] = self.of_fields[fields]


def function(call, declarations, dicts):
    returns, first, first_help, about = CALLS[call]
    root = Group()
    for declaration in declarations:
        names = declaration["name"].split(".")
        if not names[0].isidentifier() or keyword.iskeyword(names[0]):
            raise SystemExit(f"{declaration['name']} cannot be an argument of Python")
        root.add(names, declaration)
    names = {}
    for key, group in root.groups.items():
        dicts.name(group, [key], call, names)
    if call == "report":
        first = [f"out: PathLike = default({value_of(root.values['out'])!r})"]
    arguments = [*first, "*"]
    for key, one in root.values.items():
        if call == "report" and key == "out":
            continue
        arguments.append(f"{key}: {type_of(one)} = default({value_of(one)!r})")
    for key, group in root.groups.items():
        arguments.append(f"{key}: {names[id(group)]} = default({group.defaults()!r})")
    if call in WITH_FEATURES:
        arguments.append("return_features: bool = False")
    arguments.append("progress: ProgressOption = None")

    lines = [f"def {call}("]
    lines += [f"    {argument}," for argument in arguments]
    lines += [f") -> {returns}:"]
    lines += textwrap.wrap(f'"""{about}', WIDTH, initial_indent="    ", subsequent_indent="    ")
    lines += ["", "    Args:"]
    for name, text in first_help:
        lines += textwrap.wrap(f"{name}: {text}", WIDTH, initial_indent=" " * 8,
                               subsequent_indent=" " * 12)
    lines += root.lines(" " * 8)
    if call in WITH_FEATURES:
        lines += ["        return_features: also return the features [N,D] of the images"]
    lines += ["        progress: True for a line on stderr, or a callable that takes a Progress"]
    lines += ["", f"    Returns {returns} of nolabel.results. Raises the classes of nolabel.errors.",
              '    """']
    keys = [*root.values, *root.groups]
    lines += ["    settings: dict[str, Any] = {"]
    lines += [f'        "{key}": {key},' for key in keys]
    lines += ["    }"]
    options = ["progress=progress"]
    if RUN_DATA in first:
        options.append("data=data")
    if len(first) > 1:
        options.append(f"subject={first[0].split(':')[0]}")
    if call in WITH_FEATURES:
        options.append("return_features=return_features")
    lines += [
        f'    result: {returns} = call("{call}", settings, {", ".join(options)})',
        "    return result",
        "",
    ]
    return "\n".join(lines)


def text_of_file(core):
    dicts, functions = Dicts(), []
    if sorted(core.declared_calls()) != sorted(CALLS):
        raise SystemExit(f"the library has the calls {core.declared_calls()}")
    for call in CALLS:
        functions.append(function(call, core.declarations(call), dicts))
    results = ", ".join(sorted({entry[0] for entry in CALLS.values()}))
    head = f'''"""The calls that work in a run directory, with every setting as an argument.

tools/python_calls.py writes this file from the library's declarations. An argument that is not given
takes the value that the run remembers, or else the default that the signature shows.
"""

# ruff: noqa
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Optional, TypedDict, Union

from nolabel._calls import call
from nolabel._inputs import PathLike
from nolabel._progress import ProgressOption
from nolabel._settings import default
from nolabel.results import {results}

Paths = Union[None, PathLike, Iterable[PathLike]]
'''
    return "\n\n".join([head, *dicts.text, *functions])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("module")
    options = parser.parse_args()
    text = text_of_file(load(options.module))
    if not options.check:
        FILE.write_text(text, encoding="utf-8")
        return
    if FILE.read_text(encoding="utf-8") != text:
        sys.exit(f"{FILE} is not what the declarations say: run tools/python_calls.py {options.module}")


if __name__ == "__main__":
    main()
