"""Whoever asks the very same first question as somebody before, at temperature 0, may get that answer.

Only where CHATSITE_ANSWER_CACHE says for how long, and only among people of the same groups: the same model,
instructions, words and options, no pictures, no files. What is kept is where the answer stands, not its
text: it is given as long as it is there for its owner, and never from a temporary conversation.
"""

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef
from django.utils import timezone

from conversations import site
from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.models import CachedAnswer, Message
from conversations.models.conversation import Role, Status, present
from conversations.provider.interface import Piece, Report, Request, Usage
from conversations.runs.recorder import LiveRun
from conversations.runs.start import Ticket
from conversations.usage.ledger import CACHED, Call

if TYPE_CHECKING:
    from conversations.runs.outcome import Outcome

log = logging.getLogger(__name__)

# As a stream brings it: others have their turn, and a stop finds something to stop.
PIECE_CHARACTERS = 2_000
NOTHING = Usage(input=0, cached_input=0, output=0, reasoning=0)


@dataclass(frozen=True, slots=True)
class Slot:
    """Under which key the answer of this model may be kept."""

    key: str
    model: str


async def answered(live: LiveRun, request: Request, outcome: "Outcome") -> bool:
    """Whether an answer was there, and was given. If not, `outcome` knows where its own is to be kept."""
    if not site.as_last_known().answer_cache or not _may_be_shared(live.ticket, request):
        return False
    try:
        outcome.slot, before = await in_db(_look)(live.ticket, request)
    except Unavailable:  # the model can be asked all the same
        log.info("run %s: the cache cannot be read", live.id)
        return False
    if before is None:
        return False
    await _give(live, before, outcome)
    return True


def keep(ticket: Ticket, outcome: "Outcome") -> None:
    """In the transaction that seals the answer: it may be given to others from now on."""
    if outcome.slot is None or not _is_whole(outcome, outcome.slot):
        return
    kept = CachedAnswer(key=outcome.slot.key, message=ticket.message)
    CachedAnswer.objects.bulk_create(
        [kept],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["message", "created_at"],
    )


def forget_old() -> None:
    CachedAnswer.objects.filter(created_at__lt=_oldest()).delete()


def _is_whole(outcome: "Outcome", slot: Slot) -> bool:
    """From the model that was asked, to its end."""
    is_its_own = outcome.model is not None and outcome.model.id == slot.model
    is_ended = outcome.status == Status.COMPLETE and outcome.finish_reason == "stop"
    return is_its_own and is_ended and not outcome.is_cached


def _may_be_shared(ticket: Ticket, request: Request) -> bool:
    """By what is at hand: a first question of nothing but words, to which there is one answer."""
    questions = [message for message in request.messages if message["role"] == Role.USER]
    return (
        request.parameters.get("temperature") == 0
        and "tools" not in request.parameters
        and not ticket.text_before
        and not request.left_out
        and len(questions) == 1
        and len(request.messages) <= 2
        and isinstance(questions[0]["content"], str)
    )


def _look(ticket: Ticket, request: Request) -> tuple[Slot | None, Message | None]:
    """Where its answer is to be kept, and the answer that is there. None: it is not to be shared."""
    if not _is_first(ticket):
        return None, None
    groups = Group.objects.filter(user=ticket.user).order_by("pk").values_list("pk", flat=True)
    slot = Slot(_hash(request, list(groups)), request.model.id)
    return slot, _kept(slot.key)


def _is_first(ticket: Ticket) -> bool:
    """Not another try, nothing with a picture or a file, nothing temporary."""
    others = Message.objects.filter(parent=OuterRef("parent")).exclude(pk=OuterRef("pk"))
    first = Message.objects.filter(
        ~Exists(others),
        pk=ticket.message,
        parent__isnull=False,
        parent__parent=None,
        parent__pictures=None,
        parent__files=None,
        conversation__expires_at=None,
    )
    return first.exists()


def _hash(request: Request, groups: list[int]) -> str:
    """Another address is another server, whatever the administrator calls it."""
    model, endpoint = request.model, request.model.endpoint
    where = [endpoint.kind, endpoint.base_url, endpoint.api_version] if endpoint else []
    asked: list[Any] = [
        groups, model.id, model.provider, where, model.sent_as, request.messages, request.parameters,
    ]  # fmt: skip
    said = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).hexdigest()


def _kept(key: str) -> Message | None:
    kept = CachedAnswer.objects.filter(key=key, created_at__gte=_oldest()).first()
    if kept is None:
        return None
    there = Message.objects.filter(present("conversation__"), conversation__expires_at=None)
    return there.filter(pk=kept.message, status=Status.COMPLETE).first()


def _oldest() -> datetime:
    return timezone.now() - timedelta(seconds=site.as_last_known().answer_cache)


async def _give(live: LiveRun, before: Message, outcome: "Outcome") -> None:
    """Piece by piece, as if it came from its model. Nothing was spent; what it took is told all the same."""
    report = Report(began=True, finish_reason=before.finish_reason, usage=NOTHING)
    call = Call(at=timezone.now(), attempt=1, report=report, outcome=CACHED)
    outcome.calls.append(call)
    outcome.took = _took(before)
    if before.reasoning:
        live.note(Piece(reasoning=before.reasoning))
    for at in range(0, len(before.text), PIECE_CHARACTERS):
        live.note(Piece(text=before.text[at : at + PIECE_CHARACTERS]))
        await asyncio.sleep(0)
    outcome.finish_reason = before.finish_reason
    outcome.end(Status.COMPLETE)


def _took(before: Message) -> Usage | None:
    """None where its server did not say."""
    if before.input_tokens is None:
        return None
    return Usage(
        input=before.input_tokens,
        cached_input=before.cached_input_tokens or 0,
        output=before.output_tokens or 0,
        reasoning=before.reasoning_tokens or 0,
    )
