"""Who may open a socket, and how the others are told."""

import time

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from conversations.models import User
from tests.harness.database import Ground
from tests.harness.people import PASSWORD, PATIENCE, Person
from tests.harness.server import Server
from tests.harness.sockets import Socket
from tests.harness.soon import within
from tests.stub_provider import Model


def test_ready_says_who_and_what_is_allowed(ada: Person) -> None:
    ready = ada.socket().until("ready")
    assert ready["protocol"] == 1
    assert ready["user"] == {"id": ada.id, "name": ada.name}
    assert ready["limits"]["frame_bytes"] == 256 * 1024
    assert ready["limits"]["text_bytes"] == 4 * 1024 * 1024
    assert ready["limits"]["images"] > 0


def test_as_many_characters_as_ready_says_fit_in_any_language(ada: Person, model: Model) -> None:
    most = ada.socket().until("ready")["limits"]["text_characters"]
    question = model.will_say("much").question
    text = question.rjust(most, "🦊")
    sent = ada.api("POST", "messages", json={"text": text}, expect=201)
    assert sent["user_message"]["text"] == text
    ada.api("POST", "messages", json={"text": "🦊" * (most + 1)}, expect=413)


def test_a_stranger_is_let_in_and_closed_with_4401(stranger: Person) -> None:
    socket = stranger.socket(ready=False)
    assert socket.close_code() == 4401
    assert [f["type"] for f in socket.frames] == []


def test_a_made_up_session_is_a_stranger(stranger: Person) -> None:
    stranger.session = "x" * 32
    assert stranger.socket(ready=False).close_code() == 4401


def test_a_cookie_of_somebody_else_with_an_odd_name_does_no_harm(ada: Person) -> None:
    """A neighbour on the same host name may set what Python's own reader of cookies stops at."""
    cookies = {"odd[name]": "1", "a:b": '{"x": 1}', **ada.cookies}
    with Socket(ada.server.socket_url, origin=ada.server.origin, cookies=cookies) as socket:
        assert socket.until("ready")["user"]["id"] == ada.id


WRONG = {
    "none": None,
    "another host": "http://evil.example",
    "another port": "http://127.0.0.1:1",
    "another scheme": "https://127.0.0.1:{port}",
    "the default port": "http://127.0.0.1",
    "a name for the same machine": "http://localhost:{port}",
    "null": "null",
    "no scheme": "127.0.0.1:{port}",
    "ours as a prefix": "http://127.0.0.1:{port}.evil.example",
    "not an address": "file://",
}


@pytest.mark.parametrize("origin", WRONG.values(), ids=WRONG.keys())
def test_any_other_origin_is_refused_at_the_handshake(ada: Person, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        ada.socket(origin=origin and origin.format(port=ada.server.port), ready=False)
    assert refused.value.response.status_code == 403


def test_another_path_has_no_socket(ada: Person) -> None:
    ada.server.socket_url, kept = (
        ada.server.origin.replace("http", "ws") + "/ws/v2/",
        ada.server.socket_url,
    )
    try:
        with pytest.raises(InvalidStatus) as refused:
            ada.socket(ready=False)
    finally:
        ada.server.socket_url = kept
    assert refused.value.response.status_code in (403, 404)


def test_signing_out_closes_every_socket_of_that_session(ada: Person) -> None:
    sockets = [ada.socket(), ada.socket()]
    before = time.monotonic()
    ada.http.post("/accounts/logout/")
    assert [socket.close_code() for socket in sockets] == [4401, 4401]
    assert time.monotonic() - before < within(2)


def test_deactivation_closes_the_sockets_and_the_door(ada: Person, ground: Ground) -> None:
    socket = ada.socket()
    user = ground.row(User, pk=ada.id)
    user.is_active = False
    ground.save(user)
    assert ada.socket(ready=False).close_code() == 4401
    assert socket.close_code() == 4401


def test_a_changed_password_closes_the_other_sockets(ada: Person) -> None:
    socket = ada.socket()
    answer = ada.http.post(
        "/accounts/password/change/",
        data={
            "oldpassword": PASSWORD,
            "password1": "another-harbour-42",
            "password2": "another-harbour-42",
        },
    )
    assert answer.status_code == 302, answer.text[:500]
    assert socket.close_code() == 4401


def test_a_forged_root_path_changes_no_link(server: Server) -> None:
    answer = httpx.get(
        f"{server.origin}/",
        headers={"Daphne-Root-Path": "/evil"},
        follow_redirects=False,
        timeout=PATIENCE,
    )
    assert answer.status_code == 302 and answer.headers["location"].startswith("/accounts/login/")
