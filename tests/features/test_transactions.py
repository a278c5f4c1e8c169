"""One piece of work, one transaction: what becomes of two that get into each other's way."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from conversations.accounts.erase import erase
from conversations.db import connection_string, in_transaction
from conversations.errors import Conflict
from conversations.ids import uuid7
from conversations.models import Folder, SendLog, User
from tests.features.runs_kit import clear, committed

WAITS = "SELECT pid FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"


@pytest.fixture
def users(db: None) -> Iterator[list[User]]:
    names = [f"user-{uuid7()}" for _ in range(2)]
    yield committed(lambda: [User.objects.create(username=name) for name in names])
    committed(clear)


def test_two_that_wait_for_each_other_both_get_done(users: list[User]) -> None:
    """Postgres ends one of them, after a second. Its work is done anew; nobody hears of an outage."""
    first, second = users
    both_hold_one = threading.Barrier(2)
    attempts = []

    def work(one: User, other: User) -> None:
        attempts.append(one)
        User.objects.select_for_update().get(pk=one.pk)
        if len(attempts) <= 2:
            both_hold_one.wait(60)
        User.objects.filter(pk=other.pk).update(first_name=str(one.pk))

    with ThreadPoolExecutor(2) as threads:
        done = [
            threads.submit(in_transaction, work, first, second),
            threads.submit(in_transaction, work, second, first),
        ]
    assert [one.exception() for one in done] == [None, None]
    # Whoever was ended may be ended once more by the other, who has not committed yet.
    assert 3 <= len(attempts) <= 4


def test_who_is_erased_may_be_asking_something(users: list[User]) -> None:
    """A question holds what was sent by its person, and their own row when it is committed. To erase them the
    other way round was ended by Postgres as often as it was tried, while they went on asking."""
    [person, _other] = users
    committed(lambda: SendLog.objects.create(user=person))
    with psycopg.connect(connection_string()) as asking, ThreadPoolExecutor(1) as thread:
        held = "SELECT FROM conversations_sendlog WHERE user_id = %s FOR UPDATE"
        asking.execute(held, [person.pk])
        erasing = thread.submit(in_transaction, erase, person)
        while not asking.execute(WAITS, [asking.info.backend_pid]).fetchall():
            assert not erasing.done()
        asking.execute(
            "SELECT FROM conversations_user WHERE id = %s FOR KEY SHARE NOWAIT", [person.pk]
        )
        asking.commit()
        assert erasing.exception(60) is None
    assert not committed(lambda: User.objects.filter(pk=person.pk).exists())


@pytest.mark.usefixtures("users")
def test_who_names_what_has_gone_meanwhile_is_told_of_a_conflict() -> None:
    """Postgres looks when it commits: no query of ours before could have been sure."""
    folder = Folder(owner_id=uuid7(), name="Of nobody")
    with ThreadPoolExecutor(1) as thread:
        saving = thread.submit(in_transaction, folder.save)
    assert isinstance(saving.exception(), Conflict)
