"""The package in its process: one LibTorch, signals, forks, versions, types."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import nolabel


def python(code, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=300,
    )


ONE_LIBTORCH = """
import {first}
import {second}
import numpy as np
rows = np.random.default_rng(0).normal(size=(50, 4)).astype("f4")
print(nolabel.nearest_neighbors(rows, 1)[0].sum() == nolabel.nearest_neighbors(
    torch.from_numpy(rows), 1)[0].sum(), torch.ones(3).sum().item())
files = {{line.split()[-1] for line in open("/proc/self/maps") if "libtorch_cpu" in line}}
print(len(files), files)
print(len({{line.split()[-1] for line in open("/proc/self/maps") if "libgomp" in line}}))
"""


@pytest.mark.parametrize("first,second", [("torch", "nolabel"), ("nolabel", "torch")])
def test_there_is_one_libtorch(first, second):
    result = python(ONE_LIBTORCH.format(first=first, second=second))
    lines = result.stdout.splitlines()
    assert lines[0] == "True 3.0", result.stderr
    assert lines[1].startswith("1 "), lines
    assert lines[2] == "1", lines


def test_torch_is_not_imported():
    code = "import nolabel, sys; print('torch' in sys.modules, 'sklearn' in sys.modules)"
    assert python(code).stdout.split() == ["False", "False"]


def test_another_torch_is_refused_in_one_line(tmp_path):
    fake = tmp_path / "torch"
    fake.mkdir()
    (fake / "__init__.py").write_text("")
    (fake / "version.py").write_text("__version__ = '2.3.1'\n")
    result = python("import nolabel", PYTHONPATH=str(tmp_path))
    last = result.stderr.splitlines()[-1]
    assert last == (
        "ImportError: nolabel needs torch 2.11.* (pip install 'torch==2.11.*'). "
        "This Python has torch 2.3.1."
    )


STOPPED = """
import signal, sys, nolabel
# A shell's program in the background ignores Ctrl-C, and so would this one where the tests are that.
signal.signal(signal.SIGINT, signal.default_int_handler)
print("ready", flush=True)
try:
    nolabel.simclr(sys.argv[1], out=sys.argv[2], epochs=100000, batch_size=12, width=8,
                   image_size=16)
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


def test_ctrl_c_stops_after_a_checkpoint(photos, tmp_path):
    out = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED, photos, out], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    log = out / "pretext" / "metrics.jsonl"
    for _ in range(600):
        if log.exists() and log.read_text().count("\n") > 1:
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "stopped\n"
    assert (out / "pretext" / "checkpoint.pth.tar").exists()


def neighbor_of_first(rows):
    return int(nolabel.nearest_neighbors(rows, 1)[0][0, 0])


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_work(groups, method):
    rows = groups[0]
    expected = neighbor_of_first(rows)  # the library has worked in this process, too
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map_async(neighbor_of_first, [rows, rows]).get(120) == [expected] * 2


FORKED_AT_WORK = """
import os, threading, time, numpy as np, nolabel
rows = np.random.default_rng(0).normal(size=(20000, 256)).astype("f4")
thread = threading.Thread(target=nolabel.nearest_neighbors, args=(rows, 5))
thread.start()
while nolabel._core.calls_at_work() == 0:
    time.sleep(0.001)
child = os.fork()
if child == 0:
    try:
        nolabel.nearest_neighbors(rows[:50], 2)
    except RuntimeError as error:
        os._exit(0 if "spawn" in str(error) else 2)
    os._exit(1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
thread.join()
"""


def test_a_fork_while_at_work_is_refused():
    result = python(FORKED_AT_WORK)
    assert result.stdout == "0\n", result.stderr


def test_other_threads_run_while_a_call_works():
    code = """
import threading, time, numpy as np, nolabel
rows = np.random.default_rng(0).normal(size=(20000, 256)).astype("f4")
thread = threading.Thread(target=nolabel.nearest_neighbors, args=(rows, 5))
thread.start()
count = 0
while thread.is_alive():
    count += 1
    time.sleep(0.002)
print(count > 20)
"""
    assert python(code).stdout == "True\n"


