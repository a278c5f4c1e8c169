"""Patterns of an administrator's: a question is refused or marked, an answer marked when it has ended."""

import secrets
import time
from collections.abc import Iterator

import pytest

from conversations.models import Flag, Message, Pattern
from conversations.models.moderation import Effect
from tests.features.test_files import added
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.sockets import PATIENCE, Refused
from tests.stub_provider import Model

PATTERNS = "/admin/conversations/pattern/"


@pytest.fixture
def word() -> str:
    return f"zq{secrets.token_hex(5)}"


@pytest.fixture
def forbid(sam: Person, ground: Ground, word: str) -> Iterator[dict[str, str]]:
    """What the form of a pattern sends; those that were made are gone afterwards."""
    yield {
        "name": word, "kind": "words", "terms": f"# note\n{word}*", "effect": "mark", "sentence": "",
        "in_questions": "on", "in_answers": "on", "is_enabled": "on",
    }  # fmt: skip
    ground.run(lambda: [row.delete() for row in Pattern.objects.filter(name__startswith=word)])


def make(sam: Person, form: dict[str, str]) -> None:
    assert sam.http.post(f"{PATTERNS}add/", data=form).status_code == 302


def flags(ground: Ground, message: str) -> list[Flag]:
    return ground.rows(Flag, message=message)


def until_marked(ground: Ground, message: str) -> Flag:
    end = time.monotonic() + PATIENCE
    while not (found := flags(ground, message)):
        assert time.monotonic() < end, "the answer was not marked"
        time.sleep(0.05)
    return found[0]


def test_a_question_is_marked_and_answered(
    ada: Person, sam: Person, model: Model, ground: Ground, forbid: dict[str, str], word: str
) -> None:
    make(sam, forbid)
    asked = ada.ask(model.will_say("one", asked=f"About {word.upper()}s. Tell me."))
    assert asked.status == "complete"
    [flag] = flags(ground, asked.question_id)
    assert (flag.source, flag.pattern_name, flag.why) == ("pattern", word, [word])
    assert flags(ground, asked.answer_id) == []


def test_a_question_is_refused_with_the_administrator_s_sentence_and_nothing_stays(
    ada: Person, sam: Person, model: Model, ground: Ground, forbid: dict[str, str], word: str
) -> None:
    make(sam, forbid | {"effect": "refuse", "sentence": "Ask Mrs Berg."})
    script = model.will_say("one", asked=f"{word} tell me.")
    with pytest.raises(Refused) as refused:
        ada.ask(script)
    assert str(refused.value) == "content_filtered: Ask Mrs Berg."
    error = ada.api("POST", "messages", json={"text": script.question}, expect=400)["error"]
    assert error["code"] == "content_filtered"
    file = added(ada, ("a.md", f"see {word}".encode()))[0]["id"]
    with pytest.raises(Refused):
        ada.ask(model.will_say("one"), files=[file])
    assert script.requests == []
    assert ground.rows(Message, text__contains=word) == []


def test_an_answer_is_marked_once_it_has_ended_and_never_refused(
    ada: Person, sam: Person, model: Model, ground: Ground, forbid: dict[str, str], word: str
) -> None:
    make(sam, forbid | {"effect": "refuse"})
    asked = ada.ask(model.will_say(f"It is {word}."))
    assert asked.text == f"It is {word}."
    assert until_marked(ground, asked.answer_id).pattern_name == word


def test_a_pattern_that_is_put_out_of_force_or_changed_is_so_at_once(
    ada: Person, sam: Person, model: Model, ground: Ground, forbid: dict[str, str], word: str
) -> None:
    make(sam, forbid | {"effect": "refuse"})
    row = ground.row(Pattern, name=word)
    sam.http.post(f"{PATTERNS}{row.pk}/change/", data=forbid)
    asked = ada.ask(model.will_say("one", asked=f"{word} tell me."))
    assert flags(ground, asked.question_id), "it marks now"
    off = {name: value for name, value in forbid.items() if name != "is_enabled"}
    sam.http.post(f"{PATTERNS}{row.pk}/change/", data=off)
    asked = ada.ask(model.will_say("one", asked=f"{word} tell me."))
    assert flags(ground, asked.question_id) == []
    sam.http.post(f"{PATTERNS}{row.pk}/delete/", data={"post": "yes"})
    assert [flag.pattern_name for flag in ground.rows(Flag, pattern_name=word)] == [word]


def test_what_re2_does_not_take_is_said_with_its_line_and_not_kept(
    sam: Person, ground: Ground, forbid: dict[str, str], word: str
) -> None:
    page = sam.http.post(f"{PATTERNS}add/", data=forbid | {"kind": "expressions", "terms": "a\n(b"})
    assert page.status_code == 200 and "Line 2 cannot be used" in page.text
    page = sam.http.post(f"{PATTERNS}add/", data=forbid | {"terms": "# only a note"})
    assert "Write at least one term" in page.text
    assert ground.rows(Pattern, name=word) == []


def test_patterns_are_tried_without_anybody_asking(
    sam: Person, ground: Ground, forbid: dict[str, str], word: str
) -> None:
    make(sam, forbid | {"effect": Effect.REFUSE})
    page = sam.http.post(f"{PATTERNS}try/", data={"text": f"so {word}x"})
    assert page.status_code == 200 and f">{word}</a>" in page.text
    assert "No pattern finds anything" in sam.http.post(f"{PATTERNS}try/", data={"text": "so"}).text
    assert ground.rows(Message, text__contains=word) == []
