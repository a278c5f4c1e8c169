"""What the desk takes along: whole, narrowed as the list is, safe to open, and on record."""

import csv
import io
import json
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from conversations.errors import NotAllowed
from conversations.exports import kinds, making, pages
from conversations.ids import uuid7
from conversations.models import (
    AuditEntry,
    Conversation,
    Message,
    Notice,
    ProviderCall,
    SiteSettings,
    User,
)
from tests.harness.database import Ground
from tests.harness.people import People, Person
from tests.harness.sockets import PATIENCE

TABLES = "/admin/conversations/"
LEDGER, AUDIT, TALKS = (
    f"{TABLES}{name}/export/" for name in ("providercall", "auditentry", "conversation")
)
# A million, where somebody wants to see it: CHATSITE_EXPORT_ROWS=1000000.
ROWS = int(os.environ.get("CHATSITE_EXPORT_ROWS", "3000"))


@pytest.fixture
def sam(people: People) -> Person:
    return people.new("sam", is_staff=True, is_superuser=True)


def calls(
    ground: Ground, person: Person, count: int, *, day: str = "2024-02-29", detail: str = ""
) -> None:
    """Many at one moment: pages must not lose what has no time of its own."""

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO conversations_providercall (id, user_id, purpose, provider, model, at, outcome,"
                " input_tokens, cost_micros, request_id, detail, seconds)"
                " SELECT gen_random_uuid(), %s, 'chat', 'openai', 'gpt-4.1-mini',"
                " %s::timestamptz + interval '1 second' * (n / 1500), 'ok', n, -n, '', %s, 0.5"
                " FROM generate_series(1, %s) n",
                [person.id, f"{day}T08:00Z", detail, count],
            )

    with ground.blocker.unblock():  # a million take their time
        ground.thread.submit(write).result(600)


def taken(who: Person, path: str, form: str, *, reason: str = "", **filters: str) -> str:
    answer = who.http.post(path, params=filters, data={"format": form, "reason": reason})
    assert answer.status_code == 200, answer.text[:500]
    return answer.content.decode()


def entries(ground: Ground, who: Person, action: str, count: int = 1) -> list[AuditEntry]:
    """The end is written when the last piece is gone."""
    end = time.monotonic() + PATIENCE
    while len(found := ground.rows(AuditEntry, actor=who.name, action=action)) < count:
        assert time.monotonic() < end, f"no {action} on record"
        time.sleep(0.02)
    return found


def test_the_ledger_as_csv_has_every_row_and_column_once(
    sam: Person, ada: Person, ground: Ground
) -> None:
    calls(ground, ada, ROWS)
    text = taken(sam, LEDGER, "csv", person=ada.id)
    assert text.startswith("\ufeffid,user_id,conversation,run,") and text.endswith("\r\n")
    head, *rows, last = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert last[:2] == ["complete", str(ROWS)] and {len(row) for row in (*rows, last)} == {
        len(head)
    }
    assert set(head) == {field.attname for field in ProviderCall._meta.fields} | {"person"}
    told = [dict(zip(head, row, strict=True)) for row in rows]
    assert sorted(int(row["input_tokens"]) for row in told) == list(range(1, ROWS + 1))
    assert told[0]["cost_micros"].startswith("-") and told[0]["person"] == ada.name
    assert [row["at"] for row in told] == sorted(row["at"] for row in told)
    assert told[0]["at"] == "2024-02-29T08:00:00Z" and told[0]["estimated"] == "false"


def test_as_json_lines_each_line_is_an_object_and_the_last_says_it_is_whole(
    sam: Person, ada: Person, ground: Ground
) -> None:
    calls(ground, ada, 2)
    *rows, last = map(json.loads, taken(sam, LEDGER, "jsonl", person=ada.id).splitlines())
    assert last == {"complete": True, "rows": 2}
    assert {row["input_tokens"] for row in rows} == {1, 2} and rows[0]["user_id"] == ada.id
    assert (rows[0]["run"], rows[0]["estimated"]) == (None, False)


def test_what_the_list_leaves_out_is_left_out(sam: Person, ada: Person, ground: Ground) -> None:
    calls(ground, ada, 3)
    calls(ground, ada, 2, day="2024-03-01")
    for filters, found in (
        ({"person": ada.id, "day": "2024-02-29"}, 3),
        ({"person": ada.id, "outcome": "cancelled"}, 0),
        ({"person": ada.name, "purpose__exact": "chat", "p": "77", "o": "3"}, 5),
        ({"person": ada.id, "q": "gpt-4.1"}, 5),
        ({"person": ada.id, "time": "7"}, 0),
    ):
        last = taken(sam, LEDGER, "jsonl", **filters).splitlines()[-1]
        assert json.loads(last)["rows"] == found, filters
        page = sam.http.get(LEDGER, params=filters)
        assert page.status_code == 200 and f"<dd>{found}</dd>" in page.text
        assert ">30 days<" not in page.text, "a person's calls are all of them"
    assert ">30 days<" in sam.http.get(LEDGER).text


