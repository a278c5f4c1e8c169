"""A question comes in: ONE transaction for the question, its empty answer, the run and the ack."""

from collections.abc import Sequence
from uuid import UUID

from conversations import access
from conversations.chat import gate, temporary
from conversations.chat.gate import Sent
from conversations.chat.questions import Question
from conversations.errors import Invalid, NotFound
from conversations.models import Conversation, Image, Message, MessageImage, User
from conversations.models.conversation import Role, Status, TitleBy
from conversations.provider.interface import Model
from conversations.reading import branch
from conversations.text import first_words

PICTURE_TITLE = "Picture"


def question(user: User, asked: Question, key: str) -> Sent:
    """Send a message. Raises a Refusal, and then nothing was changed and `key` is free again."""
    return gate.claimed(user, key, asked, _ask)


def _ask(user: User, asked: Question) -> Sent:
    gate.worth_sending(asked.text, asked.images)
    conversation = _conversation(user, asked)
    model = gate.model_of(user, conversation, asked.options.model)
    pictures = access.images_for(user, asked.images)
    parent = _parent(user, conversation, asked)
    _name(conversation, asked)
    detail = {"detail": asked.options.detail} if asked.options.detail else {}
    mine = Message(
        conversation=conversation, parent_id=parent, role=Role.USER, text=asked.text, options=detail
    )
    answer = written(mine, pictures, model)
    return gate.begin(user, answer, model, asked.options.given(), created=[mine, answer])


def _conversation(user: User, asked: Question) -> Conversation:
    if asked.conversation is not None:
        found = gate.quiet(user, asked.conversation)
        if asked.temporary:
            temporary.settle(found, True)
        return found
    if asked.parent is not None:
        raise Invalid("A parent needs its conversation.", fields={"parent": ["no conversation"]})
    new = Conversation(owner=user)
    if asked.temporary:
        temporary.put_off(new)
    return new


def _name(conversation: Conversation, asked: Question) -> None:
    """By its first words, until the model has a better title (runs/titles.py)."""
    if not conversation.title:
        conversation.title = first_words(asked.text) or PICTURE_TITLE
        conversation.title_by = TitleBy.WORDS


def _parent(user: User, conversation: Conversation, asked: Question) -> UUID | None:
    if asked.parent is None:
        return conversation.active_message_id
    parent = access.message_for(user, asked.parent)
    if parent.conversation_id != conversation.pk:
        raise NotFound(access.NO_MESSAGE)
    return parent.pk


def written(mine: Message, pictures: Sequence[Image], model: Model) -> Message:
    """A question with its pictures, and the empty answer under it, which is given back."""
    answer = empty_answer(mine, model)
    Message.objects.bulk_create([mine, answer])
    if not pictures:
        branch.without_pictures(mine, answer)
    MessageImage.objects.bulk_create(
        MessageImage(message=mine, image=image, position=place)
        for place, image in enumerate(pictures)
    )
    return answer


def empty_answer(question: Message, model: Model) -> Message:
    return Message(
        conversation=question.conversation,
        parent=question,
        role=Role.ASSISTANT,
        status=Status.RUNNING,
        model=model.id,
    )
