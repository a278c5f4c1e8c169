"""Replies to a request, and the scripts that say which request gets which."""

import asyncio
import re
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.stub_provider.record import PATIENCE, Request
from tests.stub_provider.steps import Say, Step
from tests.stub_provider.wire import USAGE, as_json, error_body

MARKER = re.compile(r"\[#([0-9a-f]{12})\]")


@dataclass(frozen=True)
class Reply:
    """One HTTP answer: either a `body` as it is, or steps that are streamed (or put together)."""

    steps: tuple[Step, ...] = ()
    finish: str | None = "stop"
    usage: dict[str, Any] | None = field(default_factory=lambda: dict(USAGE))
    usage_unasked: bool = False
    done: bool = True
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    first_byte_after: float = 0.0
    newline: str = "\n"
    packet: int | None = None


def says(*steps: Step | str | list[Step], **how: Any) -> Reply:
    """A streamed answer; strings are deltas, lists of steps are taken apart."""
    flat: list[Step] = []
    for step in steps:
        flat.extend(
            step if isinstance(step, list) else [Say(step) if isinstance(step, str) else step]
        )
    return Reply(tuple(flat), **how)


def fails(
    status: int,
    message: str = "The stub was told to say this.",
    retry_after: str | None = None,
    **error: Any,
) -> Reply:
    """An HTTP error with OpenAI's JSON; `retry_after` goes out exactly as given."""
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Reply(status=status, body=as_json(error_body(status, message, **error)), headers=headers)


def answers_html(status: int = 502, retry_after: str | None = None) -> Reply:
    """What a proxy in front of a provider says when it is tired."""
    headers = {"content-type": "text/html; charset=utf-8"}
    if retry_after is not None:
        headers["retry-after"] = retry_after
    body = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\r\n"
    return Reply(status=status, body=body.encode(), headers=headers)


class Script:
    """What happens to the requests whose last user message carries this script's marker.

    The first request gets the first reply and so on; the last reply serves all that follow.
    """

    def __init__(self, asked: str, replies: tuple[Reply, ...], exactly: bool = False) -> None:
        self.key = asked if exactly else secrets.token_hex(6)
        self.question = asked if exactly else f"{asked} [#{self.key}]".strip()
        self.replies = replies
        self.requests: list[Request] = []
        # What was said of tokens in streams, the last word of each.
        self.reported: list[dict[str, Any]] = []
        # Calls for a title of the conversation are none of the question's own.
        self.titles: tuple[Reply, ...] = (says('{"title": "Named by the model"}'),)
        self.title_requests: list[Request] = []
        # Nor are those for a summary of what was said before.
        self.summaries: tuple[Reply, ...] = (fails(400),)
        self.summary_requests: list[Request] = []
        self._arrived = threading.Condition()
        self._paused = threading.Semaphore(0)
        self._resumed = asyncio.Semaphore(0)
        self._loop: asyncio.AbstractEventLoop | None = None

    def next_reply(self, request: Request, loop: asyncio.AbstractEventLoop) -> Reply:
        self._loop = loop
        with self._arrived:
            reply = self.replies[min(len(self.requests), len(self.replies) - 1)]
            self.requests.append(request)
            self._arrived.notify_all()
        return reply

    def next_title(self, request: Request) -> Reply:
        with self._arrived:
            reply = self.titles[min(len(self.title_requests), len(self.titles) - 1)]
            self.title_requests.append(request)
        return reply

    def next_summary(self, request: Request) -> Reply:
        with self._arrived:
            reply = self.summaries[min(len(self.summary_requests), len(self.summaries) - 1)]
            self.summary_requests.append(request)
        return reply

    async def wait_for_resume(self) -> None:
        self._paused.release()
        await self._resumed.acquire()

    def resume(self, times: int = 1) -> None:
        """Let the answer go on past its next `times` pauses, also before it reached them."""
        if self._loop:
            # Once for all: each call wakes the loop.
            self._loop.call_soon_threadsafe(self._let_go, times)
        else:
            self._let_go(times)

    def _let_go(self, times: int) -> None:
        for _ in range(times):
            self._resumed.release()

    def wait_until_asked(self, times: int = 1, timeout: float = PATIENCE) -> Request:
        """The request that arrived as number `times`."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.requests) >= times, timeout):
                raise AssertionError(
                    f"The provider was asked {len(self.requests)} times, not {times}."
                )
            return self.requests[times - 1]

    def wait_until_paused(self, timeout: float = PATIENCE) -> None:
        if not self._paused.acquire(timeout=timeout):
            raise AssertionError("The answer did not reach its pause.")

    @property
    def request(self) -> Request:
        """The only request there was."""
        assert len(self.requests) == 1, f"{len(self.requests)} requests, not one"
        return self.requests[0]
