"""What Ada owns when strangers try her doors: one of each, fresh for every row."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth.models import Group
from django.db.models import Model
from django.db.models.signals import post_save
from django.test import Client
from django.utils import timezone

from conversations.chat import sharing
from conversations.ids import hashed
from conversations.models import (
    AuditEntry,
    Blob,
    BlockedPicture,
    Budget,
    Case,
    Conversation,
    Feedback,
    Flag,
    Folder,
    Hold,
    Image,
    ImportJob,
    Invitation,
    Message,
    MessageFile,
    MessageImage,
    Moderation,
    Notice,
    Oversight,
    Pattern,
    ProviderCall,
    RateLimit,
    RetentionRule,
    Run,
    SavedPrompt,
    Share,
    SiteSettings,
    Summary,
    TextFile,
    User,
)
from conversations.reading.summaries import digest
from tests.doors.routes import admin_model
from tests.harness.database import Ground
from tests.harness.people import People, Person

T = TypeVar("T")
NOBODY = "01890000-0000-7000-8000-000000000000"
Rows = dict[type[Model], list[Any]]
# What is nobody's, and everybody's as long as it is there; in the order in which it can go.
OF_THE_SITE: tuple[type[Model], ...] = (
    Oversight, Pattern, BlockedPicture, Invitation, SavedPrompt, Budget, RateLimit, RetentionRule,
    Moderation, SiteSettings, Group,
)  # fmt: skip


@dataclass
class World:
    """Six people, and what the first of them owns."""

    people: dict[str, Person]
    conversation: str
    question: str
    answer: str
    run: str
    image: str
    share: str
    summary: str
    job: str
    token: str
    folder: str
    prompt: str
    file: str
    notice: str
    blob: str
    ground: Ground
    made: Rows

    def values(self) -> dict[str, str]:
        return {
            "conversation": self.conversation,
            "which": self.conversation,
            "message": self.answer,
            "run": self.run,
            "image": self.image,
            "image_id": self.image,
            "share": self.share,
            "summary": self.summary,
            "job": self.job,
            "token": self.token,
            "folder": self.folder,
            "prompt": self.prompt,
            "file_id": self.file,
            "notice": self.notice,
            "user": self.people["owner"].id,
        }

    def broken(self) -> str:
        """The answer, as if it had been stopped: one that can be gone on with."""
        answers = Message.objects.filter(pk=self.answer)
        self.ground.run(lambda: answers.update(status="stopped", finish_reason=""))
        return self.answer

    def leave(self) -> None:
        """What is the site's goes; what is somebody's hurts nobody else."""

        def work() -> None:
            for model in OF_THE_SITE:
                model._default_manager.filter(pk__in=self.made.get(model, ())).delete()

        self.ground.run(work)

    def row(self, model: type[Model]) -> str:
        """One of its own: what others have made, others take away. Else what the site came with, or none."""
        known = {User: self.people["owner"].id, Case: self.answer, Conversation: self.conversation}
        mine = self.made.get(model)
        if model in known or mine:
            return known.get(model) or str(mine and mine[-1])
        row = self.ground.run(lambda: model._default_manager.order_by("pk").first())
        return str(row.pk) if row else NOBODY

    def admin_address(self, route: str, name: str) -> str:
        """An admin route about a row of this world."""
        model = admin_model(name)
        known = self.row(model) if model else NOBODY
        values = {"object_id": known, "id": self.people["owner"].id, "app_label": "conversations"}
        values |= {"conversation": self.conversation, "message": self.answer}
        values |= {"content_type_id": "1", "url": "no/such/page"}
        plain = re.sub(r"\(\?P<(\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)", r"<\1>", route)
        return re.sub(r"<([^>]+)>", lambda found: values[found.group(1).rpartition(":")[2]], plain)


class Here(Ground):
    """Work is done where the test is, on its own database."""

    def __init__(self) -> None:
        pass

    def run(self, work: Callable[[], T]) -> T:
        return work()


class Inside:
    """A world, and the same people before it without a server: hundreds of doors in seconds."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clients = {who: self._of(person) for who, person in world.people.items()}

    def _of(self, person: Person) -> Client:
        client = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
        client.cookies.load(person.cookies)
        return client


def build(people: People, ground: Ground, blob: str) -> World:
    made = {
        "owner": people.new("ada"),
        "other": people.new("cleo"),
        "stranger": people.stranger(),
        "deactivated": people.new("dan", is_active=False),
        "reviewer": people.new("rita", is_staff=True, groups=("Reviewers",)),
        "superuser": people.new("sam", is_staff=True, is_superuser=True),
    }
    owner = made["owner"].user
    assert owner is not None
    with noted() as rows:
        ids = ground.run(lambda: belongings(owner, blob))
    return World(made, blob=blob, ground=ground, made=rows, **ids)


@contextmanager
def noted() -> Iterator[Rows]:
    """The rows that this process makes meanwhile."""
    rows: Rows = {}

    def note(sender: type[Model], instance: Model, created: bool, **_: Any) -> None:
        if created:
            rows.setdefault(sender, []).append(instance.pk)

    post_save.connect(note)
    try:
        yield rows
    finally:
        post_save.disconnect(note)


