"""`/metrics`: what is told there, and to whom."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from conversations import counts, db
from conversations.ids import uuid7
from conversations.models import (
    Allowance,
    Boot,
    Moderation,
    Pattern,
    Place,
    Provider,
    ProviderCall,
)
from conversations.moderation import marking
from conversations.moderation.known import Known
from conversations.moderation.matching import matcher_of
from conversations.runs import circuit, gauges
from conversations.runs.circuit import Trouble
from conversations.usage import tally
from conversations.web.metrics import metrics
from tests.features.admin_kit import made, person
from tests.features.limits_kit import until
from tests.harness.people import HalfTold, Person
from tests.harness.server import Server
from tests.stub_provider import Model, fails, says

TOKEN = "a-token-of-this-site"


class Told:
    """What one scrape brought."""

    def __init__(self, families: Any) -> None:
        self.samples = [sample for family in families for sample in family.samples]

    def __call__(self, name: str, **labels: str) -> float | None:
        """The sum of all that has these labels; None where nothing has."""
        numbers = [
            sample.value
            for sample in self.samples
            if sample.name == f"chatsite_{name}" and labels.items() <= sample.labels.items()
        ]
        return sum(numbers) if numbers else None


def text_of(server: Server) -> str:
    answer = httpx.get(f"{server.origin}/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "no-store" in answer.headers["cache-control"]
    return answer.text


def scraped(server: Server) -> Told:
    return Told(text_string_to_metric_families(text_of(server)))


def text_once(server: Server, *, under_way: int) -> str:
    """So many answers are written, here and on the site: what tests before have begun ends by itself."""
    texts: list[str] = []

    def is_so() -> bool:
        texts.append(text_of(server))
        told = Told(text_string_to_metric_families(texts[-1]))
        runs = [told("site_runs", status=status) for status in ("running", "waiting")]
        return [told("runs_under_way"), *runs] == [under_way, under_way, 0]

    until(is_so)
    return texts[-1]


def more(before: Told, after: Told, name: str, **labels: str) -> float:
    return (after(name, **labels) or 0) - (before(name, **labels) or 0)


def test_an_answer_is_counted_with_what_it_took(server: Server, ada: Person, model: Model) -> None:
    before = scraped(server)
    asked = ada.ask(model.will_answer(fails(503), says("after all")))
    after, usage = scraped(server), asked.stored()["usage"]
    chat = {"provider": "openai", "purpose": "chat"}
    assert more(before, after, "runs_ended_total", status="complete", error="") == 1
    assert more(before, after, "provider_calls_total", outcome="ok", **chat) == 1
    failed = {"outcome": "provider_unavailable", **chat}
    assert more(before, after, "provider_calls_total", **failed) == 1
    assert more(before, after, "first_token_seconds_count", provider="openai") == 1
    assert more(before, after, "tokens_total", kind="input", **chat) == usage["input_tokens"] > 0
    assert more(before, after, "tokens_total", kind="output", **chat) == usage["output_tokens"]
    cost = more(before, after, "cost_dollars_total", **chat)
    assert cost == pytest.approx(float(asked.stored()["cost"]), abs=1e-9)


def test_what_is_under_way_is_told_and_nobody_s_name(
    server: Server, ada: Person, half_told: HalfTold
) -> None:
    text = text_once(server, under_way=1)
    told = Told(text_string_to_metric_families(text))
    assert (told("sockets") or 0) >= 1 and (told("site_processes", kind="web") or 0) >= 1
    assert told("database_up") == told("doorbell_up") == 1
    assert told("database_connections_limit", pool="orm") == 10
    assert (told("event_loop_lag_seconds_count") or 0) > 0
    asked = half_told.asked
    for secret in (ada.name, ada.id, asked.conversation, asked.run, half_told.script.question):
        assert secret not in text
    half_told.script.resume()
    assert asked.finish().status == "complete"
    text_once(server, under_way=0)


def test_requests_are_counted_by_door(server: Server, ada: Person) -> None:
    before = scraped(server)
    ada.api("GET", "models")
    ada.http.get("/c/0198c0de-0000-7000-8000-000000000000/")
    after = scraped(server)
    assert more(before, after, "http_requests_total", door="api", status="200") == 1
    assert more(before, after, "http_requests_total", door="pages", status="404") == 1
    assert more(before, after, "http_request_seconds_count", door="api") == 1
    assert {sample.labels["door"] for sample in after.samples if "door" in sample.labels} <= {
        "api", "admin", "static", "accounts", "share", "files", "health", "metrics", "pages",
    }  # fmt: skip


def test_the_table_of_the_page_for_who_runs_it_is_what_is_told(server: Server, ada: Person) -> None:
    ada.api("GET", "models")
    page = (settings.BASE_DIR / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `chatsite_(\w+)` \| ([\w, ]*)\|", page, re.MULTILINE)
    written = {name: set(re.findall(r"\w+", labels)) for name, labels in rows}
    text = text_of(server)
    types = dict(re.findall(r"^# TYPE chatsite_(\w+) (\w+)$", text, re.MULTILINE))
    assert types.keys() == written.keys()
    assert types.keys() == set(re.findall(r"^# HELP chatsite_(\w+) [A-Z].*\.$", text, re.MULTILINE))
    counters = {name for name, kind in types.items() if kind == "counter"}
    assert counters == {name for name in types if name.endswith("_total")}
    labels = labels_of(text)
    assert {"http_requests_total", "database_connections", "site_runs"} <= labels.keys()
    assert {name: written[name] for name in labels} == labels


def labels_of(text: str) -> dict[str, set[str]]:
    """Of what has any number yet."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name = re.sub("_(bucket|count|sum)$", "", sample.name)
            if name.startswith("chatsite_") and not name.endswith("_created"):
                found[name.removeprefix("chatsite_")] = sample.labels.keys() - {"le"}
    return found


