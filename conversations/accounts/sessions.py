"""Where somebody is signed in, and the end of all of it at once."""

from collections.abc import Sequence

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from conversations import audit
from conversations.accounts import recorded
from conversations.events import doorbell
from conversations.models import User


def of(person: User) -> QuerySet[UserSession]:
    """Those that are good, the newest first. Who signed in before sessions were listed is not among them."""
    good = Session.objects.filter(expire_date__gt=timezone.now())
    mine = UserSession.objects.filter(user=person, session_key__in=good.values("session_key"))
    rows: QuerySet[UserSession] = mine.order_by("-created_at")
    return rows


def end_all(people: Sequence[User], by: User, *, address: str | None, reason: str = "") -> None:
    """In one transaction. No session of theirs is good from then on, listed or not; sockets are closed."""
    end(people)
    for one in people:
        audit.record(
            by, "person.sign_out_everywhere", one, owner=one, address=address, reason=reason
        )


def end_others(request: HttpRequest, person: User) -> None:
    """In one transaction: the session of `request` is written in it, or its own sockets would be closed."""
    end([person], but=request.session.session_key or "")
    request.session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    request.session.save()
    recorded.person(request, "person.sign_out_everywhere", person, but_this=True)


def end(people: Sequence[User], *, but: str = "") -> None:
    """In one transaction, and on nobody's record. As many statements for a thousand as for one: whoever signs
    everybody out is in a hurry."""
    now, ids = timezone.now(), [one.pk for one in people]
    for one in people:
        one.signed_out_at = now
    User.objects.filter(pk__in=ids).update(signed_out_at=now)
    over = UserSession.objects.filter(user__in=ids).exclude(session_key=but)
    Session.objects.filter(pk__in=list(over.values_list("session_key", flat=True))).delete()
    over.delete()
    doorbell.ring(*({"user": str(id)} for id in ids))
