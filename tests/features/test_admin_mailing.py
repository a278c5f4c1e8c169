"""A test mail from the desk: to oneself, with the answer of the server, without its password."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail

from conversations.models import AuditEntry, User
from tests.features.admin_kit import client_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/mail/"
PASSWORD = "correct-horse-battery"


class Postman:
    """A mail server that speaks one mail's worth of SMTP; `refuses` maps a command to its answer."""

    def __init__(self) -> None:
        self.refuses: dict[str, str] = {}
        self.heard: list[str] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            visitor, _ = self.door.accept()
        except OSError:
            return
        with visitor, visitor.makefile("rb") as lines:

            def say(text: str) -> None:
                visitor.sendall(text.encode() + b"\r\n")

            say("220 here")
            in_data = False
            for raw in lines:
                line = raw.decode().rstrip("\r\n")
                self.heard.append(line)
                if in_data:
                    in_data = line != "."
                    if not in_data:
                        say(self.refuses.get(".", "250 2.0.0 queued as 4711"))
                    continue
                word = line.split()[0].upper()
                in_data = word == "DATA" and word not in self.refuses
                usual = {
                    "DATA": "354 go on",
                    "QUIT": "221 bye",
                    "EHLO": "250-here\r\n250 AUTH PLAIN",
                }
                say(self.refuses.get(word, usual.get(word, "250 ok")))


@pytest.fixture
def postman(settings: Any) -> Iterator[Postman]:
    postman = Postman()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", postman.port, 15
    yield postman
    postman.door.close()


@pytest.fixture
def sam(root: User) -> User:
    User.objects.filter(pk=root.pk).update(email="sam@example.org")
    return User.objects.get(pk=root.pk)


def _tried(person: User) -> str:
    return client_of(person).post(PAGE, {"to": "cleo@example.org"}).content.decode()


def test_it_goes_to_oneself_and_the_servers_answer_is_said(sam: User, postman: Postman) -> None:
    page = _tried(sam)
    assert "250 2.0.0 queued as 4711" in page and "The mail server took it" in page
    assert [line for line in postman.heard if line.lower().startswith("rcpt")] == [
        "rcpt TO:<sam@example.org>"
    ]
    assert "Subject: A test of Chatsite" in postman.heard
    assert AuditEntry.objects.get(action="mail.test").detail == {"ok": True, "code": 250}


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "."])
def test_a_refusal_is_said_as_the_server_says_it(step: str, sam: User, postman: Postman) -> None:
    postman.refuses[step] = "550 5.7.1 <script>not you</script>"
    page = _tried(sam)
    assert "It was not sent." in page and "550 5.7.1 &lt;script&gt;not you" in page
    assert AuditEntry.objects.get(action="mail.test").detail == {"ok": False, "code": 550}


def test_a_password_that_the_server_quotes_is_not_shown(
    sam: User, postman: Postman, settings: Any
) -> None:
    from chatsite.hidden import learn

    learn(PASSWORD)
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "site", PASSWORD
    postman.refuses["AUTH"] = f"535 5.7.8 {PASSWORD} is wrong"
    page = _tried(sam)
    assert "535 5.7.8" in page and PASSWORD not in page


@pytest.mark.usefixtures("postman")
def test_a_server_that_is_away_is_told(sam: User, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    assert "ConnectionRefusedError" in _tried(sam)
    assert AuditEntry.objects.get(action="mail.test").detail == {"ok": False, "code": 0}


def test_without_a_server_it_says_where_it_went(sam: User) -> None:
    assert "no mail server is set" in _tried(sam)
    assert [one.to for one in mail.outbox] == [["sam@example.org"]]


def test_who_has_no_address_sends_none(root: User) -> None:
    assert "has no e-mail" in _tried(root)
    assert not mail.outbox and not AuditEntry.objects.filter(action="mail.test").exists()
