"""What costs most in pytest's own process and says nothing there. Servers are as they are everywhere."""

import logging
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

import httpx2
from django.conf import settings
from django.db import connection
from django.test import override_settings

MD5 = "django.contrib.auth.hashers.MD5PasswordHasher"
_create = httpx2.create_ssl_context


@contextmanager
def quick() -> Iterator[None]:
    """Passwords are hashed at once; WhiteNoise does not look at each static file for each of Django's test
    clients; and our clients of a provider that trust the same share one list of authorities."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request of a test
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


@contextmanager
def known_by_heart() -> Iterator[None]:
    """What the transaction of this test has changed of the site is known by heart from here on, as after a
    commit: each request asks Postgres anew else, twice. Afterwards nobody remembers it."""
    waiting = [told[1] for told in connection.run_on_commit]
    forgetting = {told for told in waiting if getattr(told, "__name__", "") == "forget"}
    connection.run_on_commit = [
        told for told in connection.run_on_commit if told[1] not in forgetting
    ]
    for forget in forgetting:
        forget()
    try:
        yield
    finally:
        for forget in forgetting:
            forget()
