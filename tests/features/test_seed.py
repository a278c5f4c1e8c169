"""`manage.py seed`: what it makes is whole, the same for the same number, and goes again."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.admin.site import desk
from conversations.management.seeding import people, talks
from conversations.models import (
    AuditEntry,
    Blob,
    Conversation,
    DailyUse,
    Hold,
    Image,
    Message,
    MessageImage,
    ProviderCall,
    Run,
    User,
)
from tests.features.admin_kit import client_of, made

pytestmark = pytest.mark.django_db


def seed(*more: str, users: int = 4, messages: int = 60) -> str:
    said = StringIO()
    few = f"--users={users}", f"--messages={messages}", "--pictures=0"
    call_command("seed", *few, *more, stdout=said)
    return said.getvalue()


def texts() -> list[str]:
    return sorted(Message.objects.values_list("text", flat=True))


def test_what_is_made_up_is_whole() -> None:
    assert "4 people and" in seed(messages=200)
    assert people.seeded().count() == 4 and Message.objects.count() >= 200
    answers = Message.objects.filter(role="assistant")
    assert (
        Run.objects.count()
        == answers.count()
        == ProviderCall.objects.filter(purpose="chat").count()
    )
    assert not Conversation.objects.filter(active_message=None).exists()
    assert Message.objects.filter(parent=None).count() == Conversation.objects.count()
    spent = ProviderCall.objects.filter(purpose="chat").aggregate(Sum("cost_micros"))
    assert spent == answers.aggregate(Sum("cost_micros"))
    assert spent["cost_micros__sum"] > 0
    added_up = DailyUse.objects.aggregate(Sum("cost_micros"))
    assert added_up == ProviderCall.objects.aggregate(Sum("cost_micros"))


def test_the_same_number_makes_the_same() -> None:
    seed("--seed=5")
    first = texts()
    call_command("seed", "--remove", stdout=StringIO())
    assert texts() == []
    seed("--seed=5")
    assert texts() == first
    seed("--seed=6")
    assert texts() != sorted(first * 2)


def test_it_goes_again_and_takes_nobody_along(owner: User) -> None:
    talk = made(owner)
    with pytest.raises(CommandError, match="--yes"):
        seed()
    seed("--yes")
    entered = ProviderCall.objects.count()
    call_command("seed", "--remove", stdout=StringIO())
    assert list(Conversation.objects.all()) == [talk]
    assert list(User.objects.all()) == [owner]
    assert ProviderCall.objects.count() == entered, "the ledger is for ever"


def test_their_pictures_are_real_and_go_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talks, "SHOWN", 50)
    call_command("seed", "--users=3", "--messages=60", "--pictures=1", stdout=StringIO())
    uses = MessageImage.objects.filter(message__role="user", image__owner__in=people.seeded())
    assert uses.exists()
    assert not uses.exclude(image__owner=F("message__conversation__owner")).exists()
    blobs = list(Blob.objects.filter(images__owner__in=people.seeded()).distinct())
    files = [name for blob in blobs for name in (blob.name, blob.thumbnail_name)]
    assert len(blobs) == 1 and all(map(default_storage.exists, files))
    call_command("seed", "--remove", stdout=StringIO())
    assert not Image.objects.filter(blob__in=blobs).exists()
    assert not any(map(default_storage.exists, files))


def test_what_they_took_along_is_on_record(root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talks, "TAKEN", 100)
    seed()
    people_there = people.seeded().values("pk")
    entries = AuditEntry.objects.filter(action="person.export", owner_id__in=people_there)
    assert entries.exists() and not entries.exclude(actor_id=F("owner_id")).exists()
    page = client_of(root).get("/admin/conversations/auditentry/?action=person.export")
    assert entries.latest("at").actor in page.text


def test_nothing_goes_while_a_hold_is_on_some_of_it() -> None:
    seed()
    talk = Conversation.objects.earliest("pk")
    hold = Hold.objects.create(conversation=talk, reason="Case 7")
    with pytest.raises(CommandError, match="hold"):
        seed("--remove")
    assert people.seeded().count() == 4 and Conversation.objects.filter(pk=talk.pk).exists()
    hold.ended_at = timezone.now()
    hold.save()
    Hold.objects.create(person=talk.owner, reason="Case 8")
    with pytest.raises(CommandError, match="hold"):
        seed("--remove")


def asked_of(client: Client) -> dict[str, int]:
    """How many statements each list of the desk takes, and a person's own pages."""
    found = {}
    for model in desk._registry:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        found[path] = _statements(lambda path=path: client.get(path))  # type: ignore[misc]
    for path in ("/admin/", "/usage/"):
        found[path] = _statements(lambda path=path: client.get(path))  # type: ignore[misc]
    return found


def _statements(get: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert get().status_code in (200, 302)
    return len(asked)


def test_no_list_asks_more_often_where_there_is_more(root: User) -> None:
    client = client_of(root)
    seed(users=3, messages=100)
    client.get("/admin/")  # what a process learns once
    few = asked_of(client)
    assert all(few.values()), "nothing was counted"
    seed(users=9, messages=300)
    many = asked_of(client)
    assert {path: (few[path], count) for path, count in many.items() if count > few[path]} == {}
