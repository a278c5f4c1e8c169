"""A conversation as JSON, whole: every branch, every fact (docs/protocol.md has the form).

Made piece by piece; the pieces of one conversation, joined, are one object.
"""

from collections.abc import Generator
from typing import Any

import orjson

from conversations.chat.export import rows
from conversations.models import Conversation, Message, User
from conversations.reading.objects import conversation_object, message_object

FORMAT = "chatsite.conversation"
VERSION = 1
# Each of a message's own, and known from where it stands.
# A summary is for a model of this site alone, and made anew wherever it is needed.
IMPLIED = ("conversation", "siblings", "summary")


def pieces(user: User, id: object) -> Generator[bytes]:
    """Raises NotFound before the first piece."""
    conversation = rows.conversation(user, id)
    head = orjson.dumps(_head(conversation))
    yield head[:-1] + b',"messages":['
    comma = b""
    for message in rows.every_message(conversation):
        yield comma + orjson.dumps(_message(message))
        comma = b","
    yield b"]}"


def _head(conversation: Conversation) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, **conversation_object(conversation)}


def _message(message: Message) -> dict[str, Any]:
    told = message_object(message)
    told["images"] = [
        {
            "file": rows.image_file(picture.image_id, picture.image.blob),
            "width": picture.image.blob.width,
            "height": picture.image.blob.height,
            "alt": picture.image.alt,
            "source": picture.image.source,
        }
        for picture in message.pictures.all()
    ]
    told["files"] = [
        {"file": rows.text_file(use.file_id, use.file.name), "name": use.file.name}
        for use in message.files.all()
    ]
    told["options"] = message.options
    return {name: value for name, value in told.items() if name not in IMPLIED}
