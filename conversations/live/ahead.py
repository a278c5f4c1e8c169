"""A reader that comes from another process may hold more of an answer than the journal has yet.

It said so when it opened the conversation, so what it holds is not told to it again.
"""

from typing import Any

import orjson

from conversations.runs.growth import Held

KINDS = ("run.delta", "run.reasoning")


class Ahead:
    """How far this reader is, for runs of which we know less. Empty almost always."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._held)

    def note(self, run: str, held: Held) -> None:
        self._held[run] = dict(zip(KINDS, (held.text or 0, held.reasoning or 0), strict=True))

    def forget(self, run: str) -> None:
        """It has opened the conversation anew and says again what it holds."""
        self._held.pop(run, None)

    def new_in(self, frame: str) -> str | None:
        """The frame without what is held already; None when nothing of it is new."""
        told: dict[str, Any] = orjson.loads(frame)
        held = self._held.get(told["run"]) if isinstance(told.get("run"), str) else None
        if held is None:
            return frame
        if told["type"] == "run.finished":
            self.forget(told["run"])
        if told["type"] not in KINDS:
            return frame
        known = held[told["type"]] - told["at"]
        if known <= 0:
            return frame
        if known >= len(told["text"]):
            return None
        cut = {**told, "at": told["at"] + known, "text": told["text"][known:]}
        return orjson.dumps(cut).decode()
