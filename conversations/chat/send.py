"""A question comes in: ONE transaction for the question, its empty answer, the run and the ack."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from conversations import access
from conversations.chat import choosing, gate, temporary
from conversations.chat.choosing import Place
from conversations.chat.gate import Beginning, Sent
from conversations.chat.questions import Question, Start
from conversations.errors import Invalid, NotFound, TooLarge
from conversations.models import (
    Conversation,
    Image,
    Message,
    MessageFile,
    MessageImage,
    TextFile,
    User,
)
from conversations.models.conversation import Role, Status, TitleBy
from conversations.moderation import marking
from conversations.provider.interface import Model
from conversations.reading import branch
from conversations.text import first_words

PICTURE_TITLE = "Picture"
FILES_BYTES = 8 * 1024 * 1024
STARTED = _("This conversation has begun. Change it instead.")
FILES_TOO_LARGE = _("These files are too much for one message: 8 MiB together at most.")


@dataclass(frozen=True, slots=True)
class Attached:
    """What goes with a question beside its words."""

    pictures: Sequence[Image]
    files: Sequence[TextFile]


def question(user: User, asked: Question, key: str, *, address: str | None = None) -> Sent:
    """Send a message. Raises a Refusal, and then nothing was changed and `key` is free again."""
    return gate.claimed(gate.Sender(user, key, address), asked, _ask)


def _ask(user: User, asked: Question) -> Beginning:
    gate.worth_sending(asked.text, asked.images, asked.files)
    conversation = _conversation(user, asked)
    wanted = asked.options.model or (asked.start.options.model if asked.start else None)
    model = gate.model_of(user, conversation, wanted)
    attached = Attached(
        access.images_for(user, asked.images, lock=True), files_for(user, asked.files)
    )
    parent = _parent(user, conversation, asked)
    model = choosing.answering(
        user, model, Place(conversation, parent), asked.text,
        pictures=bool(attached.pictures), files=attached.files,
    )  # fmt: skip
    _name(conversation, asked, attached)
    mine = Message(
        conversation=conversation,
        parent_id=parent,
        role=Role.USER,
        text=asked.text,
        options=detail_of(conversation, attached, asked.options.detail),
        asks=asked.asks or "",
    )
    answer = written(mine, attached, model)
    return Beginning(answer, model, asked.options.given(), created=[mine, answer])


def _conversation(user: User, asked: Question) -> Conversation:
    if asked.conversation is None:
        return _new(user, asked)
    found = gate.quiet(user, asked.conversation)
    if asked.temporary:
        temporary.settle(found, True)
    if asked.start is not None:
        raise Invalid(STARTED, fields={"start": [STARTED]})
    return found


def _new(user: User, asked: Question) -> Conversation:
    if asked.parent is not None:
        raise Invalid(_("A parent needs its conversation."), fields={"parent": ["no conversation"]})
    start = asked.start or Start()
    options = start.options.given_for_all()
    new = Conversation(owner=user, system_prompt=start.system_prompt, options=options)
    if asked.temporary:
        temporary.put_off(new)
    return new


def _name(conversation: Conversation, asked: Question, attached: Attached) -> None:
    """By its first words, until the model has a better title (runs/titles.py).

    They are the person's own and never a file's; of a file it is the name.
    """
    if not conversation.title:
        names = [file.name for file in attached.files] or [PICTURE_TITLE]
        conversation.title = first_words(asked.text) or first_words(names[0])
        conversation.title_by = TitleBy.WORDS


def _parent(user: User, conversation: Conversation, asked: Question) -> UUID | None:
    if asked.parent is None:
        return conversation.active_message_id
    parent = access.message_for(user, asked.parent)
    if parent.conversation_id != conversation.pk:
        raise NotFound(access.NO_MESSAGE)
    return parent.pk


def detail_of(
    conversation: Conversation, attached: Attached, asked: str | None = None
) -> dict[str, str]:
    """How closely the pictures of a message are looked at: as it asks, else as its conversation has it."""
    usual = conversation.options.get("detail") if attached.pictures else None
    chosen = asked or usual
    return {"detail": chosen} if chosen else {}


def files_for(user: User, ids: list[str]) -> list[TextFile]:
    files = access.files_for(user, ids)
    if sum(file.bytes for file in files) > FILES_BYTES:
        raise TooLarge(FILES_TOO_LARGE, fields={"files": [FILES_TOO_LARGE]})
    return files


def written(mine: Message, attached: Attached, model: Model) -> Message:
    """A question with what is attached, and the empty answer under it, which is given back. Raises NotWanted
    where a pattern refuses it."""
    hits = marking.question(mine.text, attached.files)
    answer = empty_answer(mine, model)
    Message.objects.bulk_create([mine, answer])
    marking.mark(mine, hits)
    branch.without_pictures(answer, *([] if attached.pictures else [mine]))
    branch.without_files(answer, *([] if attached.files else [mine]))
    if attached.pictures or attached.files:
        _attach(mine, attached)
    return answer


def _attach(mine: Message, attached: Attached) -> None:
    MessageImage.objects.bulk_create(
        MessageImage(message=mine, image=image, position=place)
        for place, image in enumerate(attached.pictures)
    )
    MessageFile.objects.bulk_create(
        MessageFile(message=mine, file=file, position=place)
        for place, file in enumerate(attached.files)
    )


def empty_answer(question: Message, model: Model) -> Message:
    return Message(
        conversation=question.conversation,
        parent=question,
        role=Role.ASSISTANT,
        status=Status.RUNNING,
        model=model.id,
        asks=question.asks,
    )
