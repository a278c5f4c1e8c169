"""Turns the bytes of one stream into pieces, and fills its report."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _

from conversations.errors import Interrupted, ProviderProblem, Refusal
from conversations.provider.interface import Piece, Report
from conversations.provider.openai_api.errors import described, told_of_body
from conversations.provider.openai_api.parts import said
from conversations.provider.openai_api.sse import Event, Events
from conversations.provider.openai_api.thinking import Thinking
from conversations.provider.openai_api.unstreamed import Unstreamed, is_begun_by
from conversations.provider.openai_api.usage import usage
from conversations.text import clean

DONE = b"[DONE]"
NOT_A_STREAM = _("The model's provider did not answer in the expected form.")
NOT_A_STREAM_ADVICE = _("An administrator has to look at it.")
# Given by servers instead of a finish reason when they broke off by themselves.
BROKE_OFF = ("error", "abort", "network_error", "insufficient_system_resource")
# The longest event we wait for the end of: many times what a delta of 2 MB takes.
EVENT_BYTES = 32 * 1024 * 1024


class Reader:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._events: Events | Unstreamed = Events()
        self._is_open = False
        self._thinking = Thinking()
        self._half_text = ""
        self._half_reasoning = ""
        self._goes_on = False
        self._in_pieces = False
        self._bytes = 0
        self._kind = ""
        # Something that a reader can see has come, be it thinking.
        self.spoke = False
        # [DONE] has come, or something that is of no interest behind a whole answer.
        self.done = False
        # Raised by the caller once it has handed on what came before it in the same bytes.
        self.problem: Refusal | None = None

    @property
    def began(self) -> bool:
        return self._report.began

    @property
    def whole(self) -> bool:
        """A finish reason has come and, as it should be, no word behind it."""
        return bool(self._report.finish_reason) and not self._goes_on

    def asks(self, body: dict[str, Any]) -> None:
        self._report.asked = body

    def answered(self, headers: Mapping[str, str]) -> None:
        """HTTP has said 200."""
        self._report.request_id = headers.get("x-request-id", "")
        self._kind = headers.get("content-type", "")

    def read(self, received: bytes) -> Piece | None:
        """What these bytes bring to read; None when nobody sees anything of them."""
        self._bytes += len(received)
        if not self._is_open:
            self._open(received)
        return self._cleaned(self._read(self._events.feed(received)))

    def _open(self, received: bytes) -> None:
        """By the first byte that says something: of types some servers say JSON, whatever they send."""
        self._is_open = bool(received.strip())
        if is_begun_by(received):
            self._events = Unstreamed()

    def _read(self, events: list[Event]) -> Piece:
        piece = Piece()
        try:
            for event in events:
                self._take(event, piece)
                if self.done:
                    break
            if not events and self._events.waiting > EVENT_BYTES:
                raise broken(self._report, "an event without an end")
        except Refusal as problem:
            self._stop_at(problem)
            self._count_in(events)
        return piece

    def _count_in(self, events: list[Event]) -> None:
        """What came together with an error, and says what was done until then."""
        for event in events:
            with suppress(Refusal):
                if event.data != DONE:
                    self._take_usage(parsed(event.data, Report()))

    def rest(self) -> Piece | None:
        """The bytes are over: what nothing had ended yet, and what was held back."""
        piece = Piece() if self.done or self.problem else self._read(self._events.rest())
        text, reasoning = self._thinking.rest()
        piece.text += text
        piece.reasoning += reasoning
        return self._cleaned(piece)

    def ended(self) -> None:
        """Raises what was found wrong, also that what came was no stream of an answer at all."""
        if self.problem:
            raise self.problem
        if not self._report.began:
            raise broken(
                self._report, f"HTTP 200 {self._kind}, {self._bytes} bytes, no answer in it"
            )

    def _stop_at(self, problem: Refusal) -> None:
        """An answer that has its finish reason is whole, whatever comes behind it."""
        if self._report.finish_reason:
            self.done = True
        else:
            self.problem = problem

    def _cleaned(self, piece: Piece) -> Piece | None:
        if not piece.text and not piece.reasoning:
            return None
        if piece.text:
            piece.text, self._half_text = whole_characters(self._half_text + piece.text)
        if piece.reasoning:
            piece.reasoning, self._half_reasoning = whole_characters(
                self._half_reasoning + piece.reasoning
            )
        self.spoke = True
        return piece

    def _take(self, event: Event, piece: Piece) -> None:
        if event.data == DONE:
            self.done = True
            return
        chunk = parsed(event.data, self._report)
        self._take_usage(chunk)
        error = chunk.get("error")
        if error or event.name == b"error":
            self._report.detail = described(error or chunk)
            raise told_of_body(error or chunk)
        choices = chunk.get("choices")
        if isinstance(choices, list):
            self._report.began = True
            if choices and isinstance(choices[0], dict):
                self._take_choice(choices[0], piece)

    def _take_usage(self, chunk: dict[str, Any]) -> None:
        """Some servers count along with every chunk: the last report is the whole."""
        if chunk.get("usage"):
            self._report.usage = usage(chunk["usage"]) or self._report.usage

    def _take_choice(self, choice: dict[str, Any], piece: Piece) -> None:
        delta = choice.get("delta")
        if not isinstance(delta, dict) and not self._in_pieces:
            # All at once. Some servers say it again behind the pieces.
            delta = choice.get("message")
        if isinstance(delta, dict):
            self._in_pieces = True
            self._take_delta(delta, piece)
        reason = choice.get("finish_reason")
        if reason in BROKE_OFF:
            self._report.detail = f"finish_reason {reason}"
        elif isinstance(reason, str):
            self._report.finish_reason = clean(reason) or self._report.finish_reason

    def _take_delta(self, delta: dict[str, Any], piece: Piece) -> None:
        content, refusal = delta.get("content"), delta.get("refusal")
        text, thought = "", delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(content, list):
            content, reasoning = said(content)
            piece.reasoning += reasoning
        if isinstance(content, str) and content:
            text, reasoning = self._thinking.part(content)
            piece.reasoning += reasoning
        if isinstance(refusal, str):  # the answer, in words of the model's own
            text += refusal
        if isinstance(thought, str):
            piece.reasoning += thought
        piece.text += text
        # Some servers give a finish reason with every chunk: then it says nothing of the end.
        self._goes_on = self._goes_on or bool(text and self._report.finish_reason)


def broken(report: Report, why: str) -> Refusal:
    """What came cannot be read on: a cut once the answer had begun, else no answer at all."""
    report.detail = why
    if report.began:
        return Interrupted()
    return ProviderProblem(reason=NOT_A_STREAM, advice=NOT_A_STREAM_ADVICE)


def parsed(data: bytes, report: Report) -> dict[str, Any]:
    """One event's JSON. What orjson refuses, half a surrogate pair or a wrong byte of UTF-8, is
    read by the slower parser: one odd character is no reason to lose a sentence."""
    try:
        chunk = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            chunk = json.loads(data.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            raise broken(report, "an event that is not JSON") from None
    if not isinstance(chunk, dict):
        raise broken(report, "an event that is not an object")
    return chunk


def whole_characters(text: str) -> tuple[str, str]:
    """`text` clean for Postgres, and a first half of a surrogate pair that the next piece may end."""
    if text and "\ud800" <= text[-1] <= "\udbff":
        return clean(text[:-1]), text[-1]
    return clean(text), ""
