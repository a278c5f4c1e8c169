"""Search finds what one said and was told, on every branch: one's own, and nobody else's."""

import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from conversations.api import shapes
from conversations.models import Conversation, Findable, Image, Message, MessageImage, Written
from conversations.models.conversation import Role, Status
from tests.features.test_api_shapes import fits
from tests.features.test_chat_going_on import go_on, going_on
from tests.features.test_files import added, ids
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.harness.talks import Talks
from tests.stub_provider import Model, pause

Found = dict[str, Any]


class Shelf(Talks):
    """What a person has said, and what is found of it."""

    def search(self, q: str, **more: Any) -> Found:
        found: Found = self.person.api("GET", "search", params={"q": q, **more})
        fits(found, shapes.Results)
        return found

    def ids(self, q: str) -> list[str]:
        return [item["conversation"]["id"] for item in self.search(q)["items"]]

    def finds(self, q: str, *expected: Conversation) -> None:
        """What was said last is there at once, but for the longest texts on a busy machine."""
        ids, end = {str(one.pk) for one in expected}, time.monotonic() + 60
        while set(self.ids(q)) != ids:
            assert time.monotonic() < end, q
            time.sleep(0.05)

    def listed(self, q: str, **more: Any) -> list[str]:
        page = self.person.api("GET", "conversations", params={"q": q, **more})
        return [item["id"] for item in page["items"]]


@pytest.fixture
def adas(ada: Person) -> Shelf:
    return Shelf(ada)


def text_of(segments: list[dict[str, Any]]) -> str:
    return "".join(segment["text"] for segment in segments)


def marks_of(segments: list[dict[str, Any]]) -> list[str]:
    return [segment["text"] for segment in segments if segment["match"]]


def test_a_word_leads_to_its_message_with_the_words_around_it(adas: Shelf) -> None:
    talk = adas.talk("How do I bleed a radiator?", "Open the valve with a key until water comes.")
    [item] = adas.search("valve")["items"]
    assert item["conversation"]["id"] == str(talk.pk)
    [match] = item["matches"]
    assert match["message"] == str(talk.active_message_id) and match["role"] == "assistant"
    assert text_of(match["passage"]) == "Open the valve with a key until water comes."
    assert marks_of(match["passage"]) == ["valve"]


def test_titles_come_first_then_what_is_newest(adas: Shelf) -> None:
    titled = adas.talk("Anything.", title="The lighthouse keeper")
    old, new = adas.talk("An old lighthouse."), adas.talk("A new lighthouse.")
    assert adas.ids("lighthouse") == [str(titled.pk), str(new.pk), str(old.pk)]
    [segments] = [one["title"] for one in adas.search("lighthouse")["items"] if one["title"]]
    assert marks_of(segments) == ["lighthouse"]


def test_words_are_found_in_any_order_form_and_spelling(adas: Shelf) -> None:
    talk = adas.talk("The Häuser in Zürich are reflecting older façades.", "東京の天気は晴れです。")
    adas.talk("Something else.")
    for q in (
        "hauser zurich",
        "haus",
        "HÄUSERN",
        "reflected",
        "facade older",
        "東京",
        "天気",
        "zür",
    ):
        adas.finds(q, talk)
    adas.finds("zurich bern")


def test_words_of_one_conversation_are_found_together_where_no_message_has_all(adas: Shelf) -> None:
    talk = adas.talk("my boiler is cold", "Look at the gauge.", title="In the cellar")
    adas.talk("a gauge"), adas.talk("a boiler in a cellar")
    adas.finds("boiler gauge", talk)
    adas.finds("gauge cellar", talk)
    adas.finds("boiler gauge yacht")
    assert len(adas.search("boiler gauge")["items"][0]["matches"]) == 2
    both = adas.talk("a boiler with a gauge")
    assert adas.ids("boiler gauge") == [str(both.pk), str(talk.pk)]


def test_phrases_stand_in_a_row_with_their_signs(adas: Shelf) -> None:
    row = adas.talk("a red boat and a C++ compiler")
    apart = adas.talk("the boat was red, and its letter was C")
    adas.finds("red boat", row, apart)
    adas.finds('"red boat"', row)
    adas.finds("C++", row)
    adas.finds("boat -compiler", apart)
    adas.finds('boat -"red boat"', apart)


