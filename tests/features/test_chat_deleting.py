"""What goes with a conversation, and with a person's right to be here, whoever takes them away."""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from conversations.models import Blob, Claim, Conversation, Image, Message, ProviderCall, User
from conversations.models.conversation import TAKEN_BACK_WITHIN
from conversations.runs import sweep
from tests.harness.database import Ground
from tests.harness.people import HalfTold, Person
from tests.harness.pictures import png
from tests.harness.sockets import Refused
from tests.stub_provider import Model, Script, pause

TABLES = "/admin/conversations"
YES = {"post": "yes"}


def by_its_owner(ada: Person, admin: Person, ground: Ground, id: str) -> None:
    ada.api("DELETE", f"conversations/{id}", expect=204)


def by_its_owner_and_swept(ada: Person, admin: Person, ground: Ground, id: str) -> None:
    by_its_owner(ada, admin, ground, id)
    swept(ground, id)


def swept(ground: Ground, id: str) -> None:
    """As the sweep does it, once nobody can take it back any more."""
    now = timezone.now()
    gone, shown = (
        Conversation.objects.filter(pk=id),
        Image.objects.filter(uses__message__conversation_id=id),
    )
    ground.run(lambda: gone.update(deleted_at=now - timedelta(hours=1)))
    ground.run(lambda: shown.update(created_at=now - timedelta(hours=2)))
    ground.in_transaction(sweep.some_conversations)
    assert not ground.run(gone.exists)


def on_the_desk(ada: Person, admin: Person, ground: Ground, id: str) -> None:
    answer = admin.http.post(f"{TABLES}/conversation/{id}/delete/", data=YES)
    assert answer.status_code == 302


def on_the_desk_with_others(ada: Person, admin: Person, ground: Ground, id: str) -> None:
    chosen = {"action": "delete_selected", "_selected_action": id, **YES}
    assert admin.http.post(f"{TABLES}/conversation/", data=chosen).status_code == 302


def in_a_shell(ada: Person, admin: Person, ground: Ground, id: str) -> None:
    ground.run(lambda: Conversation.objects.filter(pk=id).delete())


def with_its_owner(ada: Person, admin: Person, ground: Ground, id: str) -> None:
    assert (
        admin.http.post(
            f"{TABLES}/user/{ada.id}/delete/", data={**YES, "confirm": ada.name}
        ).status_code
        == 302
    )


Way = Callable[[Person, Person, Ground, str], None]
WAYS: list[Way] = [by_its_owner_and_swept, on_the_desk, on_the_desk_with_others, in_a_shell]


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


def test_a_deleted_conversation_is_gone_at_every_door(
    ada: Person, admin_user: Person, model: Model
) -> None:
    socket, id = ada.socket(), secrets.token_hex(8)
    question: dict[str, Any] = {"text": model.will_say("x").question}
    ack = socket.call("message.send", id=id, **question)
    socket.until("run.finished")
    conversation, run, answer = (ack[part]["id"] for part in ("conversation", "run", "message"))
    ada.api("DELETE", f"conversations/{conversation}", expect=204)
    assert socket.until("conversation.deleted")["conversation"] == conversation
    for call in (f"conversations/{conversation}", f"conversations/{conversation}/messages"):
        ada.api("GET", call, expect=404)
    ada.api("GET", f"runs/{run}", expect=404)
    ada.api("DELETE", f"conversations/{conversation}", expect=404)
    ada.api("PATCH", f"conversations/{conversation}", json={"title": "x"}, expect=404)
    for type, fields in {
        "conversation.open": {"conversation": conversation},
        "message.send": {"conversation": conversation, "text": "more"},
        "message.regenerate": {"message": answer},
    }.items():
        with pytest.raises(Refused) as refused:
            socket.call(type, **fields)
        assert refused.value.code == "not_found"
    socket.send({"type": "message.send", "id": id, **question})
    assert socket.until("error", id=id)["code"] == "not_found"
    assert ada.http.get(f"/c/{conversation}/").status_code == 404
    assert admin_user.http.get(f"{TABLES}/conversation/{conversation}/change/").status_code == 404
    assert [one["id"] for one in ada.api("GET", "conversations")["items"]] == []


def test_a_deletion_is_taken_back(ada: Person, ben: Person, model: Model) -> None:
    asked = ada.ask(model.will_say("still here"))
    path = f"conversations/{asked.conversation}"
    before = ada.api("GET", path)
    ada.api("POST", f"{path}/restore", expect=404)
    ada.api("DELETE", path, expect=204)
    ben.api("POST", f"{path}/restore", expect=404)
    tab = ada.socket()
    assert ada.api("POST", f"{path}/restore") == before
    assert tab.until("conversation.updated")["conversation"] == before
    assert ada.messages(asked.conversation)[-1]["text"] == "still here"
    ada.api("POST", f"{path}/restore", expect=404)


def test_a_deletion_is_taken_back_for_a_while_only(ada: Person, ground: Ground) -> None:
    made = ada.api("POST", "conversations", expect=201)["id"]
    ada.api("DELETE", f"conversations/{made}", expect=204)
    late = timezone.now() - TAKEN_BACK_WITHIN
    ground.run(lambda: Conversation.objects.filter(pk=made).update(deleted_at=late))
    ada.api("POST", f"conversations/{made}/restore", expect=404)


def test_the_pictures_of_a_deleted_conversation_go_with_it(
    ada: Person, ben: Person, admin_user: Person, ground: Ground, model: Model
) -> None:
    """Unless they stand elsewhere, too: their bytes are stored once for everybody."""
    dot = png(31, 17)
    hers, his = ada.upload(dot)["id"], ben.upload(dot)["id"]
    talks = [ada.ask(model.will_say("x"), images=[hers]).conversation for _ in range(2)]
    blob = ground.row(Blob, images=hers)
    files = [default_storage.path(name) for name in (blob.name, blob.thumbnail_name)]
    by_its_owner_and_swept(ada, admin_user, ground, talks[0])
    assert ada.http.get(f"/images/{hers}/").status_code == 200
    by_its_owner_and_swept(ada, admin_user, ground, talks[1])
    assert ada.http.get(f"/images/{hers}/").status_code == 404
    assert ben.http.get(f"/images/{his}/").status_code == 200
    on_the_desk(ben, admin_user, ground, ben.ask(model.will_say("x"), images=[his]).conversation)
    assert ground.rows(Blob, pk=blob.pk) == []
    assert [file for file in files if Path(file).exists()] == []


def test_a_picture_stored_again_outlives_the_conversation_that_went(
    ada: Person, admin_user: Person, ground: Ground, model: Model
) -> None:
    dot = png(31, 17)
    talk = ada.ask(model.will_say("x"), images=[ada.upload(dot)["id"]]).conversation
    ada.api("DELETE", f"conversations/{talk}", expect=204)
    again = ada.upload(dot)["id"]
    late = timezone.now() - TAKEN_BACK_WITHIN - timedelta(seconds=1)
    ground.run(lambda: Conversation.objects.filter(pk=talk).update(deleted_at=late))
    ground.in_transaction(sweep.some_conversations)
    assert ground.rows(Conversation, pk=talk) == []
    assert ada.http.get(f"/images/{again}/").status_code == 200


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
    way(ada, admin_user, ground)
    script.wait_until_asked().wait_until_closed()
    assert asked.socket.close_code() == 4401
    end = time.monotonic() + 60
    while ground.row(Message, pk=asked.answer_id).status == "running" and time.monotonic() < end:
        time.sleep(0.05)
    answer = ground.row(Message, pk=asked.answer_id)
    assert (answer.status, answer.text) == ("stopped", "one ")
