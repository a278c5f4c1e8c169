"""What a process holds, by `/proc`: readers, files, threads."""

import re
from dataclasses import dataclass
from pathlib import Path

SOCKET = re.compile(r"socket:\[(\d+)\]")
ESTABLISHED = "01"


@dataclass(frozen=True)
class Holdings:
    """Of one process at one moment. `readers` are connections to the port it serves."""

    readers: int
    files: tuple[str, ...]
    threads: int


def holdings(pid: int, port: int) -> Holdings:
    targets = _targets(pid)
    inodes = {int(found[1]) for found in map(SOCKET.fullmatch, targets) if found}
    readers = len(inodes & _inodes_at(pid, port))
    files = tuple(sorted(target for target in targets if target.startswith("/")))
    return Holdings(readers, files, len(list(Path(f"/proc/{pid}/task").iterdir())))


def _targets(pid: int) -> list[str]:
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(str(entry.readlink()))
        except OSError:  # closed while we looked
            continue
    return found


def _inodes_at(pid: int, port: int) -> set[int]:
    """Of the established connections whose local port is `port`."""
    lines = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in lines]
    mine = f":{port:04X}"
    return {int(row[9]) for row in rows if row[1].endswith(mine) and row[3] == ESTABLISHED}


def kept(before: Holdings, now: Holdings, threads: int) -> list[str]:
    """What is still held that was not there before. Pools may have grown by up to `threads`."""
    new = [file for file in now.files if file not in before.files]
    found = [f"a file is open: {file}" for file in new]
    if now.readers:
        found.append(f"{now.readers} connections of readers are open")
    if now.threads > before.threads + threads:
        found.append(f"{now.threads} threads, {before.threads} before")
    return found
