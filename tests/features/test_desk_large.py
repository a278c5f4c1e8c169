"""Lists of the desk over large tables: counted to a bound, searched by people and models."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.accounts import sessions
from conversations.admin import searching
from conversations.admin.calls import ProviderCalls
from conversations.admin.many import Joined
from conversations.admin.runs import Runs
from conversations.ids import uuid7
from conversations.models import (
    AuditEntry,
    Conversation,
    Feedback,
    Flag,
    Message,
    Oversight,
    ProviderCall,
    RetentionRule,
    Run,
    User,
)
from conversations.review import queue
from conversations.runs import retention
from tests.features.admin_kit import TABLES, client_of

pytestmark = pytest.mark.django_db
# What the queue is asked of. Postgres plans by how many rows it believes in.
SPOKEN_OF = ", ".join(
    f"conversations_{name}" for name in ("message", "conversation", "feedback", "flag", "decision")
)


@pytest.fixture
def opinions(owner: User) -> list[Feedback]:
    return [_opinion(owner, number) for number in range(3)]


def _opinion(owner: User, number: int) -> Feedback:
    talk = Conversation.objects.create(owner=owner, title=f"Talk {number}")
    answer = Message.objects.create(conversation=talk, role="assistant", model="gpt-4.1-mini")
    return Feedback.objects.create(message=answer, user=owner, rating="down")


def statements(get: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        get()
    return [str(one["sql"]) for one in asked]


def found(who: User, address: str) -> int:
    return int(client_of(who).get(TABLES + address).context["cl"].result_count)


def test_a_list_is_counted_to_a_bound_and_says_so(
    root: User, opinions: list[Feedback], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "3 feedback" in client_of(root).get(f"{TABLES}feedback/").content.decode()
    monkeypatch.setattr(Joined, "counted", 2)
    assert "2+ feedback" in client_of(root).get(f"{TABLES}feedback/").content.decode()


def test_what_stands_beside_a_row_is_not_added_up_to_count_it(root: User, owner: User) -> None:
    client = client_of(root)
    counts = [sql for sql in statements(lambda: client.get(f"{TABLES}run/")) if "COUNT(*)" in sql]
    assert any("conversations_run" in sql for sql in counts)
    assert not any("SUM(" in sql for sql in counts)


def test_a_later_page_adds_nothing_up_for_those_before_it(
    root: User, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runs, "list_per_page", 10)
    talk = Conversation.objects.create(owner=owner)
    answers = [Message(conversation=talk, role="assistant") for _number in range(25)]
    Message.objects.bulk_create(answers)
    ended = {"status": "stopped", "finished_at": timezone.now()}
    runs = [Run(conversation=talk, message=one, user=owner, **ended) for one in answers]
    Run.objects.bulk_create(runs)
    mine = f"{TABLES}run/?person={owner.pk}"
    client = client_of(root)
    pages = [client.get(f"{mine}&p={number}").context["cl"].result_list for number in (1, 2, 3)]
    shown = [run.pk for page in pages for run in page]
    assert shown == [run.pk for run in sorted(runs, key=lambda run: run.created_at, reverse=True)]
    asked = statements(lambda: client.get(f"{mine}&p=3"))
    [adding_up] = [sql for sql in asked if "SUM(" in sql]
    assert "OFFSET" not in adding_up and shown[-1].hex in adding_up


def test_calls_are_added_up_without_the_names_beside_them(root: User, owner: User) -> None:
    asked = statements(lambda: client_of(root).get(f"{TABLES}providercall/"))
    [adding_up] = [sql for sql in asked if "SUM(" in sql]
    assert "username" not in adding_up


def test_a_list_is_never_asked_which_models_are_in_it(root: User) -> None:
    client = client_of(root)
    for table in ("run", "case", "conversation", "providercall"):
        asked = statements(lambda table=table: client.get(f"{TABLES}{table}/"))  # type: ignore[misc]
        assert asked and not [sql for sql in asked if "SELECT DISTINCT" in sql], table


def test_what_nobody_is_called_is_found_nowhere_without_a_look(
    root: User, opinions: list[Feedback]
) -> None:
    client = client_of(root)
    asked = statements(lambda: client.get(f"{TABLES}feedback/?q=nobody-is-called-so"))
    assert asked and not [sql for sql in asked if 'FROM "conversations_feedback"' in sql]


@pytest.mark.parametrize("few", [200, 0])
def test_people_and_models_are_found_by_a_part_of_their_names(
    root: User, owner: User, opinions: list[Feedback], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", few)
    for table in ("feedback", "case"):
        assert found(root, f"{table}/?q={owner.username[1:].upper()}") == len(opinions)
        assert found(root, f"{table}/?q=4.1-mini") == len(opinions)
        assert found(root, f"{table}/?q={owner.username} 4.1-mini") == len(opinions)
        assert found(root, f"{table}/?q={owner.username} nobody") == 0
    assert found(root, "conversation/?q='talk 2'") == 1
    assert found(root, "conversation/?q=talk 2") == 1
    for odd in ("'", '"', "%27%22", "\\", '"\\"'):
        assert found(root, f"conversation/?q={odd}") == 0


@pytest.mark.parametrize("table", ["user", "case", "feedback", "auditentry"])
def test_of_a_thousand_words_a_search_looks_for_a_dozen(root: User, table: str) -> None:
    """Postgres would be busy with them for half a minute, without a single row."""
    client = client_of(root)
    asked = statements(lambda: client.get(f"{TABLES}{table}/?q={'+'.join(['word'] * 1000)}"))
    assert 0 < sum(sql.upper().count("LIKE") for sql in asked) < 300


def test_an_error_code_is_looked_for_among_the_runs_that_have_one(owner: User) -> None:
    sought = Run.objects.filter(searching.meant(("user__username", "model", "error_code"), "nope"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "run_errors" in sought.explain()


def test_a_call_is_found_by_the_whole_of_what_its_provider_calls_it(
    root: User, owner: User
) -> None:
    for id in ("req_1", "req_12", ""):
        ProviderCall.objects.create(user=owner, run=uuid7(), provider="p", model="m", request_id=id)
    assert found(root, "providercall/?q=req_1") == 1
    sought = ProviderCall.objects.filter(searching.meant(ProviderCalls.search_fields, "req_1"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "call_by_request" in sought.explain()


def test_calls_are_sorted_by_what_no_index_knows_only_where_they_are_few(
    root: User, owner: User
) -> None:
    for cost in (2, 3, 1):
        ProviderCall.objects.create(
            user=owner, run=uuid7(), provider="p", model="m", cost_micros=cost
        )
    dearest = f"-{ProviderCalls.list_display.index('cost') + 1}"
    for asked, costs in (
        ("", [1, 3, 2]),
        ("&time=7", [3, 2, 1]),
        (f"&person={owner.pk}", [3, 2, 1]),
    ):
        page = client_of(root).get(f"{TABLES}providercall/?o={dearest}{asked}")
        assert [row.cost_micros for row in page.context["cl"].result_list] == costs, asked
        assert ("sortable column-cost" in page.content.decode()) == bool(asked)


def test_the_audit_is_sorted_by_what_an_index_knows(root: User) -> None:
    AuditEntry.objects.create(actor="ada", action="session.start", object_type="user")
    page = client_of(root).get(f"{TABLES}auditentry/").content.decode()
    assert set(re.findall(r"sortable column-(\w+)", page)) == {"when", "action", "address"}


def test_what_few_did_is_found_in_an_audit_of_what_many_did() -> None:
    by_role = AuditEntry.objects.filter(acted_as="administrator").order_by("-at")[:50]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    assert "audit_as" in by_role.explain()


def test_which_rule_holds_is_asked_for_each_person_and_not_for_each_conversation(
    owner: User,
) -> None:
    group = Group.objects.create(name="9b")
    owner.groups.add(group)
    rule = RetentionRule.objects.create(group=group, days=1)
    talks = [Conversation(owner=owner) for _ in range(20)]
    Conversation.objects.bulk_create(talks)
    of_theirs = Conversation.objects.filter(owner=owner)
    of_theirs.update(updated_at=timezone.now() - timedelta(days=9))
    due = retention.due(rule)
    assert due.filter(owner=owner).count() == of_theirs.count()
    assert looked_up(due, "conversations_retentionrule") < len(talks)


def test_many_are_signed_out_by_as_many_statements_as_one_but_for_the_record(root: User) -> None:
    people = [User.objects.create(username=f"p{number}") for number in range(9)]
    of_one = statements(lambda: sessions.end_all(people[:1], root, address=None))
    of_all = statements(lambda: sessions.end_all(people, root, address=None))
    assert len(of_all) == len(of_one) + 8
    assert not User.objects.filter(pk__in=[one.pk for one in people], signed_out_at=None).exists()


def test_many_are_stopped_and_deactivated_by_as_many_statements_but_for_the_record(
    root: User,
) -> None:
    people = [User.objects.create(username=f"p{number}") for number in range(9)]
    running = Conversation.objects.create(owner=people[3])
    answer = Message.objects.create(conversation=running, role="assistant", status="running")
    Run.objects.create(conversation=running, message=answer, user=people[3], status="running")
    for action in ("stop", "deactivate"):
        of_one = statements(lambda action=action: chosen(action, root, people[:1]))  # type: ignore[misc]
        of_many = statements(lambda action=action: chosen(action, root, people[1:]))  # type: ignore[misc]
        # News of whom it concerns, and of the answer that ends.
        assert len(of_many) <= len(of_one) + 7 + 1, action
    assert not User.objects.filter(pk__in=[one.pk for one in people], is_active=True).exists()
    stops = AuditEntry.objects.filter(action="person.stop", owner_id__in=[p.pk for p in people])
    assert dict(stops.values_list("owner", "detail__answers")) == {
        one.username: int(one == people[3]) for one in people
    }


def chosen(action: str, root: User, people: list[User]) -> None:
    names = {"stop": "stop_answers", "deactivate": "deactivate"}
    ids = [one.pk for one in people]
    asked = {"action": names[action], "_selected_action": ids, "confirmed": "yes", "reason": "Why"}
    assert client_of(root).post(f"{TABLES}user/", asked).status_code == 302


def looked_up(rows: QuerySet[Any], table: str) -> int:
    """How many rows of a table Postgres fetches to answer this."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {SPOKEN_OF}")
    [plan] = json.loads(rows.explain(format="json", analyze=True))
    nodes, count = [plan["Plan"]], 0
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node.get("Relation Name") == table:
            count += round(node["Actual Rows"] * node["Actual Loops"])
    return count


