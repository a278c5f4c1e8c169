"""How full a conversation is, as the API tells it."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from conversations.api import shapes
from conversations.models import Conversation, LanguageModel, Message, Provider, User
from conversations.provider import catalogue
from conversations.provider.interface import Model as Known
from conversations.runs import meter
from tests.features.test_api_shapes import NOBODY, fits
from tests.features.test_chat_branches import edit
from tests.features.test_chat_going_on import go_on, going_on
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.pictures import png
from tests.harness.talks import Talks
from tests.stub_provider import Model, cut, says

# What the stub reports: 11 read, 3 of them cached, and 7 written, 2 of them thoughts.
USED = 11 + 7 - 2
UNPRICED = Known("u", "u", "openai", 1_000, 100)
ROLES = ("user", "assistant")
USAGE = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}


def context(person: Person, conversation: object, **wanted: Any) -> dict[str, Any]:
    told = person.api("GET", f"conversations/{conversation}/context", params=wanted)
    fits(told, shapes.Context)
    return dict(told)


def of(asked: Asked, **wanted: Any) -> dict[str, Any]:
    return context(asked.person, asked.conversation, **wanted)


def test_what_the_last_call_reported_is_exact(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("Hello."), options={"model": "gpt-4o-mini"})
    assert of(asked) == {
        "model": "gpt-4o-mini",
        "window": 128_000,
        "reserved": 4_096,
        "used": USED,
        "exact": True,
        "left_out": 0,
        # What was read before is cached: 5 at $0.15 a million, 11 at $0.075, 7 written at $0.60.
        "likely_cost": "0.000006",
    }


def test_the_newest_report_counts_and_not_their_sum(ada: Person, model: Model) -> None:
    first = ada.ask(model.will_say("Hello."))
    script = model.will_answer(says("And more.", usage=USAGE))
    second = ada.ask(script, conversation=first.conversation)
    assert of(second)["used"] == 1_100
    assert of(second, leaf=first.answer_id)["used"] == USED
    other = edit(second, model.will_say("Another branch.")).finish()
    assert of(other)["used"] == USED
    assert of(other, leaf=second.answer_id)["used"] == 1_100


def test_an_answer_that_was_gone_on_with_is_counted_once(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_answer(says("one two", finish="length")))
    going_on(model, ", three", usage=USAGE)
    go_on(asked).finish()
    assert asked.stored()["usage"]["input_tokens"] == 1_011
    assert of(asked)["used"] == 1_100


def test_what_no_call_has_told_of_is_estimated(ada: Person, model: Model) -> None:
    first = ada.ask(model.will_say("Hello."))
    broken = model.will_answer(says("x" * 400, cut), asked="y" * 4_000)
    told = of(ada.ask(broken, conversation=first.conversation))
    assert not told["exact"] and USED + 1_100 < told["used"] < USED + 1_130


def test_pictures_and_files_count(ada: Person, model: Model) -> None:
    text = {"file": ("notes.txt", b"z" * 8_000, "text/plain")}
    file = ada.api("POST", "files", files=text, expect=201)["items"][0]["id"]
    images = [ada.upload(png(600, 600))["id"]]
    script = model.will_answer(says("one", cut))
    asked = ada.ask(script, images=images, files=[file], options={"model": "gpt-4o"})
    # Two by two squares of 170, and 85.
    assert 2_000 + 765 < of(asked)["used"] < 2_000 + 765 + 60


def test_a_conversation_of_another_server_is_estimated_whole(ada: Person) -> None:
    talk = Talks(ada).talk("a" * 400, "b" * 400, model="gpt-4o-mini", system_prompt="c" * 400)
    told = context(ada, talk.pk)
    assert not told["exact"] and 300 < told["used"] < 350
    assert context(ada, Talks(ada).talk().pk)["used"] < 50
    huge = context(ada, Talks(ada).talk("a" * 4_000_000, "b", model="gpt-4o-mini").pk)
    assert huge["used"] == huge["window"]


@pytest.mark.django_db
def test_nobody_looks_further_up_than_the_window_reaches() -> None:
    talk = _talk(60, reported=False)
    assert len(meter._way_up(talk, talk.active_message_id, 60)) == 10  # of six bytes each
    assert len(meter._way_up(talk, talk.active_message_id, 1_000)) == 60


def test_what_the_next_message_costs_is_known_where_prices_are(ada: Person) -> None:
    talk = Talks(ada).talk("Hello.", "Hello!", model="gpt-4o")
    # Half a page of answer at $10 a million, and little more.
    assert 0.005 < float(context(ada, talk.pk)["likely_cost"]) < 0.006
    assert meter._likely_cost(UNPRICED, 100, 100, None) is None


def test_another_model_makes_an_estimate_of_it(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("Hello."), options={"model": "gpt-4o-mini"})
    ada.api("PATCH", f"conversations/{asked.conversation}", json={"model": "gpt-5-mini"})
    told = of(asked)
    assert (told["model"], told["used"], told["exact"]) == ("gpt-5-mini", USED, False)


def test_where_the_model_was_withdrawn_it_is_about_the_one_that_answers_next(
    ada: Person, ground: Ground
) -> None:
    """The page offers it in the same words."""
    provider = Provider(name="former", kind="compatible", base_url="http://127.0.0.1:1/v1")
    row = LanguageModel(
        slug="former", name="Former", provider=provider, context_window=8_000,
        max_output_tokens=1_000, is_enabled=False,
    )  # fmt: skip
    ground.save(provider)
    ground.save(row)
    talk = Talks(ada).talk("Hello.", "Hello!", model="former")
    names = {one["id"]: one["name"] for one in ada.api("GET", "models")["items"]}
    name = names[context(ada, talk.pk)["model"]]
    page = ada.http.get(f"/c/{talk.pk}/").text
    assert f"The model “Former” is not available any more. {name} answers now" in page
    ground.run(provider.delete)


@pytest.mark.parametrize("leaf", ["x", "\x00", NOBODY, "9" * 10_000])
def test_a_leaf_that_is_not_there_is_not_found(ada: Person, leaf: str) -> None:
    talk = Talks(ada).talk("Hello.")
    ada.api("GET", f"conversations/{talk.pk}/context", params={"leaf": leaf}, expect=404)


def test_a_leaf_of_another_conversation_is_not_found(ada: Person, ben: Person) -> None:
    for person in (ada, ben):
        strange = {"leaf": str(Talks(person).talk("Not here.").active_message_id)}
        address = f"conversations/{Talks(ada).talk('Hello.').pk}/context"
        ada.api("GET", address, params=strange, expect=404)


@pytest.mark.django_db
@pytest.mark.parametrize("length", [2, 600])
def test_a_long_conversation_takes_no_longer(
    length: int, django_assert_num_queries: DjangoAssertNumQueries, settings: Any
) -> None:
    settings.OPENAI_API_KEY = "sk-test"
    talk = _talk(length)
    assert len(meter._way_up(talk, talk.active_message_id, 1_000)) == 1
    with django_assert_num_queries(3):  # up the branch, its calls, the answer that has none
        assert meter.reading(talk.owner, talk, talk.active_message_id)["used"] == 15


def _talk(length: int, *, reported: bool = True) -> Conversation:
    catalogue.default_model()
    talk = Conversation.objects.create(owner=User.objects.create(username="ada"), model="gpt-4o")
    above: Message | None = None
    rows = []
    for turn in range(length):
        report = {"input_tokens": 10, "output_tokens": 5} if reported and turn % 2 else {}
        above = Message(
            conversation=talk, parent=above, text="Hello.", **{"role": ROLES[turn % 2], **report}
        )
        rows.append(above)
    Message.objects.bulk_create(rows)
    talk.active_message = above
    return talk
