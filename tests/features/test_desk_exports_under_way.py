"""An export while it goes: it can be seen and ended, holds nothing up, and takes no memory."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.db import connection

from conversations.errors import NotAllowed
from conversations.exports import kinds, making, pages
from conversations.ids import uuid7
from conversations.models import (
    ProviderCall,
    User,
)
from tests.features.desk_exports_kit import LEDGER, ROWS, calls, entries, taken
from tests.harness.database import Ground
from tests.harness.people import People, Person


@contextmanager
def begun(
    who: Person, id: object, **filters: str
) -> Iterator[tuple[httpx.Response, Iterator[bytes]]]:
    """An export of which one piece was read, and nothing since."""
    data = {"format": "csv", "reason": "Why.", "export": str(id)}
    token = {"Origin": who.http.origin, "X-CSRFToken": who.cookies["csrftoken"]}
    with who.http.stream("POST", LEDGER, params=filters, data=data, headers=token) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        yield answer, pieces


def to_the_end(pieces: Iterator[bytes]) -> bytes:
    """What was read last when it broke off: as the browser sees it, too, it is no whole download."""
    got = b""
    try:
        for piece in pieces:
            got = (got + piece)[-200:]
    except httpx.TransportError:
        return got
    pytest.fail("the answer ended as if it were whole")


@pytest.fixture
def much(ada: Person, ground: Ground) -> dict[str, str]:
    """More than the sockets on the way hold: 40 MB."""
    calls(ground, ada, 10_000, detail="x" * 4_000)
    return {"person": ada.id}


def test_who_leaves_or_waits_holds_nothing(
    sam: Person, much: dict[str, str], ground: Ground
) -> None:
    with begun(sam, uuid7(), **much), begun(sam.at(sam.server), uuid7(), **much):
        third = sam.at(sam.server)
        answer = third.http.post(LEDGER, params=much, data={"format": "csv"})
        assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0
        assert "Two of your exports" in answer.text
        third.leave()
        assert ground.run(_long_transactions) == []
    ends = entries(ground, sam, "ledger.export_end", 2)
    assert {one.detail["state"] for one in ends} == {"broken"}
    assert all(one.detail["rows"] < 10_000 for one in ends)
    assert taken(sam, LEDGER, "csv", person=str(uuid7())).count("\r\n") == 2


def _long_transactions() -> list[Any]:
    """Of others on this database, while nobody takes what was made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, query FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
            " AND query LIKE '%providercall%' AND xact_start < now() - interval '2 seconds'"
        )
        return list(cursor.fetchall())


def test_whoever_asked_can_see_how_far_it_is_and_end_it(
    sam: Person, people: People, much: dict[str, str], ground: Ground
) -> None:
    id = uuid7()
    state, other = f"/admin/exports/{id}/", people.new("sue", is_staff=True, is_superuser=True)
    with begun(sam, id, **much) as (_answer, pieces):
        told = sam.at(sam.server).http.get(state).json()
        assert (told["of"], told["is_counted"], told["state"]) == (10_000, True, "going")
        assert other.http.get(state).status_code == 404
        assert other.http.post(f"{state}stop/").status_code == 404
        assert sam.at(sam.server).http.post(f"{state}stop/").status_code == 204
        assert b"complete" not in to_the_end(pieces)
    [end] = entries(ground, sam, "ledger.export_end")
    assert end.detail["state"] == "stopped" and end.detail["rows"] < 10_000
    told = sam.http.get(state).json()
    assert (told["state"], told["done"]) == ("stopped", end.detail["rows"])


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"is_staff": False}, {"is_superuser": False}]
)
def test_a_right_that_is_taken_away_ends_it(
    sam: Person,
    ada: Person,
    ground: Ground,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
) -> None:
    calls(ground, ada, 3_000)
    rows = ProviderCall.objects.filter(user_id=ada.id)
    made = making.pieces(making.Wanted(kinds.LEDGER, "csv", rows, by=sam.user))
    assert ground.run(lambda: next(made)).startswith(b"\xef\xbb\xbfid,")
    ground.run(lambda: User.objects.filter(pk=sam.id).update(**change))
    with pytest.raises(NotAllowed):
        ground.run(lambda: next(made))
    [end] = entries(ground, sam, "ledger.export_end")
    assert end.detail["state"] == "broken"


def test_memory_stays_as_it_is(ada: Person, ground: Ground) -> None:
    calls(ground, ada, ROWS)
    wanted = making.Wanted(kinds.LEDGER, "jsonl", ProviderCall.objects.filter(user_id=ada.id))
    before, lines, largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0, 0

    def read() -> None:
        nonlocal lines, largest
        for piece in making.pieces(wanted):
            lines, largest = lines + piece.count(b"\n"), max(largest, len(piece))

    with ground.blocker.unblock():
        ground.thread.submit(read).result(600)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert lines == ROWS + 1 and largest < 1_000_000
    assert grown < 64 * 1024, f"{grown} KiB more for {ROWS} rows"


def test_many_are_guessed_and_few_are_counted(
    ada: Person, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls(ground, ada, 30)
    rows = ProviderCall.objects.filter(user_id=ada.id)
    assert ground.run(lambda: pages.expected(rows)) == (30, True)
    monkeypatch.setattr(pages, "COUNTED", 10)
    guess, is_counted = ground.run(lambda: pages.expected(rows))
    assert guess > 10 and not is_counted
