"""One at a time: a lock on a data directory that falls with the process that holds it."""

import fcntl
import os
from pathlib import Path
from typing import IO

from chatsite.embedded.trouble import Trouble, cannot_use


def only_one(data_dir: Path, *, what: str = "`make run`") -> IO[str]:
    """Hold the lock for as long as the file stays open. Raises Trouble if another one has it."""
    path = data_dir / "chatsite.lock"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as problem:
        raise cannot_use(data_dir, problem) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise Trouble(
            f"Another {what} (process {holder}) is running with the data directory {data_dir}. "
            "Stop it, or give this one another CHATSITE_DATA_DIR and CHATSITE_PORT."
        ) from None
    _write_down_who(file, path)
    return file


def _write_down_who(file: IO[str], path: Path) -> None:
    try:
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
    except OSError as problem:
        raise cannot_use(path, problem) from None
