"""Coming in, failing at it and leaving are on record, and what opens the door from now on.

A name that nobody has is not written down: people type their password there. Attempts beyond the limits
of django-allauth are refused before anything is looked up, so nobody fills the audit with them.
"""

from typing import Any

from allauth.account import signals
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as factors
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from conversations import audit
from conversations.accounts import guesses, names
from conversations.models import User
from conversations.models.accounts import plain_email


def person(request: HttpRequest | None, action: str, user: User, **detail: Any) -> None:
    """Something that a person did to their own account."""
    audit.record(user, action, user, owner=user, address=audit.address_of(request), **detail)


@receiver(signals.user_logged_in)
def signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    """allauth's signal, not Django's: it comes after every step that signing in may have."""
    person(request, "person.sign_in", user, by=_by(request, user))


def _by(request: HttpRequest, user: User) -> list[str]:
    """The steps, in their order: `password`, `mfa` … Who has just signed up has taken none."""
    steps = get_authentication_records(request, user)
    return [step.get("provider") or step["method"] for step in steps] or ["sign_up"]


def failed(request: HttpRequest, credentials: dict[str, Any]) -> None:
    """Also of who is in and had to say their password again."""
    refused(request, _meant(credentials))


def refused(request: HttpRequest | None, user: User | None, **detail: Any) -> None:
    inside = getattr(request, "user", None)
    actor = inside if isinstance(inside, User) else None
    thing, address = user or User, audit.address_of(request)
    audit.record(actor, "person.sign_in_failed", thing, owner=user, address=address, **detail)


def _meant(credentials: dict[str, Any]) -> User | None:
    """The account that somebody tried to open."""
    name = User.normalize_username(str(credentials.get("username") or ""))
    email = plain_email(str(credentials.get("email") or ""))
    named = names.bearer("username", name) if name else None
    return named or (names.bearer("email", email) if email else None)


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        person(request, "person.sign_out", user)


@receiver((signals.password_changed, signals.password_set, signals.password_reset))
def new_password(request: HttpRequest, user: User, signal: Any, **_: Any) -> None:
    person(request, "person.password", user, by_mail=signal is signals.password_reset)


@receiver((signals.email_added, signals.email_changed, signals.email_removed))
def new_email(request: HttpRequest, user: User, **_: Any) -> None:
    """Which one is nobody's business for ever: an entry outlives the account."""
    person(request, "person.email", user)


# Second factors ---------------------------------------------------------------------------------


@receiver(factors.authenticator_added)
def new_factor(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Who sets one up has just shown it."""
    if authenticator.type == Authenticator.Type.TOTP:
        shown = {"id": authenticator.pk, "type": authenticator.type}
        record_authentication(request, user, "mfa", **shown)
        person(request, "person.factor_add", user, type=authenticator.type)


@receiver(factors.authenticator_removed)
def removed_factor(
    request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        person(request, "person.factor_remove", user, type=authenticator.type)


@receiver(factors.authenticator_reset)
def new_codes(request: HttpRequest, user: User, **_: Any) -> None:
    person(request, "person.recovery_codes", user)


@receiver(factors.authenticator_used)
def used_factor(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """A code to recover with is one less, and maybe somebody found the paper."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        authenticator.refresh_from_db()  # the code was taken from another copy of the row
        left = len(authenticator.wrap().get_unused_codes())
        person(request, "person.recovery_code_used", user, left=left)


@receiver(factors.authentication_failed)
def wrong_code(request: HttpRequest, user: User, **_: Any) -> None:
    """The password was right."""
    refused(request, user, by=guesses.BY_A_CODE)
    inside = request.user == user
    guesses.count(user, inside=inside, address=audit.address_of(request))
