"""A port where no connection is ever made, as behind a firewall that drops what it does not like."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager


@contextmanager
def black_hole() -> Iterator[int]:
    """Its queue is full, and nobody takes from it."""
    with ExitStack() as held:
        server = held.enter_context(closing(socket.create_server(("127.0.0.1", 0), backlog=0)))
        port: int = server.getsockname()[1]
        for _ in range(4):
            filling = held.enter_context(closing(socket.socket()))
            filling.setblocking(False)
            filling.connect_ex(("127.0.0.1", port))
        time.sleep(0.1)
        yield port
