"""An authenticator app, and a browser that signs in."""

import time
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value
from django.contrib.auth.hashers import make_password
from django.test import Client

from conversations.models import User
from tests.features.admin_kit import client_of
from tests.harness.people import PASSWORD

LOGIN = "/accounts/login/"
HERE = "/accounts/second-factor/"
CODE = f"{HERE}authenticate/"


class App:
    """Of a telephone. `early` and `late` codes are of a clock that goes wrong by half a minute."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def code(self, off: int = 0) -> str:
        return f"{hotp_value(self.secret, int(time.time()) // 30 + off):06}"

    def wrong(self) -> str:
        good = {self.code(off) for off in range(-3, 4)}
        return next(code for code in map("{:06}".format, range(10)) if code not in good)


def app_of(person: User) -> App:
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    return App(secret)


def said_the_password(person: User) -> Client:
    """Its hash is one that is quick to make: that it is slow elsewhere is not what is tried here."""
    quick = make_password(PASSWORD, hasher="md5")
    User.objects.filter(pk=person.pk).exclude(password__startswith="md5").update(password=quick)
    client = client_of(None)
    answer: Any = client.post(LOGIN, {"login": person.username, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[:500]
    return client


def is_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200
