"""The ready-made groups, and what each may do at the desk. Who is in one needs “staff status”, too.

Nobody is an administrator by a group: giving rights, keys and all words of a person stay with superusers.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext_lazy as _

from conversations.errors import Words

VERBS: dict[str, Words] = {
    "view": _("look at"),
    "add": _("add"),
    "change": _("change"),
    "delete": _("delete"),
    "export": _("export"),
}


def in_words(group: Group) -> list[tuple[Words, list[str]]]:
    """What its permissions are for, by what they let one do: always as they are now."""
    told = sorted(_told(group.permissions.select_related("content_type")), key=itemgetter(0))
    kinds = groupby(told, key=itemgetter(0))
    return [(list(VERBS.values())[at], [name for _at, name in rows]) for at, rows in kinds]


def _told(permissions: Iterable[Permission]) -> Iterator[tuple[int, str]]:
    """Permissions of tables that are gone, or that no page has a word for, say nothing."""
    for permission in permissions:
        verb, _under, model = permission.codename.partition("_")
        try:
            table = apps.get_model(permission.content_type.app_label, model)
        except LookupError:
            continue
        if verb in VERBS:
            yield list(VERBS).index(verb), str(table._meta.verbose_name_plural)
