"""One-time links: an invitation lets somebody sign up, a set-up link makes the first administrator."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from conversations.models import Invitation, User

INVITATION_DAYS = 7
SETUP_DAYS = 1


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def invite(
    *,
    by: User | None = None,
    note: str = "",
    email: str = "",
    language: str = "",
    group: Group | None = None,
) -> tuple[Invitation, str]:
    """A new invitation and its link, which is shown or sent now and never again."""
    more = {"email": email, "language": language, "group": group}
    return _link(INVITATION_DAYS, created_by=by, note=note, is_setup=False, **more)


def again(invitation: Invitation) -> str | None:
    """Another link, with all its days before it; the old one is void. None: it was used, or withdrawn."""
    token = secrets.token_urlsafe(24)
    ends = timezone.now() + timedelta(days=INVITATION_DAYS)
    mine = Invitation.objects.filter(pk=invitation.pk, used_at=None, withdrawn_at=None)
    anew = {"token_hash": _hash(token), "expires_at": ends, "sent_at": None}
    won = mine.filter(is_setup=False).update(**anew)
    return _address(token) if won else None


def withdraw(invitation: Invitation) -> bool:
    """Its link opens nothing from now on. False: somebody has used it before."""
    mine = Invitation.objects.filter(pk=invitation.pk, used_at=None, withdrawn_at=None)
    return bool(mine.update(withdrawn_at=timezone.now()))


def setup_link() -> str:
    """The link by which the first administrator is made; an older one that nobody used is void."""
    Invitation.objects.filter(is_setup=True, used_at=None).delete()
    return _link(SETUP_DAYS, created_by=None, note="First administrator", is_setup=True)[1]


def _link(days: int, **fields: Any) -> tuple[Invitation, str]:
    token = secrets.token_urlsafe(24)
    ends = timezone.now() + timedelta(days=days)
    made = Invitation.objects.create(token_hash=_hash(token), expires_at=ends, **fields)
    return made, _address(token)


def _address(token: str) -> str:
    return str(settings.PUBLIC_URL + reverse("invitation", args=[token]))


def usable(token: str) -> Invitation | None:
    """The invitation behind a link that was neither used nor withdrawn, and did not run out."""
    found = _open(token).first()
    return None if found and found.is_setup and _is_set_up() else found


def _open(token: str) -> QuerySet[Invitation]:
    now = timezone.now()
    mine = Invitation.objects.filter(token_hash=_hash(token))
    return mine.filter(used_at=None, withdrawn_at=None, expires_at__gt=now)


def _is_set_up() -> bool:
    """An administrator is there: a set-up link that was never used is void."""
    return User.objects.filter(is_superuser=True, is_active=True).exists()


def accept(token: str, user: User) -> Invitation | None:
    """Use the link up for `user`. None: somebody was faster, or it ran out; nothing was changed."""
    invitation = usable(token)
    now = timezone.now()
    if invitation is None or not _open(token).update(used_at=now, used_by=user):
        return None
    if invitation.is_setup:
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
    if invitation.group is not None:
        user.groups.add(invitation.group)
    return invitation
