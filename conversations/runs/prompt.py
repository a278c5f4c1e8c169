"""What the model gets to read: the instructions, then the branch with what is attached to it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings

from conversations.attachments import ocr, passing_on
from conversations.attachments.images import data_url
from conversations.db import in_db
from conversations.errors import ContextTooLong
from conversations.models import Blob, Message, Run
from conversations.models.conversation import Role, Sight
from conversations.provider import catalogue
from conversations.provider.interface import Model, Request
from conversations.provider.tokens import counting
from conversations.provider.tokens.pictures import side_for
from conversations.reading import summaries
from conversations.reading.lengths import Said, lengths, texts
from conversations.runs import enclosed, fitting
from conversations.runs.fitting import Fitted
from conversations.runs.instructions import days_of, instructions_for
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
# Conversations from elsewhere may begin with an answer, and some servers want a question first.
OPENING = "[The conversation begins with the answer that follows.]"
OPENED = Turn(Role.USER, OPENING, (), DETAIL)
GO_ON = "Go on exactly where you stopped. Do not repeat anything and do not introduce it."


async def request_for(ticket: Ticket, *, instead: Model | None = None) -> Request:
    """The request of a run, to its own model or `instead` of that to another. Files are read and pictures
    deciphered outside of any transaction."""
    script = None if instead else ticket.script
    script = script or await in_db(script_of)(ticket, instead.id if instead else None)
    has_pictures = any(turn.pictures for turn in script.turns)
    messages = await asyncio.to_thread(messages_of, script) if has_pictures else messages_of(script)
    asked, space = _asked(script.model, script.options)
    most, left_out = fitting.at_most_in(messages, script), 0
    gone_on = bool(ticket.text_before)
    if most > space:
        messages, left_out = await asyncio.to_thread(_cut, script, space, gone_on=gone_on)
    request = Request(
        script.model, messages, asked, left_out + script.too_far,
        sight=_sight(script, gone_on=gone_on), crowded=_crowded(script, most, space),
        turns=script.turns, at_most=min(most, space),
    )  # fmt: skip
    return await _shown(request, script, ticket.user) if has_pictures else request


async def _shown(request: Request, script: Script, owner: UUID) -> Request:
    """With its pictures, which were only named until now."""
    messages, model = request.messages, script.model
    passed = await _passed_on(owner, script)
    return replace(
        request,
        messages=await asyncio.to_thread(_with_pictures, messages, passed, model),
        in_bytes=partial(_with_pictures, messages, {}, model) if passed else None,
        picture_tokens=fitting.tokens_of_pictures(messages, model),
    )


def _sight(script: Script, *, gone_on: bool) -> str:
    """How a model without eyes came to the pictures of its question, once they were read."""
    asked = script.turns[-3:-2] if gone_on else script.turns[-1:]
    pictures = [blob for turn in asked for blob in turn.pictures]
    if script.model.vision or not pictures:
        return ""
    return Sight.READ if any(blob.ocr_text for blob in pictures) else Sight.NONE


def _crowded(script: Script, most: int, space: int) -> int:
    """So many tokens are a lot to read; 0: it is surely less, because it is `most`."""
    many = int(space * fitting.CROWDED)
    return 0 if most <= many and not script.too_far else max(1, many)


def _cut(script: Script, space: int, *, gone_on: bool) -> tuple[list[dict[str, Any]], int]:
    """What fits, and how many messages of the conversation are not in it. Raises ContextTooLong."""
    # What is gone on with: the question, what was said, and that it is to go on.
    fitted = _fitted(script, space, least=3 if gone_on else 1)
    nobodys = 1 if fitted.left_out and script.turns[0] is OPENED else 0
    return fitted.messages, fitted.left_out - nobodys


def _fitted(script: Script, space: int, least: int) -> Fitted:
    """Raises ContextTooLong. Where all but the newest messages were counted before, it mostly makes no
    difference how many tokens those are, and nobody waits for the process that counts."""
    write = partial(_message, script.model)
    with suppress(ContextTooLong):
        most = fitting.fit(script, space, counting.at_most_of, write, least)
        if most.whole or most == fitting.fit(script, space, counting.at_least_of, write, least):
            return most
    return fitting.fit(script, space, counting.count, write, least)


def script_of(ticket: Ticket, instead: str | None = None) -> Script:
    """Read from Postgres, no more than can fit. Raises ModelUnavailable when the model was withdrawn
    since, or is not for them."""
    run = Run.objects.select_related("conversation", "message", "user__preferences").get(
        pk=ticket.run
    )
    answer, leaf = run.message, run.message.parent_id
    model = catalogue.model_for(run.user, instead or run.model)
    measured = lengths(run.conversation, leaf) if leaf else []
    summary = summaries.standing(run.conversation, measured)
    measured = measured[summary.messages :] if summary else measured
    _, space = _asked(model, _options(run))
    too_far = fitting.too_far(measured, space)
    told = texts(measured[too_far:])
    whole = replace(script(run, answer, model, told), too_far=too_far)
    if summary is None:
        return whole
    return replace(whole, summary=summary.text, summarised=summary.messages)


def script(run: Run, answer: Message, model: Model, told: Sequence[Said]) -> Script:
    """`told` is the branch above `answer`, oldest first, with what is attached to it."""
    conversation = run.conversation
    files = enclosed.texts_of(told)
    day_of = days_of(run.user, conversation, model)
    after: list[Said | Message] = [*told[1:], answer]
    turns = [_turn(*each, files, day_of) for each in zip(told, after, strict=True)]
    if run.text_before:
        said = Turn(Role.ASSISTANT, answer.text, (), DETAIL, str(answer.pk), answer.text)
        turns += [said, Turn(Role.USER, GO_ON, (), DETAIL)]
    if model.vision:
        turns = list(_with_the_next_question(turns))
    return Script(
        model=model,
        system_prompt=instructions_for(run.user, conversation, model),
        turns=_opened([turn for turn in turns if turn.text or turn.pictures]),
        options=_options(run),
    )


def _opened(turns: list[Turn]) -> list[Turn]:
    if not turns or turns[0].role == Role.USER:
        return turns
    return [OPENED, *turns]


def _options(run: Run) -> dict[str, Any]:
    return {**run.conversation.options, **run.options}


def _asked(model: Model, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The parameters of a call, and how many tokens it may be given to read."""
    asked = parameters(model, options)
    return asked, fitting.room(model, asked["max_output_tokens"])


