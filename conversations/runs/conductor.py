"""Turning one question into one answer: ask, pass the pieces on, try again where that is worth it."""

import asyncio
import logging
import time
from dataclasses import replace
from functools import partial
from itertools import count

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.errors import (
    ContentFiltered,
    Interrupted,
    ProviderProblem,
    ProviderRejected,
    Refusal,
    Unavailable,
    Words,
    spoken,
)
from conversations.models.conversation import Status
from conversations.provider.choose import provider_of
from conversations.provider.interface import Model, Piece, Report, Request
from conversations.runs import (
    admission,
    answer_cache,
    circuit,
    estimate,
    halted,
    policy,
    prompt,
    stand_in,
    summarising,
)
from conversations.runs.outcome import Outcome
from conversations.runs.recorder import LiveRun
from conversations.runs.seam import Seam
from conversations.usage.ledger import Call

log = logging.getLogger(__name__)

# A restart of Postgres takes less; who has read this long "thinking" wants to be told.
DATABASE_SECONDS = 15.0
DATABASE_AGAIN_SECONDS = 0.5
# Of a wait before there is anything to be asked.
NO_ATTEMPT = 0

# A shelf of books. It is in memory while it grows, and one value in Postgres, which takes 1 GB.
MOST_CHARACTERS = 64 * 1024 * 1024
TOO_MUCH = _("The answer grew longer than this site keeps and was ended.")

EMPTY = _("The model gave an empty answer. Try again or choose another model.")
ONLY_THOUGHT = _(
    "The model thought about it but gave no answer. Try again or choose another model."
)
NO_ROOM = _(
    "The model used up the length of its answer before it said a word. Allow a longer answer."
)
NOTHING_CAME = _("Nothing had come yet. Try again.")


async def answer(live: LiveRun, outcome: Outcome) -> None:
    """Fill `outcome`. When this is cancelled it holds what was known until then."""
    try:
        request = await _request(live)
        outcome.ask(request)
        if not await answer_cache.answered(live, request, outcome):
            await _ask(live, request, outcome)
    except Interrupted as problem:
        advice = None if live.first_token_at else NOTHING_CAME
        outcome.end(Status.INTERRUPTED, Interrupted(reason=problem.reason, advice=advice))
    except Unavailable as problem:
        # A message's code is one of the protocol's "Codes"; what is ours to mend is `internal` there.
        outcome.end(Status.FAILED, Refusal(str(problem)))
    except Refusal as problem:
        outcome.end(Status.FAILED, problem)


async def _request(live: LiveRun) -> Request:
    """What was acked is asked, though Postgres may be away for a moment just now."""
    patient_until = time.monotonic() + DATABASE_SECONDS
    while True:
        try:
            return await _read(live)
        except Unavailable:
            if time.monotonic() > patient_until:
                raise
            log.warning("run %s: the database is away, its question waits", live.id)
            await asyncio.sleep(DATABASE_AGAIN_SECONDS)


async def _read(live: LiveRun) -> Request:
    def told(reason: Words) -> None:
        live.wait_told(NO_ATTEMPT, spoken(reason), summarising.PATIENCE_SECONDS)

    request = await prompt.request_for(live.ticket)
    if request.left_out and await summarising.in_time(live.ticket, told):
        request = await prompt.request_for(live.ticket)
    return request


async def _ask(live: LiveRun, request: Request, outcome: Outcome) -> None:
    """Its model, else the one that stands in for it."""
    patience = admission.Patience()
    try:
        await _as_sent(live, request, outcome, patience)
    except Refusal as problem:
        other = await _instead(live, request, outcome, problem)
        try:
            await _as_sent(live, other, outcome, patience)
        except Refusal as another:
            if live.first_token_at:
                raise
            outcome.ask(request)
            raise problem from another


async def _instead(live: LiveRun, asked: Request, outcome: Outcome, problem: Refusal) -> Request:
    """For the fall-back of the model that failed. Raises `problem` where it has none."""
    may_do_better = policy.another_may_do_better(problem, outcome.report)
    if live.first_token_at or not may_do_better:
        raise problem
    other = await stand_in.request_for(live.ticket, asked.model)
    if other is None:
        raise problem
    outcome.ask(other, instead_of=asked.model.id)
    who = {"model": other.model.id, "instead_of": asked.model.id}
    live.wait_told(NO_ATTEMPT, stand_in.sentence(asked.model, other.model), 0, who)
    live.when_it_begins = partial(stand_in.begins, live.ticket, asked.model, other.model)
    return other


