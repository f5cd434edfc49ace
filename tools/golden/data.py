#!/usr/bin/env python3
"""Writes nolabel/data/testdata and nolabel/pickle/testdata: CIFAR's Python files, with two images per batch.

The published batches were pickled by Python 2 (protocol 2, str as bytes). Python 3 cannot write
that form, so it is emitted here opcode by opcode, as pickletools.dis shows it of the published
files, and read back with pickle.loads(..., encoding="latin1") as every program of the field does.
`variants/` holds the first batch in the other forms that programs write. nolabel/pickle/testdata
holds it as Python 3 and NumPy write it, protocols 2 to 5, and NumPy's arrays of every kind.

Needs NumPy 2 (the peers' environment). Pixel b of image i of batch number k is (7b + 31i + 101k) % 256.
"""

import pathlib
import pickle
import struct

import numpy as np

NOLABEL = pathlib.Path(__file__).resolve().parents[2] / "nolabel"
OUT = NOLABEL / "data" / "testdata"
PICKLES = NOLABEL / "pickle" / "testdata"
IMAGES = 2


def pixels(k):
    b = np.arange(3072)
    return np.stack([(7 * b + 31 * i + 101 * k) % 256 for i in range(IMAGES)]).astype(np.uint8)


class Python2:
    """Protocol 2 as Python 2's cPickle wrote it; every container and string is memorised."""

    def __init__(self):
        self.out, self.memorised = bytearray(b"\x80\x02"), 0

    def memo(self):
        self.out += b"q" + bytes([self.memorised]) if self.memorised < 256 else (
            b"r" + struct.pack("<I", self.memorised))
        self.memorised += 1

    def string(self, text):
        data = text if isinstance(text, bytes) else text.encode("latin1")
        self.out += (b"U" + bytes([len(data)]) if len(data) < 256 else
                     b"T" + struct.pack("<I", len(data))) + data
        self.memo()

    def integer(self, value):
        if 0 <= value < 256:
            self.out += b"K" + bytes([value])
        elif 0 <= value < 65536:
            self.out += b"M" + struct.pack("<H", value)
        else:
            self.out += b"J" + struct.pack("<i", value)

    def name(self, module, name):
        self.out += f"c{module}\n{name}\n".encode()
        self.memo()

    def array(self, values):
        self.name("numpy.core.multiarray", "_reconstruct")
        self.name("numpy", "ndarray")
        self.integer(0)
        self.out += b"\x85"
        self.memo()
        self.string("b")
        self.out += b"\x87"
        self.memo()
        self.out += b"R"
        self.memo()
        self.out += b"("
        self.integer(1)
        for length in values.shape:
            self.integer(length)
        self.out += b"\x86"
        self.memo()
        self.name("numpy", "dtype")
        self.string("u1")
        self.integer(0)
        self.integer(1)
        self.out += b"\x87"
        self.memo()
        self.out += b"R"
        self.memo()
        self.out += b"("
        self.integer(3)
        self.string("|")
        self.out += b"NNN"
        self.integer(-1)
        self.integer(-1)
        self.integer(0)
        self.out += b"t"
        self.memo()
        self.out += b"b\x89"
        self.string(values.tobytes())
        self.out += b"t"
        self.memo()
        self.out += b"b"

    def value(self, value):
        if isinstance(value, dict):
            self.out += b"}"
            self.memo()
            self.out += b"("
            for key, item in value.items():
                self.value(key)
                self.value(item)
            self.out += b"u"
        elif isinstance(value, list):
            self.out += b"]"
            self.memo()
            self.out += b"("
            for item in value:
                self.value(item)
            self.out += b"e"
        elif isinstance(value, np.ndarray):
            self.array(value)
        elif isinstance(value, int):
            self.integer(value)
        else:
            self.string(value)

    def dumps(self, value):
        self.value(value)
        return bytes(self.out + b".")


