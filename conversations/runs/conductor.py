"""Turning one question into one answer: ask, pass the pieces on, try again where that is worth it."""

import asyncio
import logging
import time
from dataclasses import dataclass, field

from django.utils import timezone

from conversations.errors import ContentFiltered, Interrupted, ProviderProblem, Refusal
from conversations.models.conversation import Status
from conversations.provider.choose import provider_of
from conversations.provider.interface import Model, Piece, Request, Usage
from conversations.runs import policy, prompt
from conversations.runs.recorder import LiveRun
from conversations.usage.ledger import Call

log = logging.getLogger(__name__)

EMPTY = "The model gave an empty answer. Try again or choose another model."


@dataclass(slots=True)
class Outcome:
    """How a run ended, and every call that was made for it."""

    status: Status = Status.INTERRUPTED
    finish_reason: str = ""
    problem: Refusal | None = None
    model: Model | None = None
    calls: list[Call] = field(default_factory=list)

    @property
    def usage(self) -> Usage | None:
        reported = [call.report.usage for call in self.calls if call.report.usage]
        return reported[-1] if reported else None

    def end(self, status: Status, problem: Refusal | None = None) -> None:
        self.status, self.problem = status, problem


async def answer(live: LiveRun, outcome: Outcome) -> None:
    """Fill `outcome`. When this is cancelled it holds what was known until then."""
    try:
        request = await prompt.request_for(live.ticket)
        outcome.model = request.model
        await _attempts(live, request, outcome)
    except Interrupted as problem:
        outcome.end(Status.INTERRUPTED, problem)
    except Refusal as problem:
        outcome.end(Status.FAILED, problem)


async def _attempts(live: LiveRun, request: Request, outcome: Outcome) -> None:
    while True:
        call = Call(at=timezone.now(), attempt=len(outcome.calls) + 1)
        outcome.calls.append(call)
        try:
            await _call(live, request, call)
            _judge(live, call, outcome)
            return
        except Refusal as problem:
            call.outcome = problem.code
            seconds = None if live.first_token_at else policy.wait_before(call.attempt, problem)
            if seconds is None:
                raise
            log.info("run %s: attempt %s: %s", live.id, call.attempt, problem.code)
            live.wait_told(str(problem), call.attempt + 1, seconds)
            await asyncio.sleep(seconds)


async def _call(live: LiveRun, request: Request, call: Call) -> None:
    began = time.monotonic()

    def take(piece: Piece) -> None:
        if call.first_token_seconds is None and (piece.text or piece.reasoning):
            call.first_token_seconds = time.monotonic() - began
        live.note(piece)

    try:
        call.outcome = "cancelled"
        await provider_of(request.model).stream(request, call.report, take)
        call.outcome = "ok"
    finally:
        call.seconds = time.monotonic() - began


def _judge(live: LiveRun, call: Call, outcome: Outcome) -> None:
    """A stream has ended without an error: is what it brought an answer?"""
    outcome.finish_reason = call.report.finish_reason
    if not outcome.finish_reason:
        raise Interrupted
    if outcome.finish_reason == "content_filter":
        raise ContentFiltered
    if live.text.length == live.text.begin:
        raise ProviderProblem(EMPTY)
    outcome.end(Status.COMPLETE)
