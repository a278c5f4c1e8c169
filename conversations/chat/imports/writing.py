"""A tree becomes a conversation; one that is here already gets what is new of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from conversations.attachments import leaving
from conversations.chat.imports.tree import Node, Tree
from conversations.ids import parsed, uuid7_of
from conversations.models import (
    Conversation,
    Image,
    Message,
    MessageFile,
    MessageImage,
    TextFile,
    User,
)
from conversations.models.conversation import Role
from conversations.provider import catalogue
from conversations.text import first_words

BATCH = 200


@dataclass(slots=True)
class Attached:
    """What the archive had of a message."""

    images: list[Image]
    files: list[TextFile]


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a tree goes, and which of its messages are not there yet."""

    id: UUID
    ids: Mapping[str, UUID]
    new: list[Node]
    is_new: bool


def plan(user: User, tree: Tree) -> Plan | None:
    """None when it is one of the conversations that were made here: there is nothing to bring.

    Ids are made of whose it is and what it is called there, so that the same thing is the same row
    however often it comes.
    """
    mine = Conversation.objects.filter(owner=user)
    original = parsed(tree.source)
    if original and mine.filter(pk=original, deleted_at=None).exists():
        return None
    id = uuid7_of(_milliseconds(tree.at), user.pk, tree.source)
    ids: dict[str, UUID] = {}
    at = tree.at
    for key, node in tree.nodes.items():
        node.at = at = node.at or at
        ids[key] = uuid7_of(_milliseconds(at), user.pk, tree.source, key)
    known = _known(mine, id)
    new = [node for key, node in tree.nodes.items() if ids[key] not in known]
    return Plan(id, ids, new, not mine.filter(pk=id, deleted_at=None).exists())


def _known(mine: QuerySet[Conversation], id: UUID) -> set[UUID]:
    """One that was deleted, and can still be taken back, comes back with what it had."""
    rows = Message.objects.filter(conversation__in=mine.filter(pk=id))
    return set(rows.values_list("pk", flat=True))


def write(user: User, tree: Tree, plan: Plan, attached: Mapping[str, Attached]) -> None:
    """In one transaction: all of a conversation, or none of it."""
    leaving.hold_files()
    conversation = Conversation.objects.filter(pk=plan.id, owner=user).first()
    if conversation is None:
        conversation = _conversation(user, tree, plan)
        conversation.save(force_insert=True)
    messages = {node.key: _message(conversation, node, plan) for node in plan.new}
    Message.objects.bulk_create(messages.values(), batch_size=BATCH)
    _attach(messages, attached)
    _bring_up_to_date(conversation, tree, plan)


def _conversation(user: User, tree: Tree, plan: Plan) -> Conversation:
    known = {model.id for model in catalogue.models_for(user)}
    return Conversation(
        pk=plan.id,
        owner=user,
        title=tree.title or _words_of(tree),
        model=tree.model if tree.model in known else catalogue.default_model().id,
        system_prompt=tree.system_prompt,
        options=tree.options,
        archived=tree.archived,
        pinned=tree.pinned,
        pinned_at=tree.updated_at if tree.pinned else None,
        created_at=tree.at,
        updated_at=tree.updated_at,
    )


def _words_of(tree: Tree) -> str:
    asked = (node.text for node in tree.nodes.values() if node.role == Role.USER and node.text)
    return first_words(next(asked, ""))


def _message(conversation: Conversation, node: Node, plan: Plan) -> Message:
    return Message(
        pk=plan.ids[node.key],
        conversation=conversation,
        parent_id=plan.ids[node.parent] if node.parent else None,
        role=node.role,
        text=node.text,
        reasoning=node.reasoning,
        model=node.model,
        status=node.status,
        finish_reason=node.finish_reason,
        created_at=node.at or conversation.created_at,
    )


def _attach(messages: Mapping[str, Message], attached: Mapping[str, Attached]) -> None:
    images, files = [], []
    for key, message in messages.items():
        found = attached.get(key, Attached([], []))
        for place, image in enumerate(found.images):
            images.append(MessageImage(message=message, image=image, position=place))
        for place, file in enumerate(found.files):
            files.append(MessageFile(message=message, file=file, position=place))
    MessageImage.objects.bulk_create(images, batch_size=BATCH)
    MessageFile.objects.bulk_create(files, batch_size=BATCH)


def _bring_up_to_date(conversation: Conversation, tree: Tree, plan: Plan) -> None:
    """What one looked at there is looked at here, unless one has gone another way here since."""
    above = {plan.ids[key] for key in _way(tree)}
    if tree.active and conversation.active_message_id in {None, *above}:
        conversation.active_message_id = plan.ids[tree.active]
    conversation.updated_at = max(conversation.updated_at, tree.updated_at)
    conversation.deleted_at = None
    conversation.save(update_fields=["active_message", "updated_at", "deleted_at"])


def _way(tree: Tree) -> list[str]:
    way, key = [], tree.active
    while key is not None:
        way.append(key)
        key = tree.nodes[key].parent
    return way


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
