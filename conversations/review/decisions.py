"""What reviewers make of a message: a decision that ends its case, and notes for each other."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from conversations import audit
from conversations.errors import Conflict, Invalid, Words
from conversations.ids import parsed
from conversations.models import Conversation, Decision, Message, Note, User
from conversations.models.audit import REASON
from conversations.models.review import NOTE_CHARACTERS, Outcome
from conversations.text import clean

NO_REASON = _("Say why: whoever looks at this next will want to know.")
NO_OUTCOME = _("Choose what comes of it.")
NO_NOTE = _("There is nothing in this note.")
TOO_LONG = _("This is too long: {limit} characters are the most.")
MEANWHILE = _(
    "Somebody else has decided this meanwhile. Nothing was changed: see below what they said, and decide "
    "again if you see it otherwise."
)


def decide(
    reader: User, message: Message, outcome: str, reason: str, *, seen: str, address: str | None
) -> Decision:
    """End the case of `message`, in the caller's transaction. `seen` is the decision that stood newest on
    the page that `reader` had before them: raises Conflict where there is another now."""
    kind = _outcome(outcome)
    why = said(reason, REASON, NO_REASON)
    _hold(message.conversation_id)
    newest = Decision.objects.filter(message=message).order_by("-at").first()
    if newest is not None and newest.pk != parsed(seen):
        raise Conflict(MEANWHILE)
    place = message.conversation
    audit.record(
        reader, "case.decide", place, owner=place.owner, address=address, reason=why,
        message=str(message.pk), outcome=kind.value,
    )  # fmt: skip
    return Decision.objects.create(message=message, outcome=kind, reason=why, by=reader)


def note(
    reader: User, place: Conversation, message: Message | None, text: str, *, address: str | None
) -> Note:
    words = said(text, NOTE_CHARACTERS, NO_NOTE)
    row = Note.objects.create(conversation=place, message=message, text=words, by=reader)
    about = {"message": str(message.pk)} if message else {}
    audit.record(reader, "note.add", place, owner=place.owner, address=address, **about)
    return row


def said(text: str, limit: int, absent: Words) -> str:
    """What a reviewer typed, as it is kept. Raises Invalid."""
    words = clean(text).replace("\r\n", "\n").strip()  # as forms send the end of a line
    if not words:
        raise Invalid(absent)
    if len(words) > limit:
        raise Invalid(TOO_LONG, names={"limit": limit})
    return words


def _outcome(value: str) -> Outcome:
    if value not in Outcome.values:
        raise Invalid(NO_OUTCOME)
    return Outcome(value)


def _hold(conversation: UUID) -> None:
    """Two who decide at once come one after the other. The conversation, as whoever removes words of it or
    deletes it takes that first, too."""
    rows = Conversation.objects.select_for_update(of=("self",)).filter(pk=conversation)
    list(rows.values("pk"))
