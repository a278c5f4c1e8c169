"""The active branch of a conversation as Markdown: what a person wants to read again."""

import re
from collections.abc import Generator, Iterator
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from conversations.chat.export import rows
from conversations.models import Image, Message, User
from conversations.models.conversation import Role, Status

# What would end a name in brackets before its end, or be formatting in it.
SIGNS = re.compile(r"[\\`*_\[\]<>&~]")


def pieces(user: User, id: object, *, folder: str | None = None) -> Generator[bytes]:
    """`folder` leads to where the pictures lie; without one they are only mentioned. Raises NotFound
    before the first piece."""
    conversation = rows.conversation(user, id)
    title = _on_one_line(conversation.title) or _("New conversation")
    yield f"# {title}\n".encode()
    for message in rows.active_branch(conversation):
        yield _message(message, folder).encode()


def _message(message: Message, folder: str | None) -> str:
    who = _("You") if message.role == Role.USER else _on_one_line(message.model) or _("Answer")
    parts = [f"\n## {who} · {_when(message.created_at)}", *_attached(message, folder)]
    if message.text:
        parts.append(message.text)
    if message.status != Status.COMPLETE or message.finish_reason == "length":
        parts.append("*" + _("This answer was not finished.") + "*")
    return "\n\n".join(parts) + "\n"


def _attached(message: Message, folder: str | None) -> Iterator[str]:
    for number, picture in enumerate(message.pictures.all(), 1):
        name = _named(number, picture.image)
        if folder is None:
            yield f"*[{name}]*"
        else:
            yield f"![{name}]({folder}{rows.image_file(picture.image_id, picture.image.blob)})"
    for use in message.files.all():
        name = _literally(use.file.name)
        if folder is None:
            yield f"*[{name}]*"
        else:
            yield f"[{name}](<{folder}{rows.text_file(use.file_id, use.file.name)}>)"


def _named(number: int, image: Image) -> str:
    """By what its owner says of it: the alternative text of the picture for whoever reads this elsewhere."""
    return _literally(image.alt) or _("Picture {number}").format(number=number)


def _literally(words: str) -> str:
    return SIGNS.sub(r"\\\g<0>", _on_one_line(words))


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
