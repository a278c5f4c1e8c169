"""Who is dead and who was only away: interrupted is what nobody executes, and nothing else."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from unittest.mock import patch
from uuid import UUID

import psycopg
import pytest

from conversations import db
from conversations.ids import uuid7
from conversations.models import Boot, ProviderCall
from conversations.runs import reaper
from conversations.runs.start import BOOT
from tests.features.runs_kit import boot, clear, committed, kept, running, status

pytestmark = pytest.mark.usefixtures("rows")

# Whatever else this machine has to do.
PATIENCE = 60


@pytest.fixture
def rows(db: None) -> Iterator[None]:
    reaper._suspects.clear()
    yield
    committed(clear)


def look() -> None:
    """Also where Postgres takes its time, after which nobody is called dead."""
    with patch.object(reaper, "BEAT_SECONDS", PATIENCE):
        asyncio.run(reaper.reap())


def test_a_run_of_ours_that_nobody_executes_is_interrupted_at_the_second_look() -> None:
    """Its commit was made and never heard of; at the first look it might be about to begin."""
    run = committed(lambda: running(BOOT))
    committed(lambda: kept(run, 0, "one "))
    look()
    assert status(run) == "running"
    look()
    assert status(run) == "interrupted"
    run.message.refresh_from_db()
    assert (run.message.status, run.message.text) == ("interrupted", "one ")
    call = ProviderCall.objects.get(run=run.pk)
    assert (call.outcome, call.estimated, call.user_id) == ("lost", True, run.user_id)
    assert call.output_tokens == 2, "of its four bytes"


def test_a_run_that_is_just_starting_is_left_alone() -> None:
    """Young, or seen for the first time at a look that is the second for another."""
    old, young = committed(lambda: (running(BOOT), running(BOOT, age=0)))
    look()
    late = committed(lambda: running(BOOT))
    look()
    assert [status(run) for run in (old, young, late)] == ["interrupted", "running", "running"]


def test_the_dead_are_known_by_their_silence() -> None:
    dead, living = committed(lambda: (boot(silent_for=10), boot(silent_for=0)))
    boots = [(dead.pk, 60), (living.pk, 60), (uuid7(), 60), (uuid7(), 0)]
    runs = [committed(partial(running, boot, age=age)) for boot, age in boots]
    look()
    assert [status(run) for run in runs] == ["interrupted", "running", "interrupted", "running"]


@contextmanager
def a_heart() -> Iterator[None]:
    """What a process that has just started does about life and death, in a thread of its own. What it has
    begun beside that (who seals a run has it judged) ends with it."""

    async def beat(until: asyncio.Event) -> None:
        parts = [reaper.beat(works=False), reaper.keep_reaping()]
        tasks = [asyncio.create_task(part) for part in parts]
        await until.wait()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await db.close_hot_pool()
        db.away(False)

    until = asyncio.Event()
    with ThreadPoolExecutor(1) as thread, asyncio.Runner() as runner:
        loop = runner.get_loop()
        done = thread.submit(runner.run, beat(until))
        try:
            yield
        finally:
            loop.call_soon_threadsafe(until.set)
            done.result(PATIENCE)


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return held


def beaten(id: UUID) -> float:
    found = Boot.objects.filter(pk=id).values_list("beat_at", flat=True).first()
    return found.timestamp() if found else 0.0


def silence() -> psycopg.Connection:
    """No sign of ours gets through until this connection is closed: our row is held."""
    line = psycopg.connect(db.connection_string())
    line.execute("SELECT FROM conversations_boot WHERE id = %s FOR UPDATE", [BOOT])
    return line


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Death comes sooner, so that a test need not wait for it; patience lasts until a test ends it, and a
    machine that is slow to answer is not taken for one without Postgres."""
    monkeypatch.setattr(reaper, "BEAT_SECONDS", 0.3)
    monkeypatch.setattr(reaper, "DEAD_SECONDS", 1.5)
    monkeypatch.setattr(reaper, "SILENCE_SECONDS", 1.0)
    for name in ("NEWBORN_SECONDS", "GRACE_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(reaper, name, PATIENCE)
    monkeypatch.setattr(reaper, "_patience", reaper.Patience())


def impatient() -> bool:
    """Nobody is given time any more, unless we are silent ourselves just now."""
    reaper._patience._until = time.monotonic()
    return reaper._patience.is_over()


@pytest.mark.usefixtures("quick")
def test_who_was_silent_gives_the_others_time_to_be_heard_again() -> None:
    """Postgres was away for all, and we are back a second before the other."""
    with a_heart():
        assert within(PATIENCE, lambda: beaten(BOOT) > 0 and impatient())
        with silence():
            other = committed(lambda: boot(silent_for=0))
            run = committed(lambda: running(other.pk))
            time.sleep(reaper.DEAD_SECONDS + 0.5)
        back = time.time()
        assert within(PATIENCE, lambda: beaten(BOOT) > back)
        time.sleep(1)
        assert status(run) == "running"


@pytest.mark.usefixtures("quick")
def test_who_has_just_come_gives_the_others_time_to_be_heard_again() -> None:
    """Postgres may have come back at the same moment. Who stays silent is dead all the same."""
    other = committed(lambda: boot(silent_for=10))
    run = committed(lambda: running(other.pk))
    with a_heart():
        assert within(PATIENCE, lambda: beaten(BOOT) > 0)
        time.sleep(1)
        assert status(run) == "running"
        assert within(PATIENCE, lambda: impatient() and status(run) == "interrupted")


@pytest.mark.usefixtures("quick")
def test_who_is_not_heard_itself_calls_nobody_dead() -> None:
    """No sign of ours gets through, though what we ask does: the others may fare no better."""
    with a_heart():
        assert within(PATIENCE, lambda: beaten(BOOT) > 0 and impatient())
        with silence():
            other = committed(lambda: boot(silent_for=0))
            run = committed(lambda: running(other.pk))
            seconds = reaper.DEAD_SECONDS + 1
            assert not within(seconds, lambda: impatient() and status(run) == "interrupted")
