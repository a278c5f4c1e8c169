"""The way to a provider that allows only so much: who has to wait is told so, and may leave at any time.

A provider without limits costs nothing here, no statement and no turn of the event loop, unless it has just
said itself when to ask again (pauses.py).
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from conversations.db import in_db
from conversations.errors import ProviderRateLimited, Refusal, Unavailable, spoken
from conversations.provider import catalogue
from conversations.provider.interface import Endpoint, Message, Model, Report, Request
from conversations.provider.tokens.counting import at_most
from conversations.runs import pauses
from conversations.runs.fitting import texts_of
from conversations.runs.start import BOOT
from conversations.tasks import keep
from conversations.text import span
from conversations.usage import line
from conversations.usage.line import Asker, Pass, Wait
from conversations.usage.minute import Limits

MANY = _("Many are asking this model at the moment.")
TRY_AGAIN_IN = _("Try again in {time}.")

# Somebody before us may have left: who waits looks at least so often, and not more often than …
LOOK_SECONDS = 2.0
LEAST_SECONDS = 0.1
# How long it takes is said anew when that time is over, or was wrong by more than this.
NEWS_SECONDS = 5.0
AGAIN_SECONDS = 0.5
# For a guess that the provider's own count corrects within seconds.
BYTES_A_TOKEN = 4
PICTURE_TOKENS = 800
# Beyond the longest answer: a call that nobody ended stops counting.
MORE_SECONDS = 60.0

Told = Callable[[str, float], None]
T = TypeVar("T")


class Patience:
    """How long one question may still wait for its turns: of all its attempts and of its fall-back."""

    def __init__(self) -> None:
        self.seconds = float(settings.QUEUE_SECONDS)


class Turn:
    """Leave to make one call of `model`. Without a pass: of a provider that sets no limit."""

    def __init__(self, model: Model, leave: Pass | None = None) -> None:
        self._model, self._leave = model, leave

    @contextmanager
    def taken(self, report: Report) -> Iterator[None]:
        """Around the call. After it the provider's limits are put right by what `report` says it took."""
        problem: Refusal | None = None
        try:
            yield
        except Refusal as refusal:
            problem = refusal
            raise
        finally:
            if self._leave is None:
                pauses.begin(self._model, problem)
            else:
                keep(_come_out(self._leave, report, problem))


async def turn_for(user: UUID, request: Request, told: Told, patience: Patience) -> Turn:
    """Wait for one's turn with the provider of `request`; `told` why, and for about how many seconds.

    Raises ProviderRateLimited when it would take longer than one is patient.
    """
    asker, waiting = _asker(user, request), _Waiting(told, patience)
    if asker is None:
        await _pause_over(request.model, waiting)
        return Turn(request.model)
    return Turn(request.model, await _leave_for(asker, request.model, waiting))


async def _pause_over(model: Model, waiting: "_Waiting") -> None:
    has_waited = False
    while seconds := pauses.seconds_left(model):
        await waiting.wait(Wait(seconds, look=seconds))
        has_waited = True
    if has_waited:
        await asyncio.sleep(pauses.a_moment())


async def _leave_for(asker: Asker, model: Model, waiting: "_Waiting") -> Pass | None:
    while True:
        # Whoever waits gains by what the administrator allows meanwhile.
        answer = await _asked(line.step_up, replace(asker, limits=_limits_by_now(model)))
        if not isinstance(answer, Wait):
            return answer
        try:
            await waiting.wait(answer)
        except BaseException:  # it is stopped, or has waited for too long
            keep(_step_aside(asker.place))
            raise


async def spare_turn(request: Request) -> Turn:
    """For small things that nobody waits for. Raises ProviderRateLimited unless there is room to spare."""
    if pauses.seconds_left(request.model):
        raise ProviderRateLimited(reason=MANY)
    asker = _asker(None, request)
    leave = await _asked(line.slip_in, asker) if asker else None
    if asker and leave is None:
        raise ProviderRateLimited(reason=MANY)
    return Turn(request.model, leave)


