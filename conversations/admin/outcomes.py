"""What a decision does besides being one: who may, and how it is done."""

from asgiref.sync import async_to_sync
from django.http import HttpRequest

from conversations import holds
from conversations.accounts import deactivation
from conversations.admin import redacting
from conversations.admin.site import desk
from conversations.admin.table import reader, record
from conversations.audit import address_of
from conversations.chat import organise, redaction
from conversations.models import Conversation, Message, User
from conversations.models.review import Outcome
from conversations.runs import stop

# These are words of one reviewer to others, or to the person: they change nothing.
WORDS = (Outcome.FINE, Outcome.NOTED, Outcome.WARNED)
ENDS_ANSWERS = (Outcome.HIDDEN, Outcome.DELETED)


def offered(request: HttpRequest, message: Message) -> list[Outcome]:
    """To whoever looks at it, by the rights that each has elsewhere on the desk."""
    conversation = message.conversation
    found = list(WORDS)
    if not holds.is_held(conversation):
        if redacting.may(reader(request)) and message.redacted_at is None:
            found.append(Outcome.HIDDEN)
        if desk.get_model_admin(Conversation).has_delete_permission(request, conversation):
            found.append(Outcome.DELETED)
    if may_deactivate(request, conversation.owner):
        found.append(Outcome.DEACTIVATED)
    return found


def may_deactivate(request: HttpRequest, person: User) -> bool:
    """Nobody does it to themselves, nor to who has more rights."""
    if person == reader(request) or not person.is_active:
        return False
    return desk.get_model_admin(User).has_change_permission(request, person)


def prepare(message: Message, outcome: str) -> None:
    """Before the transaction: an answer under way ends by what other connections write."""
    if outcome in ENDS_ANSWERS:
        async_to_sync(stop.stop_all_in)(message.conversation)


def act(request: HttpRequest, message: Message, outcome: str, reason: str) -> None:
    """In the transaction of the decision. Raises Refusal where it cannot be done."""
    if outcome == Outcome.HIDDEN:
        _hide(request, message, reason)
    elif outcome == Outcome.DELETED:
        record(request, "conversation.delete", message.conversation, reason=reason)
        organise.destroy(message.conversation)
    elif outcome == Outcome.DEACTIVATED:
        people, where = [message.conversation.owner], address_of(request)
        deactivation.deactivate(people, reader(request), address=where, reason=reason)


def _hide(request: HttpRequest, message: Message, reason: str) -> None:
    redaction.redacted(reader(request), message, reason=reason, address=address_of(request))
