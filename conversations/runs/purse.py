"""What is reserved for a run, and that no call is made which does not fit into it.

A question has been reserved for when it was sent (chat/gate.py). Its own model's first call fits into that,
as a rule, and costs no statement here. Another attempt after one that was paid for, or a model that stands
in and reads more, gets what it needs or is not asked.
"""

import asyncio
import math
from collections.abc import Sequence
from uuid import UUID

from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.provider.interface import Request
from conversations.provider.tokens import counting
from conversations.provider.tokens.counting import at_most
from conversations.runs import dearest, estimate, fitting
from conversations.runs.start import BOOT, Ticket
from conversations.tasks import keep
from conversations.usage import budgets
from conversations.usage.budgets import Payer
from conversations.usage.ledger import Call
from conversations.usage.standing import NOTHING, Most

# Shorter than this, and it is not worth it to count how much less than its bytes a text is.
WORTH_COUNTING = 1_000
AGAIN_SECONDS = 0.5


class Purse:
    """Of one run, in the process that executes it."""

    def __init__(self, ticket: Ticket) -> None:
        self._run = ticket.run
        # None: another process wrote the question down, and knows.
        self._held = ticket.reserved
        # For which of them something is held: another that stands in may have budgets of its own.
        self._models = {ticket.model}
        # The most of each call that was made, by its attempt.
        self._calls: dict[int, Most] = {}
        self._lessening: asyncio.Task[None] | None = None

    @property
    def is_empty(self) -> bool:
        """Surely nothing is reserved: no budget counts for this run."""
        return budgets.surely_none() if self._held is None else self._held == NOTHING

    async def cover(self, request: Request, calls: Sequence[Call]) -> None:
        """Before a call, `calls` having been made. Raises BudgetExceeded."""
        if self._lessening:
            await asyncio.wait([self._lessening])
        if self.is_empty:
            return
        if self._held is None:
            self._held = await in_db(_found)(self._run)
        mine = self._calls[len(calls) + 1] = dearest.of_a_request(request)
        if self._held == NOTHING:
            return
        paid = sum((self._came_to(call) for call in calls), NOTHING)
        if not (paid + mine).fits_in(self._held) and _is_worth_counting(request):
            # What its bytes could be is no reason to refuse what can be known in a moment.
            mine = self._calls[len(calls) + 1] = await _known(request)
        wanted = paid + mine
        if not wanted.fits_in(self._held) or request.model.id not in self._models:
            self._held = await in_db(_covered)(self._run, wanted, request.model.id)
            self._models.add(request.model.id)
        elif not calls and _is_worth_counting(request):
            self._lessening = keep(self._lessen(request))

    def _came_to(self, call: Call) -> Most:
        """As the ledger will have it (estimate.py). Of what broke off nobody may ever say what it took."""
        usage, request = call.usage, call.request
        if usage and call.model:
            return dearest.of_a_call(call.model, usage.input, usage.output)
        if request and estimate.may_have_taken(call):
            return self._calls.get(call.attempt, dearest.of_a_request(request))
        return NOTHING

    async def _lessen(self, request: Request) -> None:
        """Beside the call: others may begin what this one does not need."""
        most = await _known(request)
        try:
            await in_db(budgets.lessen)(self._run, most)
        except Unavailable:
            return
        self._calls[1] = most
        self._held = Most(most.micros, most.tokens, messages=1)


async def note(payer: Payer, call: UUID, request: Request) -> None:
    """That a small call beside the runs is about to be made, with the most that it can come to. Raises
    BudgetExceeded or Unavailable."""
    most, reads = dearest.of_a_request(request), sum(counting.roughly(_texts(request)))
    noted = in_db(budgets.note)(payer, most, call=call, boot=BOOT, reads=reads)
    noting = asyncio.ensure_future(noted)
    try:
        await asyncio.shield(noting)
    except (asyncio.CancelledError, Unavailable):
        keep(_take_back(call, noting))
        raise


async def _take_back(call: UUID, noting: "asyncio.Future[None]") -> None:
    """Whoever wanted to make the call has gone, or does not know whether it was noted."""
    await asyncio.wait([noting])
    while True:
        try:
            await in_db(budgets.settle)(calls=[call])
        except Unavailable:
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            return


def _found(run: UUID) -> Most:
    return budgets.cover(run, BOOT) or NOTHING


def _covered(run: UUID, wanted: Most, model: str) -> Most:
    return budgets.cover(run, BOOT, wanted, model) or NOTHING


def _is_worth_counting(request: Request) -> bool:
    """A tokenizer that is only like the model's own could count less than the provider does."""
    return request.at_most > WORTH_COUNTING and bool(request.model.tokenizer)


async def _known(request: Request) -> Most:
    """The most that it can come to, its words counted."""
    counted = await asyncio.to_thread(_counted, request)
    written = request.parameters.get("max_output_tokens") or request.model.max_output_tokens
    return dearest.of_a_call(request.model, counted, written)


def _counted(request: Request) -> int:
    """Its words by the model's own tokenizer, and what nobody outside of the provider counts exactly."""
    texts = _texts(request)
    count = sum(counting.count(texts, request.model.tokenizer))
    exact = math.ceil(count * (1 + fitting.MARGIN)) + fitting.LEAST_MARGIN
    others = request.at_most - sum(map(at_most, texts))
    return min(request.at_most, exact + max(0, others))


def _texts(request: Request) -> list[str]:
    return [text for message in request.messages for text in fitting.texts_of(message)]
