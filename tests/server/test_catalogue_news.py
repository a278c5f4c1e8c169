"""A change of the catalogue is in force in every process, without a restart."""

import time

import pytest

from conversations.models import LanguageModel, Provider
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.server.conftest import Spare
from tests.stub_provider import Model, pause

# A process looks by itself after 30 s: what is seen sooner was told by the doorbell.
SOON_SECONDS = 25


def offers(person: Person) -> list[str]:
    return [model["id"] for model in person.api("GET", "models")["items"]]


def until(is_there: bool, *people: Person) -> None:
    end = time.monotonic() + SOON_SECONDS
    while time.monotonic() < end:
        if all(("llama" in offers(person)) == is_there for person in people):
            return
        time.sleep(0.1)
    pytest.fail(f"llama offered: {[offers(person) for person in people]}")


def test_two_processes_offer_a_new_model_at_once_and_ask_for_it_by_its_own_name(
    ada: Person, spare: Spare, llama: LanguageModel, model: Model, ground: Ground
) -> None:
    elsewhere = ada.at(spare())
    until(True, ada, elsewhere)
    asked = ada.ask(model.will_say("Baa."), options={"model": "llama"})
    assert asked.stored()["model"] == "llama"
    body = model.requests[-1].json
    assert (body["model"], body["max_tokens"]) == ("llama-3.3-70b", 500)
    llama.is_enabled = False
    ground.save(llama)
    until(False, ada, elsewhere)
    again = elsewhere.socket().refusal(
        "message.send", conversation=asked.conversation, text="And now?", options={"model": "llama"}
    )
    assert again["code"] == "model_unavailable" and "GPT-4.1 mini" in again["message"]
    assert [turn["text"] for turn in elsewhere.messages(asked.conversation)][1] == "Baa."


def test_an_answer_goes_on_after_its_provider_was_deleted(
    ada: Person, llama: LanguageModel, model: Model, ground: Ground
) -> None:
    until(True, ada)
    script = model.will_say("Baa ", pause, "baa.")
    asked = ada.start(script, options={"model": "llama"})
    asked.socket.wait_for_text(asked.run, 4)
    ground.run(Provider.objects.filter(name="other").delete)
    until(False, ada)
    script.resume()
    assert asked.finish().status == "complete"
    stored = asked.stored()
    assert (stored["text"], stored["model"]) == ("Baa baa.", "llama")
