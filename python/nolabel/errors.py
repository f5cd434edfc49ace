"""What the library raises. Each message is one line: what is required, then what was received."""


import re

# A command of the program stands between backquotes, and stays as it is.
_FLAG = re.compile(r"(`[^`]*`)|--([a-z][a-z-]*)(?![a-z=-])")
_SWITCHES = ("force", "download", "offline", "run_program", "strict", "replace", "retrain", "copy")


def in_python(text: str) -> str:
    """`text` of the library, with the program's flags as the arguments of Python's calls."""

    def argument(match: "re.Match[str]") -> str:
        if match[1]:
            return match[1]
        name = match[2].replace("-", "_")
        return f"{name}=True" if name in _SWITCHES else name

    return _FLAG.sub(argument, text)


class Error(Exception):
    """Any failure of the library."""


class UsageError(Error, ValueError):
    """The caller's mistake: a setting out of range, or artifacts that do not fit."""


class DataError(Error, ValueError):
    """Input that cannot be used: unreadable, truncated or empty."""


class SystemFailure(Error, OSError):
    """The machine: a full disk, no permission, no such device."""


class Stopped(Error):
    """The work ended on request, after a checkpoint. The same call goes on from there."""


class InternalError(Error, RuntimeError):
    """A defect of nolabel."""
