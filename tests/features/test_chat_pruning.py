"""A message goes with all that followed it; what stays is a conversation one can go on with."""

import secrets

import pytest

from conversations.models import Claim, Image, Message, ProviderCall, Run
from tests.features.test_chat_branches import edit, regenerate, texts
from tests.harness.database import Ground
from tests.harness.people import Asked, HalfTold, Person
from tests.harness.pictures import png
from tests.stub_provider import Model, pause, says


def delete(person: Person, message: str, expect: int = 204) -> None:
    person.api("DELETE", f"messages/{message}", expect=expect)


def active(asked: Asked) -> str | None:
    found = asked.person.api("GET", f"conversations/{asked.conversation}")["active_message"]
    return found and str(found)


@pytest.fixture
def talk(ada: Person, model: Model) -> list[Asked]:
    """Two questions and their answers."""
    first = ada.ask(model.will_say("one"))
    return [first, ada.ask(model.will_say("two"), conversation=first.conversation)]


def test_what_followed_goes_with_it_and_the_conversation_ends_above(
    ada: Person, talk: list[Asked], model: Model, ground: Ground
) -> None:
    first, second = talk
    delete(ada, second.question_id)
    assert active(first) == first.answer_id
    assert texts(ada, first.conversation)[1:] == ["one"]
    assert ground.rows(Message, pk__in=[second.question_id, second.answer_id]) == []
    assert ground.rows(Run, pk=second.run) == []
    assert len(ground.rows(ProviderCall, run=second.run)) == 1, "what it cost stays on the ledger"
    script = model.will_say("three")
    ada.ask(script, conversation=first.conversation)
    assert [said for _, said in script.request.said()][1:] == ["one", script.question]


def test_the_first_question_leaves_an_empty_conversation(
    ada: Person, talk: list[Asked], model: Model
) -> None:
    first, _ = talk
    delete(ada, first.question_id)
    assert active(first) is None
    assert ada.messages(first.conversation) == []
    again = ada.ask(model.will_say("anew"), conversation=first.conversation)
    assert texts(ada, first.conversation)[1:] == ["anew"]
    assert again.ack["user_message"]["parent"] is None


def test_the_version_before_it_takes_its_place_with_what_followed_that(
    ada: Person, model: Model
) -> None:
    script = model.will_answer(says("one"), says("another"))
    first = ada.ask(script)
    below = ada.ask(model.will_say("deep"), conversation=first.conversation)
    again = regenerate(first).finish()
    assert active(first) == again.answer_id
    delete(ada, again.answer_id)
    assert active(first) == below.answer_id
    assert ada.messages(first.conversation)[1]["siblings"] == [first.answer_id]


def test_a_message_of_another_branch_moves_nobody(ada: Person, model: Model) -> None:
    first = ada.ask(model.will_say("cold"))
    edited = edit(first, model.will_say("warm")).finish()
    delete(ada, first.question_id)
    assert active(first) == edited.answer_id
    assert ada.messages(first.conversation)[0]["siblings"] == [edited.question_id]


def test_an_answer_below_is_stopped_first_and_is_on_the_ledger(
    half_told: HalfTold, ground: Ground
) -> None:
    script, asked = half_told
    other = asked.person.socket()
    other.open(asked.conversation)
    delete(asked.person, asked.question_id)
    script.request.wait_until_closed()
    assert ground.row(ProviderCall, run=asked.run).outcome == "cancelled"
    assert ground.rows(Message, pk=asked.answer_id) == []
    told = other.until("conversation.updated")
    while told["conversation"]["active_message"]:
        told = other.until("conversation.updated")


def test_an_answer_on_another_branch_goes_on(ada: Person, model: Model) -> None:
    first = ada.ask(model.will_say("cold"))
    script = model.will_say("wa", pause, "rm")
    edited = edit(first, script)
    edited.socket.wait_for_text(edited.run, 2)
    delete(ada, first.question_id)
    script.resume()
    assert edited.finish().text == "warm"


def test_its_words_are_not_kept_by_the_ack_that_it_got(
    ada: Person, model: Model, ground: Ground
) -> None:
    socket, id = ada.socket(), secrets.token_hex(8)
    question = model.will_say("x").question
    ack = socket.call("message.send", id=id, text=question)
    socket.until("run.finished")
    delete(ada, ack["message"]["id"])
    assert ground.row(Claim, user_id=ada.id, key=id).ack is None


def test_twice_is_once(ada: Person, talk: list[Asked]) -> None:
    delete(ada, talk[1].answer_id)
    delete(ada, talk[1].answer_id, expect=404)
    assert active(talk[0]) == talk[1].question_id


def test_a_branch_may_be_very_long(ada: Person, ground: Ground, model: Model) -> None:
    asked = ada.ask(model.will_say("x"))

    def grow() -> None:
        above = Message.objects.get(pk=asked.answer_id)
        rows = []
        for _ in range(1500):
            above = Message(conversation_id=asked.conversation, parent=above, role="user", text="x")
            rows.append(above)
        Message.objects.bulk_create(rows)

    ground.run(grow)
    delete(ada, asked.answer_id)
    assert len(ground.rows(Message, conversation_id=asked.conversation)) == 1


def test_its_pictures_go_unless_they_stand_elsewhere(
    ada: Person, model: Model, ground: Ground
) -> None:
    alone, shared = (ada.upload(png(30, width))["id"] for width in (20, 21))
    ada.ask(model.will_say("a dot"), images=[shared])
    asked = ada.ask(model.will_say("two dots"), images=[alone, shared])
    delete(ada, asked.question_id)
    assert [str(image.pk) for image in ground.rows(Image, owner_id=ada.id)] == [shared]
