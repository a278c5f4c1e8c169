"""`python -m bench.long_talk`: how long a question waits for its first token when much was said before.

Beside what a reader sees: the statements that the prompt is read with, and how long that takes alone.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID

from bench import own_django
from bench.processes import ROOT, share_the_last_core
from bench.stage import Stage, stage
from bench.tabs import Tab, question
from chatsite.embedded.postgres import Postgres

MODEL = "gpt-4o-mini"  # reads 128,000 tokens
LENGTHS = (50, 500, 5_000)
ASKED = 7
# Of a message: 5,000 of the short ones fit into the model's window, of the long ones 300.
SHORT, LONG = (
    "Yes, and what comes after that? It was about herons.",
    "Herons stand still for hours. " * 70,
)


@dataclass(frozen=True)
class Row:
    """Milliseconds; the first question of a process has everything to count."""

    name: str
    first: float
    again: float
    acked: float
    statements: int
    reading: float

    def cells(self) -> str:
        times = (self.first, self.again, self.acked, self.reading)
        first, again, acked, reading = (f"{value:.0f}" for value in times)
        return f"| {self.name} | {first} | {again} | {acked} | {self.statements} | {reading} |"


def set_up() -> None:
    """Django in this process, at the database of the stage."""
    sockets = Postgres(ROOT / "var" / "bench").place.sockets
    url = f"postgresql://postgres@/bench?host={sockets}"
    os.environ.update(DATABASE_URL=url, OPENAI_API_KEY="bench")
    own_django.set_up()


def written(person: str, count: int, words: str) -> str:
    """A conversation of so many messages."""
    from django.db import connection

    from conversations.models import Conversation, Message, User
    from conversations.models.conversation import Role

    owner = User.objects.get(username=person)
    talk = Conversation.objects.create(owner=owner, title="Long", model=MODEL)
    rows: list[Message] = []
    for place in range(count):
        role = Role.ASSISTANT if place % 2 else Role.USER
        above = rows[-1] if rows else None
        rows.append(Message(conversation=talk, parent=above, role=role, text=f"{place}: {words}"))
    Message.objects.bulk_create(rows, batch_size=1_000)
    talk.active_message = rows[-1]
    talk.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_message")  # as autovacuum has long done by then
    return str(talk.pk)


def read(talk: str) -> tuple[int, float]:
    """With how many statements the prompt of its last run is read, and in how many milliseconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from conversations.models import Run
    from conversations.runs import prompt
    from conversations.runs.start import ticket_of

    ticket = ticket_of(Run.objects.filter(conversation=UUID(talk)).latest("created_at"))
    prompt.script_of(ticket)
    with CaptureQueriesContext(connection) as asked:
        prompt.script_of(ticket)
    return len(asked), timed(prompt.script_of, ticket)


def timed(work: Callable[..., Any], *arguments: Any) -> float:
    times = []
    for _ in range(ASKED):
        began = time.perf_counter()
        work(*arguments)
        times.append((time.perf_counter() - began) * 1000)
    return median(times)


async def asked(tab: Tab, talk: str) -> tuple[float, float]:
    """Milliseconds to the first token, and to the ack."""
    tab.ask(question(rate=0, tokens=3), talk)
    first = await tab.first_token()
    await tab.end()
    return first * 1000, (tab.acked_at - tab.asked_at) * 1000


async def measure(set_up: Stage) -> list[Row]:
    tab = await set_up.ours.tab()  # of the first person, reader-0
    rows = []
    for sort, words in (("short", SHORT), ("long", LONG)):
        for count in LENGTHS:
            talk = await asyncio.to_thread(written, "reader-0", count, words)
            first, _ = await asked(tab, talk)
            again = [await asked(tab, talk) for _ in range(ASKED)]
            firsts, acks = zip(*again, strict=True)
            statements, reading = await asyncio.to_thread(read, talk)
            name = f"{count:,} {sort} messages"
            rows.append(Row(name, first, median(firsts), median(acks), statements, reading))
            print(rows[-1].cells(), file=sys.stderr)
    return rows


def main() -> int:
    share_the_last_core()
    with stage() as ready:
        set_up()
        rows = asyncio.run(measure(ready))
    print("| before the question | first token, nothing known: ms | after that: ms | ack: ms | statements "
          "| read in ms |\n| --- | --: | --: | --: | --: | --: |")  # fmt: skip
    print("\n".join(row.cells() for row in rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
