#!/usr/bin/env python3
"""Says which helpers of one folder share their name.

A release build compiles the files of a folder in groups (NOLABEL_UNITY in CMakeLists.txt). There a
call could take the helper of another file, without an error. So the name of a function in an unnamed
namespace stands in one file of its folder only.

    tools/helper_names.py FILE...    prints "name: file, file" for each shared name
"""
import collections
import os
import re
import sys

UNNAMED = re.compile(r"^namespace \{\n(.*?)^\}  // namespace$", re.S | re.M)
FUNCTION = re.compile(r"^(?!using|class|struct|enum)[A-Za-z_][\w:<>,&*\[\] ]*?[ &*](\w+)\(", re.M)


def helpers(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".h"):  # of tests: shared by name
        return set(FUNCTION.findall(text)) if "test" in os.path.basename(path) else set()
    return {name for block in UNNAMED.findall(text) for name in FUNCTION.findall(block)}


def main():
    places = collections.defaultdict(set)
    for path in sys.argv[1:]:
        kind = "test" if "test" in os.path.basename(path) else "library"
        for name in helpers(path):
            places[os.path.dirname(path), kind, name].add(path)
    for (_, _, name), files in sorted(places.items()):
        if len(files) > 1:
            print(f"{name}: {', '.join(sorted(files))}")


main()
