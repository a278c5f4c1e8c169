"""What a person says about a picture of theirs."""

import pytest

from tests.features.images_kit import fresh
from tests.harness.people import Person
from tests.stub_provider import Model


def test_what_is_said_stands_with_the_picture_everywhere(ada: Person, model: Model) -> None:
    item = ada.upload(fresh())
    assert item["alt"] == ""
    said = ada.api("PATCH", f"images/{item['id']}", json={"alt": " A dot,\n\n alone. "})
    assert said == {**item, "alt": "A dot, alone."}
    asked = ada.ask(model.will_say("A dot."), images=[item["id"]])
    assert ada.messages(asked.conversation)[0]["images"] == [said]


def test_what_is_said_can_be_taken_back(ada: Person) -> None:
    one = f"images/{ada.upload(fresh())['id']}"
    ada.api("PATCH", one, json={"alt": "A" * 1000})
    assert ada.api("PATCH", one, json={"alt": ""})["alt"] == ""


@pytest.mark.parametrize(
    "body", [{"alt": "A" * 1001}, {"alt": 3}, {"alt": None}, {}, {"alt": "A", "source": "x"}]
)
def test_what_cannot_be_said_changes_nothing(ada: Person, body: dict[str, object]) -> None:
    one = f"images/{ada.upload(fresh())['id']}"
    ada.api("PATCH", one, json={"alt": "A dot."})
    assert ada.api("PATCH", one, json=body, expect=400)["error"]["code"] == "invalid"


def test_what_no_table_can_keep_is_left_out(ada: Person) -> None:
    one, said = f"images/{ada.upload(fresh())['id']}", rb'{"alt": "A\u0000 dot\ud83d."}'
    as_json = {"Content-Type": "application/json"}
    assert ada.api("PATCH", one, content=said, headers=as_json)["alt"] == "A dot."


def test_nobody_describes_the_picture_of_another(ada: Person, cleo: Person) -> None:
    one = f"images/{ada.upload(fresh())['id']}"
    said = cleo.api("PATCH", one, json={"alt": "Mine."}, expect=404)
    assert said == cleo.api("PATCH", "images/nothing", json={"alt": "Mine."}, expect=404)
