"""A conversation names itself: by its first words at once, by the model after its first answer.

A small call beside everything else. It counts as no run, nobody waits for it, a title that somebody
chose is never touched, and when it fails the first words stay.
"""

import asyncio
import logging
from typing import TypeAlias

from django.db.models.functions import Left

from conversations import site
from conversations.db import in_db
from conversations.errors import Refusal, Unavailable
from conversations.events import doorbell
from conversations.models import Conversation, Message, Purpose
from conversations.models.conversation import Status, TitleBy
from conversations.provider.catalogue import model_for_small_things
from conversations.provider.interface import Model
from conversations.runs import circuit
from conversations.runs.prompts import prompt_named
from conversations.runs.prompts.asking import ask
from conversations.runs.start import Ticket
from conversations.runs.title_words import title_in
from conversations.tasks import keep
from conversations.usage import ledger, limits
from conversations.usage.budgets import Payer
from conversations.usage.ledger import Bill, Call

log = logging.getLogger(__name__)

WITHIN_SECONDS = 15.0
# Of the question and of the answer: enough to see what it is about.
READ_CHARACTERS = 2_000
AGAIN_SECONDS = 0.5
PROMPT = prompt_named("title")

Talk: TypeAlias = dict[str, str]

_naming: set[asyncio.Task[None]] = set()
# Answers come first, at the provider too.
_turns = asyncio.Semaphore(4)


def after(ticket: Ticket, status: Status, model: Model | None) -> None:
    """A run has been sealed. Returns at once."""
    if site.as_last_known().titles and status == Status.COMPLETE and model is not None:
        task = keep(_name(ticket, model))
        _naming.add(task)
        task.add_done_callback(_naming.discard)


async def leave() -> None:
    """The process ends: titles that are not there yet are given up, their calls written down."""
    for task in _naming:
        task.cancel()
    if _naming:
        await asyncio.wait(_naming, timeout=1.0)


async def _name(ticket: Ticket, model: Model) -> None:
    calls: list[Call] = []
    title = ""
    try:
        async with _turns:
            talk, titler = await in_db(_talk_to_name)(ticket, model)
            if talk:
                payer = Payer(
                    ticket.user, Purpose.TITLE, titler.id, conversation=ticket.conversation
                )
                said = await ask(PROMPT, titler, talk, calls, within=WITHIN_SECONDS, payer=payer)
                title = title_in(said)
    except Refusal as problem:
        log.info("conversation %s keeps its first words: %s", ticket.conversation, problem.code)
    finally:
        if calls:
            await _settled(ticket, titler, calls, title)


def _talk_to_name(ticket: Ticket, model: Model) -> tuple[Talk, Model]:
    """What it is about, and who may name it; nothing where it has a title, where nobody is good at it
    or can be asked, where questions will want the tokens, or where one was asked for before: once is
    enough."""
    titler = model_for_small_things(model)
    if titler is None or circuit.is_left_alone(titler) or not limits.has_room(ticket.user):
        return {}, model
    mine = Conversation.objects.kept().filter(pk=ticket.conversation, title_by=TitleBy.WORDS)
    if not mine.update(title_by=TitleBy.ASKED):
        return {}, titler
    told = Message.objects.filter(pk=ticket.message)
    said = told.values_list(
        Left("parent__text", READ_CHARACTERS), Left("text", READ_CHARACTERS)
    ).first()
    if said is None:  # it was deleted as soon as it was there
        return {}, titler
    question, answer = said
    return {"question": question or "", "answer": answer}, titler


async def _settled(ticket: Ticket, model: Model, calls: list[Call], title: str) -> None:
    """What it cost is written down, though Postgres may be away for a while."""
    while True:
        try:
            return await in_db(_settle)(ticket, model, calls, title)
        except Unavailable:
            await asyncio.sleep(AGAIN_SECONDS)


def _settle(ticket: Ticket, model: Model, calls: list[Call], title: str) -> None:
    """On the ledger; and the title, unless somebody was faster. No activity: nothing moves in the list.

    The conversation first: who asks something in it has locked that before what is counted for them.
    """
    unnamed = Conversation.objects.kept().filter(pk=ticket.conversation, title_by=TitleBy.ASKED)
    if title and unnamed.update(title=title, title_by=TitleBy.MODEL):
        doorbell.ring({"conversation": str(ticket.conversation), "owner": str(ticket.user)})
    bill = Bill(ticket.user, ticket.conversation)
    ledger.enter(bill, model, calls, Purpose.TITLE, PROMPT.tag)
