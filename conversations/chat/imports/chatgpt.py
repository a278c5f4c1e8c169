"""A conversation of ChatGPT's data export as a tree of ours.

Its form is not described by who makes it. What is known of it, and of what is not, is in
docs/decisions/0069. Whatever is not as expected is left out and counted, never guessed.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.chat.imports.tree import (
    MESSAGES,
    TEXT_CHARACTERS,
    LeftOut,
    Node,
    Tree,
    Unreadable,
    from_the_root,
    items,
    joined,
    mapping,
    moment,
    times,
    words,
)
from conversations.errors import TooLarge
from conversations.models.conversation import Role, Status

# Where a search's sources stood in the text: private characters around words for a program.
CITATION = re.compile("\ue200[^\ue200\ue201]{0,4000}\ue201")
LANGUAGE = re.compile(r"[\w+#.-]{1,40}")
THOUGHTS, RECAP = "thoughts", "reasoning_recap"
CONTEXT = ("user_editable_context", "model_editable_context")
PICTURE = "image_asset_pointer"
SAID = ("text", "multimodal_text", "code")
# Of one message.
ATTACHMENTS = 1000


@dataclass(slots=True)
class _Thought:
    """A link of a chain: each step of a thousand would repeat all words before it."""

    text: str
    before: "_Thought | None"

    @property
    def whole(self) -> str:
        texts, link = [self.text], self.before
        while link:
            texts.append(link.text)
            link = link.before
        return "".join(reversed(texts)).strip()


@dataclass(slots=True)
class _Way:
    """What has been met on the way down to a node since the last message that is kept."""

    above: str | None = None
    thought: _Thought | None = None

    def on(self, text: str) -> "_Way":
        return _Way(self.above, _Thought(text, self.thought)) if text else self


@dataclass(slots=True)
class _Parts:
    texts: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


def tree(element: Mapping[str, Any], left: LeftOut) -> Tree:
    """Raises Unreadable or TooLarge."""
    nodes = element.get("mapping")
    if not isinstance(nodes, dict) or not nodes:
        raise Unreadable
    if len(nodes) > MESSAGES:
        raise TooLarge
    kept, places = _kept(nodes, left)
    whole = joined(kept)
    begun = moment(element.get("create_time"))
    at = begun or min(times(whole), default=None)
    return Tree(
        source=_source(element, nodes),
        title=" ".join(words(element.get("title"), 1000).split())[:200],
        at=at,
        updated_at=moment(element.get("update_time")) or max(times(whole), default=at),
        nodes=whole,
        active=_active(places.get(str(element.get("current_node"))), kept, whole),
        model=words(element.get("default_model_slug"), 100),
        archived=element.get("is_archived") is True,
        pinned=element.get("is_starred") is True,
    )


def _source(element: Mapping[str, Any], nodes: Mapping[str, Any]) -> str:
    for name in ("conversation_id", "id"):
        if found := words(element.get(name), 200):
            return f"chatgpt:{found}"
    return (
        "chatgpt:" + hashlib.sha256("\0".join(sorted(nodes)).encode("utf-8", "replace")).hexdigest()
    )


def _kept(nodes: Mapping[str, Any], left: LeftOut) -> tuple[dict[str, Node], dict[str, str | None]]:
    """What is taken over, in order; and for each node the one at or above it that is. Raises TooLarge."""
    parents = {key: _parent(node) for key, node in nodes.items()}
    kept: dict[str, Node] = {}
    ways: dict[str, _Way] = {}
    weight = 0
    for key in from_the_root(parents):
        way = ways.get(parents[key] or "", _Way())
        message = mapping(mapping(nodes[key]).get("message"))
        node = _node(key, message, way, left) if message else None
        if node is not None:
            kept[key] = node
            ways[key] = _Way(key)
            weight += node.weight
        else:
            ways[key] = way.on(_thoughts(message))
        if weight > TEXT_CHARACTERS:  # the same thoughts may stand before a thousand answers
            raise TooLarge
    left["rings"] += len(nodes) - len(ways)
    return kept, {key: way.above for key, way in ways.items()}


def _parent(node: object) -> str | None:
    parent = mapping(node).get("parent")
    return parent if isinstance(parent, str) else None


def _active(wanted: str | None, kept: Mapping[str, Node], whole: Mapping[str, Node]) -> str | None:
    """The end that was looked at; of an answer that became a part of another, that other."""
    if wanted is None or wanted in whole:
        return wanted if wanted in whole else _newest(whole)
    below = {node.parent: key for key, node in kept.items() if node.parent}
    while wanted is not None and wanted not in whole:
        wanted = below.get(wanted)
    return wanted or _newest(whole)


def _newest(whole: Mapping[str, Node]) -> str | None:
    followed = {node.parent for node in whole.values()}
    ends = [key for key in whole if key not in followed]
    return ends[-1] if ends else None


# One message ---------------------------------------------------------------------------------------


def _node(key: str, message: Mapping[str, Any], way: _Way, left: LeftOut) -> Node | None:
    """None for what nobody saw or nothing here can show: counted, unless it was never meant to be seen."""
    role = words(mapping(message.get("author")).get("role"))
    content, about = mapping(message.get("content")), mapping(message.get("metadata"))
    kind = words(content.get("content_type"))
    if kind in (THOUGHTS, RECAP) or about.get("is_visually_hidden_from_conversation") is True:
        return None
    if role == "system" or kind in CONTEXT:
        left["context"] += 1 if any(map(words, items(content.get("parts")))) else 0
        return None
    parts = _parts(content, kind, left)
    to_tool = words(message.get("recipient")) not in ("", "all")
    if role == "tool" or to_tool:
        return _of_tool(key, way, message, parts, left)
    if role not in Role.values or kind not in SAID:
        left["unknown"] += 1
        return None
    node = _said(key, role, way, message, parts)
    node.files = _files(about, parts.pictures)
    return None if node.is_empty else node


def _of_tool(
    key: str, way: _Way, message: Mapping[str, Any], parts: _Parts, left: LeftOut
) -> Node | None:
    """Of a tool's work only the pictures are shown; those that it made belong to the answer."""
    left["tools"] += 1
    if not parts.pictures:
        return None
    parts.texts.clear()
    return _said(key, Role.ASSISTANT, way, message, parts)


