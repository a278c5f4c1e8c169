"""Putting on record who did what. Call it in the transaction of what it records."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from conversations.models import AuditEntry, User
from conversations.models.audit import REASON, Role


def record(
    actor: User | None,
    action: str,
    thing: Model | type[Model],
    *,
    owner: User | None = None,
    address: str | None = None,
    reason: str = "",
    **detail: Any,
) -> AuditEntry:
    """One line in the audit. `detail` holds ids and numbers, never a person's words; `reason` is what who
    did it says for it. A class as `thing`: many of its kind, or one that is not there."""
    return AuditEntry.objects.create(
        actor_id=actor.pk if actor else None,
        actor=actor.get_username() if actor else "",
        acted_as=role_of(actor),
        action=action,
        object_type=thing._meta.model_name or "",
        object_id=str(thing.pk) if isinstance(thing, Model) else "",
        owner_id=owner.pk if owner else None,
        owner=owner.get_username() if owner else "",
        address=address,
        reason=reason[:REASON],
        detail=detail,
    )


def role_of(actor: User | None) -> str:
    if actor is None:
        return ""
    if actor.is_superuser:
        return Role.ADMINISTRATOR
    return Role.STAFF if actor.is_staff else Role.PERSON


def address_of(request: HttpRequest | None) -> str | None:
    """Where the request came from; asgi.py has put there what a trusted proxy says."""
    return (request.META.get("REMOTE_ADDR") or None) if request else None
