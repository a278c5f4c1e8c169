"""An answer that grows, as this process knows it: all of it, for whoever comes late."""

from collections.abc import Callable
from dataclasses import dataclass

from conversations.events import feed, schema
from conversations.runs.start import Ticket

# One delta is at most so long: a frame of it passes through what other programs allow (1 MiB for many).
DELTA_CHARACTERS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Held:
    """How many code points of an answer a reader has. None: none that this run has written."""

    text: int | None = None
    reasoning: int | None = None

    def at_least(self, text: int, reasoning: int) -> "Held":
        return Held(max(self.text or 0, text), max(self.reasoning or 0, reasoning))


NOTHING = Held()


class Strand:
    """Text that grows. Positions are those of the whole answer; `begin` is where this run began."""

    def __init__(self, begin: int) -> None:
        self.begin = begin
        self.length = begin
        self._pieces: list[str] = []

    def add(self, text: str) -> int:
        """Where `text` belongs."""
        at = self.length
        self._pieces.append(text)
        self.length += len(text)
        return at

    @property
    def text(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def beyond(self, at: int | None) -> int:
        return max(0, self.length - max(at or 0, self.begin))

    def after(self, at: int, most: int | None = None) -> tuple[int, str]:
        """What stands from position `at` on, or from our beginning when that is later."""
        at = min(max(at, self.begin), self.length)
        start = at - self.begin
        return at, self.text[start : None if most is None else start + most]


class Growth:
    """The text and the visible thinking of a run, told to its followers as they grow."""

    def __init__(self, ticket: Ticket) -> None:
        self.id = str(ticket.run)
        self.conversation = str(ticket.conversation)
        self.text = Strand(ticket.text_before)
        self.reasoning = Strand(ticket.reasoning_before)
        self._waiting: str | None = None

    def grow(self, text: str) -> None:
        at = self.text.add(text)
        if len(text) <= DELTA_CHARACTERS:
            self._tell(schema.run_delta(self.id, at, text))
        else:
            self._tell(*deltas(schema.run_delta, self.id, at, text))

    def think(self, reasoning: str) -> None:
        at = self.reasoning.add(reasoning)
        self._tell(*deltas(schema.run_reasoning, self.id, at, reasoning))

    def waits(self, frame: str) -> None:
        """A retry is under way; who comes before the next piece hears of it too."""
        feed.tell_followers(self.conversation, frame)
        self._waiting = frame

    def _tell(self, *frames: str) -> None:
        self._waiting = None
        for frame in frames:
            feed.tell_followers(self.conversation, frame)

    @property
    def length(self) -> int:
        """Code points, thinking included."""
        return self.text.length + self.reasoning.length

    def lag(self, held: Held) -> int:
        """How many code points a reader is behind."""
        return self.text.beyond(held.text) + self.reasoning.beyond(held.reasoning)

    def is_before(self, held: Held) -> bool:
        """Whether a reader says that it has not all of what stood there before this run."""
        places = ((held.text, self.text.begin), (held.reasoning, self.reasoning.begin))
        return any(at is not None and at < begin for at, begin in places)

    def is_behind(self, held: Held) -> bool:
        """Whether a reader holds more than we know: what it was told elsewhere is on its way to us."""
        return (held.text or 0) > self.text.length or (held.reasoning or 0) > self.reasoning.length

    def after(self, held: Held, most: int | None = None) -> tuple[list[str], Held]:
        """The frames that bring a reader up to now, or `most` code points nearer; what it holds then."""
        thought_at, thought = self.reasoning.after(held.reasoning or 0, most)
        at, text = self.text.after(held.text or 0, most)
        frames = [self._waiting] if self._waiting else []
        frames += deltas(schema.run_reasoning, self.id, thought_at, thought)
        frames += deltas(schema.run_delta, self.id, at, text)
        return frames, Held(at + len(text), thought_at + len(thought))


def deltas(make: Callable[[str, int, str], str], run: str, at: int, text: str) -> list[str]:
    """The frames for what stands at position `at`, each of a size that any reader takes."""
    return [
        make(run, at + start, text[start : start + DELTA_CHARACTERS])
        for start in range(0, len(text), DELTA_CHARACTERS)
    ]
