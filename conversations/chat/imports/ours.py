"""A conversation of our own export (chat/export/document.py) as a tree again."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from conversations.chat.export.document import FORMAT, VERSION
from conversations.chat.imports.tree import (
    MESSAGES,
    LeftOut,
    Node,
    Tree,
    Unreadable,
    from_the_root,
    items,
    mapping,
    moment,
    times,
    words,
)
from conversations.chat.questions import PROMPT_CHARACTERS, Options
from conversations.errors import TooLarge
from conversations.models.conversation import Role, Status

ENDS = {Status.COMPLETE, Status.STOPPED, Status.INTERRUPTED, Status.FAILED}


def is_ours(element: Mapping[str, Any]) -> bool:
    return element.get("format") == FORMAT


def tree(element: Mapping[str, Any], left: LeftOut) -> Tree:
    """Raises Unreadable, also for a form that is newer than this site, or TooLarge."""
    source, version = words(element.get("id"), 200), element.get("version")
    if not source or not isinstance(version, int) or not 0 < version <= VERSION:
        raise Unreadable
    told = [mapping(one) for one in items(element.get("messages"))]
    if len(told) > MESSAGES:
        raise TooLarge
    nodes = _nodes(told, left)
    at = moment(element.get("created_at")) or min(times(nodes), default=None)
    active = words(element.get("active_message"), 200)
    return Tree(
        source=source,
        title=" ".join(words(element.get("title"), 1000).split())[:200],
        at=at,
        updated_at=moment(element.get("updated_at")) or at,
        nodes=nodes,
        active=active if active in nodes else next(reversed(nodes), None),
        model=words(element.get("model"), 100),
        system_prompt=words(element.get("system_prompt"), PROMPT_CHARACTERS),
        options=_options(element.get("options")),
        archived=element.get("archived") is True,
        pinned=element.get("pinned") is True,
    )


def _nodes(told: Sequence[Mapping[str, Any]], left: LeftOut) -> dict[str, Node]:
    by_key = {words(one.get("id"), 200): one for one in told}
    by_key.pop("", None)
    left["unknown"] += len(told) - len(by_key)  # without an id, or with that of another one
    parents = {key: words(one.get("parent"), 200) or None for key, one in by_key.items()}
    reached = list(from_the_root(parents))
    left["rings"] += len(by_key) - len(reached)
    nodes: dict[str, Node] = {}
    for key in reached:
        parent = parents[key] if parents[key] in nodes else None
        if node := _node(key, parent, by_key[key], left):
            nodes[key] = node
    return nodes


def _node(key: str, parent: str | None, one: Mapping[str, Any], left: LeftOut) -> Node | None:
    role = words(one.get("role"))
    if role not in Role.values:
        left["unknown"] += 1
        return None
    left["tools"] += len(items(one.get("tool_calls")))
    told = words(one.get("status"))
    status = told if told in ENDS else Status.INTERRUPTED
    images = [mapping(image) for image in items(one.get("images"))]
    files = [mapping(file) for file in items(one.get("files"))]
    return Node(
        key=key,
        parent=parent,
        role=role,
        text=words(one.get("text")),
        reasoning=words(one.get("reasoning")),
        model=words(one.get("model"), 100),
        instead_of=words(one.get("instead_of"), 100),
        at=moment(one.get("created_at")),
        status=status if role == Role.ASSISTANT else Status.COMPLETE,
        finish_reason=words(one.get("finish_reason"), 40),
        # Whoever fetched it from somewhere (`source`), it is a file that somebody brings by hand now (0113).
        pictures=[(words(image.get("file"), 300), words(image.get("alt"))) for image in images],
        files=[(words(file.get("file"), 300), words(file.get("name"), 300)) for file in files],
    )


def _options(value: object) -> dict[str, Any]:
    try:
        return Options.model_validate(mapping(value)).given_for_all()
    except ValidationError:
        return {}
