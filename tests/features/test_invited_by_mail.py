"""Invitations by mail: several at once, in their language, sent again, withdrawn; without a server, shown."""

import asyncio
import re
import smtplib
import socket
import time
from typing import Any
from unittest.mock import Mock

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.cache import cache
from django.db.models import F
from django.test import Client
from django.utils import timezone

from conversations import tasks
from conversations.accounts import invitation_mail, invitations
from conversations.db import in_db
from conversations.models import AuditEntry, Invitation, User
from conversations.runs import alarm
from tests.features.admin_kit import TABLES, client_of
from tests.features.runs_kit import committed
from tests.harness.people import PASSWORD

pytestmark = pytest.mark.django_db
TABLE = f"{TABLES}invitation/"
# Fifty times the time-out of the slow server would be more.
PATIENCE = 40


@pytest.fixture
def helper() -> User:
    """Staff who may invite, and is no administrator."""
    helper = User.objects.create(username="hana", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__endswith="_invitation"))
    return helper


def invited(by: User, capture: Any, **fields: Any) -> str:
    with capture(execute=True):
        answer = client_of(by).post(f"{TABLE}add/", {"language": "en", **fields})
    return answer.content.decode() if answer.status_code == 200 else ""


def mailed() -> int:
    """All that is due, as a process does it; how many attempts that were."""
    count = 0
    while prepared := invitation_mail.take_one():
        invitation, message = prepared
        invitation_mail.note(invitation, invitation_mail.sent(message))
        count += 1
    return count


def states(root: User) -> str:
    return client_of(root).get(TABLE).content.decode()


def link_in(text: str) -> str:
    found = re.search(r"/accounts/invitation/[\w-]+/", text)
    assert found, text
    return found.group()


def signed_up(link: str, name: str) -> User | None:
    cache.clear()
    guest = Client()
    guest.get(link)
    form = {"username": name, "email": f"{name}@example.org", "password1": PASSWORD}
    guest.post("/accounts/signup/", form)
    return User.objects.filter(username=name).first()


def test_each_gets_a_link_of_their_own_in_their_language(
    root: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.SIGNUP = "invite"
    class_7 = Group.objects.create(name="Class 7")
    fields = {"emails": "Ben@example.org, eve@example.org\nben@example.org", "group": class_7.pk}
    invited(root, django_capture_on_commit_callbacks, **{**fields, "language": "de"})
    assert mail.outbox == [] and states(root).count("is being sent") == 2
    assert mailed() == 2 and mailed() == 0
    assert [one.to for one in mail.outbox] == [["ben@example.org"], ["eve@example.org"]]
    assert {one.sent_at is not None for one in Invitation.objects.all()} == {True}
    links = [link_in(str(one.body)) for one in mail.outbox]
    assert links[0] != links[1] and "lädt dich" in str(mail.outbox[0].body)
    ben = signed_up(links[0], "ben")
    assert ben is not None and list(ben.groups.all()) == [class_7]
    assert signed_up(links[0], "cleo") is None, "it works once"
    assert AuditEntry.objects.filter(action="invitation.add").count() == 2


@pytest.mark.parametrize(
    ("is_mailed", "name", "is_confirmed"),
    [(True, "ben", True), (True, "eve", False), (False, "ben", False)],
)
def test_who_was_invited_by_mail_need_not_confirm_that_address(
    root: User,
    settings: Any,
    is_mailed: bool,
    name: str,
    is_confirmed: bool,
) -> None:
    """The link came to it. Another address, or a link that was passed on, proves nothing."""
    settings.SIGNUP = "invite"
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"  # as with a mail server
    made, link = invitations.invite(by=root, email="ben@example.org")
    if is_mailed:
        invitation_mail.send_soon([made.pk])
        assert mailed() == 1
        link = str(mail.outbox[0].body)
    mail.outbox.clear()
    guest = Client()
    guest.get(link_in(link))
    assert 'value="ben@example.org"' in guest.get("/accounts/signup/").content.decode()
    user = signed_up(link_in(link), name)
    assert user is not None and len(mail.outbox) == (not is_confirmed)
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified) == (f"{name}@example.org", is_confirmed)


def test_names_are_text_in_the_mail_and_never_markup(root: User) -> None:
    User.objects.filter(pk=root.pk).update(username="<b>sam</b>")
    made, _ = invitations.invite(by=User.objects.get(pk=root.pk), email="ben@example.org")
    invitation_mail.send_soon([made.pk])
    assert mailed() == 1
    message: Any = mail.outbox[0]
    [(html, kind)] = message.alternatives
    assert kind == "text/html" and "<b>sam" not in html and "&lt;b&gt;sam" in html
    assert "<b>sam</b> invites" in message.body and "\n" not in message.subject


