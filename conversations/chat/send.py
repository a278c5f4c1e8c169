"""A question comes in: ONE transaction for the question, its empty answer, the run and the ack."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from conversations import access
from conversations.chat.questions import TEXT_BYTES, Options, Question
from conversations.errors import Conflict, Invalid, NotFound, TooLarge
from conversations.events import doorbell
from conversations.models import (
    Claim,
    Conversation,
    Image,
    Message,
    MessageImage,
    Run,
    User,
)
from conversations.models.conversation import Role, Status
from conversations.provider import catalogue
from conversations.provider.interface import Model
from conversations.reading import branch
from conversations.reading.objects import (
    Object,
    conversation_object,
    message_object,
    run_object,
)
from conversations.runs import start
from conversations.text import first_words
from conversations.usage import limits

NOTHING = "There is nothing to send: write something or add a picture."
TOO_LONG = "This text is too long. At most 4 MiB can be sent at once."
OTHER_CONTENT = "This id was used for another message."
PICTURE_TITLE = "Picture"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was done. `run` is None when it had been done before and `ack` is that first one's."""

    ack: Object
    conversation: str
    run: Run | None


def question(user: User, asked: Question, key: str) -> Sent:
    """Send a message. Raises a Refusal, and then nothing was changed and `key` is free again."""
    log = limits.serialise(user)
    earlier = Claim.objects.filter(user=user, key=key).first()
    if earlier is not None:
        return _again(earlier, asked)
    _worth_sending(asked)
    limits.may_run(user)
    conversation = _conversation(user, asked)
    model = catalogue.model_for(user, _wanted_model(conversation, asked.options))
    pictures = access.images_for(user, asked.images)
    parent = _parent(user, conversation, asked)
    limits.spend_one(log)
    return _write(user, asked, key, conversation, model, parent, pictures)


def _again(earlier: Claim, asked: Question) -> Sent:
    if earlier.fingerprint != asked.fingerprint():
        raise Conflict(OTHER_CONTENT)
    if earlier.ack is None:
        raise NotFound(access.NO_CONVERSATION)
    ack: Object = earlier.ack
    return Sent(ack, ack["conversation"]["id"], run=None)


def _worth_sending(asked: Question) -> None:
    if not asked.text.strip() and not asked.images:
        raise Invalid(NOTHING, fields={"text": [NOTHING]})
    if len(asked.text) > TEXT_BYTES or len(asked.text.encode()) > TEXT_BYTES:
        raise TooLarge(TOO_LONG)


def _conversation(user: User, asked: Question) -> Conversation:
    if asked.conversation is None:
        if asked.parent is not None:
            raise Invalid(
                "A parent needs its conversation.", fields={"parent": ["no conversation"]}
            )
        return Conversation(owner=user)
    conversation = access.conversation_for(user, asked.conversation, lock=True)
    start.nothing_runs_in(conversation)
    return conversation


def _wanted_model(conversation: Conversation, options: Options) -> str:
    return options.model or conversation.model or catalogue.default_model().id


def _parent(user: User, conversation: Conversation, asked: Question) -> UUID | None:
    if asked.parent is None:
        return conversation.active_message_id
    parent = access.message_for(user, asked.parent)
    if parent.conversation_id != conversation.pk:
        raise NotFound(access.NO_MESSAGE)
    return parent.pk


def _write(
    user: User,
    asked: Question,
    key: str,
    conversation: Conversation,
    model: Model,
    parent: UUID | None,
    pictures: list[Image],
) -> Sent:
    is_new = conversation._state.adding
    conversation.model = model.id
    conversation.updated_at = timezone.now()
    if not conversation.title:
        conversation.title = first_words(asked.text) or PICTURE_TITLE
    if is_new:
        conversation.save()
    mine, answer = _messages(asked, conversation, model, parent, pictures)
    run = start.begin(user, answer, model, asked.options.given())
    conversation.active_message = answer
    conversation.save(update_fields=["model", "title", "updated_at", "active_message"])
    branch.complete(conversation, [mine, answer])
    ack = {
        "conversation": conversation_object(conversation),
        "user_message": message_object(mine),
        "message": message_object(answer),
        "run": run_object(run),
    }
    Claim.objects.create(user=user, key=key, fingerprint=asked.fingerprint(), ack=ack)
    doorbell.ring({"conversation": str(conversation.pk), "owner": str(user.pk)})
    return Sent(ack, str(conversation.pk), run)


def _messages(
    asked: Question,
    conversation: Conversation,
    model: Model,
    parent: UUID | None,
    pictures: list[Image],
) -> tuple[Message, Message]:
    detail: dict[str, Any] = {"detail": asked.options.detail} if asked.options.detail else {}
    mine = Message(
        conversation=conversation, parent_id=parent, role=Role.USER, text=asked.text, options=detail
    )
    answer = Message(
        conversation=conversation,
        parent=mine,
        role=Role.ASSISTANT,
        status=Status.RUNNING,
        model=model.id,
    )
    Message.objects.bulk_create([mine, answer])
    MessageImage.objects.bulk_create(
        MessageImage(message=mine, image=image, position=place)
        for place, image in enumerate(pictures)
    )
    return mine, answer
