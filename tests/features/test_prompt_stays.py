"""What a model reads stays as it was from question to question, and what it does not read is not read here.

Providers charge less for the beginning of a prompt that they have read before, and for nothing else.
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.attachments.accept import accept
from conversations.chat import branches, send
from conversations.chat.gate import Sent
from conversations.chat.questions import Options, Question, Regenerate, Start
from conversations.models import (
    Conversation,
    LanguageModel,
    Message,
    MessageFile,
    MessageImage,
    Preferences,
    Provider,
    Run,
    TextFile,
    User,
)
from conversations.models.conversation import Role, Status
from conversations.provider import catalogue
from conversations.provider.interface import Request
from conversations.provider.tokens import counting, known
from conversations.reading.lengths import lengths
from conversations.runs import prompt
from conversations.runs.start import ticket_of
from tests.features.images_kit import fresh, upload

pytestmark = pytest.mark.django_db

TURNS = 30
HELD = "one two three four five "


@pytest.fixture(autouse=True)
def _catalogue(settings: Any) -> Iterator[None]:
    settings.OPENAI_API_KEY = "sk-test"
    settings.USER_RUNS = settings.USER_REQUESTS_PER_MINUTE = 1000
    catalogue.forget()
    yield
    catalogue.forget()


@pytest.fixture
def ada() -> User:
    user = User.objects.create(username="ada")
    Preferences.objects.create(user=user, system_prompt="I am Ada.", time_zone="Europe/Berlin")
    return user


def narrow(**fields: Any) -> str:
    provider = Provider.objects.create(name="n", kind="compatible", base_url="http://n.invalid/v1")
    sizes = {"context_window": 2_000, "max_output_tokens": 300, "tokenizer": "o200k_base"}
    LanguageModel.objects.create(slug="narrow", provider=provider, **{**sizes, **fields})
    catalogue.forget()
    return "narrow"


def read(sent: Sent) -> Request:
    """What its run is to send."""
    assert sent.run
    return asyncio.run(
        prompt.request_for(ticket_of(sent.run, prompt.script_of(ticket_of(sent.run))))
    )


def answered(sent: Sent, text: str, days: int = 0) -> None:
    """As if it had been asked `days` from now."""
    Message.objects.filter(pk=sent.ack["message"]["id"]).update(
        text=text, status=Status.COMPLETE, created_at=timezone.now() + timedelta(days=days)
    )
    Run.objects.update(status=Status.COMPLETE, finished_at=timezone.now())


def notes(user: User, text: str) -> TextFile:
    return TextFile.objects.create(
        owner=user, name="notes.txt", text=text, bytes=len(text), sha256=f"{len(text):064}"
    )


def attached(turn: int, user: User, picture: str) -> dict[str, Any]:
    if turn % 10 == 3:
        return {"images": [picture], "options": Options(detail="low")}
    if turn % 10 == 5:
        return {"files": [str(notes(user, HELD * turn).pk)]}
    return {}


def test_what_is_sent_begins_with_what_was_sent_before(ada: User) -> None:
    before: list[Any] = []
    talk = None
    [picture] = accept(ada, [upload(fresh())])
    for turn in range(TURNS):
        start = None if talk else Start(system_prompt="Be brief.")
        more = attached(turn, ada, str(picture.pk))
        asked = Question(text=f"question {turn}", conversation=talk, start=start, **more)
        sent = send.question(ada, asked, f"key {turn}")
        talk = sent.conversation
        answered(sent, f"answer {turn}", days=turn // 10)
        if turn == 13:  # the picture once more, and closer
            again = Regenerate(message=sent.ack["message"]["id"], options=Options(detail="high"))
            sent = branches.regenerate(ada, again, "again")
            answered(sent, "closer", days=1)
        messages = read(sent).messages
        assert messages[: len(before)] == before and len(messages) == 2 * turn + 2
        before = messages
    said = str(before)
    assert "I am Ada." in said and "Be brief." in said and HELD * 5 in said
    assert [said.count(f"'detail': '{detail}'") for detail in ("low", "high")] == [2, 1]


def test_the_day_is_that_of_the_beginning_and_another_is_said_with_its_question(ada: User) -> None:
    first = send.question(ada, Question(text="first"), "a")
    began = read(first).messages[0]["content"]
    answered(first, "yes")
    later = send.question(ada, Question(text="later", conversation=first.conversation), "b")
    answered(later, "", days=3)
    messages = read(later).messages
    assert messages[0]["content"] == began and "Today is " in began
    assert messages[1]["content"] == "first"
    day, question = messages[3]["content"].split("\n\n")
    assert day.startswith("[Today is ") and day.endswith(" (Europe/Berlin).]")
    assert question == "later" and day.strip("[]") not in began


def long_talk(ada: User, count: int, words: str) -> Conversation:
    """An even number of messages, whose first question has a picture that is gone, and a file."""
    talk = Conversation.objects.create(owner=ada, model="narrow")
    rows: list[Message] = []
    for place in range(count):
        role = Role.ASSISTANT if place % 2 else Role.USER
        parent = rows[-1] if rows else None
        rows.append(Message(conversation=talk, parent=parent, role=role, text=f"{place} {words}"))
    Message.objects.bulk_create(rows)
    [image] = accept(ada, [upload(fresh())])
    MessageImage.objects.create(message=rows[0], image=image, position=0)
    MessageFile.objects.create(message=rows[0], file=notes(ada, HELD), position=0)
    talk.active_message = rows[-1]
    talk.save()
    image.blob.name = "gone"
    image.blob.save()
    return talk


def test_what_is_left_out_is_not_read(ada: User) -> None:
    narrow(abilities=["vision"])
    talk = long_talk(ada, 400, HELD * 5)
    sent = send.question(ada, Question(text="And?", conversation=str(talk.pk)), "a")
    assert sent.run
    with CaptureQueriesContext(connection) as asked:
        script = prompt.script_of(ticket_of(sent.run))
    about = [query["sql"] for query in asked if "_message" in query["sql"]]
    assert len(about) == 3  # the run, how long everything is, and what is read
    assert not any("_textfile" in sql or "_blob" in sql for sql in (about[0], about[2]))
    assert not any('FROM "conversations_textfile' in query["sql"] for query in asked)
    # 12 bytes a token of 1,600, and what the steps add to that.
    assert 100 < len(script.turns) < 200 and script.turns[0].role == Role.USER
    request = read(sent)
    assert request.left_out == 401 - (len(request.messages) - 1) > script.too_far
    assert request.messages[1]["content"].startswith(f"{request.left_out} ")


def test_nobody_waits_until_is_counted_what_makes_no_difference(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(abilities=["vision"])
    known.forget()
    talk = long_talk(ada, 60, HELD * 5)
    first = send.question(ada, Question(text="And?", conversation=str(talk.pk)), "a")
    before = read(first)
    answered(first, "Yes.")
    monkeypatch.setattr(counting, "_counter", None)
    second = send.question(ada, Question(text="And then?", conversation=str(talk.pk)), "b")
    after = read(second)
    assert after.left_out == before.left_out > 0
    assert after.messages[: len(before.messages)] == before.messages


def test_the_length_of_a_branch_counts_files_and_no_other_branch(ada: User) -> None:
    narrow()
    talk = long_talk(ada, 6, "ä")
    beside = Message.objects.create(conversation=talk, role=Role.USER, text="another beginning")
    assert talk.active_message
    measured = lengths(talk, talk.active_message.pk)
    assert [length.bytes for length in measured] == [4 + len(HELD), 4, 4, 4, 4, 4]
    assert [length.attached for length in measured] == [True] + [False] * 5
    assert [length.role for length in measured] == ["user", "assistant"] * 3
    assert [length.bytes for length in lengths(talk, beside.pk)] == [17]