def test_a_page_of_the_queue_looks_up_the_messages_of_that_page(root: User, owner: User) -> None:
    talk = Conversation.objects.create(owner=owner)
    messages = [Message(conversation=talk, role="assistant") for _number in range(400)]
    Message.objects.bulk_create(messages)
    Feedback.objects.bulk_create(
        Feedback(message=one, user=owner, rating="down") for one in messages
    )
    assert queue.waiting(root).count() == 400
    assert looked_up(queue.waiting(root)[:10], "conversations_message") <= 20
    last = queue.waiting(root)[399]
    asked = statements(lambda: queue.neighbours(root, last))
    assert len(asked) == 3, "what is near is enough; on the other side stands nothing"
    assert queue.neighbours(root, last).before == queue.waiting(root)[398]


def test_who_sees_a_small_group_goes_through_their_cases_and_nobody_elses(
    rita: User, opinions: list[Feedback]
) -> None:
    group = Group.objects.create(name="9b")
    opinions[0].user.groups.add(group)
    Oversight.objects.create(reviewers=rita.groups.get(), people=group)
    of_others = Conversation.objects.create(owner=User.objects.create(username="cleo"))
    messages = [Message(conversation=of_others, role="assistant") for _number in range(400)]
    Message.objects.bulk_create(messages)
    Feedback.objects.bulk_create(
        Feedback(message=one, user=of_others.owner, rating="down") for one in messages
    )
    hers = opinions[0].message.conversation
    Message.objects.bulk_create(
        Message(conversation=hers, role="assistant") for _number in range(500)
    )
    Flag.objects.create(message=opinions[1].message, source="endpoint")
    newest_first = [one.message_id for one in reversed(opinions)]
    newest_first.insert(0, newest_first.pop(1))
    assert [case.pk for case in queue.waiting(rita)] == newest_first
    assert looked_up(queue.waiting(rita)[:50], "conversations_message") <= 20
    listed = client_of(rita).get(f"{TABLES}case/").context["cl"].result_list
    assert [case.pk for case in listed] == newest_first
    middle = queue.waiting(rita)[1]
    beside = queue.neighbours(rita, middle)
    assert [beside.before.pk, beside.after.pk] == newest_first[::2]  # type: ignore[union-attr]


