"""Whom and what a line of the log is about, as ids. Tasks and threads that work for them inherit it."""

from contextvars import ContextVar

_request: ContextVar[str | None] = ContextVar("request", default=None)
_user: ContextVar[str | None] = ContextVar("user", default=None)
_run: ContextVar[str | None] = ContextVar("run", default=None)


def ids() -> dict[str, str | None]:
    return {"request": _request.get(), "user": _user.get(), "run": _run.get()}


def request(id: str) -> None:
    """From here on in this task: a request by HTTP, or a socket with all that it asks."""
    _request.set(id)


def user(id: object) -> None:
    _user.set(str(id))


def run(id: object, of: object) -> None:
    _run.set(str(id))
    _user.set(str(of))
