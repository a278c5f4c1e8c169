"""Whose session a cookie names, and until when. Asked by doors that Django's middleware does not guard."""

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import SimpleNamespace
from typing import cast

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils.translation import get_language_from_request

from conversations.models import Preferences, User


@dataclass(frozen=True)
class Visit:
    """Whose session it is, and until when it is good if nobody ends it."""

    user: User
    until: datetime
    language: str  # as they chose; empty: as their browser asks


def visit(key: str) -> Visit | None:
    """None when the session is not good: logged out, expired, password changed, account inactive."""
    user = person(key)
    if user is None:
        return None
    until = Session.objects.filter(pk=key).values_list("expire_date", flat=True).first()
    return Visit(user, until, language(user)) if until else None


def language(user: object) -> str:
    """What this person chose to be spoken to in; empty: as the browser asks."""
    chosen = preferences(user)
    return chosen.language if chosen else ""


def language_of(cookies: str, accepted: str) -> str:
    """What a browser asks to be spoken to in: by its cookie, else by Accept-Language."""
    asking = HttpRequest()
    asking.COOKIES = parse_cookie(cookies)
    asking.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return get_language_from_request(asking)


def preferences(user: object) -> Preferences | None:
    """None for a stranger, and for who never chose anything. Kept with `user`, who comes and goes."""
    return getattr(user, "preferences", None)


def person(key: str) -> User | None:
    """Whose session this is, if it is good: not logged out, password unchanged, account active."""
    if not key or "\0" in key:  # a quoted cookie may say \000, and Postgres knows no NUL
        return None
    store = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(cast("HttpRequest", SimpleNamespace(session=store)))
    return user if isinstance(user, User) and user.is_active else None
