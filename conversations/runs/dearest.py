"""The most that a call can come to, while nobody has counted it: what is reserved for it.

An upper bound that can be had without waiting, in the transaction of a question. What the last answer
reported is what stands above the new question; of what nobody counted, each byte may be a token. Before the
provider is asked the request itself is looked at (purse.py): this here only has to be near.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings

from conversations.models import Message, MessageImage, Purpose, Run
from conversations.models.conversation import Role
from conversations.provider.interface import Model, Request
from conversations.provider.tokens.counting import at_most
from conversations.provider.tokens.pictures import tokens_for
from conversations.reading.lengths import Length, lengths
from conversations.runs import fitting, prompt
from conversations.runs.instructions import instructions_for
from conversations.runs.start import Script
from conversations.usage.budgets import Payer
from conversations.usage.prices import most_micros
from conversations.usage.standing import Most

# Of a message: what stands around it, and the day on which it was asked, in bytes.
AROUND = fitting.AROUND_MESSAGE + 80
# The detail that takes the most.
CLOSELY = "high"


def of_a_question(run: Run, answer: Message, model: Model, script: Script | None) -> Most:
    """`script` is what the model is to read, where that is at hand."""
    read = _in_script(script) if script else _stored(run, answer, model)
    options = {**answer.conversation.options, **run.options}
    written = prompt.parameters(model, options)["max_output_tokens"]
    return Most(messages=1) | of_a_call(model, min(read, model.context_window), written)


def payer_of(run: Run, model: Model) -> Payer:
    return Payer(run.user_id, Purpose.CHAT, model.id, model.fall_back or "")


def of_a_request(request: Request) -> Most:
    read = request.at_most or sum(
        AROUND + at_most(text) for message in request.messages for text in fitting.texts_of(message)
    )
    model = request.model
    written = request.parameters.get("max_output_tokens") or model.max_output_tokens
    return of_a_call(model, read, written)


def of_a_call(model: Model, read: int, written: int) -> Most:
    """A model without a price costs nothing, as far as anybody knows. Prices change at midnight, over which a
    question may wait for its turn with a provider (admission.py)."""
    now = datetime.now(UTC)
    moments = (now, now + timedelta(seconds=settings.QUEUE_SECONDS))
    dearest = max(most_micros(model.prices_at(moment), read, written) for moment in moments)
    return Most(dearest, read + written)


def _in_script(script: Script) -> int:
    words = at_most(script.system_prompt) + sum(at_most(turn.text) for turn in script.turns)
    shown = sum(fitting.pictures_in(turn, script.model) for turn in script.turns)
    read = [blob.ocr_text or "" for turn in script.turns for blob in turn.pictures]
    described = 0 if script.model.vision else sum(map(at_most, read))
    return words + shown + described + AROUND * (len(script.turns) + 1)


def _stored(run: Run, answer: Message, model: Model) -> int:
    measured = lengths(answer.conversation, answer.pk)
    above, after = _reported(measured, model)
    newer = measured[after:]
    words = sum(length.bytes + AROUND for length in newer)
    told = at_most(instructions_for(run.user, answer.conversation, model)) + AROUND
    return (
        above
        + words
        + told
        + _pictures([UUID(length.id) for length in newer if length.attached], model)
    )


def _reported(measured: Sequence[Length], model: Model) -> tuple[int, int]:
    """What the newest answer of this model reported that it read and wrote, and how many of the
    messages are in that. Another model counts otherwise."""
    answers = [
        place for place, one in enumerate(measured) if one.role == Role.ASSISTANT and one.bytes
    ]
    if not answers:
        return 0, 0
    last = Message.objects.filter(pk=measured[answers[-1]].id, model=model.id, left_out=0)
    for read, written in last.values_list("input_tokens", "output_tokens"):
        if read is not None:
            return read + (written or 0), answers[-1] + 1
    return 0, 0


def _pictures(messages: Sequence[UUID], model: Model) -> int:
    if not messages or not model.vision:
        return 0
    shown = MessageImage.objects.filter(message__in=messages)
    sizes = shown.values_list("image__blob__width", "image__blob__height")
    return sum(tokens_for(model, width, height, CLOSELY) for width, height in sizes)
