"""Who looks after the site, and what they find there."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from conversations.models import (
    AuditEntry,
    Blob,
    Conversation,
    Feedback,
    Folder,
    Hold,
    Image,
    Message,
    MessageImage,
    Oversight,
    ProviderCall,
    Run,
    Share,
    User,
)
from tests.harness.people import HASH, sign_in

TABLES = "/admin/conversations/"


def client_of(user: User | None) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    if user:
        # `force_login` saves two sessions and when it was, in eleven statements.
        client.cookies[settings.SESSION_COOKIE_NAME] = sign_in(user)
    return client


def end_holds(client: Client, *holds: Hold, **more: str) -> Any:
    """By the list and the page that asks why."""
    said = {"confirmed": "yes", "reason": "It is settled."} | more
    chosen = {"action": "end_these", "_selected_action": [hold.pk for hold in holds]}
    return client.post(f"{TABLES}hold/", chosen | said)


def form_of(client: Client, path: str) -> dict[str, Any]:
    """What the form at `path` would send back unchanged."""
    form = client.get(path).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False)}


def administrator() -> User:
    return User.objects.create(username="sam", is_staff=True, is_superuser=True)


def reviewer() -> User:
    """She sees everybody, though other tests may have left it to her group to see some only."""
    Oversight.objects.all().delete()
    rita = User.objects.create(username="rita", is_staff=True)
    rita.groups.set(Group.objects.filter(name="Reviewers"))
    return rita


def on_record() -> QuerySet[AuditEntry]:
    """What those did who are made here. Entries of other tests stay: nobody can take them away."""
    people = User.objects.filter(username__in=["rita", "sam", "ada"])
    return AuditEntry.objects.filter(actor_id__in=people.values("pk"))


def person() -> User:
    return User.objects.create(username="ada", email="ada@example.org", password=HASH)


def made(owner: User, number: int = 0) -> Conversation:
    """A conversation in a folder, with a picture, a failed answer, its run and its call, and a link."""
    now = timezone.now()
    talk = Conversation.objects.create(owner=owner, title=f"Talk {number}", model="gpt-4.1-mini")
    question = Message.objects.create(conversation=talk, role="user", text="Words")
    answer = Message.objects.create(
        conversation=talk, parent=question, role="assistant", status="failed",
        error_code="provider_error",
    )  # fmt: skip
    run = Run.objects.create(
        conversation=talk, message=answer, user=owner, status="failed", model="gpt-4.1-mini",
        started_at=now, finished_at=now + timedelta(seconds=2), error_code="provider_error",
    )  # fmt: skip
    ProviderCall.objects.create(
        user=owner, conversation=talk.pk, run=run.pk, provider="openai", model="gpt-4.1-mini",
        outcome="provider_error", input_tokens=1200, output_tokens=34, cost_micros=15_000,
    )  # fmt: skip
    image = Image.objects.create(owner=owner, blob=blob(f"{talk.pk.hex:0<64}"))
    MessageImage.objects.create(message=question, image=image, position=0)
    Feedback.objects.create(
        message=answer, user=owner, rating="down", reasons=["wrong"], comment="Not so.",
        report="harmful", reported_at=now,
    )  # fmt: skip
    Share.objects.create(
        owner=owner, conversation=talk, leaf=answer, leaf_length=0, leaf_status="failed",
        title=talk.title, token_hash=talk.pk.hex,
    )  # fmt: skip
    talk.folder = Folder.objects.create(owner=owner, name=f"Folder {number}")
    talk.active_message = answer
    talk.save()
    return talk


def blob(sha256: str) -> Blob:
    return Blob.objects.create(
        sha256=sha256, name="a/b.png", thumbnail_name="a/b.webp", width=4, height=3,
        content_type="image/png", bytes=99, original_type="image/png", original_bytes=120,
        original_width=4, original_height=3, ocr_text="PRIVATE",
    )  # fmt: skip
