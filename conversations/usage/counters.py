"""What was asked within the last minute by one person, by a group or from an address; and what runs.

Whoever opens counts holds their locks until the transaction ends. They lie in the order of their keys,
so that nobody waits for somebody who waits for them. The clock is that of Postgres.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from django.db import connection

from conversations.models.allowance import USUAL_ANSWER_TOKENS
from conversations.usage.bounds import Counter
from conversations.usage.minute import Limits, Minute

# Each sees what was committed when it begins: the second and third, what those have done for whom the
# first had to wait. A row is touched rather than looked for, so that none can go meanwhile.
OPEN = """
INSERT INTO conversations_ratecount (key, spent, answer_tokens, at)
SELECT key, '[]', %(usual)s, now() FROM unnest(%(keys)s::text[]) AS key ORDER BY key
ON CONFLICT (key) DO UPDATE SET at = EXCLUDED.at
RETURNING key, spent::text, answer_tokens;
SELECT extract(epoch FROM clock_timestamp())::float8;
SELECT hold.key, count(*) FROM conversations_ratehold hold
  JOIN conversations_run run ON run.id = hold.run
 WHERE hold.key = ANY(%(keys)s::text[]) AND run.status IN ('waiting', 'running')
 GROUP BY hold.key
"""
LOOK = """
SELECT key, spent::text, answer_tokens FROM conversations_ratecount WHERE key = ANY(%(keys)s::text[]);
SELECT extract(epoch FROM clock_timestamp())::float8
"""
KEEP = """
UPDATE conversations_ratecount count SET spent = new.spent::jsonb, answer_tokens = new.answer_tokens
  FROM unnest(%(keys)s::text[], %(spent)s::text[], %(answers)s::float8[]) AS new (key, spent, answer_tokens)
 WHERE count.key = new.key
"""
HOLD = """
INSERT INTO conversations_ratehold (key, run, second, tokens)
SELECT key, %(run)s, second, tokens
  FROM unnest(%(held)s::text[], %(seconds)s::bigint[], %(tokens)s::int[]) AS held (key, second, tokens)
"""
LET_GO = "DELETE FROM conversations_ratehold WHERE run = %s RETURNING key, second, tokens"
# Nobody asks for a minute that is over, nor for a run that has ended.
FORGET = """
DELETE FROM conversations_ratecount WHERE key IN (
  SELECT key FROM conversations_ratecount WHERE at < now() - interval '5 minutes'
     FOR UPDATE SKIP LOCKED);
DELETE FROM conversations_ratehold hold WHERE NOT EXISTS (
  SELECT FROM conversations_run run WHERE run.id = hold.run AND run.status IN ('waiting', 'running'))
"""
Values: TypeAlias = Sequence[Any] | Mapping[str, Any] | None
# Of a running mean: how much the newest answer counts.
NEWEST = 1 / 16


class Counts:
    """Those of some keys."""

    def __init__(self, counters: Sequence[Counter], *, lock: bool = True) -> None:
        self._limits = {counter.key: _limits(counter) for counter in counters}
        self._to_hold = {one.key for one in counters if one.rates.tokens or one.rates.runs}
        values = {"keys": sorted(self._limits), "usual": USUAL_ANSWER_TOKENS}
        rows, [(self._now,)], *under_way = _asked(OPEN if lock else LOOK, values)
        self._under_way: dict[str, int] = dict(under_way[0]) if under_way else {}
        self._answers = {key: float(answer) for key, _, answer in rows}
        self._minutes = {key: self._minute(key, orjson.loads(spent)) for key, spent, _ in rows}
        self._held: list[tuple[str, int, int]] = []

    def _minute(self, key: str, spent: list[list[int]]) -> Minute:
        return Minute(spent, self._now, self._limits[key])

    def under_way(self, key: str) -> int:
        return self._under_way.get(key, 0)

    def expected(self, key: str, to_read: int, at_most: int) -> int:
        """Tokens of a question and its answer, by what answers took until now; no more than a whole
        minute has, else it could never be asked."""
        answer = min(round(self._answers[key]), at_most)
        return self._minutes[key].affordable(to_read + answer)

    def wait_for(self, key: str, messages: int, tokens: int) -> float:
        """Seconds until so much more may be asked; 0: now. Of whom nobody has counted yet, now."""
        minute = self._minutes.get(key)
        return minute.wait_for(messages, tokens) if minute else 0.0

    def left_of_tokens(self, key: str) -> float:
        """The part of its minute that nobody has used."""
        minute, limit = self._minutes.get(key), self._limits[key].tokens
        if minute is None or not limit:
            return 1.0
        return 1 - sum(tokens for _, _, tokens in minute.spent) / limit

    def take(self, key: str, messages: int, tokens: int) -> None:
        second = self._minutes[key].take(tokens, requests=messages)
        if key in self._to_hold:
            self._held.append((key, second, tokens))

    def put_right(self, key: str, second: int, difference: int, answered: int | None) -> None:
        """A run is over: what it took is known, and how long its answer was."""
        self._minutes[key].correct(second, difference)
        if answered is not None:
            self._answers[key] += (answered - self._answers[key]) * NEWEST

    def keep(self, run: UUID | None = None) -> None:
        """Write all of it down. What was taken for `run` is held for it, until somebody puts it right."""
        keys = list(self._minutes)
        values: dict[str, Any] = {
            "keys": keys,
            "spent": [orjson.dumps(self._minutes[key].spent).decode() for key in keys],
            "answers": [self._answers[key] for key in keys],
        }
        if run is None or not self._held:
            return _done(KEEP, values)
        for_whom, seconds, tokens = map(list, zip(*self._held, strict=True))
        held = {"run": run, "held": for_whom, "seconds": seconds, "tokens": tokens}
        return _done(f"{KEEP};{HOLD}", {**values, **held})


def let_go(run: UUID) -> list[tuple[str, int, int]]:
    """What was held for a run: key, second, tokens. Once only."""
    [rows] = _asked(LET_GO, [run])
    return [(key, second, tokens) for key, second, tokens in rows]


def forget_old() -> None:
    """What counts for nobody any more. Rows without a minute to tell of are made anew when asked for."""
    _done(FORGET)


def _limits(counter: Counter) -> Limits:
    return Limits(requests=counter.rates.messages or None, tokens=counter.rates.tokens or None)


def _asked(text: str, values: Values) -> list[list[tuple[Any, ...]]]:
    """The rows of each statement."""
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        found = [cursor.fetchall()]
        while cursor.nextset():
            found.append(cursor.fetchall())
    return found


def _done(text: str, values: Values = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
