"""What somebody may do, before and after: a change of it is on record in full, unlike any other."""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest

from conversations.admin.table import record
from conversations.models import User

Rights = dict[str, Any]


def of_person(person: User) -> Rights:
    """As Postgres has them now: `person` may be what a form is about to make of them."""
    known = User.objects.get(pk=person.pk)
    return {
        "active": known.is_active,
        "staff": known.is_staff,
        "administrator": known.is_superuser,
        "groups": sorted(known.groups.values_list("name", flat=True)),
        "permissions": sorted(known.user_permissions.values_list("codename", flat=True)),
    }


def of_group(group: Group) -> Rights:
    names = group.permissions.values_list("content_type__app_label", "codename")
    return {"permissions": sorted(f"{app}.{name}" for app, name in names)}


def changed(request: HttpRequest, thing: Model, before: Rights, after: Rights) -> None:
    """What differs, and nothing else."""
    parts = [name for name in after if before.get(name) != after[name]]
    if parts:
        old = {name: before.get(name) for name in parts}
        new = {name: after[name] for name in parts}
        record(request, f"{_kind(thing)}.rights", thing, before=old, after=new)


def _kind(thing: Model) -> str:
    return "person" if isinstance(thing, User) else "group"
