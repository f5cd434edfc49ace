"""Golden files of the weights layer: what PyTorch and safetensors write.

Run in the peers' environment:
  python tools/golden/weights.py                 writes nolabel/weights/testdata
  python tools/golden/weights.py verify FILE     loads a file of ours, weights only
  python tools/golden/weights.py verify_zip FILE...
"""

import argparse
import collections
import datetime
import fractions
import http
import io
import math
import os
import pathlib
import pickle
import sys
import warnings
import zipfile
from collections import OrderedDict

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

TESTDATA = pathlib.Path(__file__).resolve().parents[2] / "nolabel" / "weights" / "testdata"


def counting(*shape, dtype=torch.float32):
    return torch.arange(math.prod(shape)).to(dtype).reshape(shape)


def values():
    """Everything that a checkpoint may be made of."""
    shared = counting(12)
    transposed = counting(2, 3).t()
    return {
        "none": None, "true": True, "int": -5, "large": 140234567890123, "float": 0.25,
        "text": "Größe", "list": [1, "two", [3.0]], "tuple": (0.9, 0.999),
        7: "integer key", "empty": {},
        "float64": counting(3, dtype=torch.float64), "half": counting(3).half(),
        "bfloat16": counting(3).bfloat16(), "int64": counting(3, dtype=torch.int64),
        "uint8": counting(3, dtype=torch.uint8), "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(5), "no_elements": torch.empty(0, 3),
        "shared": shared, "view": shared[4:10].reshape(2, 3), "transposed": transposed,
        "channels_last": counting(1, 2, 2, 2).contiguous(memory_format=torch.channels_last),
        "parameter": nn.Parameter(counting(2)), "size": torch.Size([1, 2]),
        "numpy_float": np.float64(1.5), "numpy_int": np.int64(3), "numpy_float32": np.float32(2.5),
        "numpy_bool": np.bool_(True),
        "ordered": OrderedDict([("b", 1), ("a", 2)]),
    }


