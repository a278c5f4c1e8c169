"""The gate that everything passes which begins a run: once for each id, within limits, one at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import access
from conversations.chat import expectation, temporary
from conversations.chat.claims import Claiming, Earlier, claiming
from conversations.chat.questions import TEXT_BYTES, Claimable
from conversations.errors import Conflict, Invalid, NotFound, TooLarge
from conversations.models import Conversation, Message, Run, User
from conversations.provider import catalogue
from conversations.provider.interface import Model
from conversations.reading import branch
from conversations.reading.lengths import said
from conversations.reading.objects import (
    Object,
    conversation_object,
    message_object,
    run_object,
)
from conversations.runs import dearest, halt, prompt, start
from conversations.runs.start import Script
from conversations.usage import budgets, limits
from conversations.usage.standing import Most

NOTHING = _("There is nothing to send: write something, or add a picture or a file.")
TOO_LONG = _("This text is too long. At most 4 MiB can be sent at once.")
OTHER_CONTENT = _("This id was used for another message.")

Asked = TypeVar("Asked", bound=Claimable)


@dataclass(frozen=True, slots=True)
class Sent:
    """What was done. `run` is None when it had been done before and `ack` is that first one's.

    `created` are the messages that are new, for whoever else looks on; `script` is what the model is
    to read, where that was at hand, and `reserved` what its calls may come to.
    """

    ack: Object
    conversation: str
    run: Run | None
    created: tuple[Object, ...] = ()
    script: Script | None = None
    reserved: Most | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks, from where, and the id under which: once for each."""

    user: User
    key: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a run is to begin with. `created` are the messages that are new, the answer last: none when
    it is gone on with."""

    answer: Message
    model: Model
    options: dict[str, Any]
    created: Sequence[Message] = ()


def claimed(sender: Sender, asked: Asked, write: Callable[[User, Asked], Beginning]) -> Sent:
    """The run of what `write` writes, once for this key of this user; ever after, the ack of that time.

    To be called in the transaction of everything that `write` does, which gets the person as they are
    now, with their preferences. Raises a Refusal, and then nothing was changed and the key is free again.
    """
    user = sender.user
    claim = claiming(user, sender.key, sender.address)
    if claim.earlier is not None:
        return _again(claim.earlier, asked)
    sent = _begun(claim, write(claim.user, asked))
    news = [start.news_of(sent.run)] if sent.run else []
    changed = {"conversation": sent.conversation, "owner": str(user.pk), "by": str(start.BOOT)}
    claim.done(asked.fingerprint(), sent.ack, *news, changed)
    return sent


def _again(earlier: Earlier, asked: Claimable) -> Sent:
    if earlier.fingerprint != asked.fingerprint():
        raise Conflict(OTHER_CONTENT)
    ack = earlier.ack
    present = Conversation.objects.present()
    if ack is None or not present.filter(pk=ack["conversation"]["id"]).exists():
        raise NotFound(access.NO_CONVERSATION)
    return Sent(ack, ack["conversation"]["id"], run=None)


def quiet(user: User, conversation: object) -> Conversation:
    """The conversation, locked, with no answer under way. Raises NotFound or StillAnswering."""
    found = access.conversation_for(user, conversation, lock=True)
    start.nothing_runs_in(found)
    return found


def worth_sending(text: str, *attached: Sequence[object]) -> None:
    if not text.strip() and not any(attached):
        raise Invalid(NOTHING, fields={"text": [NOTHING]})
    if len(text) > TEXT_BYTES or len(text.encode()) > TEXT_BYTES:
        raise TooLarge(TOO_LONG)


def model_of(user: User, conversation: Conversation, wanted: str | None = None) -> Model:
    """The model that is wanted, else the conversation's; it is the conversation's from now on."""
    chosen = wanted or conversation.model or catalogue.default_model(user).id
    model = catalogue.model_for(user, chosen)
    conversation.model = model.id
    return model


def _begun(claim: Claiming, beginning: Beginning) -> Sent:
    """The run that writes its answer, which ends the active branch from now on."""
    answer, model, created = beginning.answer, beginning.model, beginning.created
    halt.refuse_while_stopped()
    limits.may_run(claim.user, claim.bounds)
    run = start.begin(claim.user, answer, model, beginning.options)
    limits.let_through(claim.bounds, expectation.of(run, answer, model))
    is_new = answer.conversation._state.adding
    conversation = _grown(answer)
    shown = list(created) or [answer]
    if not is_new:
        # Nothing of this run is in the journal: what is stored is all there is to show.
        branch.beside(conversation, shown, are_new=bool(created))
    branch.give_attachments(shown)
    objects = [message_object(message) for message in shown]
    ack = {
        "conversation": conversation_object(conversation),
        **({"user_message": objects[0]} if len(objects) > 1 else {}),
        "message": objects[-1],
        "run": run_object(run),
    }
    script = prompt.script(run, answer, model, [said(shown[0])]) if is_new else None
    return Sent(
        ack, str(conversation.pk), run, tuple(objects) if created else (), script,
        reserved=_reserved(run, answer, model, script),
    )  # fmt: skip


def _reserved(run: Run, answer: Message, model: Model, script: Script | None) -> Most:
    """The last thing that is decided: whoever asks for the same budget waits for our commit."""
    if not budgets.exist():
        return Most()
    most = dearest.of_a_question(run, answer, model, script)
    # For one that waits for a worker no process answers: nothing that dies, or lives on, keeps it.
    id = budgets.reserve(dearest.payer_of(run, model), most, boot=run.boot, run=run.pk)
    return most if id else Most()


def _grown(answer: Message) -> Conversation:
    """Its conversation, which ends in `answer` now. A new one is written here, once: Postgres looks
    whether all rows are there that others name when it commits."""
    conversation = answer.conversation
    conversation.active_message = answer
    conversation.updated_at = timezone.now()
    changed = ["model", "title", "title_by", "updated_at", "active_message"]
    if conversation.expires_at is not None:
        temporary.put_off(conversation)
        changed.append("expires_at")
    conversation.save(update_fields=None if conversation._state.adding else changed)
    return conversation
