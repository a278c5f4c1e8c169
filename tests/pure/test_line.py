"""Places that many want: nobody waits behind somebody who wants many."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from conversations.attachments.line import Full, Line
from tests.harness.sockets import PATIENCE


class Room:
    """People who take places and keep them until they are told to go."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.inside: list[str] = []
        self.gone: list[Future[None]] = []
        self._news = threading.Condition()
        self._may_go: set[str] = set()
        self._threads = ThreadPoolExecutor(16)

    def come(self, *names: str) -> None:
        """Each waits in the line before the next one comes. `ada1` and `ada2` are one person."""
        for name in names:
            self.gone.append(self._threads.submit(self._be, name))
            self._until(lambda: len(self.inside) + len(self.line._waiting) == len(self.gone))

    def goes(self, name: str, *, then: list[str]) -> None:
        with self._news:
            self._may_go.add(name)
            self._news.notify_all()
        self._until(lambda: len(self.inside) >= len(then))
        assert self.inside == then

    def _be(self, name: str) -> None:
        with self.line.place(name.rstrip("0123456789")), self._news:
            self.inside.append(name)
            self._news.notify_all()
            assert self._news.wait_for(lambda: name in self._may_go, PATIENCE)

    def _until(self, is_so: Callable[[], bool]) -> None:
        with self._news:
            while not self._news.wait_for(is_so, 0.01):
                pass

    def end(self) -> None:
        with self._news:
            self._may_go = {
                f"{name}{number}" for name in ("ada", "ben", "cleo") for number in range(9)
            }
            self._news.notify_all()
        for one in self.gone:
            one.result(PATIENCE)
        self._threads.shutdown()


@pytest.fixture
def room(request: pytest.FixtureRequest) -> Iterator[Room]:
    room = Room(request.param)
    yield room
    room.end()


@pytest.mark.parametrize("room", [Line(2)], indirect=True)
def test_who_has_nothing_yet_goes_before_who_wants_more(room: Room) -> None:
    room.come("ada1", "ada2", "ada3", "ada4", "ben1", "ben2", "cleo1")
    assert room.inside == ["ada1", "ada2"]
    room.goes("ada1", then=["ada1", "ada2", "ben1"])
    room.goes("ada2", then=["ada1", "ada2", "ben1", "cleo1"])
    room.goes("ben1", then=["ada1", "ada2", "ben1", "cleo1", "ada3"])


@pytest.mark.parametrize("room", [Line(4, of_one=2)], indirect=True)
def test_one_person_leaves_places_free(room: Room) -> None:
    room.come("ada1", "ada2", "ada3", "ben1")
    assert room.inside == ["ada1", "ada2", "ben1"]
    room.goes("ben1", then=["ada1", "ada2", "ben1"])
    room.goes("ada1", then=["ada1", "ada2", "ben1", "ada3"])


def test_who_gives_up_is_in_nobodys_way() -> None:
    line = Line(1)
    with line.place("ada"), pytest.raises(Full), line.place("ben", seconds=0.01):
        pass
    with line.place("cleo", seconds=PATIENCE):
        pass
    assert not line._held
    assert not line._waiting
    assert not line._last_turn
