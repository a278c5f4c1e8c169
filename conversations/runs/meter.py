"""How full a conversation is: what of its model's window is used, and what the next message may cost.

Nothing is counted for it and hardly anything read. What the last call reported is the truth about all that
it was sent; what was said since is estimated by its bytes. So a meter costs the same for any length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from conversations.errors import ModelUnavailable
from conversations.models import (
    Conversation,
    Message,
    MessageFile,
    MessageImage,
    ProviderCall,
    Run,
    User,
)
from conversations.models.conversation import LONG, Role, Status
from conversations.provider import catalogue
from conversations.provider.interface import Model, Usage
from conversations.provider.tokens.counting import at_most
from conversations.provider.tokens.pictures import tokens_for
from conversations.reading.costs import shown
from conversations.reading.objects import Object
from conversations.runs import fitting, prompt
from conversations.runs.instructions import instructions_for
from conversations.usage.prices import cost_micros

# Up from a leaf to the newest answer whose provider said what it took, or to where it is more than the
# window anyway. Lengths are read, no texts.
CLIMB = """
WITH RECURSIVE way AS (
    SELECT id, parent_id, role, status, left_out, input_tokens, octet_length(text) AS bytes,
           octet_length(text)::bigint AS so_far, 1 AS depth
      FROM conversations_message WHERE id = %s AND conversation_id = %s
    UNION ALL
    SELECT above.id, above.parent_id, above.role, above.status, above.left_out,
           above.input_tokens, octet_length(above.text),
           way.so_far + octet_length(above.text), way.depth + 1
      FROM conversations_message above JOIN way ON above.id = way.parent_id
     WHERE way.input_tokens IS NULL AND way.so_far < %s
)
SELECT id, role, status, left_out, input_tokens IS NOT NULL, bytes FROM way ORDER BY depth
"""
# Of English; other scripts have fewer characters a token, and more bytes a character. The page reckons
# what is being typed by the same (static/js/state/meter.js).
BYTES_A_TOKEN = 4
# Half a page: what an answer is taken for as long as there was none.
USUAL_ANSWER = 500


@dataclass(frozen=True, slots=True)
class Step:
    """A message on the way up."""

    id: UUID
    role: str
    status: str
    left_out: int
    reported: bool
    bytes: int


@dataclass(frozen=True, slots=True)
class Reported:
    """What the newest call that said so took, and by which model."""

    model: str
    usage: Usage


def reading(user: User, conversation: Conversation, leaf: UUID | None) -> Object:
    """The branch that ends in `leaf`, as the API tells of it. Raises ModelUnavailable when there is
    no model at all."""
    model = _model_of(user, conversation)
    way = _way_up(conversation, leaf, model.context_window * BYTES_A_TOKEN)
    last = _reported(way[-1].id) if way and way[-1].reported else None
    since = way[:-1] if last else way
    reserve = prompt.parameters(model, conversation.options)["max_output_tokens"]
    used = _used(last) + _estimate(since, model)
    if last is None:
        used += _tokens(at_most(instructions_for(user, conversation, model)))
    return {
        "model": model.id,
        "window": model.context_window,
        "reserved": reserve,
        "used": min(used, model.context_window),  # what does not fit is not sent
        "exact": last is not None and not since and last.model == model.id,
        "left_out": _left_out(way),
        "likely_cost": shown(_likely_cost(model, used, reserve, last)),
    }


def prompt_tokens(run: Run) -> int:
    """About what the model of a run was given to read."""
    question = Message.objects.filter(pk=run.message_id).values_list("parent", flat=True).first()
    read: int = reading(run.user, run.conversation, question)["used"]
    return read


def _model_of(user: User, conversation: Conversation) -> Model:
    """The one that answers next: where the conversation's own was withdrawn, the usual one."""
    try:
        return catalogue.model_for(user, conversation.model)
    except ModelUnavailable:
        return catalogue.default_model(user)


def _way_up(conversation: Conversation, leaf: UUID | None, enough: int) -> list[Step]:
    if leaf is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(CLIMB, [leaf, conversation.pk, enough])
        return [Step(*row) for row in cursor.fetchall()]


def _reported(answer: UUID) -> Reported:
    """By the ledger: an answer that was gone on with adds up what each of its calls took. One that came
    from elsewhere has no calls here."""
    runs = Run.objects.filter(message=answer).values("pk")
    calls = ProviderCall.objects.filter(run__in=runs, purpose="chat", attempt__gt=0)
    calls = calls.filter(estimated=False, input_tokens__gt=0)
    row = calls.order_by("at").last() or Message.objects.defer(*LONG).get(pk=answer)
    usage = Usage(
        input=row.input_tokens or 0,
        cached_input=row.cached_input_tokens or 0,
        output=row.output_tokens or 0,
        reasoning=row.reasoning_tokens or 0,
    )
    return Reported(row.model, usage)


def _used(last: Reported | None) -> int:
    """What it read and what it said; its thoughts are not sent again."""
    return last.usage.input + last.usage.output - last.usage.reasoning if last else 0


def _estimate(since: Sequence[Step], model: Model) -> int:
    """Of messages that no call has told about yet."""
    if not since:
        return 0
    said = sum(_tokens(step.bytes) for step in since)
    return (
        said + fitting.AROUND_MESSAGE * len(since) + _attached([step.id for step in since], model)
    )


def _attached(messages: Sequence[UUID], model: Model) -> int:
    files = MessageFile.objects.filter(message__in=messages).aggregate(all=Sum("file__bytes"))
    size = ("image__blob__width", "image__blob__height", "message__options__detail")
    pictures = MessageImage.objects.filter(message__in=messages).values_list(*size)
    seen = (
        tokens_for(model, width, height, detail or prompt.DETAIL)
        for width, height, detail in (pictures if model.vision else ())
    )
    return _tokens(files["all"] or 0) + sum(seen)


def _tokens(size: int) -> int:
    return -(-size // BYTES_A_TOKEN)


def _left_out(way: Sequence[Step]) -> int:
    """What the newest answer did not get to read. One that is being written has not said yet."""
    answers = (step for step in way if step.role == Role.ASSISTANT)
    ended = (step.left_out for step in answers if step.status != Status.RUNNING)
    return next(ended, 0)


def _likely_cost(model: Model, used: int, reserve: int, last: Reported | None) -> int | None:
    """Of a short question whose answer is as long as the last one. Where that one's provider had parts of
    it cached, it has all that it read."""
    is_same = last is not None and last.model == model.id
    cached = last.usage.input if last and is_same and last.usage.cached_input else 0
    answer = (last.usage.output if last else 0) or USUAL_ANSWER
    sent = max(0, min(used, fitting.room(model, reserve)))
    usage = Usage(sent, min(cached, sent), min(answer, reserve), reasoning=0)
    return cost_micros(model.prices, usage)
