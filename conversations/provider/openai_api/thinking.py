"""Servers without a parser for it send a model's thinking as text, in tags before the answer."""

BEGIN, END = "<think>", "</think>"


class Thinking:
    """Parts thinking from text, where `<think>` is the very first thing that a model says.

    Further on the tag is text: the answer may be about it. What never closes stays thinking.
    Only what may be the beginning of a tag is held back, so that no first word waits.
    """

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        self._closed = False
        self.over = False

    def part(self, received: str) -> tuple[str, str]:
        """Text and thinking."""
        if self.over:
            return received, ""
        if self._closed:
            return self._after(received), ""
        if self._inside:
            return self._within(self._held + received)
        return self._before(self._held + received)

    def rest(self) -> tuple[str, str]:
        """What was held back, when nothing more comes."""
        held, self._held = self._held, ""
        return ("", held) if self._inside else (held, "")

    def _before(self, received: str) -> tuple[str, str]:
        begun = received.lstrip()
        space, self._held = received[: len(received) - len(begun)], ""
        if begun.startswith(BEGIN):
            self._inside = True
            text, thinking = self._within(begun[len(BEGIN) :])
            return space + text, thinking
        if BEGIN.startswith(begun):
            self._held = begun
            return space, ""
        self.over = True
        return received, ""

    def _within(self, received: str) -> tuple[str, str]:
        thinking, tag, text = received.partition(END)
        if tag:
            self._inside, self._closed, self._held = False, True, ""
            return self._after(text), thinking
        whole = len(received) - _beginning_of(END, received)
        self._held = received[whole:]
        return "", received[:whole]

    def _after(self, received: str) -> str:
        """Templates put empty lines between the tag and the answer."""
        text = received.lstrip()
        self.over = bool(text)
        return text


def _beginning_of(tag: str, received: str) -> int:
    """How many characters at the end of `received` may be the beginning of `tag`."""
    sizes = range(min(len(tag) - 1, len(received)), 0, -1)
    return next((size for size in sizes if received.endswith(tag[:size])), 0)
