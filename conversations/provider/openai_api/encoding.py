"""The body of a large call, made in pieces on a thread.

Ten pictures are 20 MB. The SDK would make JSON of them in one go, and everybody's answers would stand still
for a fifth of a second: on another thread too, for the interpreter is with it until it is done.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from openai._models import FinalRequestOptions

# Below this it takes a millisecond, and a thread would not be worth it.
LARGE = 256 * 1024


async def in_pieces(options: FinalRequestOptions) -> FinalRequestOptions:
    """With the bytes of the body in place of what is to be in it, where that is large."""
    more: Any = options.extra_json
    if not more or _size(more.get("messages", ())) < LARGE:
        return options
    known: Any = options.json_data
    ready = options.model_copy()
    ready.json_data = await asyncio.to_thread(encoded, {**known, **more})
    ready.extra_json = None
    return ready


def encoded(body: Mapping[str, Any]) -> bytes:
    """The same JSON; of the messages no more at once than one picture."""
    rest = {name: value for name, value in body.items() if name != "messages"}
    messages = _list(_message(message) for message in body["messages"])
    return b"".join([b'{"messages":', *messages, b",", json.dumps(rest)[1:].encode()])


def _message(message: Mapping[str, Any]) -> Iterable[bytes]:
    content = message.get("content")
    if not isinstance(content, list):
        return [orjson.dumps(message)]
    rest = {name: value for name, value in message.items() if name != "content"}
    parts = _list([orjson.dumps(part)] for part in content)
    return [b'{"content":', *parts, b",", orjson.dumps(rest)[1:]]


def _list(members: Iterable[Iterable[bytes]]) -> Iterable[bytes]:
    yield b"["
    for place, member in enumerate(members):
        yield from ([b","] if place else [])
        yield from member
    yield b"]"


def _size(messages: Iterable[Mapping[str, Any]]) -> int:
    return sum(_characters(message.get("content")) for message in messages)


def _characters(said: Any) -> int:
    """Of all words in it, however deep."""
    if isinstance(said, str):
        return len(said)
    inner = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return sum(map(_characters, inner))
