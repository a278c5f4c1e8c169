"""The site as an app on a home screen: its manifest, its service worker, its page without a line.

All three are public and the same for everybody. The worker keeps nothing but the page that says that
there is no line (templates/app/worker.js), so there is nothing of a person to clear when they leave.
"""

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from conversations import site

# Browsers look for a new worker when they please; they may not be told an old one by a cache.
FRESH = "no-cache"
PAPER, ACCENT = "#fbfaf7", "#0d6a5b"
ICONS = (
    ("icons/favicon.svg", "any", "image/svg+xml", "any"),
    ("vendor/app-192.png", "192x192", "image/png", "any"),
    ("vendor/app-512.png", "512x512", "image/png", "any"),
    ("vendor/app-maskable-512.png", "512x512", "image/png", "maskable"),
)


@require_safe
def manifest(_request: HttpRequest) -> JsonResponse:
    name = site.now().name
    said = {
        "id": "/",
        "name": name,
        "short_name": name,
        "lang": get_language() or settings.LANGUAGE_CODE,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": ACCENT,
        "icons": [
            {"src": staticfiles_storage.url(name), "sizes": sizes, "type": kind, "purpose": purpose}
            for name, sizes, kind, purpose in ICONS
        ],
    }
    return JsonResponse(
        said, content_type="application/manifest+json", headers={"Cache-Control": FRESH}
    )


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """In the language of the page that asks for it: the worker itself cannot know."""
    response = render(request, "app/worker.js", {"language": _language(request)})
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = FRESH
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    with override(_language(request)):
        response = render(request, "app/offline.html")
    response.headers["Cache-Control"] = FRESH
    return response


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