def belongings(owner: User, blob: str) -> dict[str, str]:
    """A row of theirs in every table, or of nobody's where the site has it."""
    said = _said(owner)
    talk, question, answer, run = said.values()
    image = Image(owner=owner, blob=Blob.objects.get(pk=blob))
    image.save()
    MessageImage(message=question, image=image, position=0).save()
    file = TextFile(owner=owner, name="notes.md", text="# Notes", bytes=7, sha256="0" * 64)
    file.save()
    MessageFile(message=question, file=file, position=0).save()
    summary = Summary(
        conversation=talk, until=answer, digest=digest(answer.pk), messages=2,
        text="About: a dot.", model=run.model,
    )  # fmt: skip
    summary.save()
    share = _shared(owner, image, file)
    _spent(owner, run)
    _reviewed(owner, answer)
    _of_the_site()
    rows = {**said, "image": image, "file": file, "summary": summary, "share": share}
    rows |= _kept(owner, talk)
    ids = {name: str(row.pk) for name, row in rows.items()}
    return {**ids, "token": sharing.token_of(share)}


def _said(owner: User) -> dict[str, Any]:
    """A question and its answer."""
    now = timezone.now()
    talk = Conversation(owner=owner, title="Mine", model="gpt-4.1-mini")
    talk.save()
    question = Message(conversation=talk, role="user", text="What is this?")
    question.save()
    answer = Message(
        conversation=talk, parent=question, role="assistant", text="A dot.", finish_reason="stop"
    )
    answer.save()
    run = Run(
        conversation=talk, message=answer, user=owner, status="complete", model="gpt-4.1-mini",
        started_at=now, finished_at=now, finish_reason="stop", length=6,
    )  # fmt: skip
    run.save()
    Conversation.objects.filter(pk=talk.pk).update(active_message=answer)
    return {"conversation": talk, "question": question, "answer": answer, "run": run}


def _spent(owner: User, run: Run) -> None:
    ProviderCall(user=owner, run=run.pk, provider="openai", model=run.model, outcome="ok").save()
    RateLimit(whom="person", user=owner, messages=0).save()
    Budget(name="Ada", scope="person", user=owner, measure="messages", limit=1000).save()


def _reviewed(owner: User, answer: Message) -> None:
    """What reviewers look at, and whom they may."""
    Feedback(message=answer, user=owner, rating="down").save()
    pattern = Pattern(name=secrets.token_hex(8), terms="never said", is_enabled=False)
    pattern.save()
    Flag(message=answer, source="pattern", pattern=pattern, pattern_name=pattern.name).save()
    talk = str(answer.conversation_id)
    AuditEntry(actor="x", action="x", object_type="conversation", object_id=talk).save()
    teachers, nine_b = (Group(name=secrets.token_hex(8)) for _ in range(2))
    teachers.save()
    nine_b.save()
    Oversight(reviewers=teachers, people=nine_b).save()
    Hold(person=owner, reason="Over.", by="sam", ended_at=timezone.now()).save()


def _of_the_site() -> None:
    """What is nobody's. Some of it there is only once."""
    Moderation.objects.get_or_create(pk=1)
    SiteSettings.objects.get_or_create()
    RetentionRule.objects.get_or_create(what="files", defaults={"days": 36_500})
    BlockedPicture(sha256=secrets.token_hex(32)).save()
    Invitation(token_hash=secrets.token_hex(32), expires_at=timezone.now()).save()


def _kept(owner: User, talk: Conversation) -> dict[str, Any]:
    """What somebody has besides what was said."""
    folder = Folder(owner=owner, name="Work")
    job = ImportJob(
        owner=owner, status="complete", boot=talk.pk, file_bytes=1, finished_at=timezone.now()
    )
    prompt = SavedPrompt(owner=owner, name="letter", text="Dear {{name}}")
    notice = Notice(owner=owner, conversation=talk, about="read")
    for row in (folder, job, prompt, notice):
        row.save()
    # Made last: the admin knows those alone that are there for all.
    SavedPrompt(owner=None, name=f"all-{secrets.token_hex(8)}", text="Sum it up.").save()
    return {"folder": folder, "job": job, "prompt": prompt, "notice": notice}


def _shared(owner: User, image: Image, file: TextFile) -> Share:
    """A link, with its picture and its file, to a conversation of its own."""
    talk = Conversation(owner=owner, title="Shown")
    talk.save()
    question = Message(conversation=talk, role="user", text="And this?")
    question.save()
    MessageImage(message=question, image=image, position=0).save()
    MessageFile(message=question, file=file, position=0).save()
    share = Share(
        owner=owner, conversation=talk, leaf=question, leaf_length=9, leaf_status="complete",
        with_images=True,
    )  # fmt: skip
    share.token_hash = hashed(sharing.token_of(share))
    share.save()
    return share
