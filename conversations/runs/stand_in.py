"""Another model answers for one that could not: the fall-back that the administrator chose for it."""

import logging
from contextlib import suppress

from django.utils.translation import gettext as _

from conversations.db import in_db
from conversations.errors import Refusal, Unavailable
from conversations.models import Message
from conversations.provider import catalogue
from conversations.provider.interface import Model, Request
from conversations.runs import circuit, prompt
from conversations.runs.start import Ticket
from conversations.tasks import keep

log = logging.getLogger(__name__)


async def request_for(ticket: Ticket, asked: Model) -> Request | None:
    """The same question as the fall-back of `asked` reads it: with its own window, eyes and options.

    None: there is no fall-back, this person may not use it, it cannot read that much, or its own
    provider is left alone. The fall-back of a fall-back is not asked.
    """
    if not asked.fall_back:
        return None
    try:
        # The catalogue may have to be read anew just now.
        other = await in_db(catalogue.model_named)(asked.fall_back)
        if other is None or circuit.is_resting(other):
            return None
        return await prompt.request_for(ticket, instead=other)
    except Refusal as problem:
        log.info("run %s: %s does not stand in: %s", ticket.run, asked.fall_back, problem.code)
        return None


def begins(ticket: Ticket, asked: Model, other: Model) -> None:
    """Its first word has come. Should this process die, what the journal kept is not another model's."""
    keep(_write_down(ticket, asked, other))


async def _write_down(ticket: Ticket, asked: Model, other: Model) -> None:
    answer = Message.objects.filter(pk=ticket.message)
    with suppress(Unavailable):  # the end of the run says it all the same
        await in_db(answer.update)(model=other.id, instead_of=asked.id)


def sentence(asked: Model, other: Model) -> str:
    told = _("{model} could not answer; {other} is asked instead.")
    return told.format(model=asked.name, other=other.name)
