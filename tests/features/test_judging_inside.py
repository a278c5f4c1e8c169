"""Judging in a process that has to leave, without Postgres for a while, or in place of one that died."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator

import pytest

from conversations import db as bridge
from conversations.ids import uuid7
from conversations.models import Flag, Message, Moderation, Provider, ProviderCall, Run
from conversations.moderation import known
from conversations.provider import choose
from conversations.runs import circuit, judging, reaper
from tests.features.runs_kit import clear, committed, kept, running
from tests.stub_provider import Judge, Model, Reply, Stub
from tests.stub_provider.wire import as_json

PATIENCE = 60


@pytest.fixture
def word() -> str:
    return f"zq{secrets.token_hex(5)}"


@pytest.fixture
def run(db: None, stub: Stub, word: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Its process is gone; what it had said of its answer is in the journal. Whoever looks finds it, also
    where Postgres takes its time."""
    monkeypatch.setattr(reaper, "BEAT_SECONDS", PATIENCE)

    def made() -> Run:
        provider = Provider.objects.create(name=word, kind="compatible", base_url=stub.base_url)
        Moderation.objects.update_or_create(
            pk=1, defaults={"endpoint": "both", "provider": provider}
        )
        row = running(uuid7())
        kept(row, 0, f"It is {word}.")
        return row

    def undone() -> None:
        Moderation.objects.all().delete()
        Provider.objects.filter(name=word).delete()
        clear()
        known.rows.read()

    row = committed(made)
    committed(known.rows.read)
    yield row
    committed(undone)


def played(work: Callable[[], Awaitable[None]]) -> None:
    """On an event loop of its own, whose connections are closed at its end."""

    async def whole() -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await work()
        finally:
            bridge.away(False)
            await choose.keep_only(set())

    asyncio.run(whole())


async def asked(judge: Judge) -> None:
    while not judge.requests:  # noqa: ASYNC110 another thread answers
        await asyncio.sleep(0.02)


async def over() -> None:
    while judging._under_way:  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def test_who_seals_the_run_of_a_dead_process_has_it_judged(
    run: Run, model: Model, word: str
) -> None:
    judge = model.will_judge(word, {"hate": 0.8})

    async def reaped() -> None:
        await reaper.reap()
        await over()

    played(reaped)
    assert judge.inputs == [[f"It is {word}."]]
    assert Flag.objects.get(message=run.message_id).categories == {"hate": 0.8}


def test_a_process_that_leaves_waits_for_no_verdict_and_writes_the_call_down(
    run: Run, model: Model, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "LEAVE_SECONDS", PATIENCE)
    judge = model.will_judge(word, Reply(body=b"{}", first_byte_after=PATIENCE))

    async def left() -> None:
        await reaper.reap()
        await asked(judge)
        async with asyncio.timeout(PATIENCE / 3):
            await judging.leave()

    played(left)
    call = ProviderCall.objects.get(purpose="moderation")
    assert (call.outcome, call.cost_micros, call.provider) == ("cancelled", 0, word)


def test_a_verdict_that_comes_while_postgres_is_away_is_written_down_after(
    run: Run, model: Model, word: str
) -> None:
    verdict = as_json({"results": [{"category_scores": {"hate": 0.8}}]})
    judge = model.will_judge(word, Reply(body=verdict, first_byte_after=0.2))

    async def without_postgres() -> None:
        await reaper.reap()
        await asked(judge)
        bridge.away(True)
        await asyncio.sleep(0.4)
        assert judging._under_way
        bridge.away(False)
        await over()

    played(without_postgres)
    assert Flag.objects.get(message=run.message_id).score == 0.8
    assert ProviderCall.objects.filter(purpose="moderation").count() == 1
    assert len(judge.requests) == 1


def test_a_provider_that_is_left_alone_is_not_asked_and_it_is_given_up_in_the_end(
    run: Run, model: Model, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = model.will_judge(word, {"hate": 0.8})
    monkeypatch.setattr(judging, "PAUSES", (0.01, 0.01))
    monkeypatch.setattr(circuit, "is_left_alone", lambda model: model.provider == word)

    async def tried() -> None:
        await reaper.reap()
        await over()

    played(tried)
    assert judge.requests == [] and not Flag.objects.filter(message=run.message_id)
    assert not ProviderCall.objects.filter(purpose="moderation")
    assert Message.objects.get(pk=run.message_id).text == f"It is {word}."
