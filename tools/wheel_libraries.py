#!/usr/bin/env python3
"""Puts the licenses of the libraries that auditwheel grafted into a wheel beside them.

    tools/wheel_libraries.py WHEEL --jbig LIBRARY [--list]

For each library of nolabel.libs/: its license by tools/wheel_libraries.txt, its package and the
package's copyright file by dpkg. They become nolabel.libs/licenses/. A library that is not in the
list, one without a copyright file, one that torch brings, and a path of this machine in a library
are errors, and the wheel stays as it is.
"""
import argparse
import base64
import csv
import hashlib
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

LIST = pathlib.Path(__file__).with_suffix(".txt")
GRAFTS = "nolabel.libs"
COMMON = pathlib.Path("/usr/share/common-licenses")
# A second one of these in the process would be another LibTorch, or another team of threads.
TORCHS_OWN = re.compile(r"/lib(torch|c10|gomp|iomp|cud|nvrtc|nccl)[^/]*$")

README = """\
These shared libraries are unchanged copies of a distribution's, except for names and search paths,
which auditwheel has set. libraries.csv says which package of the distribution each is from and under
which license. PACKAGE.txt is the package's own statement of copyright and license. Tools and documentation
of the same source package, of which it speaks, too, are not in this wheel. common-licenses/ holds the
licenses that these statements refer to.

The source of each library is the named version of the distribution's source package, which the
distribution offers (Debian: https://snapshot.debian.org). You may replace each library by your own build of
the same name.

libjbig is an exception: the wheel's own replacement of that library, without JBIG, from
python/jbig/no_jbig.c in nolabel's source.
"""


def fail(text):
    sys.exit(f"wheel: {text}")


def listed_licenses():
    lines = [line.split(maxsplit=1) for line in LIST.read_text().splitlines()]
    return {words[0]: words[1] for words in lines if words and words[0] != "#"}


def original_name(grafted):
    """libtiff-0a1b2c3d.so.6.0.0 was libtiff.so.6.0.0."""
    return re.sub(r"^([^.]*)-[0-9a-f]{8}\.", r"\1.", grafted.name)


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


def package_of(name):
    packages = {line.split(":")[0] for line in run("dpkg-query", "-S", f"*/{name}").splitlines()
                if line.endswith("/" + name)}
    if len(packages) != 1:
        fail(f"{name} must belong to one package of the distribution. Found: {packages or 'none'}.")
    return packages.pop()


def versions_of(package):
    """Version, source package and its version."""
    fields = "${Version}\t${source:Package}\t${source:Version}\n"
    return run("dpkg-query", "-W", "-f", fields, package).splitlines()[0].split("\t")


def add_licenses(tree, jbig):
    """Writes nolabel.libs/licenses/; returns the rows of libraries.csv."""
    licenses = listed_licenses()
    folder = tree / GRAFTS / "licenses"
    (folder / "common-licenses").mkdir(parents=True)
    rows = []
    for library in sorted((tree / GRAFTS).glob("*.so*")):
        name = original_name(library)
        if TORCHS_OWN.search("/" + name):
            fail(f"{name} must be torch's, not the wheel's.")
        license_ = licenses.get(name.split(".so")[0])
        if license_ is None:
            fail(f"{name} is not in {LIST.name}. Read its license ({package_of(name)}) first.")
        if name.startswith("libjbig."):
            if hashlib.sha256(jbig.read_bytes()).hexdigest()[:8] not in library.name:
                fail("libjbig is the distribution's, which is under the GPL.")
            rows.append([library.name, license_, "nolabel", "", "", ""])
            continue
        package = package_of(name)
        statement = pathlib.Path("/usr/share/doc") / package / "copyright"
        if not statement.is_file():
            fail(f"{package}, of which {name} is, has no {statement}.")
        (folder / f"{package}.txt").write_bytes(statement.read_bytes())
        rows.append([library.name, license_, package, *versions_of(package)])
    texts = " ".join(file.read_text(errors="replace") for file in folder.glob("*.txt"))
    for wanted in {name.rstrip(".") for name in re.findall(rf"{COMMON}/([A-Za-z0-9.-]+)", texts)}:
        if not (COMMON / wanted).is_file():
            fail(f"a copyright file refers to {COMMON / wanted}, which does not exist.")
        (folder / "common-licenses" / wanted).write_bytes((COMMON / wanted).read_bytes())
    (folder / "README.txt").write_text(README)
    with open(folder / "libraries.csv", "w", newline="") as file:
        csv.writer(file).writerows(
            [["library", "license", "package", "version", "source", "source_version"], *rows])
    return rows


def check_search_paths(tree):
    """No library looks for others outside of the wheel."""
    for file in sorted(tree.rglob("*")):
        if not file.is_file() or file.read_bytes()[:4] != b"\x7fELF":
            continue
        for line in run("readelf", "--dynamic", str(file)).splitlines():
            found = re.search(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", line)
            for path in found.group(1).split(":") if found else []:
                if path and not path.startswith("$ORIGIN"):
                    fail(f"{file.relative_to(tree)} would look into {path} for libraries.")


def record(tree):
    """The text of RECORD: every file with its SHA-256 and size."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for file in sorted(tree.rglob("*")):
        if not file.is_file():
            continue
        name = file.relative_to(tree).as_posix()
        if name.endswith(".dist-info/RECORD"):
            writer.writerow([name, "", ""])
            continue
        content = file.read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        writer.writerow([name, f"sha256={digest}", len(content)])
    return out.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=pathlib.Path)
    parser.add_argument("--jbig", type=pathlib.Path, required=True, help="the replacement in it")
    parser.add_argument("--list", action="store_true", help="print the libraries")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        tree = pathlib.Path(place)
        # Not zipfile, which forgets what may be executed.
        subprocess.run(["unzip", "-q", arguments.wheel, "-d", tree], check=True)
        rows = add_licenses(tree, arguments.jbig)
        check_search_paths(tree)
        next(tree.glob("*.dist-info/RECORD")).write_text(record(tree))
        changed = arguments.wheel.with_suffix(".new")
        with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(tree.rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(tree))
        changed.replace(arguments.wheel)
    if arguments.list:
        for row in rows:
            print("\t".join(row))


main()
