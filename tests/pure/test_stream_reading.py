"""The provider's bytes, wherever the network cuts them."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.errors import (
    Interrupted,
    ProviderProblem,
    ProviderRejected,
    ProviderUnavailable,
)
from conversations.provider.interface import Prices, Report, Usage
from conversations.provider.openai_api.errors import seconds_to_wait
from conversations.provider.openai_api.reader import Reader
from conversations.provider.openai_api.sse import Event, Events
from conversations.provider.openai_api.usage import usage
from conversations.runs.growth import Strand
from conversations.runs.policy import wait_before
from conversations.text import span
from conversations.usage.prices import cost_micros

STREAM = (
    b': a comment\r\n\r\ndata: {"choices":[{"delta":{"content":"caf\xc3\xa9 \\ud83d"}}]}\n\n'
    b'data: {"choices":[{"delta":null}]}\r\rid: 7\ndata:{"choices":[{"delta":{"content":"\\ude00!"},'
    b'\ndata: "finish_reason":"stop"}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":3,'
    b'"completion_tokens":2}}\n\ndata: [DONE]\n\n'
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_however_it_is_cut_the_answer_is_the_same(places: list[int]) -> None:
    report = Report()
    reader = Reader(report)
    pieces = [reader.read(packet) for packet in cut(STREAM, places)]
    assert "".join(piece.text for piece in pieces if piece) == "café 😀!"
    assert (report.began, report.finish_reason, reader.done) == (True, "stop", True)
    assert report.usage == Usage(input=3, cached_input=0, output=2, reasoning=0)


def test_comments_are_no_sign_of_life() -> None:
    assert Reader(Report()).read(b": ping\n\n: ping\n\n") is None


def test_an_event_keeps_its_name_and_its_lines() -> None:
    assert Events().feed(b"event: error\ndata: a\ndata: b\n\ndata: c\n\n") == [
        Event(b"error", b"a\nb"),
        Event(b"", b"c"),
    ]


def test_garbage_is_a_cut_once_the_answer_began_and_an_error_before() -> None:
    reader = Reader(Report())
    reader.read(b"data: {half\n\n")
    assert isinstance(reader.problem, ProviderProblem)
    assert not isinstance(reader.problem, Interrupted)
    reader = Reader(Report(began=True))
    reader.read(b"data: \xff\xfe\n\n")
    assert isinstance(reader.problem, Interrupted)


def test_no_stream_at_all_is_told() -> None:
    reader = Reader(Report())
    assert reader.read(b"<html><body>Bad gateway</body></html>") is None
    with pytest.raises(ProviderProblem):
        reader.ended()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("1.2", 2), ("-3", 0), ("soon", None), ("", None), (None, None), ("nan", None)],
)
def test_retry_after_is_a_number_a_date_or_nonsense(
    header: str | None, seconds: int | None
) -> None:
    assert seconds_to_wait(header) == seconds
    assert seconds_to_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0


def test_nonsense_in_usage_counts_as_nothing() -> None:
    reported = {"prompt_tokens": -5, "completion_tokens": "9", "prompt_tokens_details": None}
    assert usage(reported) == Usage(0, 0, 9, 0)
    assert usage({"prompt_tokens": True, "completion_tokens": 1.5}) is None
    assert usage({}) is usage([]) is usage("many") is None


def test_what_is_said_oddly_of_usage_is_understood() -> None:
    details = {"completion_tokens_details": {"reasoning_tokens": 7}}
    beside = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 15, **details}
    within = {"prompt_tokens": 5, "completion_tokens": 10, "total_tokens": 15, **details}
    assert usage(beside) == usage(within) == Usage(5, 0, 10, 7), "thoughts are a part of the answer"
    assert usage({"prompt_tokens": 5, "total_tokens": 9}) == Usage(5, 0, 4, 0)
    assert usage({"completion_tokens": 5.0, "total_tokens": "9"}) == Usage(4, 0, 5, 0)
    more = {"cached_tokens": 9, "image_tokens": 8}
    asked = {"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": more}
    assert usage(asked) == Usage(5, 5, 1, 0, images=5), "parts are no more than the whole"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"), (1, "1 second"), (45, "45 seconds"), (60, "1 minute"), (89, "89 seconds"),
        (150, "2 minutes"), (3600, "1 hour"), (7000, "2 hours"), (86_400, "1 day"), (2**31, "24855 days"),
    ],
)  # fmt: skip
def test_a_span_is_said_as_people_say_it(seconds: int, words: str) -> None:
    assert span(seconds) == words


def test_another_attempt_is_for_what_may_pass_and_at_most_three() -> None:
    assert 0.5 <= (wait_before(1, ProviderUnavailable()) or 0) <= 1
    assert 1 <= (wait_before(2, ProviderUnavailable()) or 0) <= 2
    assert wait_before(3, ProviderUnavailable()) is None
    assert wait_before(1, ProviderRejected()) is None
    assert wait_before(1, ProviderUnavailable(retryable=False)) is None


def test_a_provider_is_never_asked_sooner_than_it_wants_nor_by_all_at_once() -> None:
    waits = {wait_before(1, ProviderUnavailable(retry_after=4)) for _ in range(20)}
    assert all(4 < (wait or 0) <= 5 for wait in waits) and len(waits) > 1
    assert wait_before(1, ProviderUnavailable(retry_after=0)) != 0
    assert wait_before(1, ProviderUnavailable(retry_after=3600)) is None


def test_a_call_costs_what_the_price_list_says_to_the_micro_dollar() -> None:
    prices = Prices(Decimal("2.50"), Decimal("1.25"), Decimal("10.00"))
    assert cost_micros(prices, Usage(1000, 400, 100, 0)) == 600 * 2.5 + 400 * 1.25 + 100 * 10
    assert cost_micros(prices, Usage(1, 1, 0, 0)) == 1  # 1.25 rounded
    assert cost_micros(None, Usage(1, 0, 1, 0)) is None


@given(st.lists(st.text(min_size=1, max_size=5), max_size=20), st.integers(0, 200))
def test_who_holds_so_much_gets_the_rest(pieces: list[str], have: int) -> None:
    strand = Strand(begin=10)
    for piece in pieces:
        strand.add(piece)
    whole = "." * 10 + "".join(pieces)
    at, rest = strand.after(have)
    assert whole[:at] + rest == whole and at >= min(have, 10)
