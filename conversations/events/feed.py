"""News to the sockets of this process: memory only, nothing that must arrive rests on it."""

from collections import defaultdict
from typing import Protocol, TypeVar


class Follower(Protocol):
    """Whoever has a conversation open. `put` returns at once and keeps the order."""

    def put(self, frame: str) -> None: ...


class Listener(Follower, Protocol):
    """A socket."""

    def look_again(self) -> None:
        """The person's right to be here may have changed: ask, and close if it has ended."""
        ...


L = TypeVar("L", bound=Follower)

_of_conversation: dict[str, set[Follower]] = defaultdict(set)
_of_user: dict[str, set[Listener]] = defaultdict(set)


def arrive(user: str, listener: Listener) -> int:
    """A socket of this user came. How many there are now."""
    _of_user[user].add(listener)
    return len(_of_user[user])


def go(user: str, listener: Listener) -> None:
    _drop(_of_user, user, listener)


def follow(conversation: str, follower: Follower) -> None:
    _of_conversation[conversation].add(follower)


def unfollow(conversation: str, follower: Follower) -> None:
    _drop(_of_conversation, conversation, follower)


def _drop(of: dict[str, set[L]], key: str, follower: L) -> None:
    if key in of:
        of[key].discard(follower)
        if not of[key]:
            del of[key]


def tell_followers(conversation: str, frame: str, *, but: Follower | None = None) -> None:
    if conversation in _of_conversation:
        for follower in tuple(_of_conversation[conversation]):
            if follower is not but:
                follower.put(frame)


def tell_user(user: str, frame: str) -> None:
    for listener in tuple(_of_user.get(user, ())):
        listener.put(frame)


def is_followed(conversation: str) -> bool:
    return conversation in _of_conversation


def followed() -> list[str]:
    """The conversations that somebody has open here."""
    return list(_of_conversation)


def sockets_of(user: str) -> tuple[Listener, ...]:
    return tuple(_of_user.get(user, ()))


def count() -> int:
    """How many sockets are open here. Any thread may ask: the copy is made in one go."""
    return sum(map(len, tuple(_of_user.values())))


def everybody() -> list[Listener]:
    return [listener for listeners in _of_user.values() for listener in tuple(listeners)]
