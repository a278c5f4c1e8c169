"""A tree becomes a conversation; one that is here already gets what is new of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from conversations import holds
from conversations.attachments import leaving
from conversations.chat import organise, set_aside
from conversations.chat.imports.tree import FIRST, Node, Tree
from conversations.ids import parsed, uuid7_of
from conversations.models import (
    Conversation,
    Image,
    Message,
    MessageFile,
    MessageImage,
    Share,
    TextFile,
    User,
)
from conversations.models.conversation import Role, over
from conversations.provider import catalogue
from conversations.reading.descent import all_below
from conversations.text import first_words

BATCH = 200
# What has no time comes so much after what it answers: the same each time, and in its order.
STEP = timedelta(milliseconds=1)


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
    if original and mine.present().filter(pk=original).exists():
        return None
    id = uuid7_of(_milliseconds(tree.at or FIRST), user.pk, tree.source)
    ids = {
        key: uuid7_of(_milliseconds(at), user.pk, tree.source, key)
        for key, at in _moments(tree).items()
    }
    is_new = not mine.filter(pk=id, deleted_at=None).exists()
    return Plan(id, ids, _not_there(user, tree, id, ids), is_new)


def _moments(tree: Tree) -> dict[str, datetime]:
    """When each was said; where some have a time, the others get one by it."""
    moments: dict[str, datetime] = {}
    for key, node in tree.nodes.items():
        above = moments[node.parent] if node.parent else tree.at or FIRST
        moments[key] = node.at or above + STEP
        node.at = moments[key] if tree.at else None
    return moments


def _not_there(user: User, tree: Tree, id: UUID, ids: Mapping[str, UUID]) -> list[Node]:
    """One that was deleted, and can still be taken back, comes back with what it had."""
    here = Conversation.objects.filter(owner=user, pk=id).exclude(over())
    known = set(Message.objects.filter(conversation__in=here).values_list("pk", flat=True))
    return [node for key, node in tree.nodes.items() if ids[key] not in known]


def write(user: User, tree: Tree, plan: Plan, attached: Mapping[str, Attached]) -> bool:
    """In one transaction: all of a conversation, or none of it. False: what is there is not what `plan`
    was made for, because somebody has deleted it meanwhile, or a part of it, or one of its pictures."""
    # First: who deletes it holds it, and then waits for its files.
    conversation = _held(user, tree, plan)
    if plan.new != _not_there(user, tree, plan.id, plan.ids):
        return False
    leaving.hold_files()
    if not _are_there(attached):
        return False
    if conversation is None:
        conversation = _conversation(user, tree, plan)
        conversation.save(force_insert=True)
    messages = {node.key: _message(conversation, node, plan) for node in plan.new}
    Message.objects.bulk_create(messages.values(), batch_size=BATCH)
    _attach(messages, attached)
    _bring_up_to_date(conversation, tree, plan)
    return True


def _are_there(attached: Mapping[str, Attached]) -> bool:
    """The pictures, which no message has shown so far. From here on none is deleted: the files are held."""
    ids = {image.pk for one in attached.values() for image in one.images}
    return Image.objects.filter(pk__in=ids).count() == len(ids)


def _held(user: User, tree: Tree, plan: Plan) -> Conversation | None:
    """The one that is here, locked. One that is gone for good goes now, with its links and all that was
    said in it since: it is not what comes back."""
    mine = Conversation.objects.filter(owner=user, pk=plan.id).select_for_update()
    if gone := mine.filter(over()).first():
        holds.destroying()  # a hold that came behind this look would be told to who deleted it
        if holds.is_held(gone):
            _as_it_was_brought(gone, tree, plan)
        else:
            organise.destroy(gone)
    return mine.first()


def _as_it_was_brought(gone: Conversation, tree: Tree, plan: Plan) -> None:
    """A legal hold keeps it, of which its owner is told nothing: it is there again, and what was said in it
    since is set aside."""
    Share.objects.filter(conversation=gone).delete()
    since = Message.objects.filter(conversation=gone).exclude(pk__in=plan.ids.values())
    for top in since.exclude(parent__in=since):
        set_aside.messages(gone, top, all_below(top.pk))
    left = set(Message.objects.filter(conversation=gone).values_list("pk", flat=True))
    way = (plan.ids[key] for key in _way(tree))
    gone.active_message_id = next((id for id in way if id in left), None)
    gone.deleted_at = gone.expires_at = None
    gone.save(update_fields=["active_message", "deleted_at", "expires_at"])


def _conversation(user: User, tree: Tree, plan: Plan) -> Conversation:
    known = {model.id for model in catalogue.models_for(user)}
    now = timezone.now()
    return Conversation(
        pk=plan.id,
        owner=user,
        title=tree.title or _words_of(tree),
        model=tree.model if tree.model in known else catalogue.usual_id(user),
        system_prompt=tree.system_prompt,
        options=tree.options,
        archived=tree.archived,
        pinned=tree.pinned,
        pinned_at=(tree.updated_at or now) if tree.pinned else None,
        created_at=tree.at or now,
        updated_at=tree.updated_at or now,
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
        instead_of=node.instead_of,
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
    if tree.updated_at:
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
