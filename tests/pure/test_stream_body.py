"""The chunked coding comes off, wherever the network cuts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.provider.openai_api.body import Chunks
from tests.pure.test_stream_reading import cut

BODY = b"5\r\nhello\r\n1;name=value\r\n \r\n00B \t\r\nwide\r\nworld\r\n0\r\n\r\n"
DATA = b"hello wide\r\nworld"


@given(st.lists(st.integers(0, len(BODY)), max_size=40))
def test_however_it_is_cut_the_data_is_the_same(places: list[int]) -> None:
    chunks, data = Chunks(), b""
    for packet in cut(BODY, places):
        if chunks.over:
            chunks.rest += packet
        else:
            data += chunks.feed(packet)
    assert (data, chunks.over, chunks.rest) == (DATA, True, b"0\r\n\r\n")


def test_what_is_there_of_a_chunk_is_not_held_back() -> None:
    chunks = Chunks()
    assert [chunks.feed(b"10\r\nhello"), chunks.feed(b" wor")] == [b"hello", b" wor"]


@pytest.mark.parametrize(
    "body",
    [
        b"hello",
        b"\r\n5\r\nhello",
        b"+5\r\nhello",
        b"0x5\r\nhello",
        b"5\nhello\n",
        b"5\r\nhello!\r\n",
        b"2\r\nab3\r\nabc",
        b"f" * 17,
        b"5;" + b"x" * 20_000,
        b"data: {}\n\n",
    ],
)
def test_what_is_no_chunk_is_never_taken_for_data(body: bytes) -> None:
    """Byte by byte; the longest, which would take seconds so, in a few hundred pieces."""
    chunks = Chunks()
    for piece in cut(body, list(range(0, len(body), 1 + len(body) // 300))):
        if not chunks.broken:
            chunks.feed(piece)
    assert chunks.broken


def test_what_came_before_the_break_is_not_lost() -> None:
    chunks = Chunks()
    assert (chunks.feed(b"5\r\nhello\r\nno size"), chunks.broken) == (b"hello", True)
