"""One piece of work, one transaction: what becomes of two that get into each other's way."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from conversations.db import in_transaction
from conversations.errors import Conflict
from conversations.ids import uuid7
from conversations.models import Folder, User
from tests.features.runs_kit import clear, committed


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
            both_hold_one.wait(10)
        User.objects.filter(pk=other.pk).update(first_name=str(one.pk))

    with ThreadPoolExecutor(2) as threads:
        done = [
            threads.submit(in_transaction, work, first, second),
            threads.submit(in_transaction, work, second, first),
        ]
    assert [one.exception() for one in done] == [None, None]
    # Whoever was ended may be ended once more by the other, who has not committed yet.
    assert 3 <= len(attempts) <= 4


@pytest.mark.usefixtures("users")
def test_who_names_what_has_gone_meanwhile_is_told_of_a_conflict() -> None:
    """Postgres looks when it commits: no query of ours before could have been sure."""
    folder = Folder(owner_id=uuid7(), name="Of nobody")
    with ThreadPoolExecutor(1) as thread:
        saving = thread.submit(in_transaction, folder.save)
    assert isinstance(saving.exception(), Conflict)
