"""What the model gets to read: the instructions, then the branch with what is attached to it."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from conversations.attachments import ocr
from conversations.attachments.images import data_url
from conversations.db import in_db
from conversations.models import Blob, Message, Run
from conversations.models.conversation import Role
from conversations.provider import catalogue
from conversations.provider.interface import Model, Request
from conversations.provider.tokens.counting import count
from conversations.reading import branch
from conversations.runs import enclosed, fitting
from conversations.runs.instructions import instructions_for
from conversations.runs.start import Script, Ticket, Turn

# Sent with every call, so that no answer can run away with somebody's money.
OUTPUT_TOKENS = 4_096
# What a model thinks counts too: with less it may stop before its first word
# (https://platform.openai.com/docs/guides/reasoning).
THOUGHT_AND_OUTPUT_TOKENS = 25_000
DETAIL = "auto"
UNREADABLE = "[A picture that this model cannot see.]"
SHOWN = "[A picture was shown here. It comes with the next message.]"
READ = "[A picture that this model cannot see. The text that was read in it:]\n{text}"
LEFT_OUT = "[An earlier picture, left out because this conversation is long.]"
LEFT_OUT_READ = (
    "[An earlier picture, left out because this conversation is long. The text in it:]\n{text}"
)
GO_ON = "Go on exactly where you stopped. Do not repeat anything and do not introduce it."


async def request_for(ticket: Ticket) -> Request:
    """The request of a run. Files are read and pictures deciphered outside of any transaction."""
    script = ticket.script or await in_db(script_of)(ticket)
    has_pictures = any(turn.pictures for turn in script.turns)
    messages = await asyncio.to_thread(messages_of, script) if has_pictures else messages_of(script)
    asked = parameters(script.model, script.options)
    space = fitting.room(script.model, asked["max_output_tokens"])
    if fitting.surely_fits(messages, script, space):
        return Request(script.model, messages, asked)
    # What is gone on with: the question, what was said, and that it is to go on.
    least = 3 if ticket.text_before else 1
    fitted = await asyncio.to_thread(
        fitting.fit, script, space, count, partial(_message, script.model), least
    )
    return Request(script.model, fitted.messages, asked, left_out=fitted.left_out)


def script_of(ticket: Ticket) -> Script:
    """Read from Postgres. Raises ModelUnavailable when the model was withdrawn since."""
    run = Run.objects.select_related("conversation", "message", "user__preferences").get(
        pk=ticket.run
    )
    answer, leaf = run.message, run.message.parent_id
    told = branch.as_stored(run.conversation, leaf) if leaf else []
    return script(run, answer, catalogue.model_for(run.user, run.model), told)


def script(run: Run, answer: Message, model: Model, told: Sequence[Message]) -> Script:
    """`told` is the branch above `answer`, oldest first, with what is attached to it."""
    texts = enclosed.texts_of(told)
    turns = [_turn(message, texts) for message in told]
    if turns and "detail" in run.options:
        turns[-1] = replace(turns[-1], detail=run.options["detail"])
    if run.text_before:
        turns += [Turn(Role.ASSISTANT, answer.text, [], DETAIL), Turn(Role.USER, GO_ON, [], DETAIL)]
    if model.vision:
        turns = list(_with_the_next_question(turns))
    conversation = run.conversation
    return Script(
        model=model,
        system_prompt=instructions_for(run.user, conversation, model),
        turns=[turn for turn in turns if turn.text or turn.pictures],
        options={**conversation.options, **run.options},
    )


def gone_on_with(ticket: Ticket, request: Request) -> str:
    """What the model said before, when it is asked to go on."""
    return str(request.messages[-2]["content"]) if ticket.text_before else ""


def _turn(message: Message, texts: enclosed.Texts) -> Turn:
    pictures = [picture.image.blob for picture in message.pictures.all()]
    text = enclosed.with_files(message, texts)
    return Turn(message.role, text, pictures, message.options.get("detail", DETAIL))


def messages_of(script: Script) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    if script.system_prompt:
        messages.append({"role": script.model.instruction_role, "content": script.system_prompt})
    messages += [_message(script.model, turn) for turn in script.turns]
    return messages


def _message(model: Model, turn: Turn, shown: bool = True) -> dict[str, Any]:
    """`shown`: its pictures are sent, if the model can see them; else the words that are in them."""
    content = _seen(turn) if model.vision and shown else _described(turn, read=not model.vision)
    return {"role": turn.role, "content": content}


def _with_the_next_question(turns: Sequence[Turn]) -> Iterator[Turn]:
    """Pictures of an answer, which conversations from elsewhere may have: providers take them from people
    only, and refuse a conversation in which a model shows one."""
    shown: list[Blob] = []
    for turn in turns:
        if turn.role == Role.ASSISTANT:
            shown += turn.pictures
            yield replace(turn, pictures=[], text=turn.text or SHOWN)
        else:
            yield replace(turn, pictures=[*shown, *turn.pictures])
            shown = []


def _seen(turn: Turn) -> str | list[dict[str, Any]]:
    if not turn.pictures:
        return turn.text
    parts: list[dict[str, Any]] = [{"type": "text", "text": turn.text}] if turn.text else []
    for blob in turn.pictures:
        image = {"url": data_url(blob), "detail": turn.detail}
        parts.append({"type": "image_url", "image_url": image})
    return parts


def _described(turn: Turn, *, read: bool) -> str:
    """For a model without eyes: what can be read in the pictures, before what is asked of them. Of old
    pictures in a long conversation only what was `read` before."""
    can_read = read and ocr.available()
    said = [ocr.text_in(blob) if can_read else blob.ocr_text or "" for blob in turn.pictures]
    unreadable, readable = (UNREADABLE, READ) if read else (LEFT_OUT, LEFT_OUT_READ)
    notes = [readable.format(text=text) if text.strip() else unreadable for text in said]
    return "\n\n".join([*notes, turn.text]).strip()


def parameters(model: Model, options: dict[str, Any]) -> dict[str, Any]:
    """What goes along with the messages: only what the model takes, the output limit always.

    `options` are those of the conversation and of the message; what neither says, the model's say.
    """
    wished = {**model.options, **options}
    chosen = {name: wished[name] for name in model.accepts if wished.get(name) is not None}
    if model.efforts and chosen.get("reasoning_effort") not in model.efforts:
        chosen.pop("reasoning_effort", None)
    usual = THOUGHT_AND_OUTPUT_TOKENS if model.reasons else OUTPUT_TOKENS
    asked = wished.get("max_output_tokens") or usual
    limit = fitting.reserved(model, min(asked, model.max_output_tokens))
    return {**chosen, "max_output_tokens": limit}