@pytest.mark.parametrize(
    ("emails", "sentence"),
    [("not-an-address", "This is no e-mail"), ("ada@example.org", "has this e-mail already"),
     ("a@b.org\x00\nBcc: x@y.org", "Null characters are not allowed"),
     ("Bcc:x@y.org", "This is no e-mail"),
     (" ".join(f"p{at}@example.org" for at in range(51)), "At most 50")],
)  # fmt: skip
def test_what_cannot_be_sent_is_said_and_nobody_is_invited(
    emails: str, sentence: str, root: User, owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    page = invited(root, django_capture_on_commit_callbacks, emails=emails)
    assert sentence in page and not Invitation.objects.exists() and mail.outbox == []


def test_without_a_mail_server_the_links_are_shown_once(
    root: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_BACKEND = alarm.TO_THE_CONSOLE
    client = client_of(root)
    sent = {"emails": "ben@example.org eve@example.org", "language": "en"}
    page = client.post(f"{TABLE}add/", sent, follow=True).content.decode()
    assert len(re.findall(r"/accounts/invitation/[\w-]+/", page)) == 2
    assert "/accounts/invitation/" not in client.get(TABLE).content.decode()


def test_who_invites_does_not_wait_for_a_server_that_takes_its_time(
    root: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 1
        many = " ".join(f"p{at}@example.org" for at in range(50))
        began = time.monotonic()
        invited(root, django_capture_on_commit_callbacks, emails=many)
        assert time.monotonic() - began < PATIENCE and states(root).count("is being sent") == 50
        [first, *_] = Invitation.objects.order_by("pk")
        prepared = invitation_mail.take_one()
        assert prepared and prepared[0] == first.pk
        problem = invitation_mail.sent(prepared[1])
        assert problem, "it has not said a word"
    invitation_mail.note(first.pk, problem)
    page = states(root)
    assert page.count("is being sent") == 49 and "is tried again" in page


@pytest.mark.parametrize(
    ("code", "attempts", "state"),
    [(550, 1, "could not be sent"), (451, 4, "could not be sent"), (451, 3, "is tried again")],
)
def test_a_server_that_refuses_for_good_is_asked_once_and_another_four_times(
    code: int, attempts: int, state: str, root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = invitations.invite(by=root, email="ben@example.org")
    invitation_mail.send_soon([made.pk])
    refused = smtplib.SMTPRecipientsRefused({"ben@example.org": (code, b"no")})
    monkeypatch.setattr("django.core.mail.EmailMessage.send", Mock(side_effect=refused))
    for _ in range(attempts):
        assert mailed() == 1 and mailed() == 0, "not at once"
        Invitation.objects.exclude(send_at=None).update(send_at=timezone.now())
    assert state in states(root)
    assert mailed() == (state == "is tried again")


def test_what_failed_can_be_sent_again_with_another_link(root: User, settings: Any) -> None:
    settings.SIGNUP = "invite"
    one, before = invitations.invite(by=root, email="ben@example.org")
    invitation_mail.note(one.pk, smtplib.SMTPDataError(550, b"no"))
    assert "could not be sent" in states(root)
    client_of(root).post(TABLE, {"action": "send_again", "_selected_action": str(one.pk)})
    assert mailed() == 1 and len(mail.outbox) == 1
    one.refresh_from_db()
    assert one.failed_at is None and one.send_at is None and one.sent_at
    assert signed_up(link_in(before), "cleo") is None
    assert signed_up(link_in(str(mail.outbox[0].body)), "ben") is not None


def test_a_process_that_dies_over_it_leaves_it_to_another(root: User) -> None:
    one, _ = invitations.invite(by=root, email="ben@example.org")
    invitation_mail.send_soon([one.pk])
    assert invitation_mail.take_one() and mailed() == 0, "it may be at work yet"
    Invitation.objects.update(send_at=F("send_at") - invitation_mail.LEASE)
    assert mailed() == 1 and len(mail.outbox) == 1


def test_what_was_withdrawn_meanwhile_is_not_sent(root: User) -> None:
    one, _ = invitations.invite(by=root, email="ben@example.org")
    invitation_mail.send_soon([one.pk])
    assert invitations.withdraw(one) and mailed() == 0


@pytest.mark.usefixtures("db")
def test_each_process_sends_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = committed(lambda: invitations.invite(email="ben@example.org"))
    committed(lambda: invitation_mail.send_soon([made.pk]))
    monkeypatch.setattr(invitation_mail, "LOOK_SECONDS", 0.01)

    async def until_it_is_sent() -> None:
        sending = asyncio.create_task(tasks.for_ever["invitations by mail"]())
        async with asyncio.timeout(PATIENCE):
            while await in_db(Invitation.objects.filter(sent_at=None).exists)():  # noqa: ASYNC110 rows do not ring
                await asyncio.sleep(0.01)
        sending.cancel()

    try:
        asyncio.run(until_it_is_sent())
        assert [one.to for one in mail.outbox] == [["ben@example.org"]]
    finally:
        committed(Invitation.objects.filter(pk=made.pk).delete)


def test_what_was_withdrawn_opens_nothing(root: User, settings: Any) -> None:
    settings.SIGNUP = "invite"
    one, link = invitations.invite(by=root, note="Ben")
    client_of(root).post(TABLE, {"action": "withdraw", "_selected_action": str(one.pk)})
    assert "withdrawn" in client_of(root).get(TABLE).content.decode()
    assert signed_up(link_in(link), "ben") is None
    assert invitations.again(one) is None and not invitations.withdraw(one)


def test_who_may_invite_cannot_give_rights_by_a_group(
    helper: User, django_capture_on_commit_callbacks: Any
) -> None:
    harmless = Group.objects.create(name="Class 7")
    reviewers = Group.objects.get(name="Reviewers")
    page = invited(helper, django_capture_on_commit_callbacks, group=reviewers.pk)
    assert "Select a valid choice" in page and not Invitation.objects.exists()
    invited(helper, django_capture_on_commit_callbacks, group=harmless.pk)
    assert Invitation.objects.get().group == harmless
