"""Who opens the socket: we, somebody who keeps it open for us, or another ASGI server."""

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.harness.people import Person
from tests.harness.server import Server
from tests.stub_provider import Model, pause

# What systemd does between fork and exec.
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS=sys.argv[2], LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "manage.py", "serve"])
"""


@contextmanager
def activated(server_env: dict[str, str], *names: str, count: str = "1") -> Iterator[list[Server]]:
    """Servers on one socket, which this process keeps open."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as shared:
        servers = [Server(name, server_env) for name in names]
        for one in servers:
            one.port = shared.getsockname()[1]
            one.origin = one.env["CHATSITE_PUBLIC_URL"] = f"http://127.0.0.1:{one.port}"
            one.socket_url = f"ws://127.0.0.1:{one.port}/ws/v1/"
            one.env["CHATSITE_PORT"] = "1"  # not ours to open
            one.passed = (shared.fileno(),)
            one.line = [sys.executable, "-c", AS_SYSTEMD, str(shared.fileno()), count]
        try:
            yield servers
        finally:
            for one in servers:
                one.stop()


def at(server: Server, person: Person, model: Model) -> Person:
    """Who asks there, and has had an answer. These begin from nothing, and read what they need with the first
    one: on a busy machine for so long without a sign of life that it is interrupted by the others."""
    here = person.at(server)
    here.ask(model.will_say("Good morning."))
    return here


def test_a_socket_that_was_passed_outlives_the_process(
    server: Server, server_env: dict[str, str], ada: Person, model: Model
) -> None:
    """Who connects between two processes waits, and is answered by the next."""
    with activated(server_env, "first", "second") as (first, second):
        first.start()
        asked = at(first, ada, model).ask(model.will_say("kept"))
        assert first.stop() == 0
        answers: list[int] = []
        between = threading.Thread(
            target=lambda: answers.append(
                httpx.get(f"{first.origin}/healthz", timeout=60).status_code
            )
        )
        between.start()
        second.start()
        between.join(60)
        assert answers == [200]
        assert ada.at(second).messages(asked.conversation)[-1]["text"] == "kept"


def test_two_processes_share_one_socket(
    server: Server, server_env: dict[str, str], ada: Person, model: Model
) -> None:
    """Whichever takes the connection: the other's answers are stopped too."""
    with activated(server_env, "left", "right") as (left, right):
        left.start()
        right.start()
        here = at(left, ada, model)
        asked = here.start(model.will_say("one ", pause, "two"))
        asked.socket.wait_for_text(asked.run, 4)
        for _ in range(5):
            assert here.socket().lives()
        here.socket().call("run.stop", run=asked.run)
        assert asked.finish().status == "stopped"
        here.leave()


@pytest.mark.parametrize("count", ["2", "some"])
def test_more_sockets_than_one_are_refused_in_a_sentence(
    server: Server, server_env: dict[str, str], count: str
) -> None:
    with activated(server_env, f"too-many-{count}", count=count) as (one,):
        with pytest.raises(AssertionError):
            one.start()
        said = one.log_since(0).strip()
        assert "LISTEN_FDS" in said and len(said.splitlines()) == 1, said


def test_sockets_of_another_process_are_left_alone(
    server: Server, server_env: dict[str, str]
) -> None:
    """The variables are inherited; the number says whom they are for."""
    one = Server("not-for-us", {**server_env, "LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())})
    one.start()
    assert one.stop() == 0


def test_plain_daphne_serves_the_same_site(
    server: Server, server_env: dict[str, str], ada: Person, model: Model
) -> None:
    one = Server("plain-daphne", server_env)
    daphne = ["-m", "daphne", "-b", "127.0.0.1", "-p", str(one.port)]
    one.line = [sys.executable, *daphne, "chatsite.asgi:application"]
    one.start()
    try:
        here = at(one, ada, model)
        words = [f"{n} " for n in range(500)]
        asked = here.ask(model.will_say(*words))
        assert asked.text == "".join(words) and asked.status == "complete"
        socket = here.socket()
        for _ in range(50):
            socket.send_raw("{")
        assert socket.lives()
        assert len([f for f in socket.frames if f["type"] == "error"]) == 50
        with suppress(ConnectionClosed, OSError):  # ours reads on to the end, plain Daphne resets
            for _ in range(3000):
                socket.send_raw("{")
        assert socket.close_code() in (4429, 1006)
        assert ada.at(one).socket().lives()
        here.leave()
    finally:
        one.stop()
