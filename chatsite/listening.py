"""The socket the web process listens on: its own, or one that somebody keeps open for it."""

import os
import socket

from chatsite.env import WrongVariable

BACKLOG = 512
# sd_listen_fds(3): what is passed begins after standard input, output and error.
FIRST_PASSED = 3


def listening_socket(host: str, port: int) -> socket.socket:
    """Raises OSError when the port is in use or the address is not ours."""
    return passed_socket() or own_socket(host, port)


def passed_socket() -> socket.socket | None:
    """What systemd, or whoever speaks its protocol, has opened: several processes may share it.

    Connections wait in it while one process goes and the next one comes.
    """
    count = os.environ.get("LISTEN_FDS", "")
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or not count:
        return None  # none, or meant for another process of the family
    if count != "1":
        raise WrongVariable("LISTEN_FDS", count, "one socket is served")
    passed = socket.socket(fileno=FIRST_PASSED)
    if passed.family not in (socket.AF_INET, socket.AF_INET6):
        raise WrongVariable("LISTEN_FDS", count, "a TCP socket is needed")
    passed.set_inheritable(False)
    passed.setblocking(False)
    return passed


def own_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host.strip("[]"), port))
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made
