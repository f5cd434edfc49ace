"""What the library raises. Each message is one line: what is required, then what was received."""


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
