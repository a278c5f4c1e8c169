"""`/metrics`, for Prometheus: the door. What is told there is in runs/gauges.py."""

from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from conversations.runs.gauges import Everything

NOT_HERE = _("Ask from this machine, from a trusted proxy, or with the token of this site.")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not (_is_near(request) or _has_the_token(request)):
        return _refusal()
    return HttpResponse(generate_latest(Everything()), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_near(request: HttpRequest) -> bool:
    """As `chatsite/asgi.py` saw it, before it settled what a proxy says."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    return scope.get("chatsite.is_near") is True


def _has_the_token(request: HttpRequest) -> bool:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    said, ours = token.strip().encode(), settings.METRICS_TOKEN.encode()
    return bool(ours) and kind.lower() == "bearer" and compare_digest(said, ours)


def _refusal() -> HttpResponse:
    """401 only where a token would help."""
    answer = HttpResponse(f"{NOT_HERE}\n", status=403, content_type="text/plain; charset=utf-8")
    if settings.METRICS_TOKEN:
        answer.status_code = 401
        answer["WWW-Authenticate"] = "Bearer"
    return answer
