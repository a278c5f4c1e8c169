"""Whose a name or an e-mail is, by the same rule as the constraints of the table."""

from typing import Literal

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from conversations.models import User

Field = Literal["username", "email"]


def bearer(field: Field, value: str) -> User | None:
    return _bearers(field, value).first()


def is_taken(field: Field, value: str, *, by_others_than: User) -> bool:
    return _bearers(field, value).exclude(pk=by_others_than.pk).exists()


def _bearers(field: Field, value: str) -> QuerySet[User]:
    """Not `iexact`, which compares in upper case: two letters may have one upper case, as i and ı have."""
    return User.objects.alias(lower=Lower(field)).filter(lower=Lower(Value(value)))