def test_parts_of_words_are_found_also_in_code(adas: Shelf) -> None:
    code = adas.talk("call fullTextSearchIndex(rows) in src/find_rows.py", title="Wochenendausflug")
    for q in ("textsearch", "find_rows", "endausf", "src/find", "SearchIndex(rows"):
        adas.finds(q, code)
    adas.finds("textsarch")


def test_a_title_typed_with_a_slip_is_found_when_nothing_else_is(adas: Shelf) -> None:
    talk = adas.talk(title="Kubernetes upgrade")
    adas.finds("kubernets", talk)


def test_filters_narrow_it_down(adas: Shelf) -> None:
    plain = adas.talk("boat", "a boat with `oars`")
    code = adas.talk("a boat:\n```\nprint()\n```")
    link = adas.talk("boat, see https://example.org")
    put_away = adas.talk("an old boat", title="Boat", archived=True)
    adas.finds("boat", plain, code, link)
    adas.finds("boat in:archive", put_away)
    adas.finds("boat has:code", code)
    adas.finds("has:link", link)
    adas.finds("boat model:gpt-4", plain)
    adas.finds("boat model:o3")
    adas.finds("boat before:2020")
    adas.finds("boat after:2020", plain, code, link)
    adas.finds("boat in:title")
    assert adas.search("boat before:soon")["ignored"] == ["before:soon"]


def test_a_folder_is_looked_in_by_its_name_or_the_beginning_of_it(
    adas: Shelf, cleo: Person
) -> None:
    ada = adas.person
    work, workshop = (
        ada.api("POST", "folders", json={"name": name}, expect=201)["id"]
        for name in ("Work", "Workshop in Zürich")
    )
    cleo.api("POST", "folders", json={"name": "Cleos"}, expect=201)
    boat, shop = adas.talk("a boat", folder_id=work), adas.talk("a boat", folder_id=workshop)
    old = adas.talk("a boat", folder_id=work, archived=True)
    none = adas.talk("a boat")
    adas.finds("boat in:work", boat)
    adas.finds("boat in:works", shop)
    adas.finds('in:"workshop in zurich"', shop)
    adas.finds("boat in:work in:archive", old)
    adas.finds("boat in:wor", boat, shop)
    assert adas.listed("boat in:work") == [str(boat.pk)]
    assert adas.search("boat in:cleos")["ignored"] == ["in:cleos"]
    adas.finds("boat in:cleos", boat, shop, none)
    adas.finds("in:cleos")


def test_a_day_begins_where_the_person_lives(adas: Shelf) -> None:
    ada = adas.person
    talk = adas.talk("a boat")
    at = datetime(2026, 3, 14, 11, 0, tzinfo=UTC)  # the 15th begins there an hour before
    ada.ground.run(lambda: Message.objects.filter(conversation=talk).update(created_at=at))
    ada.ground.run(
        lambda: Written.objects.create(conversation_id=talk.pk, message_id=talk.active_message_id)
    )
    adas.finds("boat before:2026-03-15", talk)
    adas.finds("boat after:2026-03-15")
    ada.api("PATCH", "me", json={"preferences": {"time_zone": "Pacific/Kiritimati"}})
    adas.finds("boat before:2026-03-15")
    adas.finds("boat after:2026-03-15 before:2026-03-16", talk)


def test_has_image_finds_a_question_with_a_picture_and_its_answer(
    adas: Shelf, model: Model
) -> None:
    ada = adas.person
    image = ada.upload(png(12, 13))
    asked = ada.ask(model.will_say("a violet rectangle"), images=[image["id"]])
    adas.talk("a violet rectangle without a picture")
    assert adas.ids("rectangle has:image") == [asked.conversation]
    assert adas.ids("has:image") == [asked.conversation]
    uses = ada.ground.rows(MessageImage, image=ada.ground.row(Image, pk=image["id"]))
    assert len(uses) == 1


def test_an_answer_is_found_once_it_is_sealed_and_as_it_was_while_it_goes_on(
    adas: Shelf, model: Model
) -> None:
    script = model.will_say("first quokka ", pause, "then numbat")
    asked = adas.person.start(script)
    asked.socket.wait_for_text(asked.run, 5)
    assert adas.ids("quokka") == []
    asked.stop()
    assert adas.ids("quokka") == [asked.conversation]
    going_on(model, "and a wombat")
    again = go_on(asked)
    assert adas.ids("quokka") == [asked.conversation]
    again.finish()
    assert adas.ids("quokka wombat") == [asked.conversation]


