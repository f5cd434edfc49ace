#!/usr/bin/env python3
"""Says which helpers of one folder share their name.

A release build compiles the files of a folder in groups (NOLABEL_UNITY in CMakeLists.txt). There a
call could take the helper of another file, without an error. So a name in an unnamed namespace, of a
function, a type or a constant, stands in one file of its folder only.

    tools/helper_names.py FILE...    prints "name: file, file" for each shared name
"""
import collections
import os
import re
import sys

UNNAMED = re.compile(r"^namespace \{\n(.*?)^\}  // namespace$", re.S | re.M)
NAMES = [
    re.compile(r"^(?:\[\[\w+\]\] )?(?!using|class|struct|enum)[A-Za-z_][\w:<>,&*\[\] ]*?[ &*](\w+)\(", re.M),
    re.compile(r"^(?:class|struct|enum class|union) (\w+)[ :;{]", re.M),
    re.compile(r"^(?:static |inline )*const(?:expr|init)? [\w:<>,&*\[\] ]*?(\w+)(?:\[\w*\])?(?: =|\{)", re.M),
]


def helpers(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not path.endswith(".h"):
        text = "\n".join(UNNAMED.findall(text))
    elif "test" not in os.path.basename(path):
        return set()  # what a library's header declares is meant to be seen
    return {name for pattern in NAMES for name in pattern.findall(text)}


def main():
    places = collections.defaultdict(set)
    for path in sys.argv[1:]:
        folder, name = os.path.split(path)
        kind = "test" if "test" in name or folder == "tests" else "library"
        for helper in helpers(path):
            places[folder, kind, helper].add(path)
    for (_, _, helper), files in sorted(places.items()):
        if len(files) > 1:
            print(f"{helper}: {', '.join(sorted(files))}")


main()