def gone_on_with(ticket: Ticket, request: Request) -> str:
    """What the model said before, when it is asked to go on."""
    return str(request.messages[-2]["content"]) if ticket.text_before else ""


def _turn(
    said: Said, after: Said | Message, files: enclosed.Texts, day_of: Callable[[datetime], str]
) -> Turn:
    """As it was sent for the answer `after` it: on that day, its pictures in that detail. Whatever is
    asked later, it stays like that, and a provider that knows it charges less."""
    text = enclosed.with_files(said, files)
    detail = said.options.get("detail", DETAIL)
    is_question = said.role == Role.USER and after.role == Role.ASSISTANT
    if is_question and (text or said.pictures):
        detail = after.options.get("detail", detail)
        day = day_of(after.created_at)
        if day:
            text = f"{day}\n\n{text}" if text else day
    return Turn(said.role, text, said.pictures, detail, said.id, said.text)


def messages_of(script: Script) -> list[dict[str, Any]]:
    """All of it. Pictures are only named: whether they are sent is not known yet."""
    told = [_message(script.model, turn) for turn in script.turns]
    return fitting.in_turn([*fitting.beginning(script), *told])


def _message(model: Model, turn: Turn, shown: bool = True) -> dict[str, Any]:
    """`shown`: its pictures are sent, if the model can see them; else the words that are in them."""
    content = _seen(turn) if model.vision and shown else _described(turn, read=not model.vision)
    return {"role": turn.role, "content": content}


