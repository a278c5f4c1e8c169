"""Runs of other processes that somebody here looks on at: read from the journal when the doorbell rings.

A mirror is what `LiveRun` is for our own runs: one text in memory, told to all its followers at the
same pace, so that whoever opens the conversation joins without gap or overlap.
"""

import asyncio
import logging
from collections.abc import Iterable
from uuid import UUID

from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import feed, journal
from conversations.models import Run, RunEvent
from conversations.models.conversation import Status
from conversations.runs import rest
from conversations.runs.growth import Growth, Held
from conversations.runs.start import ticket_of

log = logging.getLogger(__name__)


class Mirror(Growth):
    def __init__(self, run: Run, *, announced: bool) -> None:
        super().__init__(ticket_of(run))
        # Whether those who follow know of it by us. If not, they heard its end from whoever told
        # them of it, and telling it again would be the whole answer twice.
        self.announced = announced
        self.run = run.pk
        self.status: str = run.status

    def place(self) -> journal.Place:
        return journal.Place(self.run, self.text.length, self.reasoning.length)

    def take(self, kind: str, at: int, text: str) -> bool:
        """Add what we do not have of a piece; False when something is missing before it."""
        strand = self.text if kind == RunEvent.Kind.TEXT else self.reasoning
        if at > strand.length:
            return False
        if fresh := text[strand.length - at :]:
            (self.grow if strand is self.text else self.think)(fresh)
        return True


_mirrors: dict[UUID, Mirror] = {}
_reading = asyncio.Lock()


def of(run: UUID) -> Mirror | None:
    return _mirrors.get(run)


def forget(run: UUID) -> None:
    """It is executed here after all."""
    _mirrors.pop(run, None)


async def watch(run: Run, *, announced: bool = False) -> Mirror | None:
    """A mirror of `run`, as far as the journal goes; None when it has ended. Raises Unavailable.

    `announced`: all who follow were told that it began, and wait for its end also if it is over.
    """
    _mirrors.setdefault(run.pk, Mirror(run, announced=announced))
    await _read([run.pk])
    return _mirrors.get(run.pk)


async def settled(run: UUID) -> None:
    """When its end is in Postgres, those who follow it here have heard of it after this."""
    if run in _mirrors:
        await _read([run])


async def look(runs: Iterable[UUID] | None = None) -> None:
    """See how far `runs` have come, all by default. While Postgres is away they stay as they are."""
    for run in [
        run for run, mirror in _mirrors.items() if not feed.is_followed(mirror.conversation)
    ]:
        del _mirrors[run]
    wanted = [run for run in (_mirrors if runs is None else runs) if run in _mirrors]
    if not wanted:
        return
    try:
        await _read(wanted)
    except Unavailable:
        log.warning("mirror: %s runs wait, the database is away", len(wanted))


async def _read(runs: list[UUID]) -> None:
    """One at a time: pieces are taken in order, an end is told once."""
    async with _reading:
        mirrors = {run: _mirrors[run] for run in runs if run in _mirrors}
        broken = await _take(mirrors, [mirror.place() for mirror in mirrors.values()])
        if broken:  # the journal was written twice there: from the beginning, what we hold is cut
            await _take(mirrors, [journal.Place(run, 0, 0) for run in broken])


async def _take(mirrors: dict[UUID, Mirror], places: list[journal.Place]) -> set[UUID]:
    """Ask Postgres and pass on what is new. Runs whose pieces have a gap before them."""
    if not places:
        return set()
    broken, live = set(), set()
    for found in await journal.read(places):
        mirror = mirrors[found.run]
        if _mirrors.get(found.run) is not mirror:
            continue
        live.add(found.run)
        mirror.announced = True
        if found.status != mirror.status:
            await _began(mirror, found.status)
        if found.kind and not mirror.take(found.kind, found.at, found.text):
            broken.add(found.run)
    for place in places:
        if place.run not in live and place.run in _mirrors:
            await _end(mirrors[place.run])
    return broken


async def _began(mirror: Mirror, status: str) -> None:
    mirror.status = status
    if status == Status.RUNNING:
        for frame in await in_db(rest.begun)(mirror.run):
            feed.tell_followers(mirror.conversation, frame)


async def _end(mirror: Mirror) -> None:
    held = Held(mirror.text.length, mirror.reasoning.length)
    frames = await in_db(rest.missing_of)(mirror.run, held)
    _mirrors.pop(mirror.run, None)
    for frame in frames if mirror.announced else []:
        feed.tell_followers(mirror.conversation, frame)