class _Waiting:
    """One question's wait for one turn, from its beginning."""

    def __init__(self, told: Told, patience: Patience) -> None:
        self._told, self._patience = told, patience
        self._until = time.monotonic() + patience.seconds
        self._said = 0.0

    async def wait(self, wait: Wait) -> None:
        now = time.monotonic()
        turn_at = now + wait.seconds
        if turn_at > self._until:
            raise _too_many(wait.seconds)
        if now >= self._said or abs(turn_at - self._said) > NEWS_SECONDS:
            self._said = turn_at
            self._told(spoken(MANY), wait.seconds)
        await asyncio.sleep(max(LEAST_SECONDS, min(wait.look, LOOK_SECONDS)))
        self._patience.seconds = self._until - time.monotonic()


def _too_many(seconds: float) -> ProviderRateLimited:
    whole = max(1, math.ceil(seconds))
    advice = TRY_AGAIN_IN.format(time=span(whole))
    return ProviderRateLimited(reason=MANY, advice=advice, retry_after=whole, retryable=False)


def _asker(user: UUID | None, request: Request) -> Asker | None:
    """None: its provider sets no limit."""
    endpoint = request.model.endpoint
    limits = _limits(endpoint) if endpoint else Limits()
    if endpoint is None or limits == Limits():
        return None
    return Asker(
        provider=endpoint.name,
        limits=limits,
        user=user,
        boot=BOOT,
        prompt_tokens=_tokens(request.messages) if limits.tokens else 0,
        answer_limit=request.parameters.get("max_output_tokens", request.model.max_output_tokens),
        longest_seconds=endpoint.answer + MORE_SECONDS,
    )


def _limits_by_now(model: Model) -> Limits:
    return _limits(catalogue.as_it_is_by_now(model.endpoint)) if model.endpoint else Limits()


def _limits(endpoint: Endpoint) -> Limits:
    """0 is none, as with the other limits of this site."""
    return Limits(
        calls=endpoint.concurrent_calls or None,
        requests=endpoint.requests_per_minute or None,
        tokens=endpoint.tokens_per_minute or None,
    )


def _tokens(messages: list[Message]) -> int:
    texts = sum(at_most(text) for message in messages for text in texts_of(message))
    shown = [message["content"] for message in messages if isinstance(message["content"], list)]
    pictures = sum(1 for parts in shown for part in parts if part["type"] == "image_url")
    return texts // BYTES_A_TOKEN + pictures * PICTURE_TOKENS


async def _asked(how: Callable[[Asker], T], asker: Asker) -> T | None:
    """None: Postgres is away, and nobody knows of a limit.

    Who is stopped meanwhile leaves no place behind.
    """
    asking = asyncio.ensure_future(in_db(how)(asker))
    try:
        return await asyncio.shield(asking)
    except Unavailable:
        return None
    except asyncio.CancelledError:
        keep(_step_aside(asker.place, asking))
        raise


async def _step_aside(place: UUID, asking: Awaitable[object] | None = None) -> None:
    if asking is not None:
        await asyncio.gather(asking, return_exceptions=True)
    await _persistently(partial(line.step_aside, place))


async def _come_out(leave: Pass, report: Report, problem: Refusal | None) -> None:
    usage = report.usage
    # What was refused before its first word took nothing; of what broke off nobody knows.
    refused = problem is not None and not report.began
    used = usage.input + usage.output if usage else 0 if refused else None
    limited = problem if isinstance(problem, ProviderRateLimited) else None
    pause = limited.retry_after if limited else None
    answered = usage.output if usage else None
    await _persistently(partial(line.come_out, leave, used=used, answered=answered, pause=pause))


async def _persistently(work: Callable[[], None]) -> None:
    """Postgres may be away for a while; what is not given back would hold others up."""
    while True:
        try:
            return await in_db(work)()
        except Unavailable:
            await asyncio.sleep(AGAIN_SECONDS)