def _with_the_next_question(turns: Sequence[Turn]) -> Iterator[Turn]:
    """Pictures of an answer, which conversations from elsewhere may have: providers take them from people
    only, and refuse a conversation in which a model shows one."""
    shown: list[Blob] = []
    for turn in turns:
        if turn.role == Role.ASSISTANT and turn.pictures:
            shown += turn.pictures
            yield turn._replace(pictures=(), text=turn.text or SHOWN)
        elif turn.role == Role.USER and shown:
            yield turn._replace(pictures=[*shown, *turn.pictures])
            shown = []
        else:
            yield turn


def _seen(turn: Turn) -> str | list[dict[str, Any]]:
    if not turn.pictures:
        return turn.text
    parts: list[dict[str, Any]] = [{"type": "text", "text": turn.text}] if turn.text else []
    pictures = [{"url": blob, "detail": turn.detail} for blob in turn.pictures]
    return [*parts, *({"type": "image_url", "image_url": picture} for picture in pictures)]


async def _passed_on(owner: UUID, script: Script) -> Mapping[UUID, str]:
    """Addresses of pictures that go out as such: as a rule none."""
    if not passing_on.is_done_for(script.model):
        return {}
    pictures = [blob for turn in script.turns for blob in turn.pictures]
    return await in_db(passing_on.addresses)(owner, pictures)


def _with_pictures(
    messages: Sequence[dict[str, Any]], passed: Mapping[UUID, str], model: Model
) -> list[dict[str, Any]]:
    """What was only named until now is read from the disk: pictures that are sent, and no others."""
    read = partial(_read, passed=passed, model=model)
    return [{**message, "content": read(message["content"])} for message in messages]


def _read(content: Any, passed: Mapping[UUID, str], model: Model) -> Any:
    if isinstance(content, str):
        return content
    encoded = partial(_encoded, passed=passed, model=model)
    return [encoded(part) if part["type"] == "image_url" else part for part in content]


def _encoded(part: dict[str, Any], passed: Mapping[UUID, str], model: Model) -> dict[str, Any]:
    """No larger than the model looks at it."""
    picture = part["image_url"]
    blob: Blob = picture["url"]
    side = side_for(model, picture["detail"])
    url = passed.get(blob.pk) or data_url(blob, side)
    return {**part, "image_url": {**picture, "url": url}}


def _described(turn: Turn, *, read: bool) -> str:
    """For a model without eyes: what can be read in the pictures, before what is asked of them. Of old
    pictures in a long conversation only what was `read` before."""
    if not turn.pictures:
        return turn.text  # to its last line break, after which an answer may be gone on with
    can_read = read and ocr.available()
    said = [ocr.text_in(blob) if can_read else blob.ocr_text or "" for blob in turn.pictures]
    unreadable, readable = (UNREADABLE, READ) if read else (LEFT_OUT, LEFT_OUT_READ)
    notes = [
        readable.format(text=enclosed.fenced(text)) if text.strip() else unreadable for text in said
    ]
    return "\n\n".join([*notes, turn.text]).strip()


def parameters(model: Model, options: dict[str, Any]) -> dict[str, Any]:
    """What goes along with the messages: only what the model takes, the output limit always.

    `options` are those of the conversation and of the message; what neither says, the model's say, and
    what those do not, the site's.
    """
    wished = {**settings.OPTIONS, **model.options, **options}
    chosen = {name: wished[name] for name in model.accepts if wished.get(name) is not None}
    if model.efforts and chosen.get("reasoning_effort") not in model.efforts:
        chosen.pop("reasoning_effort", None)
    usual = THOUGHT_AND_OUTPUT_TOKENS if model.reasons else OUTPUT_TOKENS
    asked = wished.get("max_output_tokens") or usual
    limit = fitting.reserved(model, min(asked, model.max_output_tokens))
    return {**chosen, "max_output_tokens": limit}
