"""What cannot go on, told in one sentence."""

import errno
from pathlib import Path


class Trouble(SystemExit):
    """Raised with a sentence for people; uncaught, it ends the process with it and code 1."""

    def __str__(self) -> str:
        return str(self.code)


def cannot_use(path: Path, problem: OSError) -> Trouble:
    """The sentence for a directory or file of ours that the system refuses."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(path)
    return Trouble(
        f"{path} cannot be used ({problem.strerror or problem}). "
        "Make it writable or set CHATSITE_DATA_DIR to a directory that is."
    )


def disk_full(path: Path) -> Trouble:
    return Trouble(
        f"The disk that holds {path} is full. "
        "Free some space or set CHATSITE_DATA_DIR to another disk."
    )
