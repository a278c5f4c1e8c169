"""What somebody who opens the desk has to know before anything else, and the page where something is done
about it: providers that do not answer, a disk that is nearly full, passwords that somebody else knows."""

import shutil
from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from conversations.accounts import guesses
from conversations.admin.columns import moment
from conversations.doctor.machine import LITTLE_SPACE
from conversations.models import Circuit, User

GUESSED = 10
PROVIDERS = "conversations.view_provider"


class Alert(NamedTuple):
    """`link` may be empty: what is to be done is not done in the desk."""

    said: str
    link: str = ""
    where: str = ""


def alerts(person: User) -> list[Alert]:
    """Those that are for this reader."""
    providers = _providers() if person.has_perm(PROVIDERS) else ()
    disk = _disk() if person.is_superuser else ()
    guessed = _guessed() if person.is_superuser else ()
    return [*providers, *disk, *guessed]


def _providers() -> Iterator[Alert]:
    """Those that refuse our key, and those that fail and are left alone; the longest first."""
    in_trouble = Q(key_refused_at__isnull=False) | Q(opened_at__isnull=False)
    rows = Circuit.objects.filter(in_trouble, provider__is_enabled=True).select_related("provider")
    for row in rows.order_by("key_refused_at", "opened_at"):
        link = reverse("admin:conversations_provider_change", args=[row.pk])
        yield Alert(_trouble(row), link, row.provider.name)


def _trouble(row: Circuit) -> str:
    if row.key_refused_at is not None:
        told = _("The provider {provider} has refused this site's key since {since}."
                 " Its models cannot answer.")  # fmt: skip
    else:
        told = _("The provider {provider} has failed again and again since {since}."
                 " A question tries it once in a while; all others are refused.")  # fmt: skip
    since = moment(row.key_refused_at or row.opened_at)
    return told.format(provider=row.provider.name, since=since)


def _disk() -> Iterator[Alert]:
    """No file is opened for that: it is one call to the kernel."""
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError:  # it is away: the numbers can be seen all the same, and the doctor says more
        return
    if free < LITTLE_SPACE:
        told = _("{free} are left on the disk that holds {place}. Once it is full, nobody can add a"
                 " picture, and a Postgres that lies on it stops.")  # fmt: skip
        yield Alert(told.format(free=filesizeformat(free), place=settings.DATA_DIR))


def _guessed() -> Iterator[Alert]:
    """Each person once, a few of them."""
    for entry in {one.owner_id: one for one in guesses.used_up_lately()[:GUESSED]}.values():
        told = _("At {since} so many wrong codes of a second factor had been typed for {person} that for a"
                 " day none is taken. Whoever typed them knows the password: once it is another one, codes"
                 " are taken again.")  # fmt: skip
        link = reverse("admin:conversations_user_change", args=[entry.owner_id])
        yield Alert(told.format(since=moment(entry.at), person=entry.owner), link, entry.owner)
