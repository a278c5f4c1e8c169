"""Other branches of a conversation: a question put differently, another try; and going on with an answer."""

from collections.abc import Callable
from functools import partial

from django.utils.translation import gettext_lazy as _

from conversations import access
from conversations.chat import choosing, gate
from conversations.chat.ask import ask, nobody
from conversations.chat.choosing import Place
from conversations.chat.gate import Beginning, Sent
from conversations.chat.questions import Continue, Edit, Regenerate
from conversations.chat.redaction import refuse_redacted
from conversations.chat.send import Attached, detail_of, empty_answer, files_for, written
from conversations.errors import Conflict, Invalid, Words
from conversations.events import feed
from conversations.models import Message, User
from conversations.models.conversation import Role, Status
from conversations.provider import catalogue
from conversations.runs import stop
from conversations.runs.start import StillAnswering

NOT_YOURS = _("Only what you wrote yourself can be edited.")
NO_ANSWER = _("This is not an answer.")
IS_WHOLE = _("This answer is complete: there is nothing to go on with.")
HAS_FOLLOWERS = _("The conversation has gone on after this answer.")

# Ways in which an answer can end that leave something to be said.
BROKEN = (Status.STOPPED, Status.INTERRUPTED, Status.FAILED)
# Somebody may ask again between our stop and our edit; nobody does so for ever.
STOPS = 3


async def edit_whatever_runs(
    user: User,
    asked: Edit,
    key: str,
    answered: Callable[[Sent], feed.Listener | None] = nobody,
    *,
    address: str | None = None,
) -> Sent:
    """Edit. An answer of that conversation that is being written is stopped first.

    Only once everything else about the edit is found to be right, and only that one answer: an edit
    that is refused stops nothing, and the same edit twice at once does not stop its own answer.
    """
    work = partial(edit, user, asked, key, address=address)
    for _attempt in range(STOPS):
        try:
            return await ask(user, work, answered)
        except StillAnswering as found:
            await stop.stop(user, str(found.run))
    return await ask(user, work, answered)


def edit(user: User, asked: Edit, key: str, *, address: str | None = None) -> Sent:
    """The question put differently, beside the old one, with a new answer. Raises StillAnswering."""
    return gate.claimed(gate.Sender(user, key, address), asked, _edit)


def _edit(user: User, asked: Edit) -> Beginning:
    old = _message(user, asked.message, Role.USER, NOT_YOURS)
    attached = _attached(user, old, asked)
    gate.worth_sending(asked.text, attached.pictures, attached.files)
    conversation = gate.quiet(user, old.conversation_id)
    # Once more: it may have been deleted while we waited for the conversation.
    old = _message(user, asked.message, Role.USER, NOT_YOURS)
    refuse_redacted(old)
    model = choosing.answering(
        user, gate.model_of(user, conversation), Place(conversation, old.parent_id), asked.text,
        pictures=bool(attached.pictures), files=attached.files,
    )  # fmt: skip
    mine = Message(
        conversation=conversation,
        parent_id=old.parent_id,
        role=Role.USER,
        text=asked.text,
        options={**detail_of(conversation, attached), **old.options},
        asks=old.asks,
    )
    answer = written(mine, attached, model)
    return Beginning(answer, model, {}, created=[mine, answer])


def _attached(user: User, old: Message, asked: Edit) -> Attached:
    """What is asked for, else what the question had."""
    images, files = asked.images, asked.files
    if images is None:
        images = [str(id) for id in old.pictures.values_list("image", flat=True)]
    if files is None:
        files = [str(id) for id in old.files.values_list("file", flat=True)]
    return Attached(access.images_for(user, images, lock=True), files_for(user, files))


def regenerate(user: User, asked: Regenerate, key: str, *, address: str | None = None) -> Sent:
    """Another answer to the same question, beside the one there is."""
    return gate.claimed(gate.Sender(user, key, address), asked, _regenerate)


def _regenerate(user: User, asked: Regenerate) -> Beginning:
    old = _message(user, asked.message)
    conversation = gate.quiet(user, old.conversation_id)
    model = gate.model_of(user, conversation, asked.options.model)
    question = access.message_for(user, old.parent_id)
    refuse_redacted(question)
    question.conversation = conversation
    model = choosing.answering_again(user, model, question)
    answer = empty_answer(question, model)
    if asked.options.detail:  # how it was shown the pictures, for all that is asked after it
        answer.options = {"detail": asked.options.detail}
    answer.save()
    return Beginning(answer, model, asked.options.given_for_all(), created=[answer])


def go_on(user: User, asked: Continue, key: str, *, address: str | None = None) -> Sent:
    """A new run that appends to an answer which is not whole."""
    return gate.claimed(gate.Sender(user, key, address), asked, _go_on)


def _go_on(user: User, asked: Continue) -> Beginning:
    conversation = gate.quiet(user, _message(user, asked.message).conversation_id)
    # Once more: its last run may have ended while we waited for the conversation.
    answer = _message(user, asked.message)
    refuse_redacted(answer)
    _is_open(answer)
    answer.conversation = conversation
    answer.status = Status.RUNNING
    answer.finish_reason = answer.error_code = answer.error_message = ""
    answer.save(update_fields=["status", "finish_reason", "error_code", "error_message"])
    last = answer.runs.order_by("pk").last()
    model = catalogue.model_for(user, answer.model or conversation.model)
    model = choosing.answering_again(user, model, answer)  # of an import nobody knows who wrote it
    return Beginning(answer, model, last.options if last else {})


def _is_open(answer: Message) -> None:
    """Raises Conflict unless `answer` is the end of its branch and broke off there."""
    if answer.status not in BROKEN and answer.finish_reason != "length":
        raise Conflict(IS_WHOLE)
    if answer.children.exists():
        raise Conflict(HAS_FOLLOWERS)


def _message(
    user: User, id: str, role: Role = Role.ASSISTANT, otherwise: Words = NO_ANSWER
) -> Message:
    found = access.message_for(user, id)
    if found.role != role:
        raise Invalid(otherwise, fields={"message": [otherwise]})
    return found
