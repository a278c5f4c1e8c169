"""A change of the catalogue is in force in every process, within seconds and without a restart."""

import asyncio
from typing import Any

from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from conversations.db import in_db
from conversations.events import doorbell
from conversations.models import LanguageModel, Price, Provider
from conversations.provider import catalogue

# Of what no row tells: a new price begins at midnight, a file has another key, a ring was missed.
LOOK_SECONDS = 30.0


def watch() -> None:
    for table in (Provider, LanguageModel, Price):
        post_save.connect(_changed, table)
        post_delete.connect(_changed, table)
    m2m_changed.connect(_changed, LanguageModel.groups.through)


def _changed(**_: Any) -> None:
    """This process sees its own change at once, also before it is committed."""
    doorbell.ring({"catalogue": True})
    catalogue.forget()
    transaction.on_commit(catalogue.forget)  # who read in between has read what was before


async def look_again() -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await in_db(catalogue.read)()
