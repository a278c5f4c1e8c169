"""Lists of the desk over large tables: counted to a bound, searched by people and models."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.admin import searching
from conversations.admin.many import Joined
from conversations.models import Conversation, Feedback, Message, Run, User
from conversations.review import queue
from tests.features.admin_kit import TABLES, client_of

pytestmark = pytest.mark.django_db


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


def test_how_many_wait_is_counted_as_far_as_it_means_anything(
    root: User, opinions: list[Feedback], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queue.how_many_wait(root) == (3, "3")
    monkeypatch.setattr(queue, "COUNTED", 2)
    assert queue.how_many_wait(root) == (3, "2+")
    assert "2+ wait" in client_of(root).get("/admin/").content.decode()
    case = opinions[0].message_id
    assert "2+ cases wait" in client_of(root).get(f"{TABLES}case/{case}/change/").content.decode()
