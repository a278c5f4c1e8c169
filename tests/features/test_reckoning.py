"""What pictures take before they are sent, and how closely a conversation looks at them."""

from dataclasses import replace
from typing import Any

import pytest

from conversations.api import picture_shapes
from conversations.models import Blob, Image
from conversations.provider import catalogue
from conversations.provider.interface import Model as Known
from conversations.provider.rules import Rules
from conversations.runs import reckoning
from tests.features.test_api_shapes import NOBODY, fits
from tests.features.test_auto import RULES
from tests.features.test_chat_branches import edit
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model, Script


def reckoned(person: Person, *images: str, expect: int = 200, **wanted: Any) -> dict[str, Any]:
    params = {"image": list(images), **wanted}
    return dict(person.api("GET", "images/tokens", params=params, expect=expect))


def looked_at(script: Script) -> list[str]:
    parts = script.request.messages[-1]["content"]
    return [part["image_url"]["detail"] for part in parts if "image_url" in part]


def test_each_picture_and_all_of_them_have_tokens_and_a_price(ada: Person) -> None:
    large, small = ada.upload(png(600, 600))["id"], ada.upload(png(50, 40))["id"]
    told = reckoned(ada, large, small, model="gpt-4o")
    fits(told, picture_shapes.Reckoned)
    low = {"tokens": 85, "cost": "0.000213"}  # at $2.50 a million
    four, one = {"tokens": 765, "cost": "0.001913"}, {"tokens": 255, "cost": "0.000638"}
    assert told == {
        "model": "gpt-4o",
        "items": [
            {"image": large, "low": low, "high": four, "auto": four},
            {"image": small, "low": low, "high": one, "auto": one},
        ],
        "low": {"tokens": 170, "cost": "0.000425"},
        "high": {"tokens": 1020, "cost": "0.002550"},
        "auto": {"tokens": 1020, "cost": "0.002550"},
    }
    twice = reckoned(ada, small, small, model="gpt-4o")
    assert len(twice["items"]) == 2 and twice["low"]["tokens"] == 170


def test_the_usual_model_is_reckoned_for_where_none_is_named(ada: Person) -> None:
    image = ada.upload(png(50, 40))["id"]
    usual = reckoned(ada, image)["model"]
    assert usual == reckoned(ada, image, model=usual)["model"]
    assert usual in [one["id"] for one in ada.api("GET", "models")["items"]]


def test_what_cannot_be_reckoned_is_refused(ada: Person, cleo: Person) -> None:
    image = ada.upload(png(50, 40))["id"]
    for ids in ([], [image] * 11, ["x"], ["\0" * 36 + "x"]):
        error = reckoned(ada, *ids, expect=400)["error"]
        assert (error["code"], list(error["fields"])) == ("invalid", ["image"])
    assert reckoned(ada, "z" * 36, expect=404)["error"]["code"] == "not_found"
    assert reckoned(ada, image, NOBODY, expect=404)["error"]["code"] == "not_found"
    assert reckoned(cleo, image, expect=404)["error"]["code"] == "not_found"
    refused = reckoned(ada, image, model="nobody's", expect=400)["error"]
    assert refused["code"] == "model_unavailable"


@pytest.mark.django_db
def test_a_model_without_eyes_takes_nothing_and_one_without_a_price_says_none() -> None:
    blobs = [Blob(width=600, height=600)]
    blind = Known("b", "b", "p", 1_000, 100)
    sees = Known("s", "s", "p", 1_000, 100, frozenset({"vision"}))
    assert reckoning._takes(blind, blobs, "high") == {"tokens": 0, "cost": None}
    assert reckoning._takes(sees, blobs, "high") == {"tokens": 765, "cost": None}


@pytest.mark.django_db
def test_what_is_sent_smaller_is_reckoned_as_it_is_sent() -> None:
    """In patches of 32 pixels. A whole picture the vendor makes smaller itself, here to 54 × 27 of them."""
    patches = {"patch": 1.0, "most": 1536}
    sees = Known("s", "s", "p", 1_000, 100, frozenset({"vision"}), picture_tokens=patches)
    less = replace(sees, picture_side=1024)
    blobs = [Blob(width=2048, height=1024)]
    taken = [
        reckoning._takes(one, blobs, how)["tokens"]
        for one in (sees, less)
        for how in ("low", "high")
    ]
    assert taken == [16 * 8, 54 * 27, 16 * 8, 32 * 16]


@pytest.mark.django_db
def test_of_a_choice_the_model_that_would_look_is_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    small = Known("auto-small", "Small", "p", 1_000, 100)
    large = Known("auto-large", "Large", "p", 1_000, 100, frozenset({"vision"}))
    auto = Known("auto", "Auto", "p", 1_000, 100, rules=Rules.model_validate(RULES))
    monkeypatch.setattr(catalogue, "model_for", lambda user, id: auto)
    monkeypatch.setattr(catalogue, "models_for", lambda user: [small, large, auto])
    images = [Image(blob=Blob(width=50, height=40))]
    told = reckoning.reckoned(None, "auto", images)  # type: ignore[arg-type]
    assert (told["model"], told["high"]["tokens"]) == ("auto-large", 255)


def test_a_conversation_keeps_how_closely_it_looks(ada: Person, model: Model) -> None:
    image = ada.upload(png(40, 30))["id"]
    scripts = [model.will_say("a dot") for _ in range(4)]
    begun, again, closer, edited = scripts
    start = {"options": {"detail": "low", "seed": 7}}
    asked = ada.ask(begun, images=[image], start=start)
    assert asked.ack["conversation"]["options"] == start["options"]
    talk: dict[str, Any] = {"conversation": asked.conversation, "images": [image]}
    ada.ask(again, **talk)
    last = ada.ask(closer, **talk, options={"detail": "high"})
    assert [looked_at(script) for script in scripts[:3]] == [["low"], ["low"], ["high"]]
    assert not {"detail"} & set(again.request.parameters)
    ada.api("PATCH", f"conversations/{asked.conversation}", json={"options": {"detail": "auto"}})
    edit(last, edited).finish()
    assert looked_at(edited) == ["high"]  # as it was asked for


def test_an_edit_that_brings_the_first_picture_looks_as_its_conversation_does(
    ada: Person, model: Model
) -> None:
    asked = ada.ask(model.will_say("Which one?"), start={"options": {"detail": "low"}})
    assert "detail" not in str(asked.ack["user_message"])
    script = model.will_say("a dot")
    edit(asked, script, images=[ada.upload(png(40, 30))["id"]]).finish()
    assert looked_at(script) == ["low"]
