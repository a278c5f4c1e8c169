"""One conversation with all its rows: branches, runs, calls, thumbs and reports."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from conversations.ids import uuid7_of
from conversations.management.seeding import words
from conversations.management.seeding.pictures import Album, Row
from conversations.models import Price

# Of a hundred answers: tried again, stopped, failed, praised, blamed, reported, marked by moderation.
AGAIN, STOPPED, FAILED, UP, DOWN, REPORTED, MARKED = 8, 4, 2, 3, 2, 0.3, 0.2
# Of a hundred questions: with a picture. Of a hundred conversations: pinned, archived, taken along by their
# owner.
SHOWN, PINNED, ARCHIVED, TAKEN = 3, 3, 10, 5
# Characters a token, near enough for what nobody pays.
CHARACTERS = 4
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Person:
    id: UUID
    name: str
    language: str


@dataclass
class Talk:
    """Being written."""

    chance: Random
    person: Person
    model: str
    provider: str
    price: Price | None
    began: datetime
    number: int
    album: Album
    made: int = 0
    read: int = 0
    last: UUID | None = None
    at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.at, self.id = self.began, self._id(self.began)
        self.subject = self.chance.choice(words.SUBJECTS)

    def rows(self, turns: int) -> Iterator[Row]:
        chance, began = self.chance, self.began
        title = words.question(chance, self.person.language, self.subject)
        kept = self._happens(PINNED), self._happens(ARCHIVED)
        yield from self._call(None, "title", 200, 8, "ok")
        for _turn in range(turns):
            yield from self._turn()
        about = (self.id, self.person.id, title, *kept, self.model)
        yield "conversation", (*about, began, self.at, self.last)
        if self._happens(TAKEN):
            yield "audit", self._entry("person.export")

    def _turn(self) -> Iterator[Row]:
        text = words.question(self.chance, self.person.language, self.subject)
        asked = self._id(self.at)
        parent, self.read = self.last, self.read + len(text)
        yield "message", self._message(asked, parent, "user", text, "complete", "", None)
        if self.album.stored and self._happens(SHOWN):
            yield from self.album.shown(self.person.id, asked, self._id(self.at), self.at)
        tries = 2 if self._happens(AGAIN) else 1
        for _try in range(tries):
            yield from self._answer(asked)

    def _answer(self, question: UUID) -> Iterator[Row]:
        text = words.answer(self.chance, self.person.language, self.subject)
        status, error = self._end()
        text = "" if status == "failed" else text
        seconds = 0.5 + len(text) / 300
        began, self.at = self.at, self.at + timedelta(seconds=seconds + 90)
        self.last, run = self._id(self.at), self._id(self.at)
        tokens = self.read // CHARACTERS, len(text) // CHARACTERS
        self.read += len(text)
        yield (
            "message",
            self._message(self.last, question, "assistant", text, status, error, tokens),
        )
        ended = began + timedelta(seconds=seconds)
        about = (run, self.id, self.last, self.person.id, status, self.model, error, len(text))
        yield "run", (*about, began, began, began + timedelta(seconds=0.4), ended)
        outcome = {"complete": "ok", "stopped": "cancelled"}.get(status, error)
        yield from self._call(run, "chat", *tokens, outcome, seconds)
        yield from self._thought_of()

    def _end(self) -> tuple[str, str]:
        if self._happens(FAILED):
            return "failed", "provider_error"
        return ("stopped", "") if self._happens(STOPPED) else ("complete", "")

    def _thought_of(self) -> Iterator[Row]:
        rating = "up" if self._happens(UP) else "down" if self._happens(DOWN) else ""
        report = "other" if self._happens(REPORTED) else ""
        if rating or report:
            about = (self._id(self.at), self.last, self.person.id, rating, report)
            yield "feedback", (*about, self.at if report else None, self.at, self.at)
        if self._happens(MARKED):
            yield (
                "flag",
                (self._id(self.at), self.last, "endpoint", '{"violence": 0.7}', 0.7, self.at),
            )

    def _message(
        self, id: UUID, parent: UUID | None, role: str, text: str, status: str, error: str,
        tokens: tuple[int, int] | None,
    ) -> tuple[object, ...]:  # fmt: skip
        model = self.model if role == "assistant" else ""
        read, written = tokens or (None, None)
        cost = self._cost(*tokens) if tokens else None
        about = (id, self.id, parent, role, text, status, error, model, self.at)
        return (*about, read, written, cost)

    def _call(
        self, run: UUID | None, purpose: str, read: int, written: int, outcome: str, seconds: float = 1.0
    ) -> Iterator[Row]:  # fmt: skip
        about = (
            self._id(self.at),
            self.person.id,
            self.id,
            run,
            purpose,
            self.provider,
            self.model,
        )
        paid = (self.price and self.price.pk, self._cost(read, written))
        yield "call", (*about, self.at, outcome, read, 0, written, *paid, 0.4, seconds)

    def _entry(self, action: str) -> tuple[object, ...]:
        """In the audit, by this person about themselves."""
        me = self.person.id, self.person.name
        return (self._id(self.at), self.at, *me, action, self.person.id, *me)

    def _cost(self, read: int, written: int) -> int | None:
        """US dollars a million tokens are micro-dollars a token."""
        if self.price is None:
            return None
        return round(self.price.input * read + self.price.output * written)

    def _happens(self, percent: float) -> bool:
        return self.chance.random() * 100 < percent

    def _id(self, at: datetime) -> UUID:
        """What is made later sorts later, and the same seed makes the same."""
        self.made += 1
        return uuid7_of(
            int(at.timestamp() * 1000) + self.made, self.person.id, self.number, self.made
        )
