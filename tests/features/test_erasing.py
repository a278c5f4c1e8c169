"""Who has much is erased some at a time, and whatever happens meanwhile, to the end."""

import asyncio
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from uuid import UUID

import psycopg
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from conversations import tasks
from conversations.accounts import erase as erasing
from conversations.accounts import erasures, names
from conversations.accounts.erase import Asked, erase, take_some
from conversations.attachments import accept, text_files
from conversations.db import connection_string, in_db
from conversations.errors import NotLoggedIn
from conversations.ids import uuid7
from conversations.models import (
    Claim,
    Conversation,
    Erasure,
    Hold,
    Image,
    Invitation,
    Message,
    ProviderCall,
    User,
)
from tests.features.admin_kit import TABLES, client_of, end_holds, form_of, made, on_record
from tests.features.images_kit import fresh, upload
from tests.features.runs_kit import clear, committed
from tests.harness.people import PASSWORD

PATIENCE = 30


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two messages are much already, and as much as is taken at once."""
    monkeypatch.setattr(erasing, "LITTLE", 1)
    monkeypatch.setattr(erasing, "ROWS", 2)


def page_of(owner: User) -> str:
    return f"{TABLES}user/{owner.pk}/"


def test_who_has_much_is_gone_a_while_after_the_page_has_answered(root: User, owner: User) -> None:
    for number in range(4):
        made(owner, number)
    Claim.objects.create(user=owner, key="k", fingerprint="f")
    client, page = client_of(root), page_of(owner)
    form = form_of(client, f"{page}change/")
    named = {"post": "yes", "confirm": "ada", "reason": "She left"}
    answer = client.post(f"{page}delete/", named, follow=True)
    shown = answer.content.decode()
    assert "Everything of ada is being erased." in shown and "It begins in a moment." in shown
    owner.refresh_from_db()
    assert not owner.is_active and names.is_taken("username", "Ada", by_others_than=User())
    again = client.post(f"{page}change/", {**form, "is_active": "on"})
    assert again.status_code == HTTPStatus.FORBIDDEN, "nobody lets them in again"
    once_more = client.post(f"{page}delete/", named, follow=True)
    assert "is being erased" in once_more.content.decode()
    asked = on_record().get(action="person.erase")
    assert (asked.owner, asked.reason, asked.detail) == ("ada", "She left", {"messages": 8})

    while not Erasure.objects.get().gone:
        assert take_some(owner.pk)
    assert Message.objects.count() == 6 and not Claim.objects.exists()
    assert "25 % of 8 messages are gone." in client.get(f"{page}change/").content.decode()
    while take_some(owner.pk):
        pass
    assert not User.objects.filter(pk=owner.pk).exists() and not Image.objects.exists()
    assert ProviderCall.objects.filter(user_id=owner.pk).count() == 4, "the ledger is not changed"
    done = on_record().get(action="user.delete")
    assert (done.actor, done.owner, done.reason) == ("sam", "ada", "She left")
    told = client.get(f"{page}change/", follow=True).content.decode()
    assert "Everything of ada was erased" in told


def test_a_hold_that_comes_meanwhile_stops_it_until_it_is_ended(root: User, owner: User) -> None:
    for number in range(3):
        made(owner, number)
    erase(owner, Asked(root))
    while not Erasure.objects.get().gone:
        take_some(owner.pk)
    left = set(Message.objects.values_list("pk", flat=True))
    hold = Hold.objects.create(person=owner, reason="Case 7", by="sam")
    assert not take_some(owner.pk)
    assert len(left) == 4 and set(Message.objects.values_list("pk", flat=True)) == left
    shown = client_of(root).get(f"{page_of(owner)}change/").content.decode()
    assert "Stopped by a legal hold" in shown
    end_holds(client_of(root), hold)
    while take_some(owner.pk):
        pass
    assert not User.objects.filter(pk=owner.pk).exists()


def test_a_conversation_that_is_too_long_for_once_grows_shorter(owner: User) -> None:
    talk = Conversation.objects.create(owner=owner)
    last, said = None, list[Message]()
    for _ in range(5):
        last = Message.objects.create(conversation=talk, role="user", parent=last)
        said.append(last)
    # Where an import had no better order: what is older stands below what is newer.
    Message.objects.filter(pk=said[0].pk).update(parent=said[4])
    talk.active_message = said[3]
    talk.save()
    erase(owner)
    counts = []
    while take_some(owner.pk):
        counts.append(Message.objects.count())
    assert counts == [3, 1, 0] and not User.objects.filter(pk=owner.pk).exists()


def test_by_what_they_signed_in_and_were_invited_goes_with_them(root: User) -> None:
    ada = User.objects.create_user("ada", "ada@example.org", PASSWORD)
    EmailAddress.objects.create(user=ada, email="lovelace@example.org")
    client = client_of(None)
    client.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert Session.objects.get(pk=key).get_decoded()["account_authentication_methods"]
    now = timezone.now()
    sent = [
        {"note": "Ada", "used_by": ada, "used_at": now, "created_by": root},
        {"email": "ada@example.org", "withdrawn_at": now, "created_by": root},
        {"email": "Lovelace@example.org", "created_by": root},
        {"email": "ben@example.org", "created_by": ada},
    ]
    for number, facts in enumerate(sent):
        Invitation.objects.create(token_hash=str(number), expires_at=now, **facts)
    made(ada)
    erase(ada, Asked(root))
    assert not Session.objects.filter(pk=key).exists(), "their address stands in it"
    while take_some(ada.pk):
        pass
    assert list(Invitation.objects.values_list("email", flat=True)) == ["ben@example.org"]


@pytest.mark.django_db
def test_who_was_deactivated_or_erased_uploads_nothing() -> None:
    ada = User.objects.create(username=f"user-{uuid7()}")
    uploads = partial(accept.accept, ada, [upload(fresh())])
    adds = partial(text_files.accept, ada, [upload(b"1", "a.txt")])
    theirs = User.objects.filter(pk=ada.pk)
    for close in (partial(theirs.update, is_active=False), theirs.delete):
        close()
        for come in (uploads, adds):
            with pytest.raises(NotLoggedIn):
                come()


def test_one_who_cannot_be_erased_keeps_nobody_waiting(
    root: User, owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made(owner)
    behind = User.objects.create(username="ben")
    made(behind)
    waiting = [Erasure(person=owner, messages=2), Erasure(person=behind, messages=2)]
    came, rested = list[UUID](), asyncio.Event()

    async def found() -> list[Erasure]:
        if came:
            rested.set()
            await asyncio.Event().wait()
        return waiting

    async def go_on(erasure: Erasure) -> None:
        came.append(erasure.person_id)
        if erasure.person_id == owner.pk:
            raise ValueError

    monkeypatch.setattr(erasures, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(erasures, "_asked_for", found)
    monkeypatch.setattr(erasures, "_go_on", go_on)

    async def one_look() -> None:
        working = asyncio.create_task(erasures.keep_erasing())
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait(
                [working, asyncio.create_task(rested.wait())],
                return_when=asyncio.FIRST_COMPLETED,
            )
        working.cancel()

    asyncio.run(one_look())
    assert came == [owner.pk, behind.pk] and f"erasing {owner.pk} failed" in caplog.text


# By several processes ------------------------------------------------------------------------------


@pytest.fixture
def somebody(db: None) -> Iterator[User]:
    def make() -> User:
        person = User.objects.create(username=f"user-{uuid7()}")
        made(person)
        return person

    yield committed(make)
    committed(clear)


def test_nobody_takes_from_whom_somebody_else_is_taking(somebody: User) -> None:
    committed(lambda: erase(somebody))
    with psycopg.connect(connection_string()) as elsewhere:
        held = "SELECT FROM conversations_erasure WHERE person_id = %s FOR UPDATE"
        elsewhere.execute(held, [somebody.pk])
        assert not committed(lambda: take_some(somebody.pk))
        assert committed(Conversation.objects.filter(owner=somebody).exists)
    # It has died: what it had taken is there again, and whoever comes next goes on.
    assert committed(lambda: take_some(somebody.pk))
    assert not committed(Conversation.objects.filter(owner=somebody).exists)


def test_each_process_goes_on_with_what_is_left(
    somebody: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasures, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(erasures, "REST_SECONDS", 0.0)
    committed(lambda: erase(somebody))

    async def until_they_are_gone() -> None:
        working = asyncio.create_task(tasks.for_ever["erasing people"]())
        async with asyncio.timeout(PATIENCE):
            while await in_db(User.objects.filter(pk=somebody.pk).exists)():  # noqa: ASYNC110 rows do not ring
                await asyncio.sleep(0.01)
        working.cancel()

    asyncio.run(until_they_are_gone())
    assert not committed(Conversation.objects.filter(owner=somebody).exists)
