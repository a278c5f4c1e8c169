"""One walk for each request, and whose thread it is."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from chatsite.handler import MOST_IDLE, Handler

Answering = Callable[[HttpRequest], HttpResponse]
SCOPE: dict[str, Any] = {
    "type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [],
}  # fmt: skip


@pytest.fixture
def handler() -> Iterator[Handler]:
    handler = Handler()
    yield handler
    for thread in handler._idle:
        thread.shutdown()


def answers(handler: Any, answering: Answering) -> None:
    handler._middleware_chain = answering


async def call(handler: Handler) -> int:
    """The status of one request's answer, from a client that stays for it."""
    received = asyncio.Queue[dict[str, Any]]()
    received.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    await handler(SCOPE, received.get, send)
    return int(sent[0]["status"])


def test_all_of_a_request_is_on_one_thread_and_the_next_one_finds_it(handler: Handler) -> None:
    threads = []

    def answering(request: HttpRequest) -> HttpResponse:
        threads.append(threading.current_thread())
        response = HttpResponse()
        # Where Django gives the connection to Postgres back.
        response._resource_closers.append(lambda: threads.append(threading.current_thread()))  # type: ignore[attr-defined]
        return response

    async def one_after_the_other() -> None:
        assert [await call(handler), await call(handler)] == [200, 200]

    answers(handler, answering)
    asyncio.run(one_after_the_other())
    assert len(threads) == 4
    assert len(set(threads)) == 1
    assert threads[0] is not threading.main_thread()


def test_no_middleware_goes_back_and_forth(handler: Any) -> None:
    chain = handler._middleware_chain
    while chain:
        assert not asyncio.iscoroutinefunction(chain)
        inner = getattr(chain, "__wrapped__", chain)
        assert not getattr(inner, "async_mode", False), inner
        chain = getattr(inner, "get_response", None)


def test_who_waits_long_holds_up_nobody(handler: Handler) -> None:
    """More of them than threads are kept."""
    together = threading.Barrier(MOST_IDLE + 4)

    def answering(request: HttpRequest) -> HttpResponse:
        together.wait(30)
        return HttpResponse()

    async def at_once() -> list[int]:
        return await asyncio.gather(*(call(handler) for _ in range(together.parties)))

    answers(handler, answering)
    assert set(asyncio.run(at_once())) == {200}
    assert len(handler._idle) == MOST_IDLE


class LongWork:
    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.threads: list[threading.Thread] = []

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.threads.append(threading.current_thread())
        self.begun.set()
        self.go_on.wait(30)
        return HttpResponse()


def test_a_thread_at_work_for_somebody_who_was_cut_off_is_no_one_elses(handler: Handler) -> None:
    work = LongWork()

    async def cut() -> None:
        first = asyncio.ensure_future(call(handler))
        await asyncio.to_thread(work.begun.wait, 30)
        first.cancel()
        asyncio.get_running_loop().call_later(0.05, work.go_on.set)
        with suppress(asyncio.CancelledError):
            await first
        assert await call(handler) == 200

    answers(handler, work)
    asyncio.run(cut())
    assert len(set(work.threads)) == 2


def test_who_leaves_in_the_middle_keeps_the_thread_until_its_work_is_done(handler: Handler) -> None:
    """Only then it is the next one's: nobody waits behind what was asked by somebody who has left."""
    work = LongWork()

    async def leave() -> None:
        received = asyncio.Queue[dict[str, Any]]()
        received.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        first = asyncio.ensure_future(
            handler(SCOPE, received.get, lambda _message: asyncio.sleep(0))
        )
        await asyncio.to_thread(work.begun.wait, 30)
        received.put_nowait({"type": "http.disconnect"})
        await asyncio.wait([first], timeout=0.05)
        assert not first.done() and not handler._idle
        work.go_on.set()
        await first
        assert await call(handler) == 200

    answers(handler, work)
    asyncio.run(leave())
    assert len(work.threads) == 2 and len(set(work.threads)) == 1
