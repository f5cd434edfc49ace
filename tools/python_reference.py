#!/usr/bin/env python3
"""Writes the reference in docs/python.md from the installed package: every public name with its
signature and the first sentences of its description.

  tools/python_reference.py [--check]   with a Python that has nolabel, outside of the clone

With --check, nothing is written, and the end is 1 where the page is not what would be written.
"""

import inspect
import re
import sys
import textwrap
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "python.md"
BEGIN, END = "<!-- reference: tools/python_reference.py -->\n", "<!-- /reference -->"
WIDTH = 112
FIRST = ("cluster", "update", "predict", "embed", "Predictor", "Embedder", "SCAN")


def short(annotation):
    """No annotations: help() shows them, and Python's versions write them differently."""
    return annotation.replace(annotation=inspect.Parameter.empty)


def signature_of(name, value):
    signature = inspect.signature(value)
    parameters = [short(one) for one in signature.parameters.values()]
    if inspect.isclass(value) and parameters and parameters[0].name == "self":
        parameters = parameters[1:]
    plain = signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    return "\n".join(
        textwrap.wrap(f"{name}{plain}", WIDTH, subsequent_indent="    ", break_on_hyphens=False)
    )


def description_of(value):
    paragraph = inspect.getdoc(value).split("\n\n")[0]
    return "\n".join(textwrap.wrap(" ".join(paragraph.split()), WIDTH, break_on_hyphens=False))


def entry(nolabel, name):
    value = getattr(nolabel, name)
    if inspect.ismodule(value):
        public = [
            one
            for one, function in inspect.getmembers(value, inspect.isfunction)
            if re.match(r"[a-z]", one) and function.__module__ == value.__name__
        ]
        inner = [
            f"### `{name}.{one}`\n\n```\n{signature_of(one, vars(value)[one])}\n```\n\n"
            f"{description_of(vars(value)[one])}\n"
            for one in sorted(public)
        ]
        return "\n".join(inner)
    text = f"### `{name}`\n\n"
    if not (inspect.isclass(value) and issubclass(value, BaseException)):
        text += f"```\n{signature_of(name, value)}\n```\n\n"
    text += description_of(value) + "\n"
    if inspect.isclass(value) and not issubclass(value, BaseException):
        methods = [
            one
            for one, function in inspect.getmembers(value, inspect.isfunction)
            if not one.startswith(("_", "get_", "set_"))
            and function.__module__.startswith("nolabel")
        ]
        if methods:
            text += "\nMethods: " + ", ".join(f"`{one}`" for one in methods) + ".\n"
    return text


def main():
    import nolabel

    others = sorted(set(nolabel.__all__) - set(FIRST), key=lambda name: (name.lower(), name))
    text = "\n" + "\n".join(entry(nolabel, name) for name in (*FIRST, *others)) + "\n"
    page = PAGE.read_text(encoding="utf-8")
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    if sys.argv[1:] == ["--check"]:
        if page[begin:end] != text:
            sys.exit(f"{PAGE} does not describe the package: run tools/python_reference.py")
        return
    PAGE.write_text(page[:begin] + text + page[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