def test_who_sees_many_cases_finds_them_in_the_order_of_the_queue(
    rita: User, opinions: list[Feedback], monkeypatch: pytest.MonkeyPatch
) -> None:
    group = Group.objects.create(name="9b")
    opinions[0].user.groups.add(group)
    Oversight.objects.create(reviewers=rita.groups.get(), people=group)
    few = list(queue.waiting(rita))
    monkeypatch.setattr(queue, "FEW", 2)
    assert list(queue.waiting(rita)) == few
    assert len(few) == 3
    assert queue.neighbours(rita, few[1]) == (few[0], few[2])


def test_who_stands_next_is_found_however_many_of_others_stand_between(
    rita: User, opinions: list[Feedback], monkeypatch: pytest.MonkeyPatch
) -> None:
    group, mine = Group.objects.create(name="9b"), opinions[0].message.conversation
    stranger = User.objects.create(username="cleo")
    Oversight.objects.create(reviewers=rita.groups.get(), people=group)
    for between in opinions[1:]:
        talk = between.message.conversation
        talk.owner = stranger
        talk.save()
    mine.owner.groups.add(group)
    last = _opinion(mine.owner, 3).message_id
    monkeypatch.setattr(queue, "NEAR", 1)
    [newest, oldest] = queue.waiting(rita)
    assert [newest.pk, oldest.pk] == [last, opinions[0].message_id]
    assert queue.neighbours(rita, newest) == (None, oldest)
    assert queue.neighbours(rita, oldest) == (newest, None)


def test_how_many_wait_is_counted_as_far_as_it_means_anything(
    root: User, opinions: list[Feedback], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queue.how_many_wait(root) == (3, "3")
    monkeypatch.setattr(queue, "COUNTED", 2)
    assert queue.how_many_wait(root) == (3, "2+")
    assert "2+ wait" in client_of(root).get("/admin/").content.decode()
    case = opinions[0].message_id
    assert "2+ cases wait" in client_of(root).get(f"{TABLES}case/{case}/change/").content.decode()
