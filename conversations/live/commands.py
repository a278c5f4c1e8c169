"""Every frame a client may send: a closed union, unknown fields refused (PROTOCOL.md)."""

import json
from typing import Annotated, Any, Literal, NoReturn

import orjson
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from pydantic import Field, StrictBool, TypeAdapter, ValidationError

from conversations.chat import questions
from conversations.chat.questions import (
    Clean,
    Closed,
    Files,
    Id,
    Images,
    Key,
    Options,
    Question,
    Start,
    Use,
)
from conversations.chat.wording import sentence_for
from conversations.errors import InvalidFrame, Refusal, UnknownType, Words
from conversations.live.oversized import id_in
from conversations.text import clean

Position = Annotated[int, Field(strict=True, ge=0)]


class Have(Closed):
    text: Position | None = None
    reasoning: Position | None = None


class Open(Closed):
    type: Literal["conversation.open"]
    id: Key
    conversation: Id
    have: Annotated[dict[Id, Have], Field(max_length=100)] = Field(default_factory=dict)


class Close(Closed):
    type: Literal["conversation.close"]
    id: Key
    conversation: Id


class Send(Closed):
    type: Literal["message.send"]
    id: Key
    conversation: Id | None = None
    parent: Id | None = None
    text: Clean = ""
    images: Images = Field(default_factory=list)
    files: Files = Field(default_factory=list)
    options: Options = Options()
    temporary: StrictBool = False
    start: Start | None = None
    asks: Use | None = None

    def question(self) -> Question:
        return Question(
            conversation=self.conversation,
            parent=self.parent,
            text=self.text,
            images=self.images,
            files=self.files,
            options=self.options,
            temporary=self.temporary,
            start=self.start,
            asks=self.asks,
        )


class Edit(Closed):
    type: Literal["message.edit"]
    id: Key
    message: Id
    text: Clean
    images: Images | None = None
    files: Files | None = None

    def wish(self) -> questions.Edit:
        return questions.Edit(
            message=self.message, text=self.text, images=self.images, files=self.files
        )


class Regenerate(Closed):
    type: Literal["message.regenerate"]
    id: Key
    message: Id
    options: Options = Options()

    def wish(self) -> questions.Regenerate:
        return questions.Regenerate(message=self.message, options=self.options)


class Continue(Closed):
    type: Literal["message.continue"]
    id: Key
    message: Id

    def wish(self) -> questions.Continue:
        return questions.Continue(message=self.message)


class Stop(Closed):
    type: Literal["run.stop"]
    id: Key
    run: Id


class Ping(Closed):
    type: Literal["ping"]
    id: Key | None = None


Command = Open | Close | Send | Edit | Regenerate | Continue | Stop | Ping
COMMANDS: dict[str, type[Command]] = {
    "conversation.open": Open,
    "conversation.close": Close,
    "message.send": Send,
    "message.edit": Edit,
    "message.regenerate": Regenerate,
    "message.continue": Continue,
    "run.stop": Stop,
    "ping": Ping,
}
_KEY: TypeAdapter[str] = TypeAdapter(Key)


class Unreadable(Exception):
    """A frame that is no command: the `id` to answer with, if it had one, and the refusal."""

    def __init__(self, id: str | None, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.id = id
        self.refusal = refusal


def command(text: str) -> Command:
    """The command in a frame. Raises Unreadable."""
    fields = _object(text)
    id = _id(fields.get("id"))
    kind = fields.get("type")
    if not isinstance(kind, str):
        raise Unreadable(id, InvalidFrame(_("A frame needs a “type”.")))
    known = COMMANDS.get(kind)
    if known is None:
        raise Unreadable(id, UnknownType())
    try:
        return known.model_validate(fields)
    except ValidationError as problem:
        raise Unreadable(id, InvalidFrame(_what_is_wrong(problem))) from None


def too_long(text: str, refusal: Refusal) -> Unreadable:
    """A frame of which no more than its `id` is looked for."""
    return Unreadable(_id(id_in(text)), refusal)


def _object(text: str) -> dict[str, Any]:
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError:
        fields = _patiently(text)
    if not isinstance(fields, dict):
        raise Unreadable(None, InvalidFrame(_("A frame is a JSON object.")))
    return fields


def _patiently(text: str) -> Any:
    """Half of a surrogate pair, which orjson refuses and we only take out."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unreadable(None, InvalidFrame(_("This is not JSON."))) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _id(value: object) -> str | None:
    try:
        return _KEY.validate_python(value, strict=True)
    except ValidationError:
        return None


def _what_is_wrong(problem: ValidationError) -> Words:
    first = problem.errors(include_input=False, include_url=False)[0]
    # A field's name is the stranger's own: what cannot be written is no part of our answer.
    place = clean(".".join(str(part)[:40] for part in first["loc"]))
    return format_lazy("{}: {}", place, sentence_for(first)) if place else InvalidFrame.sentence
