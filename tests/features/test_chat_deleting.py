"""What goes with a conversation, and with a person's right to be here, whoever takes them away."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest

from conversations.models import Claim, Conversation, Message, ProviderCall, User
from tests.harness.database import Ground
from tests.harness.people import HalfTold, Person
from tests.stub_provider import Model, Script, pause

TABLES = "/admin/conversations"
YES = {"post": "yes"}


def by_its_owner(ada: Person, admin: Person, ground: Ground, id: str) -> None:
    ada.api("DELETE", f"conversations/{id}", expect=204)


def on_the_desk(ada: Person, admin: Person, ground: Ground, id: str) -> None:
    answer = admin.http.post(f"{TABLES}/conversation/{id}/delete/", data=YES)
    assert answer.status_code == 302


def on_the_desk_with_others(ada: Person, admin: Person, ground: Ground, id: str) -> None:
    chosen = {"action": "delete_selected", "_selected_action": id, **YES}
    assert admin.http.post(f"{TABLES}/conversation/", data=chosen).status_code == 302


def in_a_shell(ada: Person, admin: Person, ground: Ground, id: str) -> None:
    ground.run(lambda: Conversation.objects.filter(pk=id).delete())


def with_its_owner(ada: Person, admin: Person, ground: Ground, id: str) -> None:
    assert admin.http.post(f"{TABLES}/user/{ada.id}/delete/", data=YES).status_code == 302


Way = Callable[[Person, Person, Ground, str], None]
WAYS: list[Way] = [by_its_owner, on_the_desk, on_the_desk_with_others, in_a_shell]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_words_of_a_deleted_conversation_are_nowhere(
    ada: Person, admin_user: Person, ground: Ground, model: Model, way: Way
) -> None:
    socket, id = ada.socket(), secrets.token_hex(8)
    question: dict[str, Any] = {"text": model.will_say("x").question}
    ack = socket.call("message.send", id=id, **question)
    socket.until("run.finished")
    way(ada, admin_user, ground, ack["conversation"]["id"])
    claim = ground.row(Claim, user_id=ada.id, key=id)
    assert claim.ack is None, "the id stays claimed, the words go"
    socket.until("conversation.deleted")
    socket.send({"type": "message.send", "id": id, **question})
    assert socket.until("error", id=id)["code"] == "not_found"


@pytest.mark.parametrize("way", [*WAYS, with_its_owner], ids=lambda way: way.__name__)
def test_whoever_deletes_it_nobody_goes_on_writing(
    ada: Person, admin_user: Person, ground: Ground, way: Way, half_told: HalfTold
) -> None:
    script, asked = half_told
    began = time.monotonic()
    way(ada, admin_user, ground, asked.conversation)
    assert script.wait_until_asked().wait_until_closed() - began < 1.5
    assert ground.rows(Message, pk=asked.answer_id) == []


@pytest.mark.parametrize("way", [on_the_desk, with_its_owner], ids=lambda way: way.__name__)
def test_what_was_stopped_for_a_deletion_stays_on_the_ledger(
    ada: Person, admin_user: Person, ground: Ground, model: Model, way: Way
) -> None:
    asked = ada.start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    way(ada, admin_user, ground, asked.conversation)
    assert ground.row(ProviderCall, run=asked.run).outcome == "cancelled"


def deactivated_on_the_desk(ada: Person, admin: Person, ground: Ground) -> None:
    form = {"username": ada.name, "email": f"{ada.name}@example.org"}
    assert admin.http.post(f"{TABLES}/user/{ada.id}/change/", data=form).status_code == 302


def deactivated_in_a_shell(ada: Person, admin: Person, ground: Ground) -> None:
    def deactivate() -> None:
        person = User.objects.get(pk=ada.id)
        person.is_active = False
        person.save(update_fields=["is_active"])

    ground.run(deactivate)


@pytest.mark.parametrize("way", [deactivated_on_the_desk, deactivated_in_a_shell])
def test_deactivating_somebody_stops_their_answers_at_once(
    ada: Person,
    admin_user: Person,
    ground: Ground,
    model: Model,
    way: Callable[[Person, Person, Ground], None],
) -> None:
    script: Script = model.will_say("one ", pause, "two")
    asked = ada.start(script)
    asked.socket.wait_for_text(asked.run, 4)
    began = time.monotonic()
    way(ada, admin_user, ground)
    assert script.wait_until_asked().wait_until_closed() - began < 1.5
    assert asked.socket.close_code() == 4401
    end = time.monotonic() + 2
    while ground.row(Message, pk=asked.answer_id).status == "running" and time.monotonic() < end:
        time.sleep(0.05)
    answer = ground.row(Message, pk=asked.answer_id)
    assert (answer.status, answer.text) == ("stopped", "one ")