def test_every_branch_is_found_and_leads_to_itself(adas: Shelf, model: Model) -> None:
    ada = adas.person
    first = ada.ask(model.will_say("a pelican"))
    edit = model.will_say("a cormorant")
    ack = ada.sockets[0].call("message.edit", message=first.question_id, text=edit.question)
    ada.sockets[0].until("run.finished", run=ack["run"]["id"])
    for word, answer in (("pelican", first.answer_id), ("cormorant", ack["message"]["id"])):
        [match] = adas.search(word)["items"][0]["matches"]
        assert match["message"] == answer
        path = f"conversations/{first.conversation}/messages"
        branch = ada.api("GET", path, params={"through": match["message"]})["items"]
        assert branch[-1]["id"] == answer


def test_what_is_deleted_temporary_or_renamed_is_not_found(adas: Shelf) -> None:
    talk = adas.talk("a heron on a pier", title="Herons")
    ada, one = adas.person, f"conversations/{talk.pk}"
    adas.finds("heron", talk)
    ada.api("PATCH", one, json={"title": "Storks"})
    adas.finds("storks", talk)
    adas.finds("herons in:title")
    adas.talk("a heron for today", expires_at=timezone.now() + timedelta(hours=1))
    adas.finds("heron", talk)
    ada.api("DELETE", one, expect=204)
    adas.finds("heron")
    assert adas.listed("heron") == []
    ada.ground.run(lambda: Conversation.objects.filter(pk=talk.pk).delete())
    assert ada.ground.rows(Findable, conversation_id=talk.pk) == []


def test_a_message_that_is_changed_or_gone_is_found_as_it_is_now(adas: Shelf) -> None:
    talk = adas.talk("a secret walrus", "an answer")
    ada, first = adas.person, Message.objects.filter(conversation=talk, role=Role.USER)
    ada.ground.run(lambda: first.update(text="[taken out]"))
    adas.finds("walrus")
    adas.finds("taken out", talk)
    ada.ground.run(lambda: Message.objects.filter(conversation=talk).delete())
    assert ada.ground.rows(Findable, conversation_id=talk.pk) == []


def test_what_was_said_before_there_was_a_search_is_made_findable(adas: Shelf) -> None:
    talk = adas.talk("a capybara", "swims well", title="Rodents")
    ground = adas.person.ground
    ground.run(lambda: Written.objects.filter(conversation_id=talk.pk).delete())
    ground.run(lambda: Findable.objects.filter(conversation_id=talk.pk).delete())
    adas.finds("capybara")
    migration = import_module("conversations.migrations.0010_found_again")
    for _again in range(2):
        ground.run(lambda: migration.make_findable(None, SimpleNamespace(connection=connection)))
    assert len(ground.rows(Findable, conversation_id=talk.pk)) == 3
    adas.finds("capybara", talk)
    adas.finds("rodents", talk)


def test_nobody_finds_another_persons_words(adas: Shelf, cleo: Person) -> None:
    adas.talk("a narwhal in the harbour", title="Narwhals")
    hers = Shelf(cleo)
    owner = adas.person.user
    assert owner
    mark = f"o:{owner.pk.hex}"
    for q in (
        "narwhal",
        "narwhals",
        "arwha",
        "narwals",
        '"a narwhal"',
        mark,
        f"'{mark}' | narwhal",
    ):
        assert hers.search(q)["items"] == [], q
        assert hers.listed(q) == [], q
    assert cleo.api("GET", "search", params={"q": "narwhal in:archive"})["items"] == []


def test_the_end_of_a_long_message_is_found_and_a_very_long_one_is_kept(adas: Shelf) -> None:
    words = " ".join(f"w{number}" for number in range(20_000))
    talk = adas.talk(f"{words} needle in a haystack")
    adas.finds("needle", talk)
    adas.finds('"w700 w701"', talk)
    [match] = adas.search("needle")["items"][0]["matches"]
    assert "needle in a haystack" in text_of(match["passage"])
    adas.talk("\N{SNOWMAN}x " * 700_000 + " outofreach")
    adas.finds("outofreach")


NONSENSE = [
    "'", '"', "\\", "%", "_", "&", "|", "!", "<->", "(", ")", ":*", "'a':*", "a & | b", "-", "--", "- -",
    '""', '-""', "before:", "model:'", "has:", "in:x", "\x00", "😀", "a" * 1000, "x " * 400, "*", "a:b:c",
    "$$", "%s", "%(owner)s", "{visible}", "; DROP TABLE x", "ａ", "\u202e", "e\u0301", "- a -b", "ß",
]  # fmt: skip