ENDS = """
import threading, time, numpy as np, nolabel
rows = np.random.default_rng(0).normal(size=(300, 16)).astype("f4")

def work():
    while True:
        {call}

{call}  # imports what it needs: no module can be imported while the interpreter ends
# Many, so that some are between two calls, or about to take the interpreter's lock.
for _ in range(6):
    threading.Thread(target=work, daemon=True).start()
time.sleep(1)
print("end")
"""


@pytest.mark.parametrize(
    "call",
    [
        "nolabel.nearest_neighbors(rows, 5, progress=lambda one: None)",
        "nolabel.Consensus(n_clusters=4, progress=lambda one: None).fit(rows)",
    ],
)
def test_a_process_ends_while_another_thread_is_at_work(call):
    result = python(ENDS.format(call=call))
    assert (result.returncode, result.stdout, result.stderr) == (0, "end\n", "")


FINALIZES = """
import threading, time, weakref, numpy as np, nolabel
rows = np.random.default_rng(0).normal(size=(20000, 256)).astype("f4")
told = []

def work():
    while True:
        nolabel.nearest_neighbors(rows, 5, progress=told.append)

def finalized():
    before = len(told)
    time.sleep(0.5)
    print(len(told) - before)

weakref.finalize(work, finalized)
threading.Thread(target=work, daemon=True).start()
while not told:
    time.sleep(0.01)
"""


def test_calls_end_before_what_they_use_is_finalized():
    result = python(FINALIZES)  # temporary folders, above all
    assert (result.returncode, result.stdout, result.stderr) == (0, "0\n", "")


def test_without_scikit_learn_all_else_works():
    code = """
import sys
class Missing:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] == "sklearn":
            raise ModuleNotFoundError("No module named 'sklearn'", name=name)
sys.meta_path.insert(0, Missing())
from nolabel import *
import nolabel, inspect
inspect.getmembers(nolabel)
print(hasattr(nolabel, "SCAN"), nolabel.metrics.ari([0, 1], [1, 0]))
try:
    nolabel.SCAN
except AttributeError as error:
    print("pip install scikit-learn" in str(error))
"""
    result = python(code)
    assert result.stdout.split() == ["False", "1.0", "True"], result.stderr


def test_the_command_refuses_another_torch_in_one_line(tmp_path):
    fake = tmp_path / "torch"
    fake.mkdir()
    (fake / "__init__.py").write_text("")
    (fake / "version.py").write_text("__version__ = '2.3.1'\n")
    result = subprocess.run(
        [sys.executable, "-m", "nolabel_command", "--version"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert result.returncode == 1 and result.stderr.count("\n") == 1
    assert "has torch 2.3.1" in result.stderr


def test_errors_are_of_the_right_kinds():
    assert issubclass(nolabel.UsageError, ValueError)
    assert issubclass(nolabel.DataError, nolabel.Error)
    assert issubclass(nolabel.SystemFailure, OSError)
    error = pickle.loads(pickle.dumps(nolabel.UsageError("one line")))
    assert str(error) == "one line"


def test_licences_are_inside():
    package = Path(nolabel.__file__).parent
    assert "Apache License" in (package / "share" / "nolabel" / "LICENSE").read_text()
    assert (package / "py.typed").exists()


def test_types_are_checked(tmp_path):
    pytest.importorskip("mypy")
    script = tmp_path / "uses.py"
    script.write_text(
        "import nolabel\n"
        "run = nolabel.cluster('photos', clusters=3, method='scan')\n"
        "reveal_type(run.n_clusters)\n"
        "nolabel.scan('photos', epochs='many')\n"
        "nolabel.cluster('photos', method='best')\n"
        "nolabel.scan('photos', optimizer_kwargs={'lr': 0.1, 'rate': 1})\n"
    )
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", str(script)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    lines = [line.split(".py:")[1] for line in result.stdout.splitlines() if ".py:" in line]
    assert lines[0].startswith('3: note: Revealed type is'), result.stdout
    assert [line[0] for line in lines if " error: " in line] == ["4", "5", "6"], result.stdout