@pytest.mark.parametrize(
    "query",
    ["user__password__startswith=a", "detail__contains=x", "at__gte=never", "owner=x", "q=%00"],
)
def test_forged_filters_are_refused(sam: Person, query: str) -> None:
    for path in (LEDGER, AUDIT, TALKS):
        answer = sam.http.post(f"{path}?{query}", data={"format": "jsonl", "reason": "Why."})
        assert answer.status_code == 400, path


def test_formulas_are_words_and_numbers_stay_numbers(
    sam: Person, ada: Person, ground: Ground
) -> None:
    calls(ground, ada, 1, detail='"=HYPERLINK("http://evil.example";"x")\n;=1+1\t@SUM(1)')
    head, row, _last = csv.reader(io.StringIO(taken(sam, LEDGER, "csv", person=ada.id)))
    told = dict(zip(head, row, strict=True))
    assert told["detail"].startswith("'\"=HYPERLINK") and ";'=1+1" in told["detail"]
    assert "\t'@SUM" in told["detail"] and told["cost_micros"] == "-1"


def test_an_export_is_on_record_with_its_end(sam: Person, ada: Person, ground: Ground) -> None:
    calls(ground, ada, 4)
    taken(sam, LEDGER, "csv", person=ada.id, reason="For the books.")
    [begun], [ended] = (
        entries(ground, sam, "ledger.export"),
        entries(ground, sam, "ledger.export_end"),
    )
    assert (begun.reason, begun.address, begun.acted_as) == (
        "For the books.",
        "127.0.0.1",
        "administrator",
    )
    assert begun.detail["filters"] == {"person": ada.id} and begun.detail["format"] == "csv"
    assert ended.detail == {"export": begun.detail["export"], "rows": 4, "state": "complete"}
    *rows, last = map(json.loads, taken(sam, AUDIT, "jsonl", q=sam.name).splitlines())
    assert [row["action"] for row in rows][:2] == ["ledger.export", "ledger.export_end"]
    assert last["rows"] == len(rows) and rows[0]["detail"]["filters"] == {"person": ada.id}
    assert "audit.export" in taken(sam, AUDIT, "csv", q=sam.name)


def talk(ground: Ground, person: Person, **fields: Any) -> UUID:
    def write() -> UUID:
        assert person.user is not None
        made = Conversation.objects.create(owner=person.user, title="=Birds", **fields)
        first = Message.objects.create(conversation=made, role="user", text="What\nis it?")
        for text in ("A heron.", "An egret."):
            leaf = Message.objects.create(
                conversation=made, parent=first, role="assistant", text=text
            )
        Conversation.objects.filter(pk=made.pk).update(active_message=leaf)
        return made.pk

    return ground.run(write)


def test_conversations_are_taken_whole_a_line_each(
    sam: Person, ada: Person, ground: Ground
) -> None:
    ids = [str(talk(ground, ada)) for _ in range(2)]
    talk(ground, ada, expires_at=timezone.now() + timedelta(days=1))
    refused = sam.http.post(
        TALKS, params={"person": ada.id}, data={"format": "jsonl", "reason": " "}
    )
    assert refused.status_code == 400 and "Say why" in refused.text and "heron" not in refused.text
    *rows, last = map(
        json.loads, taken(sam, TALKS, "jsonl", person=ada.id, reason="A court asks.").splitlines()
    )
    assert [row["id"] for row in rows] == ids and last == {"complete": True, "rows": 2}
    assert rows[0]["owner"] == {"id": ada.id, "name": ada.name}
    assert [one["text"] for one in rows[0]["messages"]] == ["What\nis it?", "A heron.", "An egret."]
    own = ada.api("GET", f"conversations/{ids[0]}/export?format=json")
    assert {name: value for name, value in rows[0].items() if name != "owner"} == own
    read = entries(ground, sam, "conversation.export")
    assert [(one.object_id, one.owner, one.reason) for one in read] == [
        (id, ada.name, "A court asks.") for id in ids
    ]
    assert ground.rows(Notice, owner=ada.user) == []


