"""Conversations and questions that are longer than the window of their model."""

import time
from collections.abc import Iterator

import pytest

from conversations.models import LanguageModel, Provider
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.talks import Talks
from tests.stub_provider import Model, Stub

# Leaves 1,633 tokens for what is read.
WINDOW = 2_000
SAID = "The quick brown fox jumps over the lazy dog. "  # ten tokens


@pytest.fixture(scope="module")
def narrow(ground: Ground, stub: Stub, server: Server) -> Iterator[str]:
    """A model that reads little."""
    provider = Provider(name="narrow", kind="compatible", base_url=stub.base_url)
    row = LanguageModel(
        slug="narrow", name="Narrow", provider=provider, context_window=WINDOW,
        max_output_tokens=300, tokenizer="o200k_base",
    )  # fmt: skip
    ground.save(provider)
    ground.save(row)
    yield row.slug
    ground.run(provider.delete)


@pytest.fixture
def reader(ada: Person, narrow: str) -> Person:
    end = time.monotonic() + 60
    while narrow not in [model["id"] for model in ada.api("GET", "models")["items"]]:
        assert time.monotonic() < end, "the model is not on offer"
        time.sleep(0.1)
    return ada


def test_a_long_conversation_is_read_from_where_there_is_room(reader: Person, model: Model) -> None:
    texts = [f"{turn}: " + SAID * 10 for turn in range(40)]
    talk = Talks(reader).talk(*texts, model="narrow", system_prompt="Be brief.")
    script = model.will_say("Yes.")
    asked = reader.ask(script, conversation=str(talk.pk))
    said = script.request.said()
    assert said[0][0] == "system" and said[0][1].startswith("Be brief.")
    assert said[-1] == ("user", script.question)
    left_out = asked.finished["message"]["left_out"]
    assert left_out == 40 - (len(said) - 2) and left_out % 2 == 0
    assert said[1] == ("user", texts[left_out])
    # Ten tokens a sentence: what is read is close to the room, and not above it.
    assert 10 < len(said) - 2 < 16
    assert asked.stored()["left_out"] == left_out


def test_a_short_conversation_is_read_whole(reader: Person, model: Model) -> None:
    script = model.will_say("Yes.")
    talk = Talks(reader).talk("Hello.", "Hello!", model="narrow")
    asked = reader.ask(script, conversation=str(talk.pk))
    assert asked.finished["message"]["left_out"] == 0
    assert len([role for role, _ in script.request.said() if role != "system"]) == 3


def test_a_question_that_is_too_long_is_told_by_how_much_and_not_sent(
    reader: Person, model: Model
) -> None:
    script = model.will_say("Never.", asked=SAID * 400)
    asked = reader.ask(script, options={"model": "narrow"})
    assert (asked.status, asked.error) == ("failed", "context_too_long")
    assert not script.requests
    sentence = asked.stored()["error"]["message"]
    [number] = [int(word.replace(",", "")) for word in sentence.split() if word[0].isdigit()]
    assert 4_000 - 1_633 <= number <= 4_100 - 1_600
    again = model.will_say("Shorter is better.")
    shorter = reader.socket().call("message.edit", message=asked.question_id, text=again.question)
    assert shorter["message"]["parent"] == shorter["user_message"]["id"]
