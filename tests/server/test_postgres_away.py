"""Postgres goes and comes back: what streams goes on, what is asked meanwhile is refused, and it heals."""

import os
import secrets
import signal
import time
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.harness.database import Ground, drop_database, fresh_database, shut_database
from tests.harness.people import Asked, People, Person
from tests.harness.server import Server
from tests.harness.sockets import Socket
from tests.stub_provider import Model, Say, Script, pause

NAME = f"chatsite_gone_{os.getpid()}"
# PRODUCT: without a restart, in 2 s; the rest is what a loaded machine takes.
HEALED_SECONDS = 2 + 28
# Who waited for the database would wait three seconds (chatsite/databases.py).
AT_ONCE_SECONDS = 1


@pytest.fixture(scope="module")
def lone_env(server_env: dict[str, str]) -> Iterator[dict[str, str]]:
    env = {**server_env, "DATABASE_URL": fresh_database(NAME)}
    yield env
    shut_database(NAME, shut=False)
    drop_database(NAME)


@pytest.fixture
def lone(lone_env: dict[str, str]) -> Iterator[Server]:
    """A server on a database of its own."""
    running = Server("postgres-away", lone_env).start()
    yield running
    shut_database(NAME, shut=False)
    running.stop()


@pytest.fixture
def dora(lone: Server, django_db_blocker: DjangoDbBlocker) -> Iterator[Person]:
    """Somebody there."""
    ground = Ground(NAME, django_db_blocker)
    people = People(lone, ground)
    person = people.new("dora")
    ground.close()
    yield person
    people.leave()


def send(person: Person, text: str, **fields: object) -> dict[str, object]:
    empty: dict[str, object] = {"conversation": None, "parent": None, "images": [], "options": {}}
    return {**empty, "text": text, **fields}


def test_a_stream_goes_on_while_postgres_is_away_and_is_written_down_after(
    dora: Person, model: Model
) -> None:
    asked = dora.start(model.will_say([Say("word ", 0.01) for _ in range(300)]))
    asked.socket.wait_for_text(asked.run, 50)
    shut_database(NAME)
    time.sleep(3)
    held = len(asked.socket.wait_for_text(asked.run, 1400))
    assert held >= 1400, "the reader saw it grow meanwhile"
    shut_database(NAME, shut=False)
    assert asked.finish(HEALED_SECONDS + 2).status == "complete"
    assert asked.text == "word " * 300 == asked.stored()["text"]


def _refused_in(socket: Socket, person: Person, script: Script) -> float:
    """How long it took. Of several times the least: on a busy machine one may have to wait for its turn."""
    before = time.monotonic()
    error = socket.refusal("message.send", id="mine", **send(person, script.question))
    assert error["code"] == "internal" and "database" in error["message"]
    return time.monotonic() - before


def test_a_send_is_refused_at_once_and_heals_by_itself(dora: Person, model: Model) -> None:
    script = model.will_say("at last")
    socket = dora.socket()
    shut_database(NAME)
    time.sleep(4)
    assert min(_refused_in(socket, dora, script) for _ in range(5)) < AT_ONCE_SECONDS
    assert script.requests == []
    shut_database(NAME, shut=False)
    end = time.monotonic() + HEALED_SECONDS
    while time.monotonic() < end:
        socket.send({"type": "message.send", "id": "mine", **send(dora, script.question)})
        if socket.receive()["type"] == "ack":
            break
        time.sleep(0.1)
    socket.until("run.finished")
    assert len(script.requests) == 1


def test_a_stop_closes_the_provider_while_postgres_is_away(dora: Person, model: Model) -> None:
    scripts = [model.will_say("one ", pause, "two") for _ in range(3)]
    all_asked = [dora.start(script) for script in scripts]
    for asked in all_asked:
        asked.socket.wait_for_text(asked.run, 4)
    shut_database(NAME)
    took = [_closed_in(*one) for one in zip(all_asked, scripts, strict=True)]
    assert min(took) < AT_ONCE_SECONDS
    shut_database(NAME, shut=False)
    for asked in all_asked:
        assert asked.finish(HEALED_SECONDS + 2).status == "stopped"
        assert asked.text == "one " == asked.stored()["text"]


def _closed_in(asked: Asked, script: Script) -> float:
    before = time.monotonic()
    asked.socket.send({"type": "run.stop", "id": secrets.token_hex(4), "run": asked.run})
    return script.request.wait_until_closed() - before


def test_a_process_leaves_in_time_while_postgres_is_away(
    lone: Server, dora: Person, model: Model
) -> None:
    asked = dora.start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    shut_database(NAME)
    lone.signal(signal.SIGTERM)
    assert lone.wait() == 0


def test_who_was_away_together_with_postgres_is_not_dead(
    lone_env: dict[str, str], lone: Server, dora: Person, model: Model
) -> None:
    """Two processes lose Postgres for longer than it takes to count as dead: nobody reaps nobody."""
    other = Server("postgres-away-2", lone_env).start()
    try:
        script = model.will_say("one ", pause, "two")
        asked = dora.start(script)
        asked.socket.wait_for_text(asked.run, 4)
        shut_database(NAME)
        time.sleep(6)
        shut_database(NAME, shut=False)
        time.sleep(3)
        script.resume()
        assert asked.finish().status == "complete"
        assert asked.stored()["text"] == "one two"
    finally:
        other.stop()
