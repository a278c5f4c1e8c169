"""Putting on record who did what. Call it in the transaction of what it records."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from conversations.models import AuditEntry, User


def record(
    actor: User,
    action: str,
    thing: Model,
    *,
    owner: User | None = None,
    address: str | None = None,
    **detail: Any,
) -> AuditEntry:
    """One line in the audit. `detail` holds ids and numbers, never a person's words."""
    return AuditEntry.objects.create(
        actor_id=actor.pk,
        actor=actor.get_username(),
        action=action,
        object_type=thing._meta.model_name or "",
        object_id=str(thing.pk),
        owner_id=owner.pk if owner else None,
        owner=owner.get_username() if owner else "",
        address=address,
        detail=detail,
    )


def address_of(request: HttpRequest) -> str | None:
    """Where the request came from; asgi.py has put there what a trusted proxy says."""
    return request.META.get("REMOTE_ADDR") or None
