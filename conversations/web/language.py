"""How pages speak to a person: in the language they chose, else as their browser asks; with their dates."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.deprecation import MiddlewareMixin

from conversations import traced
from conversations.accounts import visits
from conversations.db import AWAY

# Those who look after the site compare what they see: UTC for all of them.
PAGES_OF_STAFF = "/admin/"


class PersonsLanguage(MiddlewareMixin):
    """Behind Django's LocaleMiddleware, which has looked at the cookie and at what the browser says."""

    def process_request(self, request: HttpRequest) -> None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        try:
            if request.user.is_authenticated:
                traced.user(request.user.pk)
            chosen = visits.preferences(request.user)
        except AWAY:  # whoever asks next finds out, and says it
            return
        if chosen and chosen.language:
            translation.activate(chosen.language)
            request.LANGUAGE_CODE = chosen.language
        if chosen and chosen.zone and not request.path.startswith(PAGES_OF_STAFF):
            timezone.activate(chosen.zone)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """The thread serves somebody else next."""
        timezone.deactivate()
        return response
