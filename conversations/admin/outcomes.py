"""What a decision does besides being one: who may, and how it is done."""

from asgiref.sync import async_to_sync
from django.http import HttpRequest

from conversations import holds
from conversations.admin.site import desk
from conversations.admin.table import reader, record
from conversations.chat import organise
from conversations.models import Conversation, User
from conversations.models.review import Outcome
from conversations.runs import stop

# These are words of one reviewer to others, or to the person: they change nothing.
WORDS = (Outcome.FINE, Outcome.NOTED, Outcome.WARNED)


def offered(request: HttpRequest, conversation: Conversation) -> list[Outcome]:
    """To whoever looks at it, by the rights that each has elsewhere on the desk."""
    found = list(WORDS)
    table = desk.get_model_admin(Conversation)
    if table.has_delete_permission(request, conversation) and not holds.is_held(conversation):
        found.append(Outcome.DELETED)
    if may_deactivate(request, conversation.owner):
        found.append(Outcome.DEACTIVATED)
    return found


def may_deactivate(request: HttpRequest, person: User) -> bool:
    """Nobody does it to themselves, nor to who has more rights."""
    if person == reader(request) or not person.is_active:
        return False
    return desk.get_model_admin(User).has_change_permission(request, person)


def act(request: HttpRequest, conversation: Conversation, outcome: str, reason: str) -> None:
    """In the transaction of the decision."""
    if outcome == Outcome.DELETED:
        record(request, "conversation.delete", conversation, reason=reason)
        async_to_sync(stop.stop_all_in)(conversation)
        organise.destroy(conversation)
    if outcome == Outcome.DEACTIVATED:
        _deactivate(request, conversation.owner, reason)


def _deactivate(request: HttpRequest, person: User, reason: str) -> None:
    """Their sockets close and their answers end (accounts/signals.py)."""
    person.is_active = False
    person.save(update_fields=["is_active"])
    record(request, "person.deactivate", person, reason=reason)
