"""Who is at the other end of a socket: by session cookie and exact origin."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from conversations.accounts import visits

Scope = dict[str, Any]


def header(scope: Scope, name: bytes) -> str:
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin1") if len(values) == 1 else ""


def is_same_origin(scope: Scope) -> bool:
    """Scheme, host and port of `Origin` are ours: the public address, or the one that was called."""
    origin = header(scope, b"origin")
    if origin in (settings.PUBLIC_URL, *settings.CSRF_TRUSTED_ORIGINS):
        return True
    host = header(scope, b"host")
    name, _ = split_domain_port(host)
    scheme = urlsplit(settings.PUBLIC_URL).scheme
    return validate_host(name, settings.ALLOWED_HOSTS) and origin == f"{scheme}://{host}"


def language(scope: Scope) -> str:
    """What this person's browser asks to be spoken to in: by cookie, else by Accept-Language."""
    return visits.language_of(header(scope, b"cookie"), header(scope, b"accept-language"))


def session_key(scope: Scope) -> str:
    return str(parse_cookie(header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME, ""))


def address(scope: Scope) -> str | None:
    """Where they come from; asgi.py has put there what a trusted proxy says."""
    client = scope.get("client")
    return str(client[0]) if client else None