def _said(key: str, role: str, way: _Way, message: Mapping[str, Any], parts: _Parts) -> Node:
    about = mapping(message.get("metadata"))
    status, reason = _end(role, message, about)
    answers = role == Role.ASSISTANT
    return Node(
        key=key,
        parent=way.above,
        role=role,
        text=CITATION.sub("", "\n\n".join(filter(None, parts.texts))),
        reasoning=way.thought.whole if answers and way.thought else "",
        model=words(about.get("model_slug"), 100) if answers else "",
        at=moment(message.get("create_time")),
        status=status,
        finish_reason=reason,
        pictures=[(pointer, "") for pointer in parts.pictures],
    )


def _end(role: str, message: Mapping[str, Any], about: Mapping[str, Any]) -> tuple[str, str]:
    if role != Role.ASSISTANT:
        return Status.COMPLETE, ""
    end = words(mapping(about.get("finish_details")).get("type"))
    if end == "interrupted":
        return Status.STOPPED, ""
    if words(message.get("status")) == "in_progress":
        return Status.INTERRUPTED, ""
    return Status.COMPLETE, "length" if end == "max_tokens" else "stop"


def _parts(content: Mapping[str, Any], kind: str, left: LeftOut) -> _Parts:
    found = _Parts()
    if kind == "code":
        found.texts.append(_code(content))
    for part in items(content.get("parts")):
        if isinstance(part, str):
            found.texts.append(words(part))
            continue
        part_kind = words(mapping(part).get("content_type"))
        if part_kind == PICTURE:
            found.pictures.append(words(mapping(part).get("asset_pointer"), 300))
        elif part_kind == "audio_transcription":
            found.texts.append(words(mapping(part).get("text")))
        elif part is not None:
            left["audio" if "audio" in part_kind else "unknown"] += 1
    return found


def _code(content: Mapping[str, Any]) -> str:
    language = words(content.get("language"))
    named = language if LANGUAGE.fullmatch(language) and language != "unknown" else ""
    text = words(content.get("text"))
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{named}\n{text}\n{fence}" if text else ""


def _thoughts(message: Mapping[str, Any]) -> str:
    content = mapping(message.get("content"))
    if words(content.get("content_type")) != THOUGHTS:
        return ""
    told = []
    for thought in map(mapping, items(content.get("thoughts"))):
        head, text = words(thought.get("summary")), words(thought.get("content"))
        told += [f"**{head}**" if head else "", text]
    return "".join(f"{line}\n\n" for line in told if line)


def _files(about: Mapping[str, Any], pictures: list[str]) -> list[tuple[str, str]]:
    """Attachments that are not the pictures which stand in the message anyway. Raises TooLarge."""
    found = []
    attachments = items(about.get("attachments"))
    if len(attachments) > ATTACHMENTS:
        raise TooLarge
    for file in map(mapping, attachments):
        id, name = words(file.get("id"), 300), words(file.get("name"), 300)
        is_picture = words(file.get("mime_type") or file.get("mimeType")).startswith("image/")
        if id and not is_picture and not any(id in pointer for pointer in pictures):
            found.append((id, name or id))
    return found
