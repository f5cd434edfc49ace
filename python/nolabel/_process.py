"""What a forked process may still do."""

import os

from nolabel import _core

_torn = False


def _after_fork() -> None:
    global _torn
    # Threads of those calls exist only in the parent; their locks may be held for good.
    _torn = _core.calls_at_work() > 0


os.register_at_fork(after_in_child=_after_fork)


def require_whole_process() -> None:
    """Raises RuntimeError in a process that was forked while nolabel was at work."""
    if _torn:
        raise RuntimeError(
            "nolabel cannot work in this process, which was forked while a call of nolabel was "
            "running. Start processes with multiprocessing.get_context('spawn')."
        )
