"""Whether a name or an e-mail is somebody else's, by the same rule as the constraints of the table."""

from typing import Literal

from django.db.models import Value
from django.db.models.functions import Lower

from conversations.models import User


def is_taken(field: Literal["username", "email"], value: str, *, by_others_than: User) -> bool:
    """Not `iexact`, which compares in upper case: some letters have one lower case and two upper."""
    same = User.objects.alias(lower=Lower(field)).filter(lower=Lower(Value(value)))
    return same.exclude(pk=by_others_than.pk).exists()
