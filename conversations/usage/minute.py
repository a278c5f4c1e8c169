"""The last minute of a provider as it limits us, or of somebody as we do: so many requests and tokens.

A minute that slides, not a bucket that fills up: a full bucket and what runs into it meanwhile make twice
the limit within the first minute, and the provider would say so.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SECONDS = 60
# A call is remembered by its second: it counts until the last call of that second is a minute old.
COUNTS_SECONDS = SECONDS + 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider allows us, over all processes. None: as much as is asked."""

    calls: int | None = None
    requests: int | None = None
    tokens: int | None = None


class Minute:
    """What was asked, second by second. `now` is in seconds since 1970, by the clock of Postgres."""

    def __init__(self, spent: Iterable[Sequence[int]], now: float, limits: Limits) -> None:
        self._now, self._limits = now, limits
        slots = ((int(second), int(calls), int(tokens)) for second, calls, tokens in spent)
        # Later than now is what was asked before the clock was set back: nobody waits until then.
        self._slots = sorted(slot for slot in slots if now - COUNTS_SECONDS < slot[0] <= now)

    @property
    def spent(self) -> list[tuple[int, int, int]]:
        """To be kept; as long as a minute has seconds, at most."""
        return list(self._slots)

    def affordable(self, tokens: int) -> int:
        """`tokens`, but no more than a whole minute takes: else nobody could ever be let through."""
        return min(tokens, self._limits.tokens) if self._limits.tokens else tokens

    def wait_for(self, requests: int, tokens: int) -> float:
        """Seconds until so much more may be asked; 0: now. Roughly, where it is more than a minute takes."""
        asked = [(second, calls) for second, calls, _ in self._slots]
        counted = [(second, tokens) for second, _, tokens in self._slots]
        return max(
            self._wait(asked, requests, self._limits.requests),
            self._wait(counted, tokens, self._limits.tokens),
        )

    def take(self, tokens: int, requests: int = 1) -> int:
        """A request is made now. The second by which it is known to `correct`."""
        second = math.floor(self._now)
        self._change(second, requests, tokens)
        return second

    def correct(self, second: int, difference: int) -> None:
        """A call of that second took more tokens than was thought, or fewer."""
        if any(slot[0] == second for slot in self._slots):
            self._change(second, 0, difference)

    def _change(self, second: int, calls: int, tokens: int) -> None:
        slots = {slot[0]: slot for slot in self._slots}
        _, calls_before, tokens_before = slots.get(second, (second, 0, 0))
        slots[second] = (second, calls_before + calls, max(0, tokens_before + tokens))
        self._slots = sorted(slots.values())

    def _wait(self, spent: list[tuple[int, int]], wanted: int, limit: int | None) -> float:
        if not limit or not wanted:
            return 0.0
        whole_minutes, rest = divmod(wanted - 1, limit)
        later = float(whole_minutes * COUNTS_SECONDS)
        too_much = sum(amount for _, amount in spent) + rest + 1 - limit
        for second, amount in spent:
            if too_much <= 0:
                return later
            too_much -= amount
            gone_in = second + COUNTS_SECONDS - self._now
            if too_much <= 0:
                return later + gone_in
        return later
