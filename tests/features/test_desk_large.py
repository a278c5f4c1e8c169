"""Lists of the desk over large tables: counted to a bound, searched by people and models."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.admin import searching
from conversations.admin.many import Joined
from conversations.admin.runs import Runs
from conversations.models import Conversation, Feedback, Message, Oversight, Run, User
from conversations.review import queue
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


def test_an_error_code_is_looked_for_among_the_runs_that_have_one(owner: User) -> None:
    sought = Run.objects.filter(searching.meant(("user__username", "model", "error_code"), "nope"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "run_errors" in sought.explain()


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
