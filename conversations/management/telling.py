"""`/metrics` of a worker. It serves no pages, so that this has a port of its own, if one is named."""

from django.conf import settings
from django.core.management.base import CommandError
from prometheus_client import CollectorRegistry, start_http_server

from conversations.runs.gauges import Everything

TAKEN = "CHATSITE_WORKER_METRICS: nothing can be told at {place}: {why}."


def tell() -> None:
    """In a thread of its own, for as long as the process lives. Raises CommandError."""
    place = settings.WORKER_METRICS
    if place is None:
        return
    registry = CollectorRegistry()
    registry.register(Everything())
    try:
        start_http_server(place.port or 0, addr=place.hostname or "", registry=registry)
    except OSError as problem:
        raise CommandError(TAKEN.format(place=place.netloc, why=problem.strerror)) from None
