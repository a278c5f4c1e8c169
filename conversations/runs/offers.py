"""A change of the catalogue is in force in every process, within seconds and without a restart."""

import asyncio
import logging
from typing import Any

from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete

from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.events import doorbell
from conversations.models import LanguageModel, Price, Provider
from conversations.provider import catalogue, choose, endpoints, stock
from conversations.provider.interface import Model
from conversations.runs import circuit
from conversations.usage import budgets

log = logging.getLogger(__name__)

# Of what no row tells: a new price begins at midnight, a file has another key, a ring was missed.
LOOK_SECONDS = 30.0


def watch() -> None:
    for table in (Provider, LanguageModel, Price):
        post_save.connect(_changed, table)
        post_delete.connect(_changed, table)
    m2m_changed.connect(_changed, LanguageModel.groups.through)
    pre_delete.connect(_remember_its_models, Group)
    post_delete.connect(_withdraw_its_models, Group)


def _changed(instance: Any = None, **_: Any) -> None:
    """`halted`: one that was stopped is asked again once it is back."""
    if isinstance(instance, LanguageModel) and instance.is_enabled:
        doorbell.ring({"allowed": instance.slug})
    doorbell.ring({"catalogue": True})
    catalogue.changed()


def _remember_its_models(instance: Any, **_: Any) -> None:
    instance.models_it_had = list(LanguageModel.objects.filter(groups=instance))


def _withdraw_its_models(instance: Any, **_: Any) -> None:
    """A model without a group is for everybody. What was for this one alone is for nobody now, until an
    administrator says for whom."""
    for row in instance.models_it_had:
        if not row.groups.exists():
            row.is_enabled = False
            row.save(update_fields=["is_enabled"])
            log.warning("model %s is withdrawn: the group that it was for is gone", row.slug)


async def keep_looking(*, asks: bool) -> None:
    """For as long as the process lives. `asks`: it makes calls, and the first is not to wait for a client."""
    while True:
        try:
            await look()
            await look_at_its_stock()
            if asks:
                await _warm_up()
                asks = False
        except Unavailable:
            log.warning("the catalogue stays as it was: the database is away")
        await asyncio.sleep(LOOK_SECONDS)


async def look() -> None:
    """What there is now. Whoever was asked before and is not any more is hung up on."""
    now = await in_db(catalogue.read)()
    await in_db(circuit.read)()
    await in_db(budgets.in_force.read)()
    await choose.keep_only(now.endpoints)


async def look_at_its_stock() -> None:
    """What the server behind OPENAI_BASE_URL has, by its own word."""
    home = await in_db(endpoints.elsewhere)()
    is_news: bool = home is not None and await asyncio.to_thread(stock.look, home)
    if home and is_news:
        log.info("provider %s has %s models to offer", home.name, len(stock.of(home) or ()))
        await look()


async def _warm_up() -> None:
    """Import the SDK and make its client now: a question would else wait a second for it."""
    for model in await in_db(usual)():
        await asyncio.to_thread(choose.provider_of, model)


def usual() -> list[Model]:
    """Whom the first question is likely for; nobody where nothing is on offer."""
    model = catalogue.usual_model()
    return catalogue.models_behind(model) if model else []
