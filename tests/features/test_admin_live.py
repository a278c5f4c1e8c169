"""What the admin does while somebody is being answered, on a real server."""

import pytest

from conversations.models import AuditEntry, Conversation, Message, ProviderCall, User
from tests.harness.database import Ground
from tests.harness.people import HalfTold, Person
from tests.harness.pictures import png
from tests.stub_provider import Model, pause

TABLES = "/admin/conversations/"


def test_a_conversation_deleted_while_it_streams_ends_cleanly(
    ada: Person, admin_user: Person, ground: Ground, half_told: HalfTold
) -> None:
    script, asked = half_told
    path = f"{TABLES}conversation/{asked.conversation}/delete/"
    assert admin_user.http.post(path, data={"post": "yes"}).status_code == 302
    script.wait_until_asked().wait_until_closed()
    asked.socket.until("conversation.deleted")
    assert ground.rows(Conversation, pk=asked.conversation) == []
    entry = ground.row(AuditEntry, action="conversation.delete", object_id=asked.conversation)
    assert (entry.actor, entry.owner) == (admin_user.name, ada.name)


def test_a_person_deleted_while_being_answered_is_gone_at_once(
    ada: Person, admin_user: Person, ground: Ground, model: Model
) -> None:
    picture = ada.upload(png(8, 8))
    asked = ada.start(model.will_say("one ", pause, "two"), images=[picture["id"]])
    asked.socket.wait_for_text(asked.run, 4)
    answer = admin_user.http.post(
        f"{TABLES}user/{ada.id}/delete/", data={"post": "yes", "confirm": ada.name}
    )
    assert answer.status_code == 302
    assert asked.socket.close_code() == 4401
    assert ground.rows(User, pk=ada.id) == [] and ground.rows(Message, pk=asked.answer_id) == []
    call = ground.row(ProviderCall, run=asked.run)
    assert (call.outcome, str(call.user_id)) == ("cancelled", ada.id), "the answer was ended first"


def test_deactivating_somebody_closes_their_sockets(
    ada: Person, admin_user: Person, ground: Ground
) -> None:
    socket = ada.socket()
    form = {"username": ada.name, "email": f"{ada.name}@example.org"}
    answer = admin_user.http.post(f"{TABLES}user/{ada.id}/change/", data=form)
    assert answer.status_code == 302, answer.text[:2000]
    assert not ground.row(User, pk=ada.id).is_active
    assert socket.close_code() == 4401


def test_a_transcript_holds_what_was_written_so_far_and_its_pictures_load(
    ada: Person, admin_user: Person, cleo: Person, model: Model
) -> None:
    picture = ada.upload(png(8, 8))
    script = model.will_say("so far ", pause, "and on")
    asked = ada.start(script, images=[picture["id"]])
    asked.socket.wait_for_text(asked.run, 7)
    asked.socket.silence(0.5)  # the journal is written every 250 ms
    page = admin_user.http.get(f"{TABLES}conversation/{asked.conversation}/change/").text
    assert "so far " in page and script.question in page
    thumbnail = f"/images/{picture['id']}/thumbnail/"
    assert thumbnail in page
    assert admin_user.http.get(thumbnail).headers["content-type"] == "image/webp"
    assert cleo.http.get(thumbnail).status_code == 404


@pytest.mark.parametrize("path", ["", "conversations/user/", "conversations/conversation/"])
def test_admin_pages_keep_the_strict_policy(path: str, admin_user: Person) -> None:
    answer = admin_user.http.get(f"/admin/{path}")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy and "script-src 'self'" in policy
    assert "no-store" in answer.headers["cache-control"]
    assert "<style" not in answer.text and " style=" not in answer.text
    assert "<script>" not in answer.text and " onclick=" not in answer.text
