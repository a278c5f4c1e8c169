"""What holds for the whole site now: an administrator's word (models/site.py), else the environment's.

Known by heart in each process, and read anew when it was changed (runs/site_watch.py).
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr, parseaddr

from django.conf import settings

from conversations.by_heart import ByHeart
from conversations.models import SiteSettings
from conversations.models.site import Switch

USUAL_NAME = "Chatsite"


def _ask() -> SiteSettings:
    return SiteSettings.objects.first() or SiteSettings()


row = ByHeart(_ask)


@dataclass(frozen=True, slots=True)
class Site:
    """One moment's settings. What nobody settled follows the environment."""

    row: SiteSettings

    @property
    def name(self) -> str:
        return self.row.name or USUAL_NAME

    @property
    def mail_from(self) -> str:
        """Who writes mails. A name in the environment (CHATSITE_MAIL_FROM) stays."""
        name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
        return formataddr((name or " ".join(self.name.split()), address))

    @property
    def signup(self) -> str:
        return self.row.signup or str(settings.SIGNUP)

    @property
    def sharing(self) -> str:
        return self.row.sharing or str(settings.SHARING)

    @property
    def default_model(self) -> str:
        return self.row.default_model or str(settings.DEFAULT_MODEL)

    @property
    def system_prompt(self) -> str:
        return self.row.system_prompt or str(settings.SYSTEM_PROMPT)

    @property
    def titles(self) -> bool:
        return _said(self.row.titles, settings.TITLES)

    @property
    def summaries(self) -> bool:
        return _said(self.row.summaries, settings.SUMMARIES)

    @property
    def answer_cache(self) -> int:
        said = self.row.answer_cache
        return int(settings.ANSWER_CACHE) if said is None else said

    @property
    def image_urls(self) -> str:
        return self.row.image_urls or str(settings.IMAGE_URLS)

    @property
    def user_storage(self) -> int:
        said = self.row.user_storage
        return int(settings.USER_STORAGE) if said is None else said

    @property
    def shows_costs(self) -> bool:
        """To people. The desk shows them always."""
        return self.row.shows_costs

    @property
    def stopped_at(self) -> datetime | None:
        return self.row.stopped_at


def _said(switch: str, otherwise: bool) -> bool:
    return switch == Switch.ON if switch else otherwise


def now() -> Site:
    """May ask Postgres, the first time and after a change: not for the event loop."""
    return Site(row.known())


def as_last_known() -> Site:
    """For the event loop. Before anything was read, the environment holds."""
    return Site(row.as_last_known() or SiteSettings())
