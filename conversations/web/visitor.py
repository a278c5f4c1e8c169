"""Who is signed in."""

from typing import cast

from django.http import HttpRequest

from conversations.models import User


def user_of(request: HttpRequest) -> User:
    """Behind `login_required`, which has looked."""
    return cast("User", request.user)