def write_python2(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    data = Python2().dumps(value)
    back = pickle.loads(data, encoding="latin1")
    assert back.keys() == value.keys()
    assert all(np.array_equal(back[key], value[key]) for key in value)
    path.write_bytes(data)


def batch10(k):
    return {
        "batch_label": f"training batch {k} of 5",
        "labels": [k, 9 - k],
        "data": pixels(k),
        "filenames": [f"cat_s_{k:06}.png", f"leptodactylus_pentadactylus_s_{k:06}.png"],
    }


def batch100(k):
    return {
        "filenames": [f"bos_taurus_s_{k:06}.png", f"stegosaurus_s_{k:06}.png"],
        "batch_label": f"batch {k}",
        "fine_labels": [19, 99 - k],
        "coarse_labels": [11, k],
        "data": pixels(k),
    }


def main():
    ten = OUT / "cifar-10-batches-py"
    for k in range(1, 6):
        write_python2(ten / f"data_batch_{k}", batch10(k))
    write_python2(ten / "test_batch", batch10(6))
    names = "airplane automobile bird cat deer dog frog horse ship truck".split()
    write_python2(ten / "batches.meta",
                  {"num_cases_per_batch": 10000, "label_names": names, "num_vis": 3072})

    hundred = OUT / "cifar-100-python"
    write_python2(hundred / "train", batch100(1))
    write_python2(hundred / "test", batch100(2))
    write_python2(hundred / "meta", {
        "fine_label_names": [f"fine {i}" for i in range(100)],
        "coarse_label_names": [f"coarse {i}" for i in range(20)],
    })

    variants()
    pickles()


def variants():
    """data_batch_1 of CIFAR-10 as other programs write it, all with the same images and labels."""
    folder = OUT / "variants"
    folder.mkdir(exist_ok=True)
    plain = batch10(1)
    data, labels, names = plain["data"], plain["labels"], plain["filenames"]
    without_names = {key: value for key, value in plain.items() if key != "filenames"}
    for name, batch in {
        "protocol5": plain,
        "bytes_keys": {key.encode(): value for key, value in plain.items()},
        "numpy_labels": dict(plain, labels=np.array(labels)),
        "uint8_labels": dict(plain, labels=np.array(labels, np.uint8)),
        "big_endian_labels": dict(plain, labels=np.array(labels, ">i4")),
        "list_of_numpy_labels": dict(plain, labels=[np.int64(label) for label in labels]),
        "tuple_of_labels": dict(plain, labels=tuple(labels)),
        "numpy_names": dict(plain, filenames=np.array(names)),
        "bytes_names": dict(plain, filenames=[name.encode() for name in names]),
        "fortran": dict(plain, data=np.asfortranarray(data)),
        "images": dict(plain, data=data.reshape(IMAGES, 3, 32, 32)),
        "without_names": without_names,
    }.items():
        (folder / name).write_bytes(pickle.dumps(batch, protocol=5))
    (folder / "fortran_protocol4").write_bytes(
        pickle.dumps(dict(plain, data=np.asfortranarray(data)), protocol=4))
    (folder / "float_pixels").write_bytes(
        pickle.dumps(dict(plain, data=(data[:, :96] / 255).astype(np.float32)), protocol=5))


def pickles():
    PICKLES.mkdir(parents=True, exist_ok=True)
    for protocol in (2, 3, 4, 5):
        (PICKLES / f"protocol{protocol}").write_bytes(pickle.dumps(batch10(1), protocol=protocol))
    (PICKLES / "out_of_band").write_bytes(
        pickle.dumps(batch10(1), protocol=5, buffer_callback=lambda buffer: None))
    signed, unsigned = [-2, 0, 100], [2, 0, 100]
    cube = np.arange(24).reshape(2, 3, 4)
    values = {
        **{kind: np.array(signed, kind) for kind in ("i1", "i2", "i4", "i8", ">i2", ">i8")},
        **{kind: np.array(unsigned, kind) for kind in ("u1", "u2", "u4", "u8", "f4", "b1")},
        "C": cube, "F": np.asfortranarray(cube),
        "S": np.array([b"a", b"bcd"]), "U": np.array(["Größe", "図"]),
        ">U": np.array(["Größe", "図"]).astype(">U5"), "O": np.array(["x", "yz"], object),
        "int64": np.int64(-3), "uint8": np.uint8(200), "float16": np.float16(-1.5),
        "float32": np.float32(0.5), "float64": np.float64(0.1), "bool": np.bool_(True),
        "complex": np.array([1j]), "datetime": np.array(["2020-01-01"], "M8[D]"),
        "structured": np.zeros(2, [("a", "i4"), ("b", "f4")]),
    }
    for protocol in (2, 4, 5):
        (PICKLES / f"numpy_protocol{protocol}").write_bytes(
            pickle.dumps(values, protocol=protocol))


if __name__ == "__main__":
    main()
