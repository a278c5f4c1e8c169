"""Who opens what is private says why, where the site asks; its owner hears of it as the site decides."""

import re
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from unittest.mock import AsyncMock

import pytest
from django.utils import timezone

from conversations import site
from conversations.ids import uuid7
from conversations.models import (
    AuditEntry,
    Conversation,
    Image,
    Message,
    MessageFile,
    Notice,
    SiteSettings,
    TextFile,
    User,
)
from conversations.review import opening
from tests.features.admin_kit import TABLES, client_of, made, on_record

pytestmark = pytest.mark.django_db

WORDS = "Words"
WHY = "A parent asked me to."


@pytest.fixture(autouse=True)
def settled_anew() -> Iterator[None]:
    site.row.forget()
    yield
    site.row.forget()


def settle(**settings: Any) -> None:
    SiteSettings.objects.update_or_create(pk=1, defaults=settings)
    site.row.forget()


@pytest.fixture
def asked(db: None) -> None:
    settle(asks_reason=True)


@pytest.fixture
def talk(owner: User) -> Conversation:
    return made(owner)


def transcript(talk: Conversation) -> str:
    return f"{TABLES}conversation/{talk.pk}/change/"


def form(talk: Conversation) -> str:
    return f"{TABLES}conversation/{talk.pk}/open/"


def open_for(reader: User, talk: Conversation, why: str = WHY, **more: str) -> Any:
    return client_of(reader).post(form(talk), {"reason": why, **more})


def test_nothing_is_asked_where_the_site_does_not_want_it(rita: User, talk: Conversation) -> None:
    assert WORDS in client_of(rita).get(transcript(talk)).content.decode()


def test_a_reason_opens_one_conversation_to_one_reader_for_an_hour(
    asked: None, rita: User, root: User, owner: User, talk: Conversation
) -> None:
    path = f"{transcript(talk)}?page=1"
    first = client_of(rita).get(path)
    assert first.status_code == 302 and first["Location"].startswith(form(talk))
    assert not on_record().exists()
    shown = client_of(rita).get(first["Location"]).content.decode()
    assert WORDS not in shown and "Talk 0" not in shown
    assert open_for(rita, talk, next=path)["Location"] == path
    for _ in range(2):
        assert WORDS in client_of(rita).get(path).content.decode()
    entry = AuditEntry.objects.get(action="conversation.open")
    assert (entry.actor, entry.owner, entry.reason) == ("rita", "ada", WHY)
    assert AuditEntry.objects.filter(action="transcript.read", actor="rita").count() == 2
    other = made(owner, 1)
    for reader, closed in ((rita, other), (root, talk)):
        assert client_of(reader).get(transcript(closed)).status_code == 302


def test_after_the_reason_the_transcript_opens_at_the_message_that_was_wanted(
    asked: None, rita: User, talk: Conversation
) -> None:
    message = uuid7()
    path, client = f"{transcript(talk)}?message={message}", client_of(rita)
    page = client.get(client.get(path)["Location"]).content.decode()
    [wanted] = re.findall(r'name="next" value="([^"]*)"', page)
    assert wanted == f"{path}#m-{message}"
    odd = client.get(f"{transcript(talk)}?message=x%22")
    assert "%23m-" not in odd["Location"]
    assert open_for(rita, talk, next=wanted)["Location"] == wanted