def formats():
    torch.save(values(), TESTDATA / "values_zip.pth")
    torch.save(values(), TESTDATA / "values_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(values(), TESTDATA / "values_protocol4.pth", pickle_protocol=4)
    save_file({"half": counting(3).half(), "bfloat16": counting(3).bfloat16(),
               "matrix": counting(2, 3), "count": torch.tensor(5)},
              TESTDATA / "python.safetensors", metadata={"made_by": "safetensors"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        script = torch.jit.script(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)))
        with torch.no_grad():
            script[0].weight.copy_(counting(3, 2))
        torch.jit.save(script, TESTDATA / "torchscript.pt")

    class Hostile:
        def __reduce__(self):
            return os.system, ("touch executed",)

    torch.save({"weights": Hostile()}, TESTDATA / "hostile_zip.pth")
    torch.save({"weights": Hostile()}, TESTDATA / "hostile_legacy.pth",
               _use_new_zipfile_serialization=False)


def numpy_1(content):
    """The bytes with NumPy 1's name of the module that scalars come from, as old files have it."""
    return content.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


def legacy_bytes(value):
    buffer = io.BytesIO()
    torch.save(value, buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue()


def optimizers():
    # SCAN's checkpoint.pth.tar by PyTorch 1.4: legacy stream, optimizer keyed by addresses.
    head = nn.Linear(2, 2)
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-4)
    head(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    state = optimizer.state_dict()
    address = {0: 140234567890120, 1: 140234567890768}
    state["state"] = {address[k]: dict(v, step=int(v["step"])) for k, v in state["state"].items()}
    state["param_groups"][0]["params"] = list(address.values())
    checkpoint = {"optimizer": state, "model": OrderedDict(head.state_dict()), "epoch": 12,
                  "best_loss": np.float64(-1.5), "best_loss_head": None}
    (TESTDATA / "scan_checkpoint_1.4.pth.tar").write_bytes(numpy_1(legacy_bytes(checkpoint)))

    # SGD's state as PyTorch writes it today.
    optimizer = torch.optim.SGD(head.parameters(), lr=0.4, momentum=0.9)
    optimizer.step()
    torch.save({"optimizer": optimizer.state_dict(), "epoch": 3}, TESTDATA / "sgd.pth.tar")


class Colors(dict):
    """A dict of a class that nobody else has, as AttributeDict and DictConfig are."""


class Picture(torch.Tensor):
    """A tensor of a class that nobody else has, as torchvision's are."""


def harmless():
    """Weights with what people keep beside them."""
    for module in (Colors, Picture):
        module.__module__ = "somewhere.else"
    sys.modules["somewhere"] = sys.modules["somewhere.else"] = sys.modules[__name__]
    setattr(sys.modules[__name__], "else", sys.modules[__name__])
    content = {
        "weight": counting(3),
        "args": argparse.Namespace(epochs=7, out=pathlib.PosixPath("a/b")),
        "path": pathlib.PosixPath("a/b"), "date": datetime.datetime(2020, 1, 1),
        "enum": http.HTTPStatus.OK, "fraction": fractions.Fraction(1, 3), "big": 3**70,
        "dtype": torch.float16, "device": torch.device("cpu"), "size": torch.Size([2, 3]),
        "deque": collections.deque([1, 2, 3]), "counter": collections.Counter("abb"),
        "defaultdict": collections.defaultdict(int, a=1), "settings": Colors(epochs=7),
        "array": counting(2, 3).numpy(), "fortran": np.asfortranarray(counting(2, 3).long()),
        "text_array": np.array(["a"]), "generator": np.random.RandomState(0).get_state(),
        "subclass": counting(4).as_subclass(Picture),
    }
    torch.save(content, TESTDATA / "harmless_zip.pth")
    torch.save(content, TESTDATA / "harmless_protocol5.pth", pickle_protocol=5)
    torch.save(content, TESTDATA / "harmless_legacy.pth", _use_new_zipfile_serialization=False)
    arrays = {"stem.conv1.weight": counting(2, 3).numpy(), "stem.conv1.bias": np.zeros(2, "f4")}
    (TESTDATA / "detectron.pkl").write_bytes(
        pickle.dumps({"model": arrays, "__author__": "somebody", "matching_heuristics": True}))


def other_files():
    """What is no file of weights by name."""
    model = nn.Sequential(nn.Linear(1, 1))[0]
    torch.save(model, TESTDATA / "whole_model_zip.pth")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.save(model, TESTDATA / "whole_model_legacy.pth",
                   _use_new_zipfile_serialization=False)
    torch.save({"epoch": 3, "model": model, "ema": None}, TESTDATA / "model_in_dict.pth")
    torch.save({"weight": torch.quantize_per_tensor(counting(3), 0.1, 0, torch.qint8)},
               TESTDATA / "quantised.pth")
    np.savez(TESTDATA / "arrays.npz", a=np.zeros(2))
    with zipfile.ZipFile(TESTDATA / "zipped.zip", "w") as archive:
        archive.writestr("inside/model.pth", b"0")


def verify_zip(paths):
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
        for mapped in (False, True):
            content = torch.load(path, weights_only=True, mmap=mapped)
            assert content["a"].tolist() == list(range(6)) and content["b"].sum() == 200


def verify(path):
    content = torch.load(path, weights_only=True)
    assert content["epoch"] == 2**40 and content[7] == [0.9, 0.999]
    assert content["text"] == "Größe" and content["none"] is None and content["true"] is True
    assert content["half"].dtype == torch.float16 and content["half"].tolist() == [0, 1, 2]


if __name__ == "__main__":
    torch.manual_seed(0)
    if len(sys.argv) == 3 and sys.argv[1] == "verify":
        verify(sys.argv[2])
    elif len(sys.argv) > 2 and sys.argv[1] == "verify_zip":
        verify_zip(sys.argv[2:])
    else:
        TESTDATA.mkdir(parents=True, exist_ok=True)
        formats()
        optimizers()
        harmless()
        other_files()
