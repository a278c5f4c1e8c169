"""Ports of this machine: one that is free, and who has one that is not."""

import contextlib
import errno
import socket
from pathlib import Path

from chatsite.embedded.trouble import Trouble


def free_port(host: str) -> int:
    with socket.create_server((host, 0)) as found:
        port: int = found.getsockname()[1]
        return port


def check_port(host: str, port: int) -> None:
    """Raise Trouble unless a server of ours could listen there."""
    bare = host.strip("[]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            bare, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            trial.listen(1)
    except socket.gaierror:
        raise Trouble(f"CHATSITE_HOST={host!r} is not an address of this machine.") from None
    except OSError as problem:
        raise _refused(host, port, problem) from None


def _refused(host: str, port: int, problem: OSError) -> Trouble:
    if problem.errno == errno.EADDRINUSE:
        return Trouble(
            f"Port {port} on {host} is already in use{_by_whom(port)}. "
            "Stop what uses it, or choose another port with CHATSITE_PORT."
        )
    if problem.errno == errno.EACCES:
        return Trouble(
            f"Port {port} needs rights this user does not have. "
            "Choose one above 1023 with CHATSITE_PORT."
        )
    if problem.errno == errno.EADDRNOTAVAIL:
        return Trouble(f"CHATSITE_HOST={host!r} is not an address of this machine.")
    return Trouble(
        f"Nothing can listen on {host}:{port} ({problem.strerror}). "
        "Change CHATSITE_HOST or CHATSITE_PORT."
    )


def _by_whom(port: int) -> str:
    """ " by process 12 (python)" where the system tells us, else nothing."""
    sockets = _listening_inodes(port)
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(str(fd.readlink()) in sockets for fd in (entry / "fd").iterdir()):
                name = (entry / "comm").read_text().strip()
                return f" by process {entry.name} ({name})"
    return ""


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                local, _, state, *rest = line.split()[1:]
                if state == "0A" and int(local.rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{rest[5]}]")
    return found