def test_owners_are_told_where_the_site_tells_them(
    sam: Person, ada: Person, ground: Ground
) -> None:
    talk(ground, ada)
    told, usual = "read", ground.run(lambda: SiteSettings.objects.get_or_create()[0].tells_owners)
    ground.run(lambda: _tells(told))
    try:
        end = time.monotonic() + PATIENCE
        while not ground.rows(Notice, owner=ada.user, reason="Asked."):
            taken(sam, TALKS, "jsonl", person=ada.id, reason="Asked.")
            assert time.monotonic() < end, "the owner hears nothing"
    finally:
        ground.run(lambda: _tells(usual))


def _tells(how: str) -> None:
    row = SiteSettings.objects.get()
    row.tells_owners = how
    row.save()


def test_to_look_at_rows_is_not_to_take_them(people: People, ada: Person, ground: Ground) -> None:
    rita = people.new("rita", is_staff=True, groups=("Reviewers",))
    for path in (LEDGER, AUDIT, TALKS):
        assert rita.http.get(path.removesuffix("export/")).status_code in (200, 403)
        for method in ("GET", "POST"):
            answer = rita.http.request(method, path, params={"person": ada.id})
            assert answer.status_code == 403
    assert "export/" not in rita.http.get(TALKS.removesuffix("export/")).text
    assert rita.user is not None
    right = Permission.objects.filter(codename="export_conversation")
    rights = rita.user.user_permissions
    ground.run(lambda: rights.add(*right))
    talk(ground, ada)
    assert "heron" in taken(rita, TALKS, "jsonl", person=ada.id, reason="Asked.")


def test_accountants_may_take_the_ledger_and_nothing_else(people: People) -> None:
    carl = people.new("carl", is_staff=True, groups=("Accountants",))
    answers = [carl.http.get(path).status_code for path in (LEDGER, AUDIT, TALKS)]
    assert answers == [200, 403, 403]


@pytest.mark.parametrize("form", ["", "pdf", "csv\0", "xlsx"])
def test_a_form_that_is_none_is_refused(sam: Person, form: str) -> None:
    assert sam.http.post(LEDGER, data={"format": form}).status_code == 400
    assert sam.http.post(TALKS, data={"format": "csv", "reason": "Why."}).status_code == 400


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


# The command ---------------------------------------------------------------------------------------


def command(ground: Ground, *words: str) -> None:
    ground.run(lambda: call_command("export", *words, stderr=io.StringIO()))


def test_the_command_writes_what_the_desk_sends(
    ada: Person, ground: Ground, tmp_path: Path
) -> None:
    calls(ground, ada, 5, day="1999-12-31")
    calls(ground, ada, 2, day="2000-01-01")
    out = tmp_path / "ledger.jsonl"
    command(ground, "ledger", "--from", "1999-12-31", "--to", "2000-01-01", "--out", str(out))
    *rows, last = map(json.loads, out.read_text().splitlines())
    assert last == {"complete": True, "rows": 5} and rows[0]["person"] == ada.name
    assert out.stat().st_mode & 0o777 == 0o600 and list(tmp_path.iterdir()) == [out]
    with pytest.raises(CommandError, match="there already"):
        command(ground, "ledger", "--out", str(out))
    end = ground.rows(AuditEntry, actor="", action="ledger.export_end", detail__rows=5)[-1]
    begun = ground.row(AuditEntry, action="ledger.export", detail__export=end.detail["export"])
    assert begun.detail["filters"]["since"].startswith("1999-12-31T00:00")


def test_the_command_writes_to_standard_output(
    ada: Person, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = "1998-03-01"
    calls(ground, ada, 2, day=day)
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stdout", out)
    between = ("--from", f"{day}T00:00:00+00:00", "--to", "1998-03-02")
    command(ground, "ledger", *between, "--format", "csv", "--out", "-")
    assert out.buffer.getvalue().decode().splitlines()[-1].startswith("complete,2,")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["conversations", "--out", "-"], "--reason"),
        (["conversations", "--out", "-", "--format", "csv", "--reason", "x"], "no csv"),
        (["ledger", "--out", "-", "--from", "yesterday"], "--from"),
        (["ledger", "--out", "/no/such/place/x"], "cannot be written"),
        (["people", "--out", "-"], "what"),
    ],
)
def test_the_command_says_what_is_wrong(ground: Ground, words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        command(ground, *words)


def test_what_breaks_off_leaves_no_file(
    ada: Person, ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_rows: object) -> bytes:
        raise OSError(28, "No space left on device")

    talk(ground, ada)
    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(CommandError, match="No space left"):
        command(ground, "audit", "--from", "2999-01-01", "--out", str(tmp_path / "a.jsonl"))
    assert list(tmp_path.iterdir()) == []
