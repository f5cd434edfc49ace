"""The wheel brings its libraries: nothing of the machine's but what every machine has, torch's
LibTorch, and libheif where there is one."""

import csv
import ctypes.util
import os
import re
import struct
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from PIL import Image

import nolabel
from conftest import colored

PACKAGE = Path(nolabel.__file__).resolve().parent
LIBRARIES = PACKAGE.parent / "nolabel.libs"
TORCH = Path(nolabel._library.torch_folder()).resolve()
# Of every Linux with glibc and a C++ compiler's library (PEP 600's list), and torch's CUDA.
EVERYWHERE = re.compile(r"/(ld-linux|lib(c|m|dl|rt|pthread|util|resolv|stdc\+\+|gcc_s|z)\.so)")

pytestmark = pytest.mark.skipif(
    not LIBRARIES.is_dir(), reason="the libraries are this machine's (tools/wheel.sh repairs a wheel)"
)


def foreign(files):
    """Those that are neither of the wheel, of torch, of every machine nor modules of Python."""
    python = Path(sysconfig.get_path("platstdlib")).resolve()
    places = [PACKAGE, LIBRARIES, TORCH, TORCH.parent.parent / "nvidia", python]
    return [
        file
        for file in files
        if not any(file.startswith(f"{place}/") for place in places)
        and not EVERYWHERE.search(file)
    ]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("formats")
    picture = Image.fromarray(colored(0, 0))
    picture.save(folder / "a.jpg")
    picture.save(folder / "a.png")
    picture.save(folder / "a.webp", lossless=True)
    picture.save(folder / "a.tif", compression="tiff_lzw")
    picture.save(folder / "a.gif")
    return folder


# What Python itself loads for its modules comes first; only what nolabel adds is looked at.
DECODES = """
import sys, bz2, ctypes, hashlib, json, lzma, ssl, zlib, importlib.metadata
import numpy, numpy.random
def loaded():
    with open("/proc/self/maps") as lines:
        return {line.split(maxsplit=5)[5].strip() for line in lines if ".so" in line}
before = loaded()
import nolabel
for path in sys.argv[1:]:
    assert nolabel.views(path, "standard", size=16, count=1).shape == (1, 16, 16, 3)
print(*sorted(loaded() - before), sep="\\n")
"""


