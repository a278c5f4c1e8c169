"""A conversation as an import sees it, whoever exported it: a tree of messages by their names there."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from conversations.errors import TooLarge
from conversations.models.conversation import Role, Status
from conversations.text import clean

# All words of a conversation. Answers in several parts are joined, and branches repeat their beginning.
TEXT_CHARACTERS = 32 * 1024 * 1024
MESSAGES = 100_000
# The name of a picture or a file counts as so many, wherever it is repeated.
NAME_CHARACTERS = 32
FIRST = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Node:
    key: str
    parent: str | None
    role: str
    text: str = ""
    reasoning: str = ""
    model: str = ""
    instead_of: str = ""
    at: datetime | None = None
    status: str = Status.COMPLETE
    finish_reason: str = ""
    # What the archive may have, by name or id; the second of a picture is what is to be seen in it, of a
    # file what it is called.
    pictures: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.text.strip() or self.reasoning.strip() or self.pictures or self.files)

    @property
    def weight(self) -> int:
        names = len(self.pictures) + len(self.files)
        return len(self.text) + len(self.reasoning) + NAME_CHARACTERS * names


@dataclass(slots=True)
class Tree:
    source: str
    title: str
    at: datetime | None  # None: nothing of it has a time
    updated_at: datetime | None
    nodes: dict[str, Node]
    active: str | None
    model: str = ""
    system_prompt: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    archived: bool = False
    pinned: bool = False


LeftOut = Counter[str]


class Unreadable(Exception):
    """This is no conversation."""


def times(nodes: Mapping[str, Node]) -> list[datetime]:
    return [node.at for node in nodes.values() if node.at]


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def words(value: object, most: int | None = None) -> str:
    return clean(value)[:most] if isinstance(value, str) else ""


def moment(value: object) -> datetime | None:
    """Seconds since 1970, or ISO 8601. None for all that is no time between 2000 and now."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        else:
            return None
        return found if FIRST <= found <= timezone.now() else None
    except (ValueError, OverflowError, OSError):
        return None


def from_the_root(parents: Mapping[str, str | None]) -> Iterator[str]:
    """Each name after its parent's. Those in a ring, and below one, are never reached."""
    below: dict[str | None, list[str]] = {}
    for key, parent in parents.items():
        below.setdefault(parent if parent in parents else None, []).append(key)
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        key = waiting.pop()
        yield key
        waiting.extend(reversed(below.get(key, [])))


def joined(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """One answer for each run of answers: elsewhere, what was said before and after a tool was called
    are two messages. Where such a run forks, each of its ends begins with what they share.

    `nodes` are in the order of `from_the_root`. Raises TooLarge.
    """
    whole: dict[str, Node] = {}
    followed: set[str] = set()  # answers under which a question stands
    absorbed: set[str] = set()
    weight = 0
    for key, own in nodes.items():
        node, above = own, whole.get(own.parent) if own.parent else None
        if above and above.role == node.role == Role.ASSISTANT:
            absorbed.add(above.key)
            node = _after(above, node)
        elif above:
            followed.add(above.key)
        whole[key] = node
        weight += node.weight
        if weight > TEXT_CHARACTERS:
            raise TooLarge
    gone = absorbed - followed
    return {key: node for key, node in whole.items() if key not in gone}


def _after(above: Node, node: Node) -> Node:
    return Node(
        key=node.key,
        parent=above.parent,
        role=node.role,
        text="\n\n".join(filter(None, [above.text, node.text])),
        reasoning="\n\n".join(filter(None, [above.reasoning, node.reasoning])),
        model=node.model or above.model,
        instead_of=node.instead_of,
        at=above.at or node.at,
        status=node.status,
        finish_reason=node.finish_reason,
        pictures=[*above.pictures, *node.pictures],
        files=[*above.files, *node.files],
    )
