"""Finding words inside one conversation."""

from typing import Any

import pytest

from conversations.api import shapes
from tests.features.test_api_shapes import fits
from tests.features.test_chat_branches import edit
from tests.harness.people import Asked, Person
from tests.stub_provider import Model


@pytest.fixture
def talk(ada: Person, model: Model) -> list[Asked]:
    first = ada.ask(model.will_say("The harbour, and the HARBOUR wall: 100 % granite."))
    second = ada.ask(model.will_say("Äpfel_und Birnen"), conversation=first.conversation)
    return [first, second]


def find(asked: Asked, q: str, **more: Any) -> list[tuple[str, int]]:
    address = f"conversations/{asked.conversation}/search"
    page = asked.person.api("GET", address, params={"q": q, **more})
    fits(page, shapes.Page[shapes.Match])
    return [(item["message"], item["matches"]) for item in page["items"]]


def test_words_and_parts_of_them_are_found_whatever_their_case(talk: list[Asked]) -> None:
    first, second = talk
    assert find(first, "harbOUR") == [(first.answer_id, 2)]
    assert find(first, "äpfel") == [(second.answer_id, 1)]
    assert find(first, "rb") == [(first.answer_id, 2)]
    assert find(first, " ") == [], "of spaces alone there would be no end"
    assert find(first, "nowhere to be found") == []


@pytest.mark.parametrize("q", ["", "   ", "\x00"])
def test_nothing_is_found_nowhere(talk: list[Asked], q: str) -> None:
    assert find(talk[0], q) == []


@pytest.mark.parametrize("q", ["%", "100 % g", "_und", "'", "\\", "(", "a' OR 1=1 --"])
def test_no_character_means_more_than_itself(talk: list[Asked], q: str) -> None:
    expected = {"%": 0, "100 % g": 0, "_und": 1}
    found = find(talk[0], q)
    assert found == ([(talk[expected[q]].answer_id, 1)] if q in expected else [])


def test_only_one_branch_is_looked_at(talk: list[Asked], model: Model) -> None:
    first, second = talk
    edit(second, model.will_say("Pears only")).finish()
    assert find(first, "birnen") == []
    assert find(first, "birnen", leaf=second.answer_id) == [(second.answer_id, 1)]
    assert find(first, "harbour", leaf=first.answer_id) == [(first.answer_id, 2)]


def test_too_many_words_are_refused(talk: list[Asked]) -> None:
    address = f"conversations/{talk[0].conversation}/search"
    talk[0].person.api("GET", address, params={"q": "x" * 1001}, expect=400)
