"""In which language a person is spoken to: as they chose, else as their browser asks."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from conversations.accounts import visits
from conversations.db import AWAY


class PersonsLanguage(MiddlewareMixin):
    """Behind Django's LocaleMiddleware, which has looked at the cookie and at what the browser says."""

    def process_request(self, request: HttpRequest) -> None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        try:
            chosen = visits.language(request.user)
        except AWAY:  # whoever asks next finds out, and says it
            return
        if chosen:
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
