"""One of our own prompts, put to a model: a small call beside everything else."""

import logging
import time
from collections.abc import Mapping

from django.utils import timezone

from conversations import site
from conversations.errors import ProviderRejected, Refusal, Unavailable
from conversations.provider.choose import provider_of
from conversations.provider.interface import Model, Piece, Request
from conversations.runs import admission, circuit, estimate, halted, purse
from conversations.runs.prompts import Prompt
from conversations.usage.budgets import Payer
from conversations.usage.ledger import Call

log = logging.getLogger(__name__)


async def ask(
    prompt: Prompt,
    model: Model,
    told: Mapping[str, str],
    calls: list[Call],
    *,
    within: float,
    payer: Payer,
) -> str:
    """What the model says to it: in the form of the schema; where the server refuses that, in words.

    Each call is added to `calls`, for the ledger, before it is made. Raises a Refusal, also
    where the provider's limits or a budget of `payer` have no room for it, where it is left alone, or
    while it or the whole site is stopped.
    """
    circuit.spare(model)
    if prompt.takes_schema(model):
        try:
            return await _call(prompt.request(model, told, by_schema=True), calls, within, payer)
        except ProviderRejected:
            log.info("model %s takes no schema", model.id)
    return await _call(prompt.request(model, told, by_schema=False), calls, within, payer)


async def _call(request: Request, calls: list[Call], within: float, payer: Payer) -> str:
    halted.refuse(request.model)
    if site.as_last_known().stopped_at:
        raise Unavailable
    turn = await admission.spare_turn(request)
    call = Call(at=timezone.now(), attempt=len(calls) + 1, outcome="cancelled", request=request)
    began = time.monotonic()
    try:
        with turn.taken(call.report):
            await purse.note(payer, call.id, request)
            call.is_noted = True
            calls.append(call)
            said = await provider_of(request.model).whole(request, call.report, within=within)
        call.outcome = "ok"
        call.heard.append(Piece(text=said))
    except Refusal as problem:
        call.outcome = problem.code
        raise
    finally:
        call.seconds = time.monotonic() - began
        await estimate.fill([call])
    return said
