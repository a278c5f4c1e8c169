"""A person's own order: making, renaming, pinning, archiving and deleting conversations."""

from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field, StrictBool

from conversations import access
from conversations.chat import deletion
from conversations.chat.questions import Clean, Closed, Id, Options
from conversations.errors import Invalid, NotFound
from conversations.events import doorbell
from conversations.models import Conversation, User
from conversations.provider import catalogue

TITLE_CHARACTERS = 200
PROMPT_CHARACTERS = 100_000


class Changes(Closed):
    """What may be changed; what is absent stays."""

    title: Annotated[Clean, Field(min_length=1, max_length=TITLE_CHARACTERS)] | None = None
    pinned: StrictBool | None = None
    archived: StrictBool | None = None
    model: Annotated[Clean, Field(min_length=1, max_length=100)] | None = None
    system_prompt: Annotated[Clean, Field(max_length=PROMPT_CHARACTERS)] | None = None
    options: Options | None = None
    active_message: Id | None = None

    def given(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


def create(user: User, changes: Changes) -> Conversation:
    conversation = Conversation(owner=user, model=catalogue.default_model().id)
    if changes.active_message:
        raise Invalid("A new conversation has no messages.", fields={"active_message": ["none"]})
    _apply(user, conversation, changes)
    conversation.save()
    _tell(conversation)
    return conversation


def change(user: User, id: object, changes: Changes) -> Conversation:
    conversation = access.conversation_for(user, id, lock=True)
    _apply(user, conversation, changes)
    if changes.model_fields_set:
        conversation.save(update_fields=sorted(changes.model_fields_set))
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
    """Gone with its messages and runs; what it cost stays on the ledger. What else goes: deletion.py."""
    conversation.active_message = None
    conversation.delete()


def _apply(user: User, conversation: Conversation, changes: Changes) -> None:
    for name, value in changes.given().items():
        if value is None:
            raise Invalid("This cannot be empty.", fields={name: ["This cannot be empty."]})
        if name == "model":
            catalogue.model_for(user, value)
        if name == "title" and not value.strip():
            raise Invalid("A title cannot be empty.", fields={"title": ["This cannot be empty."]})
        if name == "active_message":
            _activate(user, conversation, value)
        elif name == "options":
            conversation.options = value.given()
        else:
            setattr(conversation, name, value)


def _activate(user: User, conversation: Conversation, id: str) -> None:
    message = access.message_for(user, id)
    if message.conversation_id != conversation.pk:
        raise NotFound(access.NO_MESSAGE)
    conversation.active_message = message


def _tell(conversation: Conversation) -> None:
    doorbell.ring({"conversation": str(conversation.pk), "owner": str(conversation.owner_id)})
