"""A prompt of thousands of messages takes no more statements than one of fifty, and work in proportion.

Calls of functions are counted, not time: this machine's other work cannot make them more.
"""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.models import Conversation, Message, Run, User
from conversations.models.conversation import Role
from conversations.runs import prompt
from conversations.runs.start import Ticket, ticket_of

pytestmark = pytest.mark.django_db

FEW, MANY = 50, 500


@pytest.fixture(autouse=True)
def _openai(openai_connected: None) -> None:
    """There is a model to read it for."""


def asked_after(owner: User, count: int) -> Ticket:
    """A question below so many messages."""
    talk, now = Conversation.objects.create(owner=owner), timezone.now()
    rows: list[Message] = []
    for place in range(count + 2):
        role = Role.ASSISTANT if place % 2 else Role.USER
        above = rows[-1] if rows else None
        rows.append(Message(conversation=talk, parent=above, role=role, text=f"{place}: herons"))
    Message.objects.bulk_create(rows)
    ended = {"status": "failed", "finished_at": now, "started_at": now}
    run = Run.objects.create(
        conversation=talk, message=rows[-1], user=owner, model="gpt-4o-mini", **ended
    )
    return ticket_of(run)


def calls_of(work: Callable[[], Any]) -> int:
    """How many functions are called, those of C among them."""
    count = 0

    def note(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def statements_of(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        work()
    return len(asked)


def test_a_long_conversation_is_read_with_as_many_statements_and_work_in_proportion(
    owner: User,
) -> None:
    statements, calls = [], []
    for count in (FEW, MANY):
        ticket = asked_after(owner, count)
        prompt.script_of(ticket)  # what a process learns once
        script = prompt.script_of(ticket)
        assert len(script.turns) == count + 1
        statements.append(statements_of(lambda ticket=ticket: prompt.script_of(ticket)))  # type: ignore[misc]
        calls.append(
            calls_of(lambda ticket=ticket: prompt.messages_of(prompt.script_of(ticket)))  # type: ignore[misc]
        )
    assert statements[0] == statements[1] <= 5
    assert calls[1] < calls[0] * MANY / FEW
    assert (calls[1] - calls[0]) / (MANY - FEW) < 40, "so many a message; thousands are read"
