"""Those who look after the site hear when most of a budget that many share is gone: once in its period."""

import asyncio
import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from conversations.db import in_db
from conversations.runs import alarm
from conversations.text import span
from conversations.usage import budgets, overview
from conversations.usage.standing import WARN_AT, Standing

log = logging.getLogger(__name__)

# The longest period, and the one before it.
FORGET_AFTER = timedelta(days=62)


async def look() -> None:
    """From the sweep. The desk shows it all the same (admin/site.py)."""
    if budgets.surely_none():
        return
    recipients, warned = await in_db(_warned)()
    for standing in warned:
        log.warning("budget %s: %d %% is used", standing.id, standing.share * 100)
        await asyncio.to_thread(tell, recipients, standing)


def _warned() -> tuple[list[str], list[Standing]]:
    overview.forget(timezone.now() - FORGET_AFTER)
    warned = overview.newly_warned(WARN_AT)
    return (alarm.recipients() if warned else []), warned


def tell(recipients: list[str], standing: Standing) -> None:
    with override(settings.LANGUAGE_CODE):
        share = round(standing.share * 100)
        told = {"name": standing.name, "share": share, "time": span(standing.seconds)}
        subject = _("The budget “{name}” is {share} % used").format(**told)
        text = _(
            "{share} % of the budget “{name}” on {site} has been used. It renews in {time}. Once it is used "
            "up, the people it covers get no more answers. You find it in the administration, under Budgets."
        ).format(**told, site=settings.PUBLIC_URL)
    alarm.mail(recipients, subject, text)
