"""The sums say what the ledger says, whatever was entered when and wherever the counting died."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F, Model, Sum

from conversations.ids import uuid7
from conversations.models import (
    CallUse,
    DailyUse,
    DailyUseNow,
    MonthlyUse,
    PersonDay,
    PersonMonth,
    ProviderCall,
    PurposeDay,
    SiteUse,
    Uncounted,
    User,
)
from conversations.models.rollups import AMOUNTS, SUMS, WAIT_ENDS, WAITS
from conversations.usage import rollups

pytestmark = pytest.mark.django_db

# Two midnights near, one of them the end of a month.
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
PLACES = ("day", "user_id", "provider", "model", "purpose")
OF_PERSON = ("day", "user_id")
BY_PURPOSE = (*OF_PERSON, "purpose")
Sums = dict[tuple[Any, ...], Counter[str]]


def entered(count: int, seed: int = 7) -> None:
    chance = random.Random(seed)
    people = [User.objects.create(username=f"p{seed}-{number}").pk for number in range(3)]
    ProviderCall.objects.bulk_create(_call(chance, [*people, None]) for _ in range(count))


def _call(chance: random.Random, people: list[Any]) -> ProviderCall:
    tokens = {name: chance.choice([None, chance.randrange(9000)]) for name in AMOUNTS}
    return ProviderCall(
        user_id=chance.choice(people),
        run=uuid7(),
        provider="openai",
        model=chance.choice("ab"),
        purpose=chance.choice(["chat", "chat", "title"]),
        at=NOON + timedelta(minutes=chance.randrange(-2000, 2000)),
        attempt=chance.choice([1, 1, 2]),
        outcome=chance.choice(["ok", "cancelled", "cached", "provider_error"]),
        first_token_seconds=chance.choice([None, chance.expovariate(0.5), 0.1, 90.0]),
        **tokens,
    )


def told(table: type[Model], places: tuple[str, ...] = PLACES) -> Sums:
    """What a sum says. A row for a place that has one already is added to it."""
    said: Sums = {}
    for row in table._default_manager.values(*places, *SUMS):
        place = tuple(row[name] for name in places)
        said.setdefault(place, Counter()).update({name: row[name] for name in SUMS})
    return {place: +sums for place, sums in said.items()}


def true(places: tuple[str, ...] = PLACES, *, monthly: bool = False) -> Sums:
    """The same, from the ledger itself and by hand."""
    said: Sums = {}
    for call in ProviderCall.objects.all():
        day = call.at.date().replace(day=1) if monthly else call.at.date()
        values = {"day": day, **{name: getattr(call, name) for name in PLACES[1:]}}
        said.setdefault(tuple(values[name] for name in places), Counter()).update(_worth(call))
    return {place: +sums for place, sums in said.items()}


def whole(*, monthly: bool = False) -> Sums:
    """Of each person, whatever it was: nobody waits for titles."""
    said: Sums = {}
    for (day, user, _provider, _model, purpose), sums in true(monthly=monthly).items():
        waits = Counter() if purpose == "chat" else Counter({name: sums[name] for name in WAITS})
        said.setdefault((day, user), Counter()).update(sums - waits)
    return said


def _worth(call: ProviderCall) -> dict[str, int]:
    worth = {name: getattr(call, name) or 0 for name in AMOUNTS}
    worth["calls"] = int(call.attempt is not None)
    worth["questions"] = int(call.purpose == "chat" and call.attempt == 1)
    worth["errors"] = int(call.outcome == "provider_error" and call.attempt is not None)
    worth["priced"] = int(call.cost_micros is not None)
    if call.first_token_seconds is not None and call.attempt is not None:
        step = sum(call.first_token_seconds * 1000 >= end for end in WAIT_ENDS)
        worth[WAITS[step]] = 1
    return worth


def all_counted() -> None:
    while rollups.count_some():
        pass


def test_the_sums_are_those_of_the_ledger_at_every_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollups, "AT_ONCE", 37)
    site = tuple(name for name in PLACES if name != "user_id")
    entered(100)
    more = True
    while more:
        assert told(DailyUseNow) == true()
        more = rollups.count_some()
    assert not Uncounted.objects.exists()
    assert told(DailyUse) == true() and told(SiteUse, site) == true(site)
    assert told(MonthlyUse) == true(monthly=True)
    assert told(PersonDay, OF_PERSON) == whole()
    assert told(PersonMonth, OF_PERSON) == whole(monthly=True)
    assert told(PurposeDay, BY_PURPOSE) == true(BY_PURPOSE)


def test_what_comes_late_is_added_to_its_day_and_each_place_has_one_row() -> None:
    entered(60)
    all_counted()
    entered(60, seed=8)
    all_counted()
    assert told(DailyUse) == true()
    assert DailyUse.objects.count() == len(true())
    assert told(PersonDay, OF_PERSON) == whole() and PersonDay.objects.count() == len(whole())
    assert told(PersonMonth, OF_PERSON) == whole(monthly=True)
    assert told(PurposeDay, BY_PURPOSE) == true(BY_PURPOSE)
    assert PurposeDay.objects.count() == len(true(BY_PURPOSE))


def test_the_processes_of_the_version_before_keep_the_sums_that_they_do_not_know() -> None:
    entered(20)
    all_counted()
    row = DailyUse.objects.filter(purpose="chat").order_by("day").last()
    assert row
    row.calls, row.wait_3 = row.calls + 5, row.wait_3 + 2  # type: ignore[attr-defined]
    row.save()
    of = {"day": row.day, "user": row.user}
    for name in ("calls", "wait_3"):
        of_kinds = DailyUse.objects.filter(
            **of, purpose="chat" if name == "wait_3" else F("purpose")
        )
        known = of_kinds.aggregate(total=Sum(name))["total"]
        assert PersonDay.objects.values_list(name, flat=True).get(**of) == known
    answers = DailyUse.objects.filter(**of, purpose="chat").aggregate(total=Sum("wait_3"))["total"]
    assert PurposeDay.objects.values_list("wait_3", flat=True).get(**of, purpose="chat") == answers


def test_which_step_a_wait_is_is_said_twice_and_the_same() -> None:
    entered(60)
    for call in CallUse.objects.all():
        steps = [step for step, name in enumerate(WAITS) if getattr(call, name)]
        assert steps == ([] if call.wait is None else [call.wait])


def test_counting_that_dies_has_counted_nothing() -> None:
    entered(20)
    with suppress(KeyboardInterrupt), transaction.atomic():
        rollups.count_some()
        assert DailyUse.objects.exists()
        raise KeyboardInterrupt
    assert Uncounted.objects.count() == 20 and not DailyUse.objects.exists()


def test_all_can_be_counted_again(capsys: pytest.CaptureFixture[str]) -> None:
    entered(50)
    call_command("roll_up")
    DailyUse.objects.update(cost_micros=1)
    SiteUse.objects.all().delete()
    entered(10, seed=8)
    call_command("roll_up", "--again")
    assert "60 rows" in capsys.readouterr().out
    assert told(DailyUse) == told(DailyUseNow) == true()
    assert told(MonthlyUse) == true(monthly=True) and SiteUse.objects.exists()
    assert told(PersonDay, OF_PERSON) == whole()
    assert told(PersonMonth, OF_PERSON) == whole(monthly=True)
    assert told(PurposeDay, BY_PURPOSE) == true(BY_PURPOSE)


@contextmanager
def another() -> Iterator[psycopg.Connection]:
    """Another process: a connection of its own."""
    known = connection.get_connection_params()
    place = {
        name: known[name]
        for name in ("dbname", "user", "host", "port", "password")
        if name in known
    }
    with psycopg.connect(**place) as other:
        yield other
        other.rollback()


def test_the_sums_of_a_day_lie_together_however_they_were_made() -> None:
    entered(200)
    for count in (lambda: rollups.count_some(), rollups.count_again):
        count()
        for table in (DailyUse, MonthlyUse, SiteUse):
            days = list(table.objects.order_by("pk").values_list("day", flat=True))
            assert len(set(days)) > 1 and days == sorted(days)


def test_one_process_counts_at_a_time() -> None:
    entered(5)
    with another() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [rollups.LOCK])
        assert not rollups.count_some()
        assert Uncounted.objects.count() == 5
    rollups.count_some()
    assert not Uncounted.objects.exists()


ENTER = """
INSERT INTO conversations_providercall
  (id, provider, model, purpose, at, attempt, outcome, request_id, detail, seconds)
VALUES (%s, 'openai', 'late', 'chat', '2020-01-01', 1, 'ok', '', '', 0)"""
# Its table lets nobody take a row away again; this is a test, and the owner of the database.
LEAVE = """
SET LOCAL session_replication_role = replica;
DELETE FROM conversations_providercall WHERE model = 'late';
DELETE FROM conversations_uncounted; """


def test_a_call_whose_transaction_ends_late_is_counted_then() -> None:
    """Its id and its time are older than what was counted meanwhile."""
    with another() as other:
        other.execute(ENTER, [uuid7()])
        entered(5)
        all_counted()
        assert not Uncounted.objects.exists()
        other.commit()
        mine = transaction.savepoint()
        try:
            all_counted()
            assert told(DailyUse) == true() and DailyUse.objects.filter(model="late").exists()
        finally:
            transaction.savepoint_rollback(mine)  # it holds the note that is to go
            other.execute(LEAVE)
            other.commit()
