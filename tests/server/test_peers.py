"""A peer whose network is gone says nothing, not even that it has gone."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Self

import pytest
from websockets.exceptions import ConnectionClosed

from tests.harness.people import Person
from tests.harness.raw import RawSocket
from tests.harness.server import Server
from tests.harness.sockets import PATIENCE, Socket
from tests.stub_provider import Model, pause

# `serve` as it is, but for the patience of its pings.
IMPATIENT = """
import daphne.server  # first: it installs the event loop
from chatsite import wire
wire.PING_SECONDS, wire.PONG_SECONDS = 1, 3
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "serve"])
"""


@pytest.fixture(scope="module")
def impatient(server: Server, server_env: dict[str, str]) -> Iterator[Server]:
    running = Server("impatient", {**server_env, "CHATSITE_USER_SOCKETS": "1"})
    running.line = [sys.executable, "-c", IMPATIENT]
    yield running.start()
    running.stop()


class Road:
    """A proxy for one connection, which can stop to carry anything without closing it."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.door.getsockname()[1]
        self.is_broken = threading.Event()
        self.is_left = threading.Event()
        self.lines: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._open, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for line in (self.door, *self.lines):
            line.close()

    def _open(self) -> None:
        client, _ = self.door.accept()
        server = socket.create_connection(("127.0.0.1", self.to))
        self.lines += [client, server]
        threading.Thread(target=self._carry, args=(client, server), daemon=True).start()
        self._carry(server, client)
        self.is_left.set()

    def _carry(self, source: socket.socket, to: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if not self.is_broken.is_set():
                    to.sendall(data)
        except OSError:
            pass


def let_in(person: Person) -> Socket:
    """A new tab, once the place of the one before is free."""
    end = time.monotonic() + PATIENCE
    while True:
        tab = person.socket(ready=False)
        try:
            tab.until("ready")
        except ConnectionClosed:
            assert time.monotonic() < end, "its place is still taken"
            time.sleep(0.1)
        else:
            return tab


def test_a_peer_without_network_is_dropped_and_its_place_is_free(
    impatient: Server, ada: Person
) -> None:
    here = ada.at(impatient)
    with Road(impatient.port) as road, RawSocket(here, road.port) as raw:
        assert raw.receive_frame()["type"] == "ready"
        assert here.socket(ready=False).close_code() == 4429  # one a person, and that is taken
        road.is_broken.set()
        assert road.is_left.wait(PATIENCE), "the server still holds the connection"
        assert let_in(here).lives()
    here.leave()


def test_a_peer_that_answers_pings_stays(impatient: Server, ada: Person) -> None:
    here = ada.at(impatient)
    socket = here.socket()
    assert socket.silence(5) == []  # a ping, its patience, and another
    assert socket.lives()
    here.leave()


SLEEPER = """
import sys
from websockets.sync.client import connect
with connect(sys.argv[1], origin=sys.argv[2], additional_headers={"Cookie": sys.argv[3]}) as line:
    print(line.recv(), flush=True)
    line.recv()
"""


def test_a_client_that_is_frozen_is_dropped(impatient: Server, ada: Person, model: Model) -> None:
    here = ada.at(impatient)
    cookie = f"sessionid={ada.session}"
    command = [sys.executable, "-c", SLEEPER, impatient.socket_url, impatient.origin, cookie]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert '"ready"' in client.stdout.readline()
        client.send_signal(signal.SIGSTOP)
        try:
            asked = here.start(model.will_say("one ", pause, "two"), socket=let_in(here))
            assert asked.ack["run"]["id"]
            asked.stop()
        finally:
            client.kill()
    here.leave()
