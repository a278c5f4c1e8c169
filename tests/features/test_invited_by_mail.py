"""Invitations by mail: several at once, in their language, sent again, withdrawn; without a server, shown."""

import re
import smtplib
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.cache import cache
from django.test import Client

from conversations.accounts import invitation_mail, invitations
from conversations.models import AuditEntry, Invitation, User
from conversations.runs import alarm
from tests.features.admin_kit import TABLES, client_of
from tests.harness.people import PASSWORD

pytestmark = pytest.mark.django_db
TABLE = f"{TABLES}invitation/"


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
        invitation_mail.send([(made, link)])
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
    made, link = invitations.invite(by=User.objects.get(pk=root.pk), email="ben@example.org")
    invitation_mail.send([(made, link)])
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


def test_a_server_that_refuses_is_told_in_the_list_and_it_can_be_sent_again(
    root: User, settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:  # fmt: skip
    settings.SIGNUP = "invite"
    with monkeypatch.context() as away:
        away.setattr("django.core.mail.EmailMessage.send", _refuses)
        invited(root, django_capture_on_commit_callbacks, emails="ben@example.org")
    one = Invitation.objects.get()
    assert "could not be sent" in client_of(root).get(TABLE).content.decode()
    before = one.token_hash
    with django_capture_on_commit_callbacks(execute=True):
        client_of(root).post(TABLE, {"action": "send_again", "_selected_action": str(one.pk)})
    one.refresh_from_db()
    assert one.token_hash != before and one.failed_at is None and len(mail.outbox) == 1
    assert signed_up(link_in(str(mail.outbox[0].body)), "ben") is not None


def _refuses(*_: Any, **__: Any) -> int:
    raise smtplib.SMTPRecipientsRefused({})


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
