"""Text files: uploaded, read by the model under their names, looked at by few, gone with their messages."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations.accounts.erase import erase
from conversations.attachments import text_files
from conversations.errors import Refusal
from conversations.models import AuditEntry, Conversation, Message, MessageFile, TextFile, User
from tests.features.images_kit import fresh, person, upload
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.sockets import Refused
from tests.stub_provider import Model, Script, pause

MIB = 1024 * 1024
NOBODYS = "01890000-0000-7000-8000-000000000000"


def added(person: Person, *files: tuple[str, bytes]) -> list[dict[str, Any]]:
    parts = [("file", (name, content, "application/octet-stream")) for name, content in files]
    return list(person.api("POST", "files", files=parts, expect=201)["items"])


def refusal(person: Person, status: int, *files: tuple[str, bytes]) -> dict[str, Any]:
    parts = [("file", (name, content, "text/plain")) for name, content in files]
    return dict(person.api("POST", "files", files=parts, expect=status)["error"])


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


def read_by_the_model(script: Script) -> list[str]:
    """What it was told in its last request, message by message."""
    return [text for _, text in script.requests[-1].said()]


# Adding --------------------------------------------------------------------------------------------


def test_a_file_comes_back_as_it_was(ada: Person) -> None:
    content = "Grüße\r\nzwei\rdrei\n".encode()
    (item,) = added(ada, ("dir/Grüße.md", b"\xef\xbb\xbf" + content))
    assert (item["name"], item["bytes"]) == ("Grüße.md", len(content))
    answer = ada.http.get(item["url"])
    assert answer.content == content
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-cache"
    again = ada.http.get(item["url"], headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_same_file_twice_is_one_and_another_name_is_another(ada: Person, ben: Person) -> None:
    first, again, other = added(ada, ("a.txt", b"1"), ("a.txt", b"1"), ("b.txt", b"1"))
    assert first == again
    assert other["id"] != first["id"]
    assert ids(added(ben, ("a.txt", b"1"))) != [first["id"]]


def test_what_is_refused_says_why_and_which(ada: Person, ground: Ground) -> None:
    assert "not a text file" in refusal(ada, 400, ("notes.txt", b"a\x00b"))["message"]
    of_two = refusal(ada, 400, ("a.txt", b"fine"), ("b.txt", fresh()))
    assert of_two["message"].startswith("b.txt: ")
    assert of_two["fields"]["file"] == [of_two["message"]]
    assert refusal(ada, 413, ("a.txt", b"a" * (4 * MIB + 1)))["code"] == "too_large"
    assert refusal(ada, 400, *[(f"{n}.txt", b"1") for n in range(11)])["code"] == "invalid"
    assert refusal(ada, 413, *[("a.txt", b"a" * 5 * MIB)] * 9)["code"] == "too_large"
    assert ground.rows(TextFile, owner_id=ada.id) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"json": {"file": "a"}},
        {"data": {"file": "a"}, "files": {"other": ("a.txt", b"1")}},
        {"files": {"file": ("", b"1")}},
        {"files": [("file", ("a.txt", b"1")), ("more", ("b.txt", b"1"))]},
    ],
    ids=["nothing", "json", "no file", "no name", "unknown field"],
)
def test_a_wrong_form_is_told_of(ada: Person, ground: Ground, body: dict[str, Any]) -> None:
    assert ada.api("POST", "files", **body, expect=400)["error"]["code"] == "invalid"
    assert ground.rows(TextFile, owner_id=ada.id) == []


def test_four_mebibytes_are_taken(ada: Person) -> None:
    assert added(ada, ("a.txt", b"a" * 4 * MIB))[0]["bytes"] == 4 * MIB


# Asking --------------------------------------------------------------------------------------------


def test_the_model_reads_files_by_name_now_and_later(ada: Person, model: Model) -> None:
    files = added(ada, ("a.csv", b"1,2\n"), ("b.md", b"```\ncode\n```\n"))
    script = model.will_say("Three.")
    asked = ada.ask(script, files=ids(files))
    assert asked.ack["user_message"]["files"] == files
    assert asked.ack["message"]["files"] == []
    first = (
        'Attached file 1 of 2, "a.csv":\n```\n1,2\n```\n\n'
        'Attached file 2 of 2, "b.md":\n````\n```\ncode\n```\n````\n\n' + script.question
    )
    assert read_by_the_model(script)[-1] == first
    later = model.will_say("Four.")
    ada.ask(later, conversation=asked.conversation)
    assert read_by_the_model(later)[-3:] == [first, "Three.", later.question]
    assert ada.messages(asked.conversation)[0]["files"] == files


def test_a_model_that_sees_gets_both_pictures_and_files(ada: Person, model: Model) -> None:
    script = model.will_say("I see.")
    ada.ask(script, files=ids(added(ada, ("a.txt", b"1"))), images=[ada.upload(fresh())["id"]])
    text, picture = script.requests[-1].messages[-1]["content"]
    assert text["text"].startswith('Attached file, "a.txt":\n```\n1\n```\n\n')
    assert picture["type"] == "image_url"


def test_a_file_needs_no_words_and_lends_the_title_its_name_alone(
    ada: Person, model: Model
) -> None:
    script = model.will_say("Read.")
    sent = ada.ask("", files=ids(added(ada, ("plan.md", script.question.encode()))))
    assert sent.text == "Read."
    assert sent.ack["conversation"]["title"] == "plan.md"


def test_programs_send_files_too(ada: Person, model: Model) -> None:
    script, files = model.will_say("Yes."), added(ada, ("a.txt", b"1"))
    body = {"text": script.question, "files": ids(files), "wait": True}
    sent = ada.api("POST", "messages", json=body)
    assert sent["user_message"]["files"] == files
    assert read_by_the_model(script)[-1].startswith('Attached file, "a.txt":')


def test_an_edit_keeps_the_files_or_names_others(ada: Person, model: Model) -> None:
    one, two = added(ada, ("a.txt", b"1"), ("b.txt", b"2"))
    asked = ada.ask(model.will_say("x"), files=[one["id"]])

    def edited(**fields: Any) -> Any:
        script = model.will_say("y")
        ack = asked.socket.call(
            "message.edit", message=asked.question_id, text=script.question, **fields
        )
        Asked(ada, asked.socket, ack).finish()
        return ack["user_message"]["files"]

    assert edited() == [one]
    assert edited(files=[two["id"], one["id"]]) == [two, one]
    assert edited(files=[]) == []
    with pytest.raises(Refused) as nothing:
        asked.socket.call("message.edit", message=asked.question_id, text=" ", files=[])
    assert nothing.value.code == "invalid_frame"


@pytest.mark.parametrize("of", ["nobody", "cleo"])
def test_only_ones_own_files_can_be_sent(ada: Person, cleo: Person, of: str) -> None:
    id = NOBODYS if of == "nobody" else added(cleo, ("a.txt", b"1"))[0]["id"]
    with pytest.raises(Refused) as refused:
        ada.start("Read this.", files=[id])
    assert refused.value.code == "not_found"


@pytest.mark.parametrize("wrong", ["a", [1], ["x"], [NOBODYS] * 11, {}, [None]])
def test_a_wrong_list_of_files_is_an_error_and_no_message(ada: Person, wrong: object) -> None:
    with pytest.raises(Refused) as refused:
        ada.start("Read this.", files=wrong)
    assert refused.value.code in ("invalid_frame", "not_found")
    assert ada.api("GET", "conversations")["items"] == []


def test_files_too_much_for_one_message_are_told_of(ada: Person) -> None:
    files = [added(ada, (f"{name}.txt", name.encode() * 3 * MIB))[0] for name in "abc"]
    with pytest.raises(Refused) as refused:
        ada.start("Read all.", files=ids(files))
    assert refused.value.code == "too_large"
    assert "8 MiB" in str(refused.value)


def test_an_id_stands_for_its_files(ada: Person, model: Model) -> None:
    script, (file,) = model.will_say("once"), added(ada, ("a.txt", b"1"))
    call: dict[str, Any] = {"id": "f" * 16, "text": script.question}
    first = ada.socket().call("message.send", **call, files=[file["id"]])
    assert ada.socket().call("message.send", **call, files=[file["id"]]) == first
    with pytest.raises(Refused) as other:
        ada.socket().call("message.send", **call)
    assert other.value.code == "conflict"


def test_an_edit_that_takes_the_files_away_is_not_one_that_leaves_them(
    ada: Person, model: Model
) -> None:
    asked = ada.ask(model.will_say("x"), files=ids(added(ada, ("a.txt", b"1"))))
    call: dict[str, Any] = {"id": "e" * 16, "message": asked.question_id, "text": "Other words."}
    ada.socket().call("message.edit", **call)
    with pytest.raises(Refused) as other:
        ada.socket().call("message.edit", **call, files=[])
    assert other.value.code == "conflict"


# Looking -------------------------------------------------------------------------------------------


def test_staff_see_what_was_sent_and_that_is_on_record(
    ada: Person, reviewer: Person, ground: Ground, model: Model
) -> None:
    (file,) = added(ada, ("a.txt", b"1"))
    assert reviewer.http.get(file["url"]).status_code == 404
    asked = ada.ask(model.will_say("x"), files=[file["id"]])
    transcript = reviewer.http.get(
        f"/admin/conversations/conversation/{asked.conversation}/change/"
    ).text
    assert file["url"] in transcript and "a.txt" in transcript
    assert reviewer.http.get(file["url"]).text == "1"
    assert ada.http.get(file["url"]).text == "1"
    entries = ground.rows(AuditEntry, action="file.read", object_id=file["id"])
    assert [(one.actor, one.owner) for one in entries] == [(reviewer.name, ada.name)]


def forget(ground: Ground, conversation: str) -> None:
    """Deleted, and past the time in which that could be taken back."""
    ground.run(lambda: Conversation.objects.filter(pk=conversation).delete())


# Going ---------------------------------------------------------------------------------------------


def test_a_file_goes_with_the_last_message_that_shows_it(
    ada: Person, ground: Ground, model: Model
) -> None:
    (file,) = added(ada, ("a.txt", b"1"))
    first, second = (ada.ask(model.will_say("x"), files=[file["id"]]) for _ in range(2))
    forget(ground, first.conversation)
    assert ada.http.get(file["url"]).status_code == 200
    forget(ground, second.conversation)
    assert ada.http.get(file["url"]).status_code == 404
    assert ground.rows(TextFile, pk=file["id"]) == []


def test_a_file_that_was_added_again_stays_when_its_first_message_goes(
    ada: Person, ground: Ground, model: Model
) -> None:
    (file,) = added(ada, ("a.txt", b"1"))
    asked = ada.ask(model.will_say("x"), files=[file["id"]])
    assert added(ada, ("a.txt", b"1")) == [file]
    forget(ground, asked.conversation)
    assert ada.ask(model.will_say("y"), files=[file["id"]]).status == "complete"


def test_a_deleted_person_leaves_no_file(
    ada: Person, admin_user: Person, ground: Ground, model: Model
) -> None:
    sent, _unsent = added(ada, ("a.txt", b"1"), ("b.txt", b"2"))
    ada.ask(model.will_say("x"), files=[sent["id"]])
    page = f"/admin/conversations/user/{ada.id}/delete/"
    assert admin_user.http.post(page, data={"post": "yes", "confirm": ada.name}).status_code == 302
    assert ground.rows(TextFile, owner_id=ada.id) == []


def test_a_file_is_read_once_more_for_another_try(ada: Person, model: Model) -> None:
    script = model.will_say("as far as ", pause, "here")
    asked = ada.start(script, files=ids(added(ada, ("a.txt", b"1"))))
    script.wait_until_paused()
    asked.stop()
    script.resume(2)
    ack = asked.socket.call("message.regenerate", message=asked.answer_id)
    Asked(ada, asked.socket, ack).finish()
    assert read_by_the_model(script)[-1].startswith('Attached file, "a.txt":')


@pytest.mark.django_db
def test_in_a_shell_a_person_goes_with_everything() -> None:
    ada = person("ada")
    (file,) = text_files.accept(ada, [upload(b"1", "a.txt")])
    talk = Conversation.objects.create(owner=ada, title="Mine", model="a-model")
    question = Message.objects.create(conversation=talk, role="user", text="What is this?")
    MessageFile.objects.create(message=question, file=file, position=0)
    ada.delete()
    assert not TextFile.objects.exists()


@pytest.mark.django_db
def test_what_was_never_sent_is_forgotten_after_a_month_and_what_was_sent_is_not() -> None:
    ada = person("ada")
    sent, unsent, touched = text_files.accept(
        ada, [upload(name.encode(), name) for name in ("a.txt", "b.txt", "c.txt")]
    )
    talk = Conversation.objects.create(owner=ada, title="Mine", model="a-model")
    question = Message.objects.create(conversation=talk, role="user", text="What is this?")
    MessageFile.objects.create(message=question, file=sent, position=0)
    TextFile.objects.update(created_at=timezone.now() - timedelta(days=31))
    TextFile.objects.filter(pk=touched.pk).update(created_at=timezone.now())
    (new,) = text_files.accept(ada, [upload(b"d", "d.txt")])
    kept = set(TextFile.objects.values_list("pk", flat=True))
    assert kept == {sent.pk, touched.pk, new.pk}
    assert unsent.pk not in kept


@pytest.mark.django_db
def test_a_persons_room_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    ada, ben = person("ada"), person("ben")
    monkeypatch.setattr(text_files, "ROOM_BYTES", 10)
    text_files.accept(ada, [upload(b"123456", "a.txt")])
    with pytest.raises(Refusal) as full:
        text_files.accept(ada, [upload(b"12345", "b.txt")])
    assert full.value.code == "too_large"
    assert TextFile.objects.filter(owner=ada).count() == 1
    text_files.accept(ben, [upload(b"12345", "b.txt")])


@pytest.mark.django_db
def test_erasing_takes_unsent_files() -> None:
    ada = person("ada")
    text_files.accept(ada, [upload(b"1", "a.txt")])
    erase(ada)
    assert not TextFile.objects.exists() and not User.objects.filter(pk=ada.pk).exists()
