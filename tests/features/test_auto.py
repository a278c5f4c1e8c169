"""A conversation with `auto`: each question is answered by one of two models, and says by which."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group

from conversations.chat import choosing
from conversations.chat.choosing import Place
from conversations.errors import ModelUnavailable
from conversations.models import Conversation, LanguageModel, Provider, User
from conversations.provider import catalogue
from conversations.runs import offers
from conversations.web import picker
from tests.features.test_chat_going_on import go_on, going_on
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.pictures import png
from tests.harness.server import Server
from tests.harness.talks import Talks
from tests.stub_provider import Model, Stub

RULES = {
    "small": "auto-small", "large": "auto-large", "characters": 400, "tokens": 3_000,
    "code": True, "words": ["prove"],
}  # fmt: skip
SIZES: dict[str, Any] = {"context_window": 8_000, "max_output_tokens": 500}


def rows(base_url: str, **large: Any) -> tuple[list[Provider], list[LanguageModel]]:
    """Two models at a server, and the choice between them."""
    server = Provider(name="auto-server", kind="compatible", base_url=base_url)
    chooser = Provider(name="auto-rules", kind="auto")
    small = LanguageModel(slug="auto-small", name="Small", provider=server, **SIZES)
    sees = {**SIZES, "context_window": 16_000, "abilities": ["vision"], **large}
    big = LanguageModel(slug="auto-large", name="Large", provider=server, **sees)
    auto = LanguageModel(slug="auto", name="Auto", provider=chooser, rules=RULES, **SIZES)
    return [server, chooser], [small, big, auto]


@pytest.fixture(scope="module")
def _auto(ground: Ground, stub: Stub, server: Server) -> Iterator[None]:
    providers, models = rows(stub.base_url)
    for row in [*providers, *models]:
        ground.save(row)
    yield
    for provider in providers:
        ground.run(provider.delete)


@pytest.fixture
def asker(ada: Person, _auto: None) -> Person:
    end = time.monotonic() + 60
    while "auto" not in [model["id"] for model in ada.api("GET", "models")["items"]]:
        assert time.monotonic() < end, "the model is not on offer"
        time.sleep(0.05)
    return ada


def models(asked: Asked) -> tuple[str, str]:
    """Of the conversation, and of the answer."""
    there = asked.person.api("GET", f"conversations/{asked.conversation}")
    return there["model"], asked.stored()["model"]


def test_a_question_is_answered_by_the_one_that_it_is_for(asker: Person, model: Model) -> None:
    easy, hard = model.will_say("Four."), model.will_say("Thus.", asked="Prove it.")
    asked = asker.ask(easy, options={"model": "auto"})
    assert models(asked) == ("auto", "auto-small") and asked.ack["run"]["model"] == "auto-small"
    assert easy.request.json["model"] == "auto-small"
    more = asker.ask(hard, conversation=asked.conversation)
    assert models(more) == ("auto", "auto-large")
    assert hard.request.json["model"] == "auto-large"
    assert more.finished["message"]["model"] == "auto-large"


def test_a_picture_goes_to_the_one_that_sees(asker: Person, model: Model) -> None:
    picture = asker.upload(png(40, 30))["id"]
    script = model.will_say("A square.")
    asked = asker.ask(script, images=[picture], options={"model": "auto"})
    assert models(asked) == ("auto", "auto-large") and script.request.images()
    more = asker.ask(model.will_say("Red."), conversation=asked.conversation)
    assert models(more) == ("auto", "auto-large"), "the picture is still in what it reads"


def test_another_try_is_decided_anew_and_going_on_is_not(asker: Person, model: Model) -> None:
    script = model.will_say("one", finish="length")
    asked = asker.ask(script, options={"model": "auto-large"})
    path = f"conversations/{asked.conversation}"
    asker.api("PATCH", path, json={"model": "auto"})
    rest = going_on(model, " two")
    go_on(asked).finish()
    assert rest.request.json["model"] == "auto-large"
    ack = asked.socket.call("message.regenerate", message=asked.answer_id)
    again = Asked(asker, asked.socket, ack).finish()
    assert models(again) == ("auto", "auto-small")


def test_an_edit_is_decided_anew(asker: Person, model: Model) -> None:
    asked = asker.ask(model.will_say("Four."), options={"model": "auto"})
    long = model.will_say("Long.", asked="Tell me all. " * 40)
    ack = asked.socket.call("message.edit", message=asked.question_id, text=long.question)
    assert models(Asked(asker, asked.socket, ack).finish()) == ("auto", "auto-large")


def test_a_long_conversation_goes_to_the_large_one(asker: Person, model: Model) -> None:
    """Nobody has counted what was brought here from elsewhere: it is estimated."""
    talk = Talks(asker).talk(*["Nothing special. " * 60] * 16, model="auto")
    asked = asker.ask(model.will_say("Yes."), conversation=str(talk.pk))
    assert models(asked) == ("auto", "auto-large")
    short = Talks(asker).talk("Hello.", "Hello!", model="auto")
    asked = asker.ask(model.will_say("Yes."), conversation=str(short.pk))
    assert models(asked) == ("auto", "auto-small")


# The catalogue, without a server -------------------------------------------------------------------


@pytest.fixture
def ben_of_rows(db: None, settings: Any) -> Iterator[User]:
    settings.OPENAI_API_KEY = "sk-test"
    providers, entered = rows("http://models.example.org/v1")
    for row in [*providers, *entered]:
        row.save()
    yield User.objects.create(username="ben")
    catalogue.forget()


def offered(user: User) -> dict[str, Any]:
    return {model.id: model for model in catalogue.models_for(user)}


def test_it_promises_what_both_have_and_either_can(ben_of_rows: User) -> None:
    auto = offered(ben_of_rows)["auto"]
    assert (auto.context_window, auto.vision, auto.prices) == (8_000, True, None)
    assert catalogue.model_for(ben_of_rows, "auto") == auto
    [told] = [one for one in picker.offer(ben_of_rows, None, "").models if one["id"] == "auto"]
    assert "chooses between Small and Large" in told["hint"]


def test_it_is_never_asked_for_anything_itself(ben_of_rows: User) -> None:
    LanguageModel.objects.filter(is_default=True).update(is_default=False)
    LanguageModel.objects.filter(slug="auto").update(is_default=True)
    catalogue.forget()
    assert catalogue.default_model().id == "auto" and catalogue.model_named("auto") is None
    assert [model.id for model in offers.usual()] == ["auto-small", "auto-large"]


def test_only_what_is_on_offer_is_chosen_from(ben_of_rows: User) -> None:
    teachers = Group.objects.create(name="Teachers")
    LanguageModel.objects.get(slug="auto-large").groups.add(teachers)
    assert "auto" in offered(ben_of_rows) and "auto-large" not in offered(ben_of_rows)
    [told] = [one for one in picker.offer(ben_of_rows, None, "").models if one["id"] == "auto"]
    assert "Large" not in told["hint"]
    LanguageModel.objects.get(slug="auto-small").groups.add(teachers)
    assert "auto" not in offered(ben_of_rows)
    with pytest.raises(ModelUnavailable):
        catalogue.model_for(ben_of_rows, "auto")
    teachers.user_set.add(ben_of_rows)
    assert "auto" in offered(ben_of_rows)


def test_where_both_are_withdrawn_while_it_chooses_that_is_said(ben_of_rows: User) -> None:
    auto = catalogue.model_for(ben_of_rows, "auto")
    LanguageModel.objects.filter(slug__in=["auto-small", "auto-large"]).delete()
    catalogue.forget()
    place = Place(Conversation(), parent=None)
    with pytest.raises(ModelUnavailable, match="auto-small"):
        choosing.answering(ben_of_rows, auto, place, "Hello", pictures=False, files=[])


def test_without_its_models_or_with_broken_rules_it_is_not_there(ben_of_rows: User) -> None:
    auto = LanguageModel.objects.get(slug="auto")
    auto.rules = {"small": "auto-small"}
    auto.save()
    assert "auto" not in offered(ben_of_rows)
    auto.rules = {"small": "gone", "large": "gone-too"}
    auto.save()
    assert "auto" not in offered(ben_of_rows)
