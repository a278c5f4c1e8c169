"""Who calls: the session's user, asked before CSRF, so that a stranger hears 401 and not 403."""

from typing import cast

from django.conf import settings
from django.db import connections
from django.http import HttpRequest
from ninja.security import APIKeyCookie
from ninja.utils import check_csrf

from conversations.db import DATABASE_AWAY, is_away
from conversations.errors import CsrfFailed, NotLoggedIn, Unavailable
from conversations.models import User


class SignedIn(APIKeyCookie):
    """ninja's own classes ask the other way round, and in a form that is not ours.

    Asking for the token also reads a form with its files: here, on the request's own thread.
    """

    param_name = settings.SESSION_COOKIE_NAME

    def _get_key(self, request: HttpRequest) -> str | None:
        return request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> User:
        """Raises NotLoggedIn, also for who was deactivated, then CsrfFailed; Unavailable before both."""
        if is_away():
            raise Unavailable(DATABASE_AWAY)
        try:
            known = request.user.is_authenticated
        finally:
            # What follows can wait for a turn, a decoder, an answer: not with a connection in hand.
            connections.close_all()
        if not known:
            raise NotLoggedIn
        if check_csrf(request):
            raise CsrfFailed
        return caller(request)


def caller(request: HttpRequest) -> User:
    """Whom `SignedIn` has let in."""
    return cast("User", request.user)
