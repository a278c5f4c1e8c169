"""What the desk takes along: whole, narrowed as the list is, safe to open, and on record."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from conversations.models import (
    Notice,
    ProviderCall,
    SiteSettings,
)
from tests.features.desk_exports_kit import (
    AUDIT,
    LEDGER,
    ROWS,
    TALKS,
    calls,
    entries,
    taken,
    talk,
)
from tests.features.limits_kit import until
from tests.harness.database import Ground
from tests.harness.people import People, Person


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
    sam: Person, ada: Person, ground: Ground, nothing_settled: None
) -> None:
    talk(ground, ada)
    ground.save(SiteSettings(tells_owners="read"))
    sam.hear_the_news()
    taken(sam, TALKS, "jsonl", person=ada.id, reason="Asked.")
    until(lambda: ground.rows(Notice, owner=ada.user, reason="Asked."))


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
