"""Ports for servers under test, which nobody else is given before they are opened.

A server opens its port a second or ten after it was told which. What the system gives to who asks for any
port is given to the next one too by then, and the server is told that its port is in use. So ours lie below
those of the system, and each process that gives some has a part of its own.
"""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import IO

# Linux gives from 32,768 on, others from 49,152. Below is 10,080, where Chromium goes to no server at all.
FIRST, PORTS_EACH, PARTS = 11_000, 600, 36

# What marks our part as taken, until this process ends.
_held: list[IO[str]] = []


def part(number: int) -> range:
    begin = FIRST + PORTS_EACH * number
    return range(begin, begin + PORTS_EACH)


def own_part() -> range:
    """One that no other process on this machine has, of this run or another."""
    return next((part(number) for number in range(PARTS) if _is_ours(number)), part(0))


def _is_ours(number: int) -> bool:
    name = Path(tempfile.gettempdir(), f"chatsite-test-ports-{os.getuid()}-{number}")
    with suppress(OSError):
        file = name.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            _held.append(file)
            return True
    return False


def _counted() -> Iterator[int]:
    yield from cycle(own_part())


_ours = _counted()


def free_port() -> int:
    for _ in range(PORTS_EACH):
        port = next(_ours)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("All ports for servers under test are in use.")
