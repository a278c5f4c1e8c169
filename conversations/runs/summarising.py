"""Old turns are summarised, by small calls beside everything else.

After an answer whose model had most of its room taken by what it read; and before an answer, when
something would be left out, for as long as a reader can be made to wait. It counts as no run. When it
fails, old turns are left out as they are without it (fitting.py). What is kept is a row that stands for
exact messages (models/summaries.py): the conversation itself stays as it is.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy

from conversations import site
from conversations.db import in_db
from conversations.errors import Refusal, Unavailable, Words
from conversations.events import doorbell
from conversations.models import Message, Purpose, Summary
from conversations.models.conversation import Status, present
from conversations.provider.interface import Model, Usage
from conversations.reading.lengths import lengths
from conversations.reading.summaries import digest
from conversations.runs.past import FIRST, Past, Piece, past_of, pieces_of
from conversations.runs.prompts import prompt_named
from conversations.runs.prompts.asking import ask
from conversations.runs.start import Ticket
from conversations.tasks import keep
from conversations.text import clean
from conversations.usage import ledger
from conversations.usage.budgets import Payer
from conversations.usage.ledger import Bill, Call

log = logging.getLogger(__name__)

# Of one call: it reads a lot and writes a page.
WITHIN_SECONDS = 60.0
# A question waits no longer for it.
PATIENCE_SECONDS = 20.0
# … and for so long it looks like any other wait.
UNTOLD_SECONDS = 0.5
# Where it was in vain, nobody is asked again for so long.
IN_VAIN_SECONDS = 300.0
IN_VAIN_KEPT = 1_000
AGAIN_SECONDS = 0.5
AT_WORK = gettext_lazy("The earlier part of this conversation is being summarised.")
PROMPT = prompt_named("summary")

# By conversation: one at a time in each.
_making: dict[UUID, asyncio.Task[bool]] = {}
_in_vain: dict[UUID, float] = {}
# Answers come first, at the provider too: of summaries that nobody waits for so many at a time.
_turns = asyncio.Semaphore(4)
# Those that wait for their turn.
_queued: set[UUID] = set()


@dataclass(slots=True)
class Made:
    """What has come of it so far."""

    text: str = ""
    piece: Piece | None = None


class Ended(Protocol):
    """How a run ended. `crowded`: so many tokens are a lot to read for its model; 0: it was surely less."""

    status: Status
    crowded: int

    @property
    def usage(self) -> Usage | None: ...


def after(ticket: Ticket, outcome: Ended) -> None:
    """A run has been sealed. Returns at once."""
    if (
        not site.as_last_known().summaries
        or outcome.status != Status.COMPLETE
        or not outcome.crowded
    ):
        return
    usage = outcome.usage
    if _is_in_vain(ticket.conversation):
        return
    if usage is None or usage.input > outcome.crowded:
        _begin(ticket, needed=False, is_known=usage is not None)


async def in_time(ticket: Ticket, told: Callable[[Words], None]) -> bool:
    """Something would be left out: whether it, or some of it, is summarised now. It goes on when the
    time is over, or whoever waits for it leaves. Where it takes a while, `told` gets the reason."""
    if not site.as_last_known().summaries or _is_in_vain(ticket.conversation):
        return False
    task = _begin(ticket, needed=True, is_known=True)
    done, _ = await asyncio.wait([task], timeout=UNTOLD_SECONDS)
    if not done:
        told(AT_WORK)
        await asyncio.wait([task], timeout=PATIENCE_SECONDS)
    return task.done() and not task.cancelled() and not task.exception() and task.result()


async def leave() -> None:
    """The process ends: what is not there yet is given up, its calls written down."""
    for task in _making.values():
        task.cancel()
    if _making:
        await asyncio.wait(_making.values(), timeout=1.0)


def _begin(ticket: Ticket, *, needed: bool, is_known: bool) -> asyncio.Task[bool]:
    """A reader who waits does not queue behind what nobody waits for."""
    under_way = _making.get(ticket.conversation)
    if under_way is not None:
        if not needed or ticket.conversation not in _queued:
            return under_way
        under_way.cancel()
    make = _make if needed else _make_in_turn
    task = keep(make(ticket, needed=needed, is_known=is_known))
    _making[ticket.conversation] = task
    task.add_done_callback(partial(_over, ticket.conversation))
    return task


def _over(conversation: UUID, task: asyncio.Task[bool]) -> None:
    if _making.get(conversation) is task:
        del _making[conversation]


async def _make_in_turn(ticket: Ticket, *, needed: bool, is_known: bool) -> bool:
    _queued.add(ticket.conversation)
    try:
        await _turns.acquire()
    finally:
        _queued.discard(ticket.conversation)
    try:
        return await _make(ticket, needed=needed, is_known=is_known)
    finally:
        _turns.release()


async def _make(ticket: Ticket, *, needed: bool, is_known: bool) -> bool:
    """Whether there is a new summary."""
    is_made = False
    try:
        past = await in_db(past_of)(ticket.run, needed=needed)
        is_made = past is not None and await _made(ticket, past, is_known=is_known)
    except Refusal as problem:
        log.info("conversation %s is not summarised: %s", ticket.conversation, problem.code)
    if needed and not is_made:
        _remember_in_vain(ticket.conversation)
    return is_made


async def _made(ticket: Ticket, past: Past, *, is_known: bool) -> bool:
    """What was reached before something went wrong stands."""
    pieces = await asyncio.to_thread(pieces_of, past, PROMPT, is_known)
    if not pieces:
        return False
    calls: list[Call] = []
    made = Made(text=past.earlier)
    try:
        for piece in pieces:
            await _sum_up(piece, ticket, past.small, made, calls)
    except Refusal as problem:
        log.info("conversation %s is not summarised: %s", ticket.conversation, problem.code)
    finally:
        is_made = await _settled(ticket, past, made, calls)
    if not is_made:
        _remember_in_vain(ticket.conversation)
    return is_made


async def _sum_up(
    piece: Piece, ticket: Ticket, model: Model, made: Made, calls: list[Call]
) -> None:
    told = {"earlier": made.text or FIRST, "conversation": piece.told}
    payer = Payer(ticket.user, Purpose.SUMMARY, model.id, conversation=ticket.conversation)
    said = await ask(PROMPT, model, told, calls, within=WITHIN_SECONDS, payer=payer)
    text = clean(said).strip()
    if not text:
        raise Refusal
    made.text, made.piece = text, piece


def _is_in_vain(conversation: UUID) -> bool:
    return time.monotonic() < _in_vain.get(conversation, 0.0)


def _remember_in_vain(conversation: UUID) -> None:
    if len(_in_vain) >= IN_VAIN_KEPT:
        _in_vain.clear()
    _in_vain[conversation] = time.monotonic() + IN_VAIN_SECONDS


async def _settled(ticket: Ticket, past: Past, made: Made, calls: list[Call]) -> bool:
    """What it cost is written down, though Postgres may be away for a while."""
    while True:
        try:
            return await in_db(_settle)(ticket, past, made, calls)
        except Unavailable:
            await asyncio.sleep(AGAIN_SECONDS)


def _settle(ticket: Ticket, past: Past, made: Made, calls: list[Call]) -> bool:
    """The summary, if what it stands for is still there, and as long as it was read; and on the ledger
    what it cost, last, because who asks something in the conversation locks that before what counts it."""
    is_kept = _is_kept(ticket, past, made, calls)
    bill = Bill(ticket.user, ticket.conversation)
    ledger.enter(bill, past.small, calls, Purpose.SUMMARY, PROMPT.tag)
    return is_kept


def _is_kept(ticket: Ticket, past: Past, made: Made, calls: list[Call]) -> bool:
    if made.piece is None or len(made.text) >= past.length(made.piece):
        return False
    stands_for = past.measured[: made.piece.end]
    until = UUID(stands_for[-1].id)
    there = Message.objects.select_for_update(of=("self",), no_key=True)
    now = there.filter(present("conversation__"), pk=until).first()
    if now is None or lengths(now.conversation, until) != stands_for:
        return False
    usage = calls[-1].report.usage
    summary = Summary(
        conversation_id=ticket.conversation,
        until=now,
        digest=digest(until),
        messages=len(stands_for),
        text=made.text,
        model=past.small.id,
        tokens=usage.output if usage else None,
    )
    _keep(summary, ticket.user)
    return True


def _keep(summary: Summary, owner: UUID) -> None:
    """One that was there is void, or another process was faster: the newest counts."""
    Summary.objects.filter(until=summary.until_id, undone_at=None).delete()
    summary.save()
    ring(summary, owner)


def ring(summary: Summary, owner: UUID) -> None:
    """Whoever has the conversation open hears what stands there now."""
    news = {"summary": str(summary.until_id), "conversation": str(summary.conversation_id)}
    doorbell.ring({**news, "owner": str(owner)})