async def _as_sent(
    live: LiveRun, request: Request, outcome: Outcome, patience: admission.Patience
) -> None:
    """A picture that the vendor could not fetch from its address goes out in bytes. How vendors say so
    differs, so it is whatever they refuse."""
    try:
        await _attempts(live, request, outcome, patience)
    except ProviderRejected:
        if request.in_bytes is None or live.first_token_at:
            raise
        log.info(
            "run %s: refused with addresses of pictures, asked again with their bytes", live.id
        )
        messages = await asyncio.to_thread(request.in_bytes)
        whole = replace(request, messages=messages, in_bytes=None)
        await _attempts(live, whole, outcome, patience)


async def _attempts(
    live: LiveRun, request: Request, outcome: Outcome, patience: admission.Patience
) -> None:
    for attempt in count(1):
        halted.refuse(request.model)
        circuit.refuse_while_resting(request.model)
        await live.purse.cover(request, outcome.calls)
        told = partial(live.wait_told, attempt)
        turn = await admission.turn_for(live.ticket.user, request, told, patience)
        call = Call(
            at=timezone.now(),
            attempt=len(outcome.calls) + 1,
            model=request.model,
            request=request,
        )
        try:
            with turn.taken(call.report):
                async with circuit.admitted(request.model):
                    outcome.calls.append(call)
                    await _call(live, request, call)
            _judge(live, call, outcome)
            return
        except circuit.LeftAlone:  # nobody was asked
            raise
        except Refusal as problem:
            call.outcome = problem.code
            await _wait_after(problem, live, request.model, call.report, attempt)


async def _wait_after(
    problem: Refusal, live: LiveRun, model: Model, report: Report, attempt: int
) -> None:
    """Until the next attempt, which the reader is told of. Raises `problem` when there is none."""
    if live.first_token_at:
        raise problem
    if isinstance(problem, ProviderProblem) and not circuit.is_left_alone(model):
        seconds = policy.wait_before(attempt, problem)
        if seconds is not None:
            log.info("run %s: attempt %s: %s", live.id, attempt, problem.code)
            live.wait_told(attempt + 1, spoken(problem.reason), seconds)
            return await asyncio.sleep(seconds)
    await circuit.failed(model, problem, report)
    raise problem


async def _call(live: LiveRun, request: Request, call: Call) -> None:
    began = time.monotonic()
    seam = Seam(prompt.gone_on_with(live.ticket, request), live.note)

    def take(piece: Piece) -> None:
        call.heard.append(piece)
        if live.length > MOST_CHARACTERS:
            raise Interrupted(reason=TOO_MUCH)
        if call.first_token_seconds is None:
            call.first_token_seconds = time.monotonic() - began
            circuit.works(request.model)
        seam.take(piece)

    call.outcome = Refusal.code  # unless it is known better
    estimate.begin(request)
    try:
        await provider_of(request.model).stream(request, call.report, take)
        call.outcome = "ok"
    except asyncio.CancelledError:
        call.outcome = "cancelled"
        raise
    finally:
        seam.end()
        call.seconds = time.monotonic() - began


def _judge(live: LiveRun, call: Call, outcome: Outcome) -> None:
    """A stream has ended without an error: is what it brought an answer?"""
    outcome.finish_reason = call.report.finish_reason
    if not outcome.finish_reason:
        raise Interrupted
    if outcome.finish_reason == "content_filter":
        raise ContentFiltered
    if not live.ticket.text_before and not live.text.text.strip():
        raise ProviderProblem(_why_empty(live, outcome.finish_reason))
    outcome.end(Status.COMPLETE)


def _why_empty(live: LiveRun, finish_reason: str) -> Words:
    if finish_reason == "length":
        return NO_ROOM
    return ONLY_THOUGHT if live.reasoning.text else EMPTY
