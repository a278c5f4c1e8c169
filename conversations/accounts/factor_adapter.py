"""How django-allauth's second factors behave here: named after the site, and sealed in the table."""

import base64
import hashlib
from functools import cache
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from conversations import site

UNREADABLE = _(
    "This site cannot read your second factor any more: its secret key is another one. An administrator"
    " can take it away from you."
)


class Unreadable(ValidationError):
    """Neither a code nor the lack of one opens anything then. Templates show nothing in its place."""

    silent_variable_failure = True


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def get_totp_issuer(self) -> str:
        return site.now().name

    def get_totp_label(self, user: Any) -> str:
        """Which site it is stands before the name: apps show it in a list with others."""
        return f"{self.get_totp_issuer()}:{user.get_username()}"

    def encrypt(self, text: str) -> str:
        """Who reads the table (a backup, a copy) cannot make codes of it."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise Unreadable(UNREADABLE) from None


def _box() -> MultiFernet:
    return _made((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@cache
def _made(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    """A key of its own: what is sealed for one thing opens nothing else."""
    digest = hashlib.blake2b(secret.encode(), digest_size=32, person=b"second factors").digest()
    return base64.urlsafe_b64encode(digest)
