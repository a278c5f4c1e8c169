"""A long answer over HTTP is made no faster than it is read."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.harness.plugin import ROOT

# What the system keeps for two sockets nobody reads from is less; what is made in all is more.
MOST_UNREAD = 32 * 1024 * 1024
IN_ALL = 256 * 1024 * 1024
SITE = f"""
import asyncio, socket, sys
from chatsite.asgi import application as _
from chatsite.server import Server

PIECE = bytes(65536)
made = 0

async def app(scope, receive, send):
    global made
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    while made < {IN_ALL}:
        await send({{"type": "http.response.body", "body": PIECE, "more_body": True}})
        made += len(PIECE)
    await send({{"type": "http.response.body", "body": b""}})

async def tell():
    while True:  # how much was made, whenever it stays the same for a moment
        before = made
        await asyncio.sleep(0.3)
        if made == before:
            print(made, flush=True)

class Bare(Server):
    def _begin(self):
        self.told = asyncio.ensure_future(tell())

listening = socket.socket(fileno=int(sys.argv[1]))
listening.setblocking(False)
Bare(app, listening, ready=lambda: None).run()
"""


@pytest.fixture
def site() -> "Iterator[tuple[int, subprocess.Popen[str]]]":
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number = listening.fileno()
        running = subprocess.Popen(
            [sys.executable, "-c", SITE, str(number)],
            cwd=ROOT,
            env=dict(os.environ),
            pass_fds=[number],
            stdout=subprocess.PIPE,
            text=True,
        )
        yield listening.getsockname()[1], running
        running.kill()
        running.wait()


def test_a_reader_that_waits_is_waited_for(site: "tuple[int, subprocess.Popen[str]]") -> None:
    port, running = site
    assert running.stdout is not None
    with socket.create_connection(("127.0.0.1", port)) as reader:
        reader.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert reader.recv(12) == b"HTTP/1.1 200"
        made = next(int(line) for line in running.stdout if int(line))
        assert made < MOST_UNREAD, "it was made although nobody read it"
        read = 12
        while piece := reader.recv(1 << 20):
            read += len(piece)
    assert read > IN_ALL