def test_pictures_are_decoded_by_the_libraries_of_the_wheel(pictures):
    paths = sorted(str(path) for path in pictures.iterdir())
    result = subprocess.run(
        [sys.executable, "-c", DECODES, *paths], capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr
    files = result.stdout.splitlines()
    for name in ("libjpeg", "libpng16", "libtiff", "libwebp", "libgif", "libcurl", "libcrypto"):
        assert any(file.startswith(f"{LIBRARIES}/{name}-") for file in files), name
    assert any(file.startswith(str(TORCH)) for file in files)
    assert foreign(files) == []


def test_the_program_uses_the_libraries_of_the_wheel(pictures, tmp_path):
    environment = os.environ | {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(tmp_path / "loaded")}
    environment.pop("LD_LIBRARY_PATH", None)
    words = ["mine", str(pictures), "--backbone", "starter", "--out", str(tmp_path / "run")]
    program = Path(sys.executable).parent / "nolabel"
    result = subprocess.run(
        [program, *words, "--threads", "1", "--duplicates", "keep"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    # The process was Python before it became the program, which loads its library last.
    log = "".join(file.read_text() for file in tmp_path.glob("loaded.*"))
    log = log[log.index(f"file={PACKAGE}/lib/libnolabel_program.so") :]
    files = [os.path.realpath(file) for file in re.findall(r"calling init: (/.+)", log)]
    assert any(file.startswith(f"{LIBRARIES}/libjpeg-") for file in files)
    assert any(file.startswith(str(TORCH)) for file in files)
    assert foreign(files) == []


def test_every_library_has_its_license():
    folder = LIBRARIES / "licenses"
    rows = list(csv.DictReader((folder / "libraries.csv").read_text().splitlines()))
    assert {row["library"] for row in rows} == {file.name for file in LIBRARIES.glob("*.so*")}
    for row in rows:
        assert row["license"] and not re.fullmatch(r"GPL-\d\+?", row["license"]), row
        if row["package"] != "nolabel":
            assert (folder / f"{row['package']}.txt").stat().st_size > 100, row
            assert row["version"] and row["source_version"], row
    names = " ".join(row["library"] for row in rows)
    for name in ("heif", "x265", "torch", "c10", "gomp", "libcud"):
        assert name not in names


def test_a_tiff_with_jbig_says_why_it_is_not_read(tmp_path):
    """The wheel has no JBIG, whose library is under the GPL."""
    # Width, height, 1 bit, JBIG, white is zero, where the strip is, samples, rows, bytes.
    tags = [(256, 8), (257, 8), (258, 1), (259, 34661), (262, 0), (273, 8), (277, 1), (278, 8), (279, 20)]
    entries = b"".join(struct.pack("<HHII", tag, 4 if tag == 273 else 3, 1, value) for tag, value in tags)
    directory = struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0)
    path = tmp_path / "fax.tif"
    path.write_bytes(b"II*\0" + struct.pack("<I", 28) + bytes(20) + directory)
    with pytest.raises(nolabel.DataError, match="JBIG is not part of nolabel's wheel"):
        nolabel.views(path)


def test_heif_is_the_machines(tmp_path):
    path = tmp_path / "a.avif"
    Image.fromarray(colored(0, 0)).save(path)
    if ctypes.util.find_library("heif"):
        assert nolabel.views(path, count=2).shape == (2, 32, 32, 3)
    else:
        with pytest.raises(nolabel.DataError, match="HEIC and AVIF need libheif 1"):
            nolabel.views(path)


def test_without_libheif_the_reason_says_what_to_install(tmp_path):
    """The loader finds an empty library in the place of libheif, which then does not load either."""
    path = tmp_path / "a.avif"
    Image.fromarray(colored(0, 0)).save(path)
    code = "import nolabel, sys; nolabel.views(sys.argv[1])"
    empty = tmp_path / "libheif.so.1"
    subprocess.run(
        ["cc", "-shared", "-Wl,-soname,libheif.so.1", "-x", "c", "/dev/null", "-o", empty], check=True
    )
    result = subprocess.run(
        [sys.executable, "-c", code, path],
        capture_output=True,
        text=True,
        env=os.environ | {"LD_LIBRARY_PATH": str(tmp_path)},
    )
    assert "need libheif 1 (Debian and Ubuntu: apt-get install libheif1): " in result.stderr


# A driver with one GPU that does nothing.
DRIVER = """
int cuInit(unsigned flags) { return 0; }
int cuDriverGetVersion(int *version) { *version = 13000; return 0; }
int cuDeviceGetCount(int *count) { *count = 1; return 0; }
int cuDeviceGet(int *device, int number) { *device = number; return 0; }
int cuDeviceGetName(char *name, int size, int device) { name[0] = 'X'; name[1] = 0; return 0; }
int cuDeviceTotalMem_v2(unsigned long *bytes, int device) { *bytes = 1; return 0; }
int cuDeviceGetAttribute(int *value, int which, int device) { *value = 9; return 0; }
int cuDeviceGetPCIBusId(char *id, int size, int device) { id[0] = '0'; id[1] = 0; return 0; }
"""


@pytest.mark.parametrize("first", ["nolabel", "torch, nolabel"])
def test_with_a_driver_the_plug_in_for_gpus_is_loaded(tmp_path, first):
    """As far as there is no GPU: a wheel of a build with CUDA finds torch's CUDA libraries."""
    source = tmp_path / "driver.c"
    source.write_text(DRIVER)
    driver = tmp_path / "libcuda.so.1"
    command = ["cc", "-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", source, "-o", driver]
    subprocess.run(command, check=True)
    code = f"import {first}, sys; nolabel.Embedder('starter', device='cuda')"
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"LD_LIBRARY_PATH": str(tmp_path)},
    )
    said = result.stderr.splitlines()[-1]
    if not (PACKAGE / "lib" / "libnolabel_cuda.so").exists():
        assert "this is a build without CUDA" in said
    elif not (TORCH / "libtorch_cuda.so").exists():
        assert "is one without CUDA" in said
    else:
        assert "LibTorch finds no GPU that it can use" in said
