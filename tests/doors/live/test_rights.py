"""Who may be here, and how soon a socket whose person may not is closed."""

import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from conversations.models import User
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.sockets import Socket
from tests.harness.soon import within


def closes_within(socket: Socket, seconds: float, code: int = 4401) -> None:
    began = time.monotonic()
    assert socket.close_code() == code
    assert time.monotonic() - began < within(seconds)


def test_deletion_closes_the_sockets_within_a_second(ada: Person, ground: Ground) -> None:
    socket = ada.socket()
    ground.run(lambda: User.objects.get(pk=ada.id).delete())
    closes_within(socket, 1)


def test_a_session_that_is_deleted_closes_its_sockets_and_no_others(
    ada: Person, ben: Person, ground: Ground
) -> None:
    mine, other = ada.socket(), ben.socket()
    ground.run(lambda: Session.objects.get(pk=ada.session).delete())
    closes_within(mine, 1)
    assert other.lives()


def test_a_session_that_ends_by_itself_closes_its_socket(ada: Person, ground: Ground) -> None:
    """Nobody rings for it: the row stays, only its time has come."""
    end = timezone.now() + timedelta(seconds=2)
    ground.run(lambda: Session.objects.filter(pk=ada.session).update(expire_date=end))
    socket = ada.socket()
    assert socket.lives()
    closes_within(socket, 3)
    assert timezone.now() >= end


def test_a_session_that_was_prolonged_meanwhile_keeps_its_socket(
    ada: Person, ground: Ground
) -> None:
    session = Session.objects.filter(pk=ada.session)
    soon, later = timezone.now() + timedelta(seconds=1), timezone.now() + timedelta(hours=1)
    ground.run(lambda: session.update(expire_date=soon))
    socket = ada.socket()
    ground.run(lambda: session.update(expire_date=later))
    assert socket.silence(2) == [] and socket.lives()


def test_sockets_opened_while_signing_out_are_all_closed(ada: Person, ground: Ground) -> None:
    """Also those whose session was read before it ended and that arrived after the bell."""
    opened = [ada.socket(ready=False) for _ in range(10)]
    ground.run(lambda: Session.objects.get(pk=ada.session).delete())
    opened += [ada.socket(ready=False) for _ in range(5)]
    assert [socket.close_code() for socket in opened] == [4401] * 15


ODD = {
    "a name with brackets": {"odd[name]": "1"},
    "a value with JSON": {"odd": '{"a":[1,2]}'},
    "a quote without end": {"odd": '"'},
    "no name": {"": "odd"},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_cookies_of_others_do_not_hide_ours(ada: Person, odd: dict[str, str]) -> None:
    """Anything on the same host may set one; browsers send them all."""
    socket = Socket(ada.server.socket_url, origin=ada.server.origin, cookies={**odd, **ada.cookies})
    with socket:
        assert socket.until("ready")["user"]["id"] == ada.id


@pytest.mark.parametrize("key", ['"aaaaaaaaaa\\000"', "x" * 5000, "'; DROP TABLE", "ä" * 32, '""'])
def test_a_session_that_cannot_be_one_is_a_stranger(stranger: Person, key: str) -> None:
    socket = Socket(
        stranger.server.socket_url,
        origin=stranger.server.origin,
        cookies={"sessionid": key.encode().decode("latin1")},
    )
    with socket:
        assert socket.close_code() == 4401
