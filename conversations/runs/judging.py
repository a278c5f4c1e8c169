"""What was said is put to a provider's moderation endpoint, where the administrator wants that: a question
and its answer, once the answer has ended, so that no reader waits for it and no token comes later.

It counts as no run and costs nothing. What does not go well, with Postgres away or the provider, is tried
again for a while and then given up: nobody is told but the log and a count. The message is read anew for
each attempt: what was deleted or redacted meanwhile goes nowhere.
"""

import asyncio
import logging
import random
import time
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone

from conversations import counts
from conversations.attachments.images import data_url
from conversations.db import in_db
from conversations.errors import ProviderProblem, Refusal, Unavailable
from conversations.models import Blob, Purpose
from conversations.models.conversation import Role
from conversations.models.moderation import Asked
from conversations.moderation import known, marking
from conversations.provider.choose import provider_of
from conversations.provider.interface import Model, Request, Said, Scores
from conversations.runs import admission, circuit
from conversations.runs.circuit import LeftAlone
from conversations.runs.estimate import NOTHING
from conversations.runs.matter import Matter, matter_of
from conversations.tasks import keep
from conversations.usage import ledger
from conversations.usage.ledger import Bill, Call

log = logging.getLogger(__name__)

WITHIN_SECONDS = 20.0
# Before another attempt, and up to half as much again. A provider that is left alone or has no room to spare
# may have some after the last.
PAUSES = (0.5, 10.0, 60.0)
LONGEST_PAUSE_SECONDS = 120.0
# A provider that does not keep up: what is asked for meanwhile is not put off for ever.
MOST_UNDER_WAY = 1_000
AGAIN_SECONDS = 0.5
# What a process that ends gives them to write their calls down.
LEAVE_SECONDS = 1.0
# Large enough for what is to be seen in a picture, and one of the sizes that copies of it have.
PICTURE_SIDE = 1024

_under_way: set[asyncio.Task[None]] = set()
# Answers come first, at the provider too.
_turns = asyncio.Semaphore(4)


@dataclass(slots=True)
class Progress:
    """How much of a message has been judged, and what came of it."""

    parts: int = 0
    scores: Scores = field(default_factory=dict)

    def add(self, found: Scores) -> None:
        self.parts += 1
        for name, score in found.items():
            self.scores[name] = max(score, self.scores.get(name, 0.0))


def after(run: UUID) -> None:
    """It has been sealed. Returns at once; where nobody wants it nothing is done."""
    last = known.rows.as_last_known()
    if last is not None and last.settings.endpoint == Asked.OFF:
        return
    if len(_under_way) >= MOST_UNDER_WAY:
        log.warning("run %s is not judged: too many are under way", run)
        return
    task = keep(_judge(run))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def leave() -> None:
    """The process ends: what is not judged yet is given up, its calls written down."""
    for task in _under_way:
        task.cancel()
    if _under_way:
        await asyncio.wait(_under_way, timeout=LEAVE_SECONDS)


async def _judge(run: UUID) -> None:
    for role in (Role.USER, Role.ASSISTANT):
        await _persistently(run, role)


async def _persistently(run: UUID, role: Role) -> None:
    progress, pauses = Progress(), iter(PAUSES)
    while (problem := await _problem_with(run, role, progress)) is not None:
        pause = next(pauses, None)
        if pause is None or not _may_pass(problem):
            log.info("run %s: its %s message is not judged: %s", run, role, problem.code)
            counts.MODERATED.labels(role, "given up").inc()
            return
        seconds = max(pause, min(problem.retry_after or 0, LONGEST_PAUSE_SECONDS))
        await asyncio.sleep(seconds * random.uniform(1.0, 1.5))  # noqa: S311


async def _problem_with(run: UUID, role: Role, progress: Progress) -> Refusal | None:
    """None: it went well, or there was nothing to do."""
    try:
        async with _turns:
            await _attempt(run, role, progress)
    except Refusal as problem:
        return problem
    return None


def _may_pass(problem: Refusal) -> bool:
    if isinstance(problem, ProviderProblem):
        return problem.retryable or isinstance(problem, LeftAlone)
    return isinstance(problem, Unavailable)


async def _attempt(run: UUID, role: Role, progress: Progress) -> None:
    """What was judged before something went wrong is kept, and not sent again."""
    matter = await in_db(matter_of)(run, role)
    if matter is None:
        return
    calls: list[Call] = []
    try:
        for part in matter.parts[progress.parts :]:
            progress.add(await _call(matter.model, await _said(part), calls))
    finally:
        if calls:
            await _settled(matter, calls, progress.scores)


async def _said(part: list[str] | Blob) -> Said:
    if isinstance(part, list):
        return part
    url = await asyncio.to_thread(data_url, part, PICTURE_SIDE)
    return [{"type": "image_url", "image_url": {"url": url}}]


async def _call(model: Model, said: Said, calls: list[Call]) -> Scores:
    circuit.spare(model)
    turn = await admission.spare_turn(Request(model, []))
    call = Call(at=timezone.now(), attempt=len(calls) + 1, outcome="cancelled", counted=NOTHING)
    began = time.monotonic()
    try:
        with turn.taken(call.report):
            calls.append(call)
            scores = await provider_of(model).judge(model, said, call.report, within=WITHIN_SECONDS)
        call.outcome = "ok"
    except Refusal as problem:
        call.outcome = problem.code
        raise
    finally:
        call.seconds = time.monotonic() - began
    return scores


async def _settled(matter: Matter, calls: list[Call], scores: Scores) -> None:
    """Written down, though Postgres may be away for a while."""
    while True:
        try:
            return await in_db(_settle)(matter, calls, scores)
        except Unavailable:
            await asyncio.sleep(AGAIN_SECONDS)


def _settle(matter: Matter, calls: list[Call], scores: Scores) -> None:
    bill = Bill(matter.user, matter.conversation)
    ledger.enter(bill, matter.model, calls, Purpose.MODERATION)
    marking.mark_by_scores(matter.message, scores, matter.settings)
