"""What stands above the form of a person: how it is with them, and the ways to all that is theirs."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.http import urlencode

from conversations.accounts import sessions
from conversations.admin.columns import moment, number
from conversations.admin.erasing import how_far
from conversations.attachments import room
from conversations.models import (
    AuditEntry,
    Budget,
    Conversation,
    Image,
    ProviderCall,
    RateLimit,
    Run,
    User,
)
from conversations.models.conversation import LIVE

# Lists that know a person by the word `person` of their address.
LISTS: tuple[type[Model], ...] = (Conversation, Image, Run, ProviderCall, AuditEntry)
# What holds for them by name; where nothing does, the list is empty.
RULES: tuple[type[Model], ...] = (Budget, RateLimit)
Context = dict[str, Any]


def facts(request: HttpRequest, person: User, desk: Any) -> Context:
    known = list(sessions.of(person)[:50])
    taken = room.room_of(person)
    return {
        "erasing": how_far(person),
        "known_sessions": known,
        "newest_session": moment(known[0].created_at) if known else "",
        "oldest_session": moment(known[-1].created_at) if known else "",
        "under_way": number(Run.objects.filter(user=person, status__in=LIVE).count()),
        "stored": filesizeformat(taken.used),
        "allowed": filesizeformat(taken.allowed) if taken.allowed else "",
        "ways": list(_ways(request, person, desk)),
        "last_of_them": AuditEntry.objects.filter(owner_id=person.pk).order_by("-at")[:5]
        if request.user.has_perm("conversations.view_auditentry")
        else (),
    }


def _ways(request: HttpRequest, person: User, desk: Any) -> Any:
    """To the lists that this reader may see."""
    for model in (*LISTS, *RULES):
        if desk.is_registered(model) and desk.get_model_admin(model).has_view_permission(request):
            address = reverse(f"admin:conversations_{model._meta.model_name}_changelist")
            word = "q" if model in RULES else "person"
            known = person.get_username() if model in RULES else str(person.pk)
            query = urlencode({word: known})
            yield f"{address}?{query}", model._meta.verbose_name_plural
