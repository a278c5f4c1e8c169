"""Words that an administrator takes away are nowhere any more; that something stood there stays."""

import secrets
from typing import Any

import pytest
from django.db import connection, transaction

from conversations.chat import redaction
from conversations.errors import Conflict, Invalid
from conversations.models import AuditEntry, Hold, Image, Message, Redaction, Summary, TextFile
from conversations.reading.summaries import digest
from tests.features.test_chat_branches import edit, regenerate
from tests.features.test_files import added
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.pictures import png
from tests.harness.sockets import Refused
from tests.stub_provider import Model, Think, pause

COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = 'public' AND table_name NOT LIKE 'pg_%'
"""


def redact(ground: Ground, by: Person, message: str, reason: str = "A name.") -> Redaction:
    @transaction.atomic
    def work() -> Redaction:
        row = Message.objects.select_related("conversation").get(pk=message)
        assert by.user is not None
        return redaction.redacted(by.user, row, reason=reason, address="127.0.0.1")

    return ground.run(work)


def stands_in(word: str) -> list[str]:
    """Every column of every table in which it is found, whatever its type."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        columns = cursor.fetchall()
        return [f"{table}.{name}" for table, name in columns if _has(cursor, table, name, word)]


def _has(cursor: Any, table: str, name: str, word: str) -> bool:
    found = f'SELECT EXISTS (SELECT FROM "{table}" WHERE strpos(lower("{name}"::text), %s) > 0)'
    cursor.execute(found, [word])
    return bool(cursor.fetchone()[0])


@pytest.fixture
def word() -> str:
    return f"zq{secrets.token_hex(6)}"


def summary_of(asked: Asked, word: str) -> None:
    row = Message.objects.get(pk=asked.answer_id)
    Summary.objects.create(
        conversation_id=asked.conversation, until=row, digest=digest(row.pk), messages=2,
        text=f"About {word}.", model="x",
    )  # fmt: skip


def test_a_redacted_word_is_in_no_table(
    ada: Person, sam: Person, model: Model, ground: Ground, word: str
) -> None:
    file = added(ada, (f"{word}.md", f"# {word}".encode()))[0]
    script = model.will_say("noted", asked=f"{word} tell me.")
    asked = ada.ask(script, files=[file["id"]])
    ada.api("POST", "shares", json={"conversation": asked.conversation, "images": True}, expect=201)
    ada.api("GET", "search", params={"q": word})  # makes it findable
    ground.run(lambda: summary_of(asked, word))
    before = ground.run(lambda: stands_in(word))
    known = ["message.text", "conversation.title", "textfile.text", "findable.body", "summary.text"]
    known += ["share.title", "claim.ack", "sentrequest.calls"]
    assert {f"conversations_{one}" for one in known} <= set(before)
    redact(ground, sam, asked.question_id)
    ada.api("GET", "search", params={"q": word})
    assert ground.run(lambda: stands_in(word)) == []


def test_an_answer_goes_with_its_thoughts_and_the_way_back_to_them(
    ada: Person, sam: Person, model: Model, ground: Ground, word: str
) -> None:
    asked = ada.ask(model.will_say(Think(f"{word}?"), f"It is {word}."))
    trace = redact(ground, sam, asked.answer_id)
    assert ground.run(lambda: stands_in(word)) == []
    shown = asked.stored()
    assert shown["redacted"] and shown["reasoning"] == ""
    assert shown["text"] == f"[Removed by an administrator on {trace.at:%Y-%m-%d}.]"
    assert trace.characters == len(f"{word}?It is {word}.")


@pytest.mark.parametrize("which", ["question_id", "answer_id"])
def test_a_removed_answer_is_given_to_nobody_who_asks_the_same(
    ada: Person, ben: Person, sam: Person, model: Model, ground: Ground, word: str, which: str
) -> None:
    script = model.will_say("It is four.", asked=f"What is {word}?")
    asked = ada.ask(script, options={"temperature": 0})
    redact(ground, sam, getattr(asked, which))
    again = ben.ask(script, options={"temperature": 0}).stored()
    assert (again["text"], again["cached"]) == ("It is four.", False)


