"""The exports of the desk: what there is to take along, taking it, and what of it is on record."""

import os
import time
from typing import Any
from uuid import UUID

from django.db import connection

from conversations.models import (
    AuditEntry,
    Conversation,
    Message,
)
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.sockets import PATIENCE

TABLES = "/admin/conversations/"
LEDGER, AUDIT, TALKS = (
    f"{TABLES}{name}/export/" for name in ("providercall", "auditentry", "conversation")
)
# A million, where somebody wants to see it: CHATSITE_EXPORT_ROWS=1000000.
ROWS = int(os.environ.get("CHATSITE_EXPORT_ROWS", "3000"))


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
