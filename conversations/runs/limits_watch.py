"""A change of the rate limits is in force in every process, within seconds and without a restart."""

from typing import Any

from django.db.models.signals import post_delete, post_save

from conversations.db import in_db
from conversations.events import doorbell
from conversations.models import RateLimit
from conversations.usage import bounds


def watch() -> None:
    post_save.connect(_changed, RateLimit)
    post_delete.connect(_changed, RateLimit)


def _changed(**_: Any) -> None:
    doorbell.ring({"limits": True})
    bounds.rules.changed()


async def look() -> None:
    await in_db(bounds.rules.read)()
