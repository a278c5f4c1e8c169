"""Whose a run is, as Postgres knows it."""

import asyncio

import pytest

from conversations.models import Boot, Conversation, Message, Run, User
from conversations.models.conversation import Role, Status
from conversations.runs import executor, start, worker
from conversations.runs.executor import Work

pytestmark = pytest.mark.django_db


def waiting_run() -> Run:
    owner = User.objects.create_user("ada", "ada@example.org")
    conversation = Conversation.objects.create(owner=owner)
    answer = Message.objects.create(
        conversation=conversation, role=Role.ASSISTANT, status=Status.RUNNING
    )
    return Run.objects.create(
        conversation=conversation, message=answer, user=owner, status=Status.WAITING, model="m"
    )


def test_a_run_that_a_worker_takes_belongs_to_a_process_that_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its first sign of life may come late, and nobody shall take it for dead meanwhile."""
    monkeypatch.setattr(start, "_known", False)
    run = waiting_run()
    assert not Boot.objects.exists()
    assert [taken.pk for taken in worker.claim(4)] == [run.pk]
    boot = Boot.objects.get()
    assert (boot.pk, boot.works) == (start.BOOT, True)
    run.refresh_from_db()
    assert (run.status, run.boot) == (Status.RUNNING, start.BOOT)


def test_what_is_taken_is_not_taken_again() -> None:
    waiting_run()
    assert len(worker.claim(4)) == 1 and worker.claim(4) == []


def test_a_stop_that_comes_while_its_run_begins_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is claimed, so that no row waits to be stopped, and not at work yet, so that there is no hurry."""
    run = waiting_run()
    ends: list[Status | None] = []

    async def until_it_is_to_end(work: Work) -> None:
        async with asyncio.timeout(5):
            await work.hurry.wait()
        ends.append(work.outcome.status)
        executor._work.pop(run.pk)
        work.done.set()

    async def stopped_in_between() -> None:
        with executor.beginning():
            assert not await executor.end(run.pk, Status.STOPPED)
            executor.start(run)
        await asyncio.wait_for(executor.wait(run.pk), 5)

    monkeypatch.setattr(executor, "_tend", until_it_is_to_end)
    asyncio.run(stopped_in_between())
    assert ends == [Status.STOPPED]
    assert not executor._too_early
