"""What is told at `/metrics`: what this process counted, how it stands, and what Postgres knows of the site.

Of what is called `chatsite_site_…` every process says the same: there one takes the largest, and of all
others the sum.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.models import Count
from django.db.models.functions import Now
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from conversations import counts, db
from conversations.errors import Unavailable
from conversations.events import doorbell, feed
from conversations.models import Boot, Provider, Run
from conversations.models.conversation import LIVE
from conversations.runs import circuit, executor
from conversations.runs.circuit import UNTROUBLED
from conversations.runs.reaper import DEAD_SECONDS
from conversations.usage import used
from conversations.usage.used import Use

# These statements take a few milliseconds. A Postgres that is slower has other worries than ours.
PATIENCE_MILLISECONDS = 500

# What is told as a limit, and the column of the provider that it stands in.
LIMITS = {
    "calls": "concurrent_calls",
    "requests": "requests_per_minute",
    "tokens": "tokens_per_minute",
}
Rows = Iterable[tuple[tuple[str, ...], float]]


@dataclass(frozen=True, slots=True)
class Site:
    """What Postgres knows."""

    runs: Mapping[str, int]
    processes: Mapping[str, int]
    uses: Mapping[str, Use]
    # Every provider, with what it allows.
    limits: Mapping[str, Mapping[str, int | None]]


class Everything(Collector):
    def collect(self) -> Iterator[Metric]:
        site = _asked()
        yield from counts.OF_THIS_PROCESS.collect()
        yield _gauge("database_up", "Whether Postgres answers this process.", site is not None)
        yield from _of_this_process()
        yield from _of_pools()
        yield from _of_troubles(site.limits if site else ())
        if site:
            yield from _of_the_site(site)


def _asked() -> Site | None:
    """None: it is away, or has no tables yet."""
    try:
        return db.in_transaction(_read)
    except (Unavailable, DatabaseError):
        return None


def _read() -> Site:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE_MILLISECONDS}")
    live = Run.objects.filter(status__in=LIVE).order_by().values_list("status")
    by_status = dict(live.annotate(Count("pk")))
    alive = Boot.objects.filter(beat_at__gt=Now() - timedelta(seconds=DEAD_SECONDS)).order_by()
    by_kind = dict(alive.values_list("works").annotate(Count("pk")))
    rows = Provider.objects.values("name", *LIMITS.values())
    return Site(
        runs={status: by_status.get(status, 0) for status in LIVE},
        processes={"web": by_kind.get(False, 0), "worker": by_kind.get(True, 0)},
        uses=used.by_provider(),
        limits={row["name"]: {kind: row[name] for kind, name in LIMITS.items()} for row in rows},
    )


def _of_this_process() -> Iterator[Metric]:
    yield _gauge("doorbell_up", "Whether news of other processes come in.", doorbell.is_listening())
    yield _gauge("sockets", "Sockets that are open here.", feed.count())
    yield _gauge("runs_under_way", "Answers that are written here.", executor.count())


def _of_pools() -> Iterator[Metric]:
    pools = db.pools()
    size = {(name, "in_use"): pool.size - pool.idle for name, pool in pools.items()}
    size |= {(name, "idle"): pool.idle for name, pool in pools.items()}
    yield _family("database_connections", "Connections.", ("pool", "state"), size.items())
    most = [((name,), pool.most) for name, pool in pools.items()]
    yield _family("database_connections_limit", "How many there may be.", ("pool",), most)
    waiting = [((name,), pool.waiting) for name, pool in pools.items()]
    yield _family("database_waiting", "Who waits for a connection just now.", ("pool",), waiting)
    waited = CounterMetricFamily(
        "chatsite_database_waited_seconds", "What was waited for connections.", labels=("pool",)
    )
    for name, pool in pools.items():
        waited.add_metric((name,), pool.waited_seconds)
    yield waited


def _of_troubles(providers: Iterable[str]) -> Iterator[Metric]:
    """From memory, so that it is known without Postgres too: then, of those that have any."""
    known = circuit.troubles()
    told = {name: known.get(name, UNTROUBLED) for name in {*providers, *known}}
    left_alone = [((name,), trouble.left_until is not None) for name, trouble in told.items()]
    yield _family("provider_left_alone", "It failed again and again.", ("provider",), left_alone)
    refused = [((name,), trouble.key_refused_at is not None) for name, trouble in told.items()]
    yield _family("provider_key_refused", "It refuses our key.", ("provider",), refused)


def _of_the_site(site: Site) -> Iterator[Metric]:
    runs = [((status,), count) for status, count in site.runs.items()]
    yield _family("site_runs", "Answers that are not finished.", ("status",), runs)
    processes = [((kind,), count) for kind, count in site.processes.items()]
    yield _family("site_processes", "Processes that give a sign of life.", ("kind",), processes)
    waiting = [((name,), use.waiting) for name, use in site.uses.items()]
    yield _family("site_provider_waiting", "Who waits for a turn.", ("provider",), waiting)
    used_now: dict[tuple[str, ...], float] = {}
    for name, use in site.uses.items():
        used_now |= {(name, kind): getattr(use, kind) for kind in LIMITS}
    told = "Calls under way; requests and tokens of the last minute."
    yield _family("site_provider_used", told, ("provider", "kind"), used_now.items())
    limits: Rows = [
        ((name, kind), most)
        for name, kinds in site.limits.items()
        for kind, most in kinds.items()
        if most
    ]
    yield _family("site_provider_limit", "What it allows.", ("provider", "kind"), limits)


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(f"chatsite_{name}", help, value=value)


def _family(name: str, help: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    family = GaugeMetricFamily(f"chatsite_{name}", help, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family
