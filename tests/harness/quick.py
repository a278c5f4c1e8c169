"""What costs most in pytest's own process and says nothing there. Servers are as they are everywhere."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

import httpx2
from django.conf import settings
from django.test import override_settings

MD5 = "django.contrib.auth.hashers.MD5PasswordHasher"
_create = httpx2.create_ssl_context


@contextmanager
def quick() -> Iterator[None]:
    """Passwords are hashed at once; WhiteNoise does not look at each static file for each of Django's test
    clients; and our clients of a provider that trust the same share one list of authorities."""
    hashers = [MD5, *settings.PASSWORD_HASHERS]
    with (
        override_settings(PASSWORD_HASHERS=hashers, WHITENOISE_AUTOREFRESH=True),
        patch.object(httpx2, "create_ssl_context", lambda: _trusting(*_where())),
    ):
        yield


def _where() -> tuple[str | None, ...]:
    return tuple(map(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR")))


@cache
def _trusting(*_where: str | None) -> ssl.SSLContext:
    return _create()
