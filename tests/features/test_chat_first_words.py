"""What stands between a question and its first token: round trips, which are counted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.chat import send
from conversations.chat.gate import Sent
from conversations.chat.questions import Question
from conversations.models import Budget, Message, Run, User
from conversations.models.conversation import Status
from conversations.runs import prompt, start
from conversations.runs.start import ticket_of
from conversations.usage import budgets

pytestmark = pytest.mark.django_db

# Each is some 0.5 ms until the first token. What was said: how long it is, what was
# summarised of it, and its words.
QUESTION, HISTORY = 6, 4


@pytest.fixture
def ada(settings: Any, monkeypatch: pytest.MonkeyPatch) -> User:
    """At a process that has given its first sign of life."""
    monkeypatch.setattr(start, "_known", True)
    settings.USER_RUNS = settings.USER_REQUESTS_PER_MINUTE = 1000
    return User.objects.create(username="ada")


def asked(ada: User, key: str, conversation: str | None = None) -> Sent:
    return send.question(ada, Question(text=f"question {key}", conversation=conversation), key)


def counted(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


def test_a_first_question_is_written_down_in_few_round_trips(ada: User) -> None:
    asked(ada, "a")
    assert counted(lambda: asked(ada, "b")) <= QUESTION


def test_the_model_is_asked_a_first_question_as_it_is_stored(ada: User) -> None:
    sent = asked(ada, "a")
    assert sent.run
    at_hand, stored = sent.script, prompt.script_of(ticket_of(sent.run))
    assert at_hand == stored


def test_a_later_question_is_read_with_all_that_was_said_before(ada: User) -> None:
    first = asked(ada, "a")
    Message.objects.filter(pk=first.ack["message"]["id"]).update(text="answer", status="complete")
    Run.objects.update(status=Status.COMPLETE, finished_at="2026-01-01T00:00Z")
    second = asked(ada, "b", first.conversation)
    assert second.run and second.script is None
    ticket = ticket_of(second.run)
    assert [turn.text for turn in prompt.script_of(ticket).turns] == [
        "question a",
        "answer",
        "question b",
    ]
    assert counted(lambda: prompt.script_of(ticket)) <= HISTORY


def test_three_budgets_cost_a_first_question_two_round_trips_more(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(ada, "a")
    without = counted(lambda: asked(ada, "b"))
    for period in ("hour", "day", "month"):
        Budget.objects.create(name=period, limit=10**12, period=period)
    monkeypatch.setattr(budgets, "exist", lambda: True)  # known by heart, once that is committed
    asked(ada, "c")
    assert counted(lambda: asked(ada, "d")) == without + 2
