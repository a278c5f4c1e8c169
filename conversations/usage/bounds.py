"""Which limits hold for whom: the rows of administrators, known by heart, and what the environment says.

Amount by amount: a row of one's own comes first, then the most generous of one's groups', then that for
each person, then the environment. Being in a group takes nothing from anybody; a group together and an
address are counted besides, whoever asks.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from django.conf import settings
from django.db import connection

from conversations.by_heart import ByHeart
from conversations.models import RateLimit, User
from conversations.models.limits import IPV6_PREFIX, Whom

GROUPS_OF = """
SELECT coalesce(array_agg(group_id), '{}') FROM conversations_user_groups WHERE user_id = %(user)s
"""
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Rates:
    """So much within a minute, and so many answers at once. 0: no limit."""

    messages: int = 0
    tokens: int = 0
    runs: int = 0


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted under one key (models/limits.py, `RateCount`), for all of whom it tells."""

    key: str
    whom: Whom
    rates: Rates


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one person at one address. Their messages and answers are counted by their own rows (`SendLog`,
    `Run`), all else by `counters`, in the order in which those are locked."""

    own: Rates
    counters: tuple[Counter, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """All rows there are."""

    rows: tuple[RateLimit, ...]

    @property
    def ask_for_groups(self) -> bool:
        return any(row.group_id for row in self.rows)

    @property
    def count(self) -> bool:
        """Whether anything is counted that a ledger could put right."""
        return any(row.tokens for row in self.rows)

    def bounds(self, user: UUID, groups: Iterable[int], address: str | None) -> Bounds:
        mine = set(groups)
        own = self._own(user, mine)
        person = Counter(f"user:{user}", Whom.PERSON, Rates(tokens=own.tokens))
        counters = [person, *self._together(mine), *self._of_address(address)]
        counted = [counter for counter in counters if counter.rates != Rates()]
        return Bounds(own, tuple(sorted(counted, key=lambda counter: counter.key)))

    def _own(self, user: UUID, groups: set[int]) -> Rates:
        theirs = [row for row in self.rows if row.whom == Whom.PERSON and row.user_id == user]
        members = [row for row in self.rows if row.whom == Whom.EACH and row.group_id in groups]
        everybody = [row for row in self.rows if row.whom == Whom.EVERYBODY]
        return _first(theirs, _generous(members), everybody, [_environment()])

    def _together(self, groups: set[int]) -> Iterable[Counter]:
        for row in self.rows:
            if row.whom == Whom.TOGETHER and row.group_id in groups:
                yield Counter(f"group:{row.group_id}", Whom.TOGETHER, _first([row]))

    def _of_address(self, address: str | None) -> Iterable[Counter]:
        found = address_in(address)
        if found is not None:
            rows = [row for row in self.rows if row.whom == Whom.ADDRESS and _holds(row, found)]
            nearest_first = sorted(rows, key=_width, reverse=True)
            yield Counter(f"address:{_counted_as(found)}", Whom.ADDRESS, _first(nearest_first))


def _ask() -> Rules:
    return Rules(tuple(RateLimit.objects.order_by("pk")))


rules = ByHeart(_ask)


def bounds_of(user: User | UUID, address: str | None = None) -> Bounds:
    """For whoever has not asked for the groups along with something else."""
    known, id = rules.known(), user if isinstance(user, UUID) else user.pk
    return known.bounds(id, _groups_of(id) if known.ask_for_groups else (), address)


def _groups_of(user: UUID) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(GROUPS_OF, {"user": user})
        return list(cursor.fetchall()[0][0])


def _environment() -> RateLimit:
    return RateLimit(messages=settings.USER_REQUESTS_PER_MINUTE, tokens=0, runs=settings.USER_RUNS)


def _first(*rows: Iterable[RateLimit]) -> Rates:
    """Of each amount the first that is said."""
    in_order = [row for some in rows for row in some]

    def said(name: str) -> int:
        amounts = (getattr(row, name) for row in in_order)
        return next((amount for amount in amounts if amount is not None), 0)

    return Rates(said("messages"), said("tokens"), said("runs"))


def _generous(rows: list[RateLimit]) -> list[RateLimit]:
    """One row with the highest of each amount; none is higher than any."""

    def highest(name: str) -> int | None:
        amounts = [amount for row in rows if (amount := getattr(row, name)) is not None]
        return 0 if 0 in amounts else max(amounts, default=None)

    return [RateLimit(**{name: highest(name) for name in ("messages", "tokens", "runs")})]


# Addresses ---------------------------------------------------------------------------------------


def address_in(text: str | None) -> Address | None:
    """None: it is none, as where somebody asks by a socket of Unix."""
    try:
        found = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _counted_as(address: Address) -> str:
    """Of IPv6 everybody has as many as they like: what their line was given counts."""
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address), IPV6_PREFIX), strict=False))


def _holds(row: RateLimit, address: Address) -> bool:
    return not row.network or address in ipaddress.ip_network(row.network)


def _width(row: RateLimit) -> int:
    return ipaddress.ip_network(row.network).prefixlen if row.network else -1