@pytest.mark.parametrize(
    "said",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 cache"},
        {"X-Real-IP": "8.8.8.8"},
        {"Host": "evil.example"},
        {"Authorization": "Bearer"},
    ],
)
def test_who_asks_for_somebody_else_is_told_nothing(server: Server, said: dict[str, str]) -> None:
    answer = httpx.get(f"{server.origin}/metrics", headers=said)
    is_open = "Authorization" in said  # a token of nobody's takes nothing away
    assert answer.status_code == (200 if is_open else 403)
    assert ("chatsite_" in answer.text) is is_open


@pytest.fixture
def away() -> Iterator[None]:
    db.away(True)
    yield
    db.away(False)


def asked(authorization: str = "") -> HttpResponse:
    """From elsewhere."""
    headers = {"authorization": authorization} if authorization else {}
    return metrics(RequestFactory().get("/metrics", headers=headers))


def test_with_the_token_it_is_told_anywhere(away: None, settings: Any) -> None:
    assert asked().status_code == asked("Bearer ").status_code == 403
    settings.METRICS_TOKEN = TOKEN
    assert asked(f"Bearer {TOKEN}").status_code == asked(f"bearer  {TOKEN} ").status_code == 200
    for wrong in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer \u00e9"):
        refused = asked(wrong)
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer"), wrong
        assert TOKEN.encode() not in refused.content


def test_without_postgres_it_says_so_and_what_it_knows(
    away: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit, "_known", {"ours": Trouble(left_until=timezone.now())})
    told = Told(gauges.Everything().collect())
    assert (told("database_up"), told("site_runs"), told("runs_under_way")) == (0, None, 0)
    assert told("provider_left_alone", provider="ours") == 1
    assert told("provider_key_refused", provider="ours") == 0


def test_how_it_stands_with_connections_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = db.Pool(size=7, idle=3, most=10, waiting=2, waited_seconds=1.5)
    monkeypatch.setattr(db, "pools", lambda: {"orm": pool})
    families: list[Metric] = list(gauges._of_pools())
    told = Told(families)
    assert told("database_connections", pool="orm", state="in_use") == 4
    assert told("database_connections", pool="orm", state="idle") == 3
    assert told("database_connections_limit") == 10
    assert (told("database_waiting"), told("database_waited_seconds_total")) == (2, 1.5)


def test_a_key_that_is_refused_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit, "_known", {"ours": Trouble(key_refused_at=timezone.now())})
    families: list[Metric] = list(gauges._of_troubles(["ours", "theirs"]))
    told = Told(families)
    assert told("provider_key_refused", provider="ours") == 1
    assert told("provider_key_refused", provider="theirs") == 0


def counted() -> Told:
    """What this very process did."""
    return Told(counts.OF_THIS_PROCESS.collect())


@pytest.mark.django_db
def test_what_is_refused_and_what_is_marked_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = matcher_of([Pattern(kind="words", terms="bomb", effect="refuse")])
    known = Known(Moderation(), questions=refusing, answers=refusing)
    monkeypatch.setattr(marking, "known", lambda: known)
    before = counted()
    with pytest.raises(marking.NotWanted):
        marking.question("a bomb", [])
    answer = made(person()).messages.get(role="assistant")
    marking.mark_by_scores(answer.pk, {"violence": 0.9}, Moderation(threshold=0.5))
    after = counted()
    assert more(before, after, "moderated_total", what="question", effect="refused") == 1
    assert more(before, after, "moderated_total", what="assistant", effect="marked") == 1


def test_of_tokens_the_cached_ones_and_the_thoughts_are_counted_too() -> None:
    before = counted()
    tokens = {"input": 50, "cached_input": 20, "output": 9, "reasoning": 4}
    columns = {f"{kind}_tokens": count for kind, count in tokens.items()}
    row = ProviderCall(provider="ours", model="m", purpose="chat", outcome="cached", **columns)
    tally.count([row])
    after, of = counted(), {"provider": "ours", "model": "m", "purpose": "chat"}
    assert {kind: more(before, after, "tokens_total", kind=kind, **of) for kind in tokens} == tokens
    assert more(before, after, "provider_calls_total", outcome="cached", **of) == 1


def site() -> Told:
    return Told(gauges._of_the_site(gauges._read()))


@pytest.mark.django_db
def test_what_providers_allow_and_what_is_used_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    Provider.objects.create(
        name="ours", kind="compatible", base_url="http://x.example", requests_per_minute=9
    )
    now = timezone.now()
    seconds = int(now.timestamp())
    spent = [[seconds - 200, 5, 5000], [seconds - 20, 2, 300], [seconds, 1, 40]]
    Allowance.objects.create(provider="ours", spent=spent)
    here = Boot.objects.create(host="here", pid=1).pk
    place: dict[str, Any] = {"provider": "ours", "boot": here, "turn": 1, "tokens": 1}
    Place.objects.create(**place, admitted_at=now)
    Place.objects.create(**place)
    Place.objects.create(**place, seen_at=now - timedelta(minutes=1))
    Place.objects.create(**{**place, "boot": uuid7()})
    told = site()
    of = {kind: told("site_provider_used", provider="ours", kind=kind) for kind in gauges.LIMITS}
    assert of == {"calls": 1, "requests": 3, "tokens": 340}
    assert told("site_provider_waiting", provider="ours") == 1
    assert told("site_provider_limit", provider="ours") == 9
    monkeypatch.setattr(circuit, "_known", {})
    untroubled: list[Metric] = list(gauges._of_troubles(["ours"]))
    assert Told(untroubled)("provider_left_alone", provider="ours") == 0