def test_after_an_hour_it_is_asked_again(
    asked: None, rita: User, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_for(rita, talk)
    monkeypatch.setattr(opening, "HOLDS", timedelta(0))
    assert client_of(rita).get(transcript(talk)).status_code == 302


def test_ones_own_opens_without_a_reason(asked: None, root: User) -> None:
    own = made(root)
    assert client_of(root).get(transcript(own)).status_code == 200


@pytest.mark.parametrize("why", ["", "  \n ", "\0", "x" * 501], ids=["", "blank", "nul", "long"])
def test_what_is_no_reason_opens_nothing(
    why: str, asked: None, rita: User, talk: Conversation
) -> None:
    answer = open_for(rita, talk, why)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "desk-error" in answer.content.decode()
    assert client_of(rita).get(transcript(talk)).status_code == 302
    assert not on_record().exists()


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_form_leads_to_no_other_site(
    next: str, asked: None, rita: User, talk: Conversation
) -> None:
    assert open_for(rita, talk, next=next)["Location"] == transcript(talk)


def test_pictures_and_files_open_with_their_conversation(
    asked: None, rita: User, owner: User, talk: Conversation
) -> None:
    image = Image.objects.get(owner=owner)
    question = Message.objects.get(conversation=talk, role="user")
    file = TextFile.objects.create(owner=owner, name="a.md", text="a", bytes=1, sha256="0" * 64)
    MessageFile.objects.create(message=question, file=file, position=0)
    client = client_of(rita)
    doors = [f"/images/{image.pk}/", f"/files/{file.pk}/", f"{TABLES}image/{image.pk}/change/"]
    for door in doors:
        answer = client.get(door)
        assert answer.status_code == 302 and answer["Location"].startswith(form(talk)), door
    assert client.get(f"/images/{image.pk}/thumbnail/").status_code == HTTPStatus.FORBIDDEN
    assert f"/images/{image.pk}/" not in client.get(f"{TABLES}image/").content.decode()
    assert not on_record().exists(), "what was not shown is on record"
    open_for(rita, talk)
    assert client.get(doors[1]).status_code == 200
    assert client.get(doors[2]).status_code == 200
    assert f"/images/{image.pk}/thumbnail/" in client.get(f"{TABLES}image/").content.decode()
    assert client_of(owner).get(doors[1]).status_code == 200


def test_what_one_does_not_see_cannot_be_blocked_unseen(
    asked: None, root: User, owner: User, talk: Conversation
) -> None:
    image = Image.objects.get(owner=owner)
    chosen = {"action": "block", "_selected_action": str(image.pk), "confirmed": "yes"}
    client_of(root).post(f"{TABLES}image/", chosen)
    image.blob.refresh_from_db()
    assert not image.blob.blocked


# Owners ---------------------------------------------------------------------------------------


def told(owner: User) -> str:
    return client_of(owner).get("/").content.decode()


@pytest.mark.parametrize(("tells", "notices"), [("never", 0), ("acted", 0), ("read", 1)])
def test_owners_hear_that_it_was_read_as_the_site_decides(
    tells: str, notices: int, rita: User, owner: User, talk: Conversation
) -> None:
    settle(tells_owners=tells, asks_reason=True)
    open_for(rita, talk)
    for _ in range(3):  # pages of one reading
        client_of(rita).get(transcript(talk))
    assert Notice.objects.filter(owner=owner).count() == notices
    page = told(owner)
    assert (WHY in page) == bool(notices)
    assert "rita" not in page


def test_reading_ones_own_is_no_news(root: User) -> None:
    settle(tells_owners="read")
    client_of(root).get(transcript(made(root)))
    assert not Notice.objects.exists()


@pytest.mark.parametrize(("tells", "notices"), [("never", 0), ("acted", 1), ("read", 1)])
def test_owners_hear_what_was_done(
    tells: str, notices: int, root: User, owner: User, talk: Conversation
) -> None:
    settle(tells_owners=tells)
    answer = Message.objects.get(conversation=talk, role="assistant")
    body = {"outcome": "deleted", "reason": "Against the law."}
    client_of(root).post(f"{TABLES}case/{answer.pk}/decide/", body)
    assert Notice.objects.filter(owner=owner).count() == notices
    page = told(owner)
    assert ("Talk 0" in page) == ("Against the law." in page) == bool(notices)


def test_nothing_wrong_is_no_news(rita: User, owner: User, talk: Conversation) -> None:
    settle(tells_owners="read")
    answer = Message.objects.get(conversation=talk, role="assistant")
    body = {"outcome": "fine", "reason": "All is well."}
    client_of(rita).post(f"{TABLES}case/{answer.pk}/decide/", body)
    assert not Notice.objects.exists()


def test_a_notice_is_put_away_by_its_owner_alone(
    rita: User, owner: User, talk: Conversation
) -> None:
    notice = Notice.objects.create(owner=owner, conversation=talk, about="read", reason="<b>")
    put_away = f"/settings/notices/{notice.pk}/"
    assert "&lt;b&gt;" in client_of(owner).get("/settings/").content.decode()
    assert client_of(rita).post(put_away).status_code == 404
    assert client_of(owner).get(put_away).status_code == 405
    assert client_of(owner).post(put_away)["Location"] == "/"
    assert client_of(owner).post(put_away).status_code == 404
    assert "&lt;b&gt;" not in told(owner)


def test_a_title_that_its_owner_deleted_is_in_no_notice(owner: User, talk: Conversation) -> None:
    Notice.objects.create(owner=owner, conversation=talk, about="read")
    talk.deleted_at = timezone.now()
    talk.save()
    Conversation.objects.filter(pk=talk.pk).delete()
    assert Notice.objects.get().title == ""
    assert "Talk 0" not in told(owner)


@pytest.mark.parametrize("outcome", ["hidden", "deleted"])
def test_what_is_removed_without_a_case_is_told_too(
    outcome: str,
    owner: User,
    root: User,
    talk: Conversation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What these do beside a running answer has tests with a server."""
    monkeypatch.setattr("conversations.chat.redaction.redact", AsyncMock())
    monkeypatch.setattr("conversations.runs.stop.stop_all_in", AsyncMock())
    message = Message.objects.create(conversation=talk, role="user", text="My PIN.")
    place = f"/admin/conversations/conversation/{talk.pk}"
    way = {"hidden": f"{place}/redact/{message.pk}/", "deleted": f"{place}/delete/"}[outcome]
    settle(tells_owners="acted")
    assert client_of(root).post(way, {"reason": "A PIN.", "post": "yes"}).status_code == 302
    [notice] = Notice.objects.all()
    assert (notice.owner, notice.about, notice.outcome) == (owner, "acted", outcome)
    assert "Talk 0" in told(owner)
