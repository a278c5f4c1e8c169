"""The request of a run as it went out, made again of what was kept of it (runs/sent.py), and on record."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from conversations import audit
from conversations.models import Conversation, Message, Run, SentRequest, User
from conversations.reading import branch
from conversations.runs import sent

GONE = "[This message is not there any more.]"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """What was sent of a picture whose bytes are not shown again. `blob` is the row it was made of."""

    blob: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One body, and the attempts that it went out at."""

    attempts: list[int]
    body: Json


@transaction.atomic
def read(reader: User, run: Run, *, address: str | None) -> list[Sent]:
    """Empty where nothing was sent, or it is too long ago. That `reader` has seen it is written down with
    it, or nothing is shown."""
    kept = sent.of(run.pk)
    owner = run.conversation.owner
    audit.record(reader, "request.read", run, owner=owner, address=address, found=kept is not None)
    return made_again(kept, run.conversation) if kept else []


def made_again(kept: SentRequest, conversation: Conversation) -> list[Sent]:
    writing = _Writing(kept, conversation)
    return [Sent(call["attempts"], writing.body(call)) for call in kept.calls]


def shown(value: Any) -> Any:
    """For people: a picture as a line that says what it was."""
    if isinstance(value, list):
        return [shown(one) for one in value]
    if isinstance(value, dict):
        return {name: shown(one) for name, one in value.items()}
    return value.words if isinstance(value, Picture) else value


def pictures_in(value: Any) -> Iterator[Picture]:
    if isinstance(value, Picture):
        yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inside:
        yield from pictures_in(one)


class _Writing:
    """References become what they name. Each message is read once."""

    def __init__(self, kept: SentRequest, conversation: Conversation) -> None:
        self._conversation = conversation
        self._instructions = kept.instructions.text if kept.instructions else GONE
        named = {id for call in kept.calls for id in _named(call["messages"])}
        self._ways = {
            id: branch.way_to(conversation, UUID(id), branch.EVERYTHING)[0] for id in _ends(kept)
        }
        ids = named | {str(id) for way in self._ways.values() for id in way}
        rows = Message.objects.filter(pk__in=ids, conversation=conversation)
        self._said = {
            str(id): (role, text) for id, role, text in rows.values_list("id", "role", "text")
        }

    def body(self, call: Json) -> Json:
        messages = [one for message in call["messages"] for one in self._messages(message)]
        return {**call["parameters"], "messages": messages}

    def _messages(self, message: Json) -> Iterator[Json]:
        if "from" in message:
            yield from self._stretch(message["from"], message["to"])
        elif "parts" in message:
            yield {
                "role": message["role"],
                "content": [self._part(one) for one in message["parts"]],
            }
        else:
            yield {"role": message["role"], "content": self._content(message["content"])}

    def _stretch(self, first: str, last: str) -> Iterator[Json]:
        """Of messages in which nothing was said none was sent."""
        way = [str(id) for id in self._ways[last]]
        if first not in way:
            yield {"role": "user", "content": GONE}
            return
        for id in way[way.index(first) :]:
            role, text = self._said.get(id, ("user", GONE))
            if text:
                yield {"role": role, "content": text}

    def _part(self, part: Json) -> Json:
        if "picture" in part:
            return {"type": "image_url", "image_url": _picture(part["picture"])}
        return {"type": "text", "text": self._content(part["text"])}

    def _content(self, content: Any) -> str:
        if isinstance(content, str):
            return content
        if "joined" in content:
            return "".join(map(self._content, content["joined"]))
        if "of" in content:
            _, text = self._said.get(content["of"], ("", GONE))
            return text if text == GONE else text[: content["length"]]
        return self._instructions


def _picture(picture: Json) -> Json:
    kept = picture["url"]
    if isinstance(kept, str):
        return picture
    words = f"{kept['data']},… ({kept['characters']} characters, SHA-256 {kept['sha256']})"
    return {**picture, "url": Picture(kept.get("blob"), words)}


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _named(one)
    elif isinstance(value, dict):
        if "of" in value:
            yield value["of"]
        for one in value.values():
            yield from _named(one)


def _ends(kept: SentRequest) -> set[str]:
    return {one["to"] for call in kept.calls for one in call["messages"] if "to" in one}
