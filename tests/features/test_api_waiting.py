"""Only so many calls wait at once; who is refused a place has sent nothing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from conversations.api import conversations, search, searching, sending, waiting
from conversations.chat.questions import Question
from conversations.errors import RateLimited, Refusal, Unavailable
from conversations.models import User

SEARCHES: list[tuple[str, Callable[[HttpRequest], object]]] = [
    ("/api/v1/search", lambda request: search.find(request, search.Asked(q="x"))),
    (
        "/api/v1/conversations",
        lambda request: conversations.conversations(request, conversations.Listing(q="x")),
    ),
    (
        "/api/v1/conversations/1/search",
        lambda request: conversations.search(request, "1", conversations.Words(q="x")),
    ),
]


@pytest.fixture
def ada() -> User:
    return User(username="ada")


@pytest.fixture
def ben() -> User:
    return User(username="ben")


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    """A small one: three places, two of them for one person."""
    monkeypatch.setattr(waiting, "CALLS_AT_ONCE", 3)
    monkeypatch.setattr(waiting, "CALLS_OF_ONE_USER", 2)
    with ExitStack() as taken:
        yield taken


def sit(room: ExitStack, *people: User) -> None:
    for one in people:
        room.enter_context(waiting.place_for(one))


def test_a_call_that_finds_no_place_sends_nothing(
    ada: User, ben: User, room: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    monkeypatch.setattr(sending, "ask", sent.append)
    sit(room, ada, ben, User(username="cleo"))
    request = RequestFactory().post("/api/v1/messages")
    request.user = ada
    with pytest.raises(Unavailable) as refused:
        sending.send(request, Question(text="Well?"), None, wait=True)
    assert refused.value.retry_after and not sent


def test_one_person_does_not_get_all_places(ada: User, ben: User, room: ExitStack) -> None:
    sit(room, ada, ada)
    with pytest.raises(RateLimited):
        sit(room, ada)
    sit(room, ben)


def test_a_place_is_free_again_whatever_became_of_the_call(ada: User, room: ExitStack) -> None:
    for _ in range(5):
        with pytest.raises(Refusal), waiting.place_for(ada):
            raise Unavailable
    sit(room, ada, ada)


def test_one_person_s_searches_leave_connections_for_others(ada: User, ben: User) -> None:
    with ExitStack() as under_way:
        for _ in range(searching.AT_ONCE):
            under_way.enter_context(searching.one_of_few(ada))
        for path, find in SEARCHES:
            request = RequestFactory().get(path)
            request.user = ada
            with pytest.raises(RateLimited) as refused:
                find(request)
            assert refused.value.retry_after
        under_way.enter_context(searching.one_of_few(ben))
    with pytest.raises(ZeroDivisionError), searching.one_of_few(ada):
        1 / 0  # noqa: B018
    assert not searching._under_way
