"""The runs of this process. Each is a task that the process owns; no socket owns a run."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from conversations import site, traced
from conversations.db import in_db
from conversations.errors import Interrupted, Refusal, Unavailable
from conversations.events import feed, journal, schema
from conversations.models import Run
from conversations.models.conversation import Status
from conversations.runs import (
    conductor,
    estimate,
    finish,
    judging,
    mirror,
    moderation_watch,
    recorder,
    rest,
    sleep,
    summarising,
    titles,
)
from conversations.runs.growth import Held
from conversations.runs.outcome import Outcome
from conversations.runs.recorder import LiveRun
from conversations.runs.start import BOOT, Script, ticket_of
from conversations.tasks import keep
from conversations.usage.standing import Most

log = logging.getLogger(__name__)

# What a cancelled call gets to close its connection (PROTOCOL.md, promise 6: 500 ms).
CLOSING_SECONDS = 0.4
# Postgres is away at the end of a run: the answer waits in memory until it is back.
SEAL_AGAIN_SECONDS = 0.5
# … unless this process has to leave: then what the journal has stands, and the next one says so.
LEAVE_SECONDS = 5.0
LOOK_SECONDS = 0.05


@dataclass(slots=True)
class Work:
    """One run under way here."""

    live: LiveRun
    outcome: Outcome = field(default_factory=Outcome)
    # Of the call, as long as it goes on: which model is asked just now.
    call: Outcome = field(default_factory=Outcome)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)


_work: dict[UUID, Work] = {}
_tasks: set[asyncio.Task[None]] = set()
_beginnings = 0
# Ends that were asked for while something began: of a run that is ours by its row, and not at work yet.
_too_early: dict[UUID, tuple[Status, Refusal | None]] = {}
_draining = False


@contextmanager
def beginning() -> Iterator[None]:
    """Around the transaction that makes a run, until it has started: a drain waits for it.

    Raises Unavailable once this process is on its way out.
    """
    global _beginnings  # noqa: PLW0603
    refuse_while_draining()
    _beginnings += 1
    try:
        yield
    finally:
        _beginnings -= 1
        if not _beginnings:
            _too_early.clear()


def start(
    run: Run,
    started: str | None = None,
    script: Script | None = None,
    reserved: Most | None = None,
) -> None:
    """Begin to execute `run`, a row that is RUNNING and ours, and say `started`. Returns at once."""
    work = Work(LiveRun(ticket_of(run, script, reserved)))
    _work[run.pk] = work
    mirror.forget(run.pk)
    if started:
        feed.tell_followers(work.live.conversation, started)
    task = asyncio.get_running_loop().create_task(_tend(work))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    if site.as_last_known().stopped_at:  # since this run was allowed to begin
        end_everything()
    elif asked := _too_early.get(run.pk):
        keep(end(run.pk, *asked))


def count() -> int:
    """How many runs are under way here."""
    return len(_work)


def live(run: UUID) -> LiveRun | None:
    found = _work.get(run)
    return found.live if found else None


async def end(run: UUID, status: Status, problem: Refusal | None = None) -> bool:
    """End a run before its time; True when it was ours. After this nothing is added to its answer. One that
    begins at this moment ends when it has begun: who waits for that waits for its row."""
    work = _work.get(run)
    if work is None:
        if _beginnings:
            _too_early[run] = status, problem
        return False
    if not work.live.muted:
        work.live.muted = True
        work.outcome.end(status, problem)
        work.hurry.set()
    await work.done.wait()
    return True


def end_everything() -> None:
    """The site was stopped. Returns at once; nothing is added to any answer after this."""
    for run in list(_work):
        keep(end(run, Status.STOPPED))


def end_with(model: str) -> None:
    """A model was stopped: what it is writing ends, also where it stands in for another or was chosen for
    one. Returns at once."""
    for run, work in list(_work.items()):
        asked = work.call.model
        if model in (work.live.ticket.model, asked.id if asked else ""):
            keep(end(run, Status.STOPPED))


async def wait(run: UUID) -> None:
    """Until a run of this process has ended."""
    work = _work.get(run)
    if work is not None:
        await work.done.wait()


def lost(live: LiveRun) -> None:
    """Somebody else has ended this run of ours: we were silent for so long that we counted as dead."""
    work = _work.get(live.ticket.run)
    if work is not None and not live.muted:
        log.warning("run %s was ended by another process", live.id)
        live.muted = True
        work.hurry.set()


async def look_after_sleep() -> None:
    """For as long as the process lives: after it was stopped, learn which runs are still ours."""
    while True:
        await sleep.waking()
        try:
            ours = await journal.ours([work.live.id for work in _work.values()], str(BOOT))
        except Unavailable:
            await asyncio.sleep(SEAL_AGAIN_SECONDS)
            sleep.doubt()
            continue
        for work in list(_work.values()):
            if work.live.id not in ours:
                lost(work.live)
        sleep.be_certain()
        for work in list(_work.values()):
            work.live.go_on()


async def drain(seconds: float) -> None:
    """No new runs; those under way get `seconds` to finish and are sealed as interrupted then."""
    global _draining  # noqa: PLW0603
    _draining = True
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while _beginnings or _tasks:  # noqa: ASYNC110 what begins now counts too
                await asyncio.sleep(LOOK_SECONDS)
    cut = Interrupted(_("The server was stopped while this was being written. What came is kept."))
    ends = [asyncio.create_task(end(run, Status.INTERRUPTED, cut)) for run in _work]
    if ends:
        await asyncio.wait(ends, timeout=LEAVE_SECONDS)


def refuse_while_draining() -> None:
    """Raises Unavailable once this process is on its way out."""
    if _draining:
        raise Unavailable(_("The server is being restarted. Try again in a moment."))


async def _tend(work: Work) -> None:
    traced.run(work.live.ticket.run, of=work.live.ticket.user)
    translation.activate(work.live.ticket.language or settings.LANGUAGE_CODE)  # in this task only
    try:
        await _execute(work)
        await estimate.fill(work.outcome.calls, in_a_hurry=work.hurry.is_set())
        await sleep.certainty()
        await recorder.forget(work.live)
        for frame in await _sealed(work):
            feed.tell_followers(work.live.conversation, frame)
        moderation_watch.after(work.live.ticket.message)
        judging.after(work.live.ticket.run)
        if not _draining:
            titles.after(work.live.ticket, work.outcome.status, work.outcome.model)
            summarising.after(work.live.ticket, work.outcome)
    finally:
        _work.pop(work.live.ticket.run, None)
        work.done.set()


async def _execute(work: Work) -> None:
    """The call to the provider, as a task of its own that `end` can cancel."""
    outcome = work.call
    call = asyncio.create_task(conductor.answer(work.live, outcome))
    hurry = asyncio.create_task(work.hurry.wait())
    await asyncio.wait([call, hurry], return_when=asyncio.FIRST_COMPLETED)
    if hurry.done():
        call.cancel()
        await asyncio.wait([call], timeout=CLOSING_SECONDS)
    hurry.cancel()
    _look_at(call, work, outcome)
    if work.live.muted:  # by `end`: what it decided stands, with the calls that were made
        work.outcome.follow(outcome)
    else:
        work.outcome = outcome


def _look_at(call: asyncio.Task[None], work: Work, outcome: Outcome) -> None:
    if not call.done():
        log.warning("run %s: its call does not end; left behind", work.live.id)
        _leave_behind(outcome)
        return
    problem = None if call.cancelled() else call.exception()
    if problem is not None:
        # Nobody foresaw it: the reader is told, the text is kept.
        log.error("run %s failed", work.live.id, exc_info=problem)
        if not work.live.muted:  # else its end was decided before
            work.live.muted = True
            work.outcome.end(Status.FAILED, Refusal())


def _leave_behind(outcome: Outcome) -> None:
    """Its call is over for us; what may still come of it is nobody's."""
    for call in outcome.calls[-1:]:
        call.outcome = "cancelled"
        call.seconds = call.seconds or (timezone.now() - call.at).total_seconds()


async def _sealed(work: Work) -> list[str]:
    """The end is in Postgres; the frames that tell it."""
    waits = False
    while True:
        try:
            sealed = await in_db(finish.seal)(work.live, work.outcome)
            if sealed is not None:
                return [schema.run_finished(work.live.id, sealed, work.live.text.length)]
            # Another end had won, which is what readers are told; or there is nothing left to end.
            held = Held(work.live.text.length, work.live.reasoning.length)
            return await in_db(rest.missing_of)(work.live.ticket.run, held)
        except Unavailable:
            if not waits:
                log.warning("run %s: the database is away, its end waits", work.live.id)
            waits = True
            await asyncio.sleep(SEAL_AGAIN_SECONDS)
        except Exception:
            if work.outcome.bare:
                raise
            # What the provider said of the calls cannot be written down: text and calls are kept without.
            log.exception("run %s could not be sealed as it was", work.live.id)
            work.outcome = work.outcome.stripped()
