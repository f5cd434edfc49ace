"""What a call tells while it works: notes and warnings to `logging`, progress to a line."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Union

from nolabel.errors import in_python

logger = logging.getLogger("nolabel")


@dataclass(frozen=True)
class Progress:
    """Where a call is. `total` is 0 and `seconds_left` -1 where they are unknown."""

    stage: str
    step: str
    done: int
    total: int
    unit: str
    per_second: float
    seconds_left: float


# True: a line on stderr; None: the same where stderr is a terminal or a notebook shows it.
ProgressOption = Union[bool, None, Callable[[Progress], None]]


def log(is_warning: bool, text: str) -> None:
    logger.log(logging.WARNING if is_warning else logging.INFO, "%s", in_python(text))


class Line:
    """A bar for each stage: tqdm's where it is installed, else a line of text.

    Neither is shown where the stage ends at once.
    """

    _SHOWN_AFTER = 1.0  # seconds

    def __init__(self) -> None:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            tqdm = None
        self._make = tqdm
        self._bar: Any = None
        self._stage = ""
        self._began = time.monotonic()
        self._shown: Progress | None = None  # by _write()
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        if self._make is None:
            self._write(progress)
            return
        if self._bar is None or progress.stage != self._stage:
            self.close(ended=True)
            self._stage = progress.stage
            self._bar = self._make(
                desc=progress.stage,
                total=progress.total or None,
                unit=" " + progress.unit,
                delay=self._SHOWN_AFTER,
            )
        if progress.step:
            self._bar.set_postfix_str(progress.step, refresh=False)
        self._bar.update(progress.done - self._bar.n)

    def _write(self, progress: Progress) -> None:
        if progress.stage != self._stage:
            self.close(ended=True)
            self._stage = progress.stage
            self._began = time.monotonic()
        if time.monotonic() < self._began + self._SHOWN_AFTER:
            return
        self._show(progress)

    def _show(self, progress: Progress) -> None:
        share = f" of {progress.total:,}" if progress.total else ""
        text = f"{progress.stage}  {progress.step}  {progress.done:,}{share} {progress.unit}"
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)
        self._shown = progress

    def close(self, ended: bool) -> None:
        """`ended`: the stage has reached its end. Some tell only some of their steps."""
        if self._bar is not None:
            if ended and self._bar.total:
                self._bar.update(self._bar.total - self._bar.n)
            self._bar.close()
            self._bar = None
        elif self._shown is not None:
            if ended and self._shown.total:
                self._show(replace(self._shown, done=self._shown.total))
            sys.stderr.write("\n")
            self._shown, self._width = None, 0


class Told:
    """The two callbacks of a call, as nolabel._core takes them; a context that ends the line."""

    def __init__(self, option: ProgressOption) -> None:
        self._line: Line | None = None
        self._callback: Callable[[Progress], None] | None = None
        if option is None:
            is_terminal = sys.stderr is not None and sys.stderr.isatty()
            option = is_terminal or "ipykernel" in sys.modules
        if callable(option):
            self._callback = option
        elif option:
            self._line = self._callback = Line()

    def __enter__(self) -> tuple[Callable[[bool, str], None], Callable[[dict[str, Any]], None] | None]:
        if self._callback is None:
            return log, None
        return log, self._tell

    def _tell(self, values: dict[str, Any]) -> None:
        assert self._callback is not None
        self._callback(Progress(**values))

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        if self._line is not None:
            self._line.close(ended=kind is None)
