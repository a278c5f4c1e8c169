"""Turns the bytes of one stream into pieces, and fills its report."""

import json
from typing import Any

import orjson

from conversations.errors import Interrupted, ProviderProblem, Refusal
from conversations.provider.interface import Piece, Report, Usage
from conversations.provider.openai_api.errors import told_of_body
from conversations.provider.openai_api.sse import Event, Events
from conversations.text import clean

DONE = b"[DONE]"
NOT_A_STREAM = "The model's provider did not answer in the expected form."


def cut(report: Report) -> Refusal | None:
    return Interrupted() if report.began else None


class Reader:
    """Turns the bytes of one stream into pieces, and fills its report."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._events = Events()
        self._half_text = ""
        self._half_reasoning = ""
        self.done = False
        # Raised by the caller once it has handed on what came before it in the same bytes.
        self.problem: Refusal | None = None

    def read(self, received: bytes) -> Piece | None:
        """What these bytes completed; None when it was nothing but comments or half an event."""
        events = self._events.feed(received)
        if not events:
            return None
        piece = Piece()
        for event in events:
            if event.data == DONE:
                self.done = True
                break
            try:
                self._take(event, piece)
            except Refusal as problem:
                self.problem = problem
                break
        piece.text, self._half_text = whole_characters(self._half_text + piece.text)
        piece.reasoning, self._half_reasoning = whole_characters(
            self._half_reasoning + piece.reasoning
        )
        return piece

    def ended(self) -> None:
        """The bytes are over. Raises when what came was no stream at all, or was cut in an event."""
        if not self._report.began:
            raise ProviderProblem(NOT_A_STREAM)

    def _take(self, event: Event, piece: Piece) -> None:
        chunk = parsed(event.data, self._report)
        error = chunk.get("error")
        if error or event.name == b"error":
            raise told_of_body(error or chunk)
        choices = chunk.get("choices")
        if isinstance(choices, list):
            self._report.began = True
            if choices and isinstance(choices[0], dict):
                self._take_choice(choices[0], piece)
        if isinstance(chunk.get("usage"), dict):
            self._report.usage = usage(chunk["usage"])

    def _take_choice(self, choice: dict[str, Any], piece: Piece) -> None:
        delta = choice.get("delta")
        if isinstance(delta, dict):
            # A refusal is the answer, in words of the model's own.
            for name in ("content", "refusal"):
                if isinstance(delta.get(name), str):
                    piece.text += delta[name]
            for name in ("reasoning_content", "reasoning"):
                if isinstance(delta.get(name), str):
                    piece.reasoning += delta[name]
                    break
        if isinstance(choice.get("finish_reason"), str):
            self._report.finish_reason = clean(choice["finish_reason"])


def parsed(data: bytes, report: Report) -> dict[str, Any]:
    """One event's JSON. Half a surrogate pair, which orjson refuses, is read by the slower parser."""
    try:
        chunk = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            chunk = json.loads(data)
        except (ValueError, RecursionError):
            raise cut(report) or ProviderProblem(NOT_A_STREAM) from None
    if not isinstance(chunk, dict):
        raise cut(report) or ProviderProblem(NOT_A_STREAM)
    return chunk


def whole_characters(text: str) -> tuple[str, str]:
    """`text` clean for Postgres, and a first half of a surrogate pair that the next piece may end."""
    if text and "\ud800" <= text[-1] <= "\udbff":
        return clean(text[:-1]), text[-1]
    return clean(text), ""


def usage(reported: dict[str, Any]) -> Usage | None:
    """Tokens as reported; what is missing or negative counts as nothing."""

    def count(fields: Any, name: str) -> int:
        value = fields.get(name) if isinstance(fields, dict) else None
        return min(value, 2**31 - 1) if isinstance(value, int) and value > 0 else 0

    return Usage(
        input=count(reported, "prompt_tokens"),
        cached_input=count(reported.get("prompt_tokens_details"), "cached_tokens"),
        output=count(reported, "completion_tokens"),
        reasoning=count(reported.get("completion_tokens_details"), "reasoning_tokens"),
    )
