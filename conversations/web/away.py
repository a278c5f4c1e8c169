"""Postgres is away: a page says so in words, and the log in a line."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from conversations.db import AWAY, DATABASE_AWAY, is_away
from conversations.errors import Unavailable, Words

# For browsers and proxies that come back by themselves; we listen again within a second of Postgres.
RETRY_SECONDS = 5


class DatabaseAway(MiddlewareMixin):
    """Last of the middleware: asked first when a view fails, and before anything looks for a session."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Nobody waits for a pool that cannot give. Health and the API say it in their own way."""
        is_page = not request.path.startswith(("/api/", "/healthz", "/readyz"))
        return unavailable(request, DATABASE_AWAY) if is_page and is_away() else None

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if isinstance(problem, AWAY):
            return unavailable(request, DATABASE_AWAY)
        return unavailable(request, str(problem)) if isinstance(problem, Unavailable) else None


def unavailable(request: HttpRequest, sentence: Words) -> HttpResponse:
    response = render(request, "503.html", {"sentence": sentence}, status=Unavailable.http)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response
