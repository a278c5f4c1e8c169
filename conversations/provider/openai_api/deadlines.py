"""How long a call may take: to connect, until its first token, between two tokens, and in all."""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds; chatsite/settings.py has what they are unless a site says otherwise."""

    connect: float
    first_token: float
    between_tokens: float
    answer: float


class Deadline:
    """An `asyncio.timeout` that is pushed away by every token.

    Pushing writes a number down; one timer looks at it when it comes by. Moving the timer itself
    for each token would cost as much as reading the token.
    """

    def __init__(self, first: float, *, at_most: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + at_most
        self._at = min(self._loop.time() + first, self._end)
        self._timeout = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None

    @property
    def was_the_last(self) -> bool:
        """Whether it was the time for all that ran out, not the patience for the next token."""
        return self._at >= self._end

    def push(self, seconds: float) -> None:
        """So long from now."""
        self._set(self._loop.time() + seconds)

    def pull(self, seconds: float) -> None:
        """So long from now, or sooner if that was said before."""
        self._set(min(self._loop.time() + seconds, self._at))

    def _set(self, at: float) -> None:
        at = min(at, self._end)
        sooner, self._at = at < self._at, at
        if sooner:
            self._arm()

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._arm()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer:
            self._timer.cancel()
        await self._timeout.__aexit__(kind, error, trace)

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._at, self._look)

    def _look(self) -> None:
        if self._loop.time() < self._at:
            self._arm()
        else:
            self._timeout.reschedule(self._at)