def test_pictures_and_files_that_stand_nowhere_else_go(
    ada: Person, sam: Person, model: Model, ground: Ground
) -> None:
    kept, gone = ada.upload(png(30, 20))["id"], ada.upload(png(20, 30))["id"]
    file = added(ada, ("a.md", secrets.token_hex(8).encode()))[0]["id"]
    other = ada.ask(model.will_say("one"), images=[kept])
    asked = ada.ask(model.will_say("two"), images=[kept, gone], files=[file])
    trace = redact(ground, sam, asked.question_id)
    assert (trace.pictures, trace.files) == (2, 1)
    assert ground.rows(Image, pk=kept) and not ground.rows(Image, pk=gone)
    assert not ground.rows(TextFile, pk=file)
    assert len(ada.messages(other.conversation)[0]["images"]) == 1
    assert ada.messages(asked.conversation)[0]["images"] == []


def test_other_tabs_hear_of_it_and_the_model_reads_that_something_stood_there(
    ada: Person, sam: Person, model: Model, ground: Ground, word: str
) -> None:
    asked = ada.ask(model.will_say("one", asked=f"{word} tell me."))
    tab = ada.socket()
    tab.call("conversation.open", conversation=asked.conversation, have={})
    redact(ground, sam, asked.question_id)
    told = tab.until("message.redacted")["message"]
    assert told["id"] == asked.question_id and word not in str(told)
    assert tab.until("conversation.updated")["conversation"]["title"] == ""
    script = model.will_say("two")
    ada.ask(script, conversation=asked.conversation)
    told = [role for role, _ in script.request.said() if role in ("user", "assistant")]
    assert told == ["user", "assistant", "user"]
    assert word not in str(script.request.json)
    assert "Removed by an administrator" in str(script.request.json)


def test_it_is_neither_edited_nor_asked_again_nor_gone_on_with(
    ada: Person, sam: Person, model: Model, ground: Ground
) -> None:
    asked = ada.ask(model.will_say("one two", finish="length"))
    redact(ground, sam, asked.answer_id)
    with pytest.raises(Refused) as refused:
        asked.socket.call("message.continue", message=asked.answer_id)
    assert refused.value.code == "conflict"
    assert regenerate(asked).finish().status == "complete", "another answer to what still stands"
    redact(ground, sam, asked.question_id)
    assert 'data-last="redacted"' in ada.http.get(f"/c/{asked.conversation}/").text
    with pytest.raises(Refused) as refused:
        regenerate(asked)
    assert refused.value.code == "conflict"
    with pytest.raises(Refused) as refused:
        edit(asked, model.will_say("other"))
    assert refused.value.code == "conflict"


def test_an_answer_under_way_is_stopped_first(
    ada: Person, sam: Person, model: Model, ground: Ground, word: str
) -> None:
    script = model.will_say(f"{word} ", pause, "more")
    asked = ada.start(script)
    script.wait_until_paused()
    sam.http.post(
        f"/admin/conversations/conversation/{asked.conversation}/redact/{asked.answer_id}/",
        data={"reason": "A name."},
    )
    asked.finish()
    assert ground.run(lambda: stands_in(word)) == []
    assert ground.row(Message, pk=asked.answer_id).redacted_at


def test_who_did_it_and_why_is_on_record_and_nothing_else(
    ada: Person, sam: Person, model: Model, ground: Ground, word: str
) -> None:
    asked = ada.ask(model.will_say(f"It is {word}."))
    redact(ground, sam, asked.answer_id, "Somebody’s address")
    [entry] = ground.rows(AuditEntry, action="message.redact", object_id=asked.answer_id)
    assert (entry.actor_id, entry.reason) == (sam.user and sam.user.pk, "Somebody’s address")
    assert entry.owner_id == (ada.user and ada.user.pk) and word not in str(entry.detail)
    with pytest.raises(Conflict):
        redact(ground, sam, asked.answer_id)
    with pytest.raises(Invalid):
        redact(ground, sam, asked.question_id, "  ")
    ground.run(lambda: Hold.objects.create(person=ada.user, reason="Case 7", by="sam"))
    with pytest.raises(Conflict, match="legal hold"):
        redact(ground, sam, asked.question_id)
    assert not ground.row(Message, pk=asked.question_id).redacted_at
