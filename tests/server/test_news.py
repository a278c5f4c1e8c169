"""What one process tells the others comes by the doorbell, and what was missed is looked up after.

Mirrors also look by themselves every two seconds, and a worker writes four times a second. Here both
are set aside: whoever does not ring, or does not look when it hears again, is found out.
"""

import os
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.contrib.sessions.models import Session

from conversations.models import Run
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.server import Server, Worker
from tests.server.conftest import Spare
from tests.stub_provider import Model, Script, pause

# A process looks by itself in ten minutes, and a worker writes then.
LOOKS_LATE = """
from conversations.events import doorbell
from conversations.runs import process
process.LOOK_SECONDS = doorbell.QUIET_SECONDS = 600
doorbell.AGAIN_SECONDS = 2
"""
WRITES_LATE = """
from conversations.runs import recorder
recorder.JOURNAL_SECONDS = 600
"""
# The name of the listener's sessions in Postgres.
LISTENER = f"listener-{os.getpid()}"
# A ring takes milliseconds; the rest is what a loaded machine takes.
SOON_SECONDS = 45.0


@pytest.fixture(scope="module")
def listener(server: Server, server_env: dict[str, str]) -> Iterator[Server]:
    """A second web process, which hears of the first by the doorbell or not at all."""
    running = Server("listener", {**server_env, "PGAPPNAME": LISTENER})
    running.first = LOOKS_LATE
    yield running.start()
    running.stop()


@pytest.fixture
def hasty(server: Server, server_env: dict[str, str]) -> Iterator[Worker]:
    """A worker that would write its journal for the first time in ten minutes."""
    running = Worker("hasty", {**server_env, "CHATSITE_RUNS": "workers"})
    running.first = LOOKS_LATE + WRITES_LATE
    yield running.start()
    running.stop()


def begun(person: Person, script: Script) -> Asked:
    """Asked, and its first word is there."""
    asked = person.start(script)
    asked.socket.wait_for_text(asked.run, 4)
    return asked


def test_each_piece_is_rung_to_the_other_processes(
    ada: Person, listener: Server, model: Model
) -> None:
    script = model.will_say("one ", pause, "two ", pause, "three")
    asked = begun(ada, script)
    there = ada.at(listener).socket()
    there.open(asked.conversation)
    there.wait_for_text(asked.run, 4, timeout=SOON_SECONDS)
    script.resume()
    there.wait_for_text(asked.run, 8, timeout=SOON_SECONDS)
    script.resume()
    there.until("run.finished", run=asked.run, timeout=SOON_SECONDS)
    assert there.text(asked.run) == "one two three"


def deafen(postgres: psycopg.Connection) -> None:
    """The listener loses its doorbell alone, for two seconds."""
    lines = "application_name = %s AND query LIKE 'LISTEN%%'"
    query = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {lines}"
    assert postgres.execute(query.encode(), [LISTENER]).fetchall() == [(True,)]


@pytest.fixture
def postgres(server_env: dict[str, str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server_env["DATABASE_URL"], autocommit=True) as line:
        yield line


def test_an_end_that_was_not_heard_is_told_when_the_doorbell_is_back(
    ada: Person, listener: Server, postgres: psycopg.Connection, model: Model
) -> None:
    script = model.will_say("one ", pause, "two")
    asked = begun(ada, script)
    there = ada.at(listener).socket()
    there.open(asked.conversation)
    there.wait_for_text(asked.run, 4)
    deafen(postgres)
    script.resume()
    asked.finish()
    assert there.until("run.finished", run=asked.run, timeout=2 + SOON_SECONDS) == asked.finished
    assert there.text(asked.run) == "one two"


def test_a_question_that_was_not_heard_of_is_shown_when_the_doorbell_is_back(
    ada: Person, listener: Server, postgres: psycopg.Connection, model: Model
) -> None:
    first = ada.ask(model.will_say("hello"))
    there = ada.at(listener).socket()
    there.open(first.conversation)
    deafen(postgres)
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script, conversation=first.conversation, socket=first.socket)
    there.until("run.started", run=asked.ack["run"], timeout=2 + SOON_SECONDS)
    there.wait_for_text(asked.run, 4)
    script.resume()
    there.until("run.finished", run=asked.run, timeout=SOON_SECONDS)
    assert there.text(asked.run) == "one two"


def test_a_session_that_ended_unheard_closes_its_sockets_when_the_doorbell_is_back(
    ada: Person, listener: Server, postgres: psycopg.Connection, ground: Ground
) -> None:
    there = ada.at(listener).socket()
    there.silence(0.5)  # it looks once by itself when it comes
    deafen(postgres)
    ground.run(lambda: Session.objects.get(pk=ada.session).delete())
    assert there.close_code(2 + SOON_SECONDS) == 4401


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_the_ack_of_a_stop_comes_when_the_end_is_written_down(
    ada: Person, listener: Server, postgres: psycopg.Connection, ground: Ground, model: Model,
    where: str,
) -> None:  # fmt: skip
    """Somebody holds the answer's row: the end cannot be written, and nothing is acknowledged."""
    asked = begun(ada, model.will_say("one ", pause, "two"))
    tab = ada.socket() if where == "here" else ada.at(listener).socket()
    with postgres.transaction():
        lock = "SELECT FROM conversations_message WHERE id = %s FOR UPDATE"
        postgres.execute(lock, [asked.answer_id])
        tab.send({"type": "run.stop", "id": "stop", "run": asked.run})
        assert not [frame for frame in tab.silence(0.7) if frame.get("id") == "stop"]
    assert tab.answer_to("stop")["type"] == "ack"
    assert ground.row(Run, pk=asked.run).status == "stopped"
    tab.close()


@pytest.mark.usefixtures("hasty")
def test_a_worker_writes_first_pieces_down_at_once(
    ada: Person, spare: Spare, postgres: psycopg.Connection, model: Model
) -> None:
    """Also one that comes while another's is being written: the next time would be in ten minutes."""
    here = ada.at(spare(CHATSITE_RUNS="workers"))
    scripts = [model.will_say(pause, "one ", pause, "two") for _ in range(2)]
    asked = [here.start(script, socket=here.socket()) for script in scripts]
    for script in scripts:
        script.wait_until_paused()
    with postgres.transaction():
        lock = "SELECT FROM conversations_run WHERE id = %s FOR UPDATE"
        postgres.execute(lock, [asked[0].run])
        for script in scripts:
            script.resume()
            time.sleep(0.3)
    for one, script in zip(asked, scripts, strict=True):
        one.socket.wait_for_text(one.run, 4, timeout=SOON_SECONDS)
        script.resume()
        assert one.finish().text == "one two"
    here.leave()
