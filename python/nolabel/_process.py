"""What a forked process may still do, and the end of a process whose threads are at work."""

import atexit
import os
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from nolabel import _core

_process = os.getpid()
_torn = False
_ending = False


def _after_fork() -> None:
    global _torn, _ending
    _ending = False
    # Threads of those calls exist only in the parent; their locks may be held for good.
    _torn = _core.calls_at_work() > 0


os.register_at_fork(after_in_child=_after_fork)


# What is registered last runs first, and the first finalizer registers all of them. Temporary
# folders are removed by finalizers, so _end() must come before them: a call that is at work would
# find its folder gone.
weakref.finalize(_after_fork, _after_fork).detach()


@atexit.register
def _end() -> None:
    global _ending
    _ending = True
    # A thread that asked for the interpreter's lock after its end would take the process down.
    if os.getpid() == _process:
        _core.end_calls()


@contextmanager
def temporary_folder() -> Iterator[str]:
    """A folder for the files of one call."""
    try:
        with tempfile.TemporaryDirectory(prefix="nolabel-") as folder:
            yield folder
    except Exception:
        # The process removes the folder of a thread that it does not wait for. The thread was
        # between two calls of the library, and its end is nothing to tell anybody.
        while _ending and threading.current_thread() is not threading.main_thread():
            time.sleep(3600)
        raise


def require_whole_process() -> None:
    """Raises RuntimeError in a process that was forked while nolabel was at work."""
    if _torn:
        raise RuntimeError(
            "nolabel cannot work in this process, which was forked while a call of nolabel was "
            "running. Start processes with multiprocessing.get_context('spawn')."
        )
