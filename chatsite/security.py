"""What every answer carries: a strict policy for the browser; and nobody keeps private pages."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from csp.constants import NONCE, NONE, SELF
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)
HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# Of a file that somebody opens in a tab of its own: it may do nothing at all.
INERT = "default-src 'none'; sandbox; frame-ancestors 'none'"


def content_security_policy(public_url: str) -> dict[str, Any]:
    """The policy for pages at `public_url`; the admin lives under the same one."""
    return {
        "DIRECTIVES": {
            "default-src": [NONE],
            "script-src": [SELF, NONCE],
            "style-src": [SELF, NONCE],
            "img-src": [SELF, "blob:", "data:"],
            # Older browsers do not count the socket under 'self'.
            "connect-src": [SELF, socket_origin(public_url)],
            "font-src": [SELF],
            "frame-src": [SELF],  # /diagram/, which may do less than any page
            "form-action": [SELF],
            "manifest-src": [SELF],
            "worker-src": [SELF],
            "base-uri": [NONE],
            "object-src": [NONE],
            "frame-ancestors": [NONE],
        }
    }


def socket_origin(public_url: str) -> str:
    """`https://host` → `wss://host`, `http://host` → `ws://host`."""
    return "ws" + public_url.removeprefix("http")


class PrivatePages:
    """Outermost: the fixed headers, and `no-store` for all that somebody with a session gets.

    Whether there is one is read from the cookies: asking for the user could touch the database,
    which is not allowed on the event loop.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._later(request)
        return guarded(request, cast("HttpResponseBase", self.get_response(request)))

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        return guarded(request, await self.get_response(request))


def guarded(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    cookie = settings.SESSION_COOKIE_NAME
    has_session = cookie in request.COOKIES or cookie in response.cookies
    if has_session and "Cache-Control" not in response:
        response["Cache-Control"] = "no-store, private"
    return response
