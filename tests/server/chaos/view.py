"""What a person sees of one answer in one tab: the rules of the page's own state, with a clock."""

from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]


@dataclass(frozen=True)
class End:
    """A `run.finished` as it came; `held` characters were on the screen then."""

    held: int
    frame: Frame

    @property
    def length(self) -> int:
        return int(self.frame["length"])

    @property
    def status(self) -> str:
        return str(self.frame["message"]["status"])


@dataclass(eq=False)
class View:
    run: str
    text: str = ""
    reasoning: str = ""
    longest: str = ""
    times: list[tuple[float, int]] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    heard: bool = False  # of its end, since it last came back
    due: int = 0  # how many ends may come on this connection: one for each time it was asked for
    unasked_ends: int = 0

    def delta(self, at: int, text: str, *, now: float, asked_twice: bool = False) -> bool:
        """Put `text` where it belongs. False: something before it is missing, and it was not taken."""
        held = len(self.text)
        if at > held:
            self.broken.append(f"a gap: {held} characters held, the next came at {at}")
            return False
        if at < held and not asked_twice:
            self.broken.append(f"an overlap: {held} characters held, more came at {at}")
        known = self.text[at : at + len(text)]
        if known != text[: len(known)]:
            self.broken.append(f"at {at} the text changed")
        self._grow(text[held - at :], now)
        return True

    def _grow(self, text: str, now: float) -> None:
        if not text:
            return
        if self.ends:
            self.broken.append(f"{len(text)} characters came after the end")
        self.text += text
        self.times.append((now, len(self.text)))
        if len(self.text) > len(self.longest):
            self.longest = self.text

    def thought(self, at: int, text: str) -> None:
        self.reasoning += text[max(0, len(self.reasoning) - at) :]

    def finished(self, frame: Frame) -> bool:
        """The end of the answer. False: it is longer than what is held, so the rest has to be asked for."""
        end = End(len(self.text), frame)
        self.ends.append(end)
        self.heard = True
        self.unasked_ends += not self.due
        self.due = max(0, self.due - 1)
        self.text = self.text[: end.length]
        return end.held >= end.length

    def shown_by(self, moment: float) -> int:
        """How many characters were on the screen then."""
        return max((length for time, length in self.times if time <= moment), default=0)

    @property
    def message(self) -> Frame | None:
        """The whole message as the page holds it now; None while it has not ended."""
        if not self.ends:
            return None
        return {**self.ends[-1].frame["message"], "text": self.text, "reasoning": self.reasoning}
