"""What a forked process may still do, and the end of a process whose threads are at work."""

import atexit
import os

from nolabel import _core

_process = os.getpid()
_torn = False


def _after_fork() -> None:
    global _torn
    # Threads of those calls exist only in the parent; their locks may be held for good.
    _torn = _core.calls_at_work() > 0


os.register_at_fork(after_in_child=_after_fork)


@atexit.register
def _end() -> None:
    # A thread that asked for the interpreter's lock after its end would take the process down.
    if os.getpid() == _process:
        _core.end_calls()


def require_whole_process() -> None:
    """Raises RuntimeError in a process that was forked while nolabel was at work."""
    if _torn:
        raise RuntimeError(
            "nolabel cannot work in this process, which was forked while a call of nolabel was "
            "running. Start processes with multiprocessing.get_context('spawn')."
        )
