"""A person's own order: making, renaming, pinning, archiving and deleting conversations."""

from collections.abc import Callable
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import Field, StrictBool

from conversations import access, holds
from conversations.chat import deletion, temporary
from conversations.chat.questions import PROMPT_CHARACTERS, Clean, Closed, Id, Options
from conversations.errors import Conflict, Invalid, NotFound
from conversations.events import doorbell
from conversations.models import Conversation, User
from conversations.models.conversation import TitleBy
from conversations.provider import catalogue

TITLE_CHARACTERS = 200
EMPTY = _("This cannot be empty.")
NO_MESSAGES = _("A new conversation has no messages.")


class Changes(Closed):
    """What may be changed; what is absent stays."""

    title: Annotated[Clean, Field(min_length=1, max_length=TITLE_CHARACTERS)] | None = None
    pinned: StrictBool | None = None
    archived: StrictBool | None = None
    model: Annotated[Clean, Field(min_length=1, max_length=100)] | None = None
    system_prompt: Annotated[Clean, Field(max_length=PROMPT_CHARACTERS)] | None = None
    options: Options | None = None
    active_message: Id | None = None
    folder: Id | None = None  # null: out of its folder
    temporary: StrictBool | None = None  # false: to be kept after all

    def given(self) -> dict[str, Any]:
        """In the order above, whatever order they were sent in."""
        known = type(self).model_fields
        return {name: getattr(self, name) for name in known if name in self.model_fields_set}


def create(user: User, changes: Changes) -> Conversation:
    conversation = Conversation(owner=user, model=catalogue.usual_id(user))
    if changes.active_message:
        raise Invalid(NO_MESSAGES, fields={"active_message": [NO_MESSAGES]})
    if changes.temporary:
        temporary.put_off(conversation)
    _apply(user, conversation, changes)
    conversation.save()
    _tell(conversation)
    return conversation


def change(user: User, id: object, changes: Changes) -> Conversation:
    if changes.folder:  # before the conversation, as whoever deletes the folder does
        access.folder_for(user, changes.folder, lock=True)
    conversation = access.conversation_for(user, id, lock=True)
    columns = _apply(user, conversation, changes)
    if columns:
        conversation.save(update_fields=columns)
        _tell(conversation)
    return conversation


def delete(user: User, id: object) -> None:
    """Gone for everybody from now on, and for good after a while. Its runs were stopped before."""
    conversation = access.conversation_for(user, id, lock=True)
    conversation.deleted_at = timezone.now()
    conversation.save(update_fields=["deleted_at"])
    deletion.tell(conversation)


def restore(user: User, id: object) -> Conversation:
    """Take a deletion back. Raises NotFound when there is none, or it is too late."""
    conversation = access.deleted_conversation_for(user, id)
    conversation.deleted_at = None
    conversation.save(update_fields=["deleted_at"])
    _tell(conversation)
    return conversation


def destroy(conversation: Conversation) -> None:
    """Gone with its messages and runs; what it cost stays on the ledger. What else goes: deletion.py. Raises
    Conflict while a legal hold keeps it."""
    holds.destroying()
    if holds.is_held(conversation):
        raise Conflict(holds.HELD)
    conversation.active_message = None
    conversation.delete()


def _apply(user: User, conversation: Conversation, changes: Changes) -> list[str]:
    """The columns that this sets."""
    columns: list[str] = []
    for name, value in changes.given().items():
        if value is None and name not in MAY_BE_NONE:
            raise Invalid(EMPTY, fields={name: [EMPTY]})
        columns += SETTERS[name](user, conversation, value) if name in SETTERS else [name]
        if name not in SETTERS:
            setattr(conversation, name, value)
    return columns


def _title(user: User, conversation: Conversation, title: str) -> list[str]:
    if not title.strip():
        raise Invalid(_("A title cannot be empty."), fields={"title": [EMPTY]})
    # On one line, wherever it is shown.
    conversation.title, conversation.title_by = " ".join(title.split()), TitleBy.PERSON
    return ["title", "title_by"]


def _pin(user: User, conversation: Conversation, pinned: bool) -> list[str]:
    """Pinned ones stand in the order in which they were pinned: none moves under one's hand."""
    if pinned != conversation.pinned:
        conversation.pinned_at = timezone.now() if pinned else None
    conversation.pinned = pinned
    return ["pinned", "pinned_at"]


def _model(user: User, conversation: Conversation, id: str) -> list[str]:
    catalogue.model_for(user, id)
    conversation.model = id
    return ["model"]


def _options(user: User, conversation: Conversation, options: Options) -> list[str]:
    """A model that stands among them is the conversation's from now on."""
    conversation.options = options.given_for_all()
    chosen = _model(user, conversation, options.model) if options.model else []
    return ["options", *chosen]


def _activate(user: User, conversation: Conversation, id: str) -> list[str]:
    message = access.message_for(user, id)
    if message.conversation_id != conversation.pk:
        raise NotFound(access.NO_MESSAGE)
    conversation.active_message = message
    return ["active_message"]


def _put_into(user: User, conversation: Conversation, folder: str | None) -> list[str]:
    conversation.folder = access.folder_for(user, folder, lock=True) if folder else None
    return ["folder"]


def _keep(user: User, conversation: Conversation, is_temporary: bool) -> list[str]:
    temporary.settle(conversation, is_temporary)
    return ["expires_at"]


MAY_BE_NONE = {"folder"}
# Each sets what a change asks for, and says which columns it has set.
SETTERS: dict[str, Callable[[User, Conversation, Any], list[str]]] = {
    "title": _title,
    "pinned": _pin,
    "model": _model,
    "options": _options,
    "active_message": _activate,
    "folder": _put_into,
    "temporary": _keep,
}


def _tell(conversation: Conversation) -> None:
    doorbell.ring({"conversation": str(conversation.pk), "owner": str(conversation.owner_id)})