def test_nothing_that_is_typed_is_an_error(adas: Shelf) -> None:
    talk = adas.talk("a plain message")
    for q in NONSENSE:
        assert isinstance(adas.search(q)["items"], list)
        assert isinstance(adas.listed(q), list)
    adas.finds("plain", talk)
    assert adas.search("")["items"] == []
    adas.person.api("GET", "search", params={"q": "a" * 1001}, expect=400)
    adas.person.api("GET", "search", params={"q": "a", "limit": 51}, expect=400)


def test_a_list_finds_with_the_same_words_to_its_end(adas: Shelf) -> None:
    common = [adas.talk("an albatross", title="A") for _ in range(65)]
    rare = adas.talk("one auk", title="Of albatrosses")
    assert adas.listed("auk") == [str(rare.pk)]
    newest_first = [str(one.pk) for one in reversed([*common, rare])]
    first = adas.person.api("GET", "conversations", params={"q": "albatross", "limit": 40})
    rest = adas.person.api(
        "GET", "conversations", params={"q": "albatross", "cursor": first["next"]}
    )
    assert [item["id"] for item in first["items"] + rest["items"]] == newest_first
    assert rest["next"] is None


def test_more_messages_of_a_conversation_are_counted(adas: Shelf) -> None:
    talk = adas.talk(*["a gannet"] * 5)
    [item] = adas.search("gannet")["items"]
    assert item["conversation"]["id"] == str(talk.pk)
    assert len(item["matches"]) == 3 and item["more"] == 2


def test_an_empty_or_broken_answer_harms_nothing(adas: Shelf) -> None:
    talk = adas.talk("a question about puffins", "")
    ground = adas.person.ground
    last = Message.objects.filter(conversation=talk, role=Role.ASSISTANT)
    ground.run(lambda: last.update(status=Status.FAILED, error_code="internal"))
    adas.finds("puffin", talk)


def test_what_is_written_is_made_findable_though_nobody_searches(adas: Shelf) -> None:
    """The server of the tests looks after it, as after everybody's."""
    ground = adas.person.ground
    talk = adas.talk("a capybara in the bath", title="Capybaras")
    end = time.monotonic() + 60
    while ground.rows(Written, conversation_id=talk.pk) and time.monotonic() < end:
        time.sleep(0.05)
    assert len(ground.rows(Findable, conversation_id=talk.pk)) == 2


def test_nothing_stays_of_what_was_deleted_before_it_was_findable(adas: Shelf) -> None:
    talk = adas.talk("a secret okapi", title="Okapis")
    adas.person.ground.run(lambda: Conversation.objects.filter(pk=talk.pk).delete())
    adas.finds("okapi")
    assert adas.person.ground.rows(Findable, conversation_id=talk.pk) == []


def test_a_text_file_is_found_by_its_words_and_its_name_and_leads_to_its_message(
    adas: Shelf, model: Model
) -> None:
    ada = adas.person
    long = "\n".join(["a line of nothing"] * 500 + ["the wolverine at the end"]).encode()
    files = added(ada, ("habitats.md", long), ("other.txt", b"a marten"))
    asked = ada.ask(model.will_say("They live in the north."), files=ids(files))
    adas.talk("a wolverine without a file")
    for q in ("wolverine has:file", "habitats.md", '"marten"', "has:files marten", "has:file"):
        assert adas.ids(q) == [asked.conversation], q
    [match] = adas.search("wolverine has:file")["items"][0]["matches"]
    assert (match["message"], match["file"]) == (asked.question_id, "habitats.md")
    assert text_of(match["passage"]).endswith("the wolverine at the end")
    assert marks_of(match["passage"]) == ["wolverine"]
    assert adas.search("north")["items"][0]["matches"][0]["file"] is None


def test_a_question_that_is_nothing_but_its_file_is_found_and_nothing_stays_of_it(
    adas: Shelf, cleo: Person, model: Model
) -> None:
    ada, script = adas.person, model.will_say("fine")
    words = f"{script.question} wolverine".encode()
    asked = ada.ask("", files=ids(added(ada, ("a.txt", words))))
    assert adas.ids("wolverine") == [asked.conversation]
    assert Shelf(cleo).ids("wolverine") == []
    ada.api("DELETE", f"messages/{asked.question_id}", expect=204)
    assert adas.ids("wolverine") == []
    assert ada.ground.rows(Findable, message_id=asked.question_id) == []
