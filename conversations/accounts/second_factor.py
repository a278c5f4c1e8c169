"""The second factor: who has to have one, whether it was shown in this session, and taking a lost one away.

Signing in asks whoever has one; that is django-allauth's. Here is what it does not know: that staff need
one before the desk opens, in every session, also in those that began before there was one.
"""

from typing import Any, cast

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from conversations import audit, site
from conversations.models import User

MFA = "mfa"


def is_needed() -> bool:
    """An administrator may ask for it; what the environment asks for nobody takes back in the desk."""
    return bool(settings.STAFF_NEED_MFA) or site.now().row.staff_need_mfa


def is_missing(request: HttpRequest) -> bool:
    """Whether what staff may do waits for a second factor, in the session of this request."""
    if not (getattr(request.user, "is_staff", False) and is_needed()):
        return False
    factors = dict(factors_of(cast("User", request.user)).values_list("pk", "type"))
    return Authenticator.Type.TOTP not in factors.values() or _shown(request).isdisjoint(factors)


def has_one(person: Any) -> bool:
    """Codes to recover with are none by themselves."""
    return bool(person.pk) and factors_of(person).filter(type=Authenticator.Type.TOTP).exists()


def _shown(request: HttpRequest) -> set[Any]:
    """The ids of those that this session has shown. One that was taken away opens nothing any more, even if
    its person has another one by now: maybe somebody else has the telephone that was lost."""
    records = get_authentication_records(request, request.user)
    return {step.get("id") for step in records if step.get("method") == MFA}


def way_to_it(request: HttpRequest, then: str) -> str:
    """Where somebody shows it, who has one, or else sets it up."""
    if has_one(request.user):
        return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': then})}"
    return reverse("mfa_index")


def factors_of(person: User) -> Any:
    return Authenticator.objects.filter(user_id=person.pk)


@transaction.atomic
def take_away(person: User, by: User | None, *, address: str | None = None, reason: str) -> bool:
    """For who has lost it; with it go the codes to recover with. False: there was none."""
    gone, _ = factors_of(person).delete()
    if gone:
        audit.record(
            by, "person.factor_taken", person, owner=person, address=address, reason=reason
        )
    return bool(gone)
