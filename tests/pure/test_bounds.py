"""Whose limit counts: one's own row, then the most generous of one's groups', then everybody's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.ids import uuid7
from conversations.models import RateLimit
from conversations.models.limits import Whom
from conversations.usage.bounds import Bounds, Rates, Rules

ADA, BEN = uuid7(), uuid7()
TEACHERS, PUPILS = 1, 2
amount = st.none() | st.integers(0, 9)


@pytest.fixture(autouse=True)
def _usual(settings: Any) -> None:
    settings.USER_REQUESTS_PER_MINUTE, settings.USER_RUNS = 30, 5


def row(whom: Whom, **more: Any) -> RateLimit:
    return RateLimit(whom=whom, **more)


def bounds(*rows: RateLimit, groups: tuple[int, ...] = (), address: str | None = None) -> Bounds:
    return Rules(rows).bounds(ADA, groups, address)


def keys(*rows: RateLimit, address: str | None = None) -> list[str]:
    return [one.key for one in bounds(*rows, address=address).counters]


def test_without_a_row_the_environment_holds_and_nothing_else_is_counted() -> None:
    assert bounds(groups=(TEACHERS,), address="192.0.2.1") == Bounds(Rates(30, 0, 5))


def test_amount_by_amount_the_nearest_row_that_says_something_counts() -> None:
    mine = row(Whom.PERSON, user_id=ADA, messages=3)
    members = row(Whom.EACH, group_id=PUPILS, messages=7, runs=2)
    everybody = row(Whom.EVERYBODY, messages=9, tokens=100)
    found = bounds(everybody, members, mine, groups=(PUPILS,))
    assert found.own == Rates(messages=3, tokens=100, runs=2)
    assert bounds(everybody, members, row(Whom.PERSON, user_id=BEN, messages=1)).own.messages == 9


def test_of_several_groups_the_most_generous_counts_and_none_is_more_than_any() -> None:
    pupils = row(Whom.EACH, group_id=PUPILS, messages=7, runs=9)
    teachers = row(Whom.EACH, group_id=TEACHERS, messages=0, runs=2)
    assert bounds(pupils, teachers, groups=(PUPILS, TEACHERS)).own == Rates(0, 0, 9)


@given(amount, amount, st.booleans())
def test_to_be_in_one_more_group_takes_nothing_away(
    first: int | None, second: int | None, is_there: bool
) -> None:
    rows = [row(Whom.EACH, group_id=TEACHERS, tokens=first)]
    if is_there:
        rows.append(row(Whom.EACH, group_id=PUPILS, tokens=second))
    rows.append(row(Whom.EVERYBODY, tokens=0))

    def most(*groups: int) -> float:
        return bounds(*rows, groups=groups).own.tokens or float("inf")

    if first is not None:  # else the site's own word holds, which a group may narrow
        assert most(TEACHERS, PUPILS) >= most(TEACHERS)


def test_a_group_together_counts_for_its_members_alone() -> None:
    together = row(Whom.TOGETHER, group_id=PUPILS, messages=50)
    assert bounds(together, groups=(TEACHERS,)).counters == ()
    [counter] = bounds(together, groups=(PUPILS,)).counters
    assert (counter.key, counter.rates) == (f"group:{PUPILS}", Rates(messages=50))


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "address:192.0.2.7"),
        ("::ffff:192.0.2.7", "address:192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "address:2001:db8:1:2::/64"),
        ("fe80::1%eth0", "address:fe80::/64"),
    ],
)
def test_addresses_are_counted_as_what_a_line_was_given(address: str, key: str) -> None:
    assert keys(row(Whom.ADDRESS, messages=9), address=address) == [key]


@pytest.mark.parametrize("nowhere", [None, "", "unix:", "testserver", "1.2.3.4.5", "\0"])
def test_who_comes_from_no_address_is_not_limited_by_one(nowhere: str | None) -> None:
    assert keys(row(Whom.ADDRESS, messages=9), address=nowhere) == []


def test_the_narrowest_network_counts_and_may_be_excepted() -> None:
    rows = [
        row(Whom.ADDRESS, messages=9, runs=4),
        row(Whom.ADDRESS, network="10.0.0.0/8", messages=90),
        row(Whom.ADDRESS, network="10.1.0.0/16", messages=0, tokens=0, runs=0),
    ]
    assert bounds(*rows, address="192.0.2.1").counters[0].rates == Rates(9, 0, 4)
    assert bounds(*rows, address="10.2.0.1").counters[0].rates == Rates(90, 0, 4)
    assert keys(*rows, address="10.1.0.1") == []


def test_counters_come_in_the_order_in_which_they_are_locked() -> None:
    rows = [
        row(Whom.PERSON, user_id=ADA, tokens=5),
        row(Whom.TOGETHER, group_id=PUPILS, tokens=5),
        row(Whom.ADDRESS, tokens=5),
    ]
    found = [one.key for one in bounds(*rows, groups=(PUPILS,), address="192.0.2.1").counters]
    assert found == sorted(found) and len(found) == 3
