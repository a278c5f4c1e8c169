"""A change of the site's settings is in force in every process, within seconds and without a restart."""

from typing import Any

from django.db.models.signals import post_delete, post_save

from conversations import site
from conversations.db import in_db
from conversations.events import doorbell, feed, schema
from conversations.models import RetentionRule, SiteSettings
from conversations.reading.site_object import Object, site_object
from conversations.runs import executor, retention

# What open pages were told last. Whoever asks after a change may read it before this process hears of it.
_told: Object | None = None


def watch() -> None:
    for table in (SiteSettings, RetentionRule):
        post_save.connect(_changed, table)
        post_delete.connect(_changed, table)


def _changed(**_: Any) -> None:
    doorbell.ring({"site": True})
    site.row.changed()
    retention.written.changed()


async def look() -> None:
    """Pages that are open show it too: whoever comes later is told when they come."""
    global _told  # noqa: PLW0603 one memory a process
    row = await in_db(site.row.read)()
    await in_db(retention.written.read)()
    if row.stopped_at:
        executor.end_everything()
    now = site_object(site.as_last_known())
    if now != _told:
        _told = now
        for listener in feed.everybody():
            listener.put(schema.site_updated(now))
