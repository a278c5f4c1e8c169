"""A continuation loses what it repeats, and nothing else."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.runs.overlap import SHORTEST, WINDOW, Overlap


def shown(before: str, *pieces: str) -> str:
    overlap = Overlap(before)
    return "".join([*map(overlap.take, pieces), overlap.rest()])


@pytest.mark.parametrize(
    ("before", "stream", "fresh"),
    [
        ("Only two spokes", "Only two spokes have lost tension.", " have lost tension."),
        ("It is straight. Only two spo", "Only two spokes have", "kes have"),
        ("the quick brown fox ", "brown fox jumps", "jumps"),
        ("the quick brown fox", "\n\n… quick brown fox jumps", " jumps"),
        ("the quick brown fox", "... brown fox jumps", " jumps"),
        ("def tension(pitch):\n    return pit", "    return pitch * 2", "ch * 2"),
        (
            "あなたの質問に答えます。車輪は",
            "あなたの質問に答えます。車輪はまっすぐです",
            "まっすぐです",
        ),
        ("one two three", "one two three", ""),
        ("Only two spo", "spokes have", "kes have"),
        ("the cat", "cat sat", " sat"),
    ],
)
def test_what_is_said_again_goes(before: str, stream: str, fresh: str) -> None:
    assert shown(before, stream) == fresh
    assert shown(before, *stream) == fresh


@pytest.mark.parametrize(
    ("before", "stream"),
    [
        ("That is the ", "the point"),
        ("ha", "ha"),
        ("very", " very"),
        ("哈哈哈", "哈哈哈"),
        ("100", "100"),
        ("step by", " step by step"),
        ("    }\n", "    }\n}\n"),
        ("| a | b |\n| --- | --- |\n", "| --- | --- |\n"),
        ("Only two spokes", " have lost tension"),
        ("Only two spokes", "...and more"),
        ("", "anything at all"),
        ("[[0, 0, 0, 0, 0, 0, 0, ", "0, 0, 0, 0, 0, 0, 1]]"),
        ("</article>\n</article>\n", "</article>\n</article>\n</body>"),
        ("print('x')\nprint('x')\n", "print('x')\nprint('y')"),
        ("Row, row, row your boat. Row, row, row your boat. ", "Row, row, row your boat. Gently"),
        ("the education", "education"[3:] + " of cats"),
    ],
)
def test_what_only_looks_alike_stays(before: str, stream: str) -> None:
    assert shown(before, stream) == stream
    assert shown(before, *stream) == stream


letters = st.text(st.sampled_from("ab .\n…"), max_size=60)


@given(letters, st.lists(letters, max_size=8))
def test_it_does_not_matter_where_a_stream_is_cut(before: str, pieces: list[str]) -> None:
    assert shown(before, *pieces) == shown(before, "".join(pieces))


@given(letters, st.lists(letters, max_size=8))
def test_what_is_shown_is_the_end_of_what_was_sent(before: str, pieces: list[str]) -> None:
    stream = "".join(pieces)
    result = shown(before, *pieces)
    assert stream.endswith(result)
    dropped = stream[: len(stream) - len(result)].lstrip(" \n.…")
    assert before.endswith(dropped) or not dropped


word = st.text(st.sampled_from(string.ascii_lowercase), min_size=3, max_size=9)


@given(
    st.lists(word, min_size=3, max_size=40, unique=True),  # what repeats itself is said on purpose
    st.lists(word, max_size=9),
    st.integers(2, 20),
)
def test_whole_words_of_the_end_are_dropped(told: list[str], more: list[str], again: int) -> None:
    before, end = " ".join(told), " ".join(told[-again:])
    if not SHORTEST <= len(end) <= WINDOW:
        return
    fresh = "".join(f" {one.upper()}" for one in more)
    assert shown(before, *(end + fresh)) == fresh


@given(st.text(max_size=400), st.text(max_size=600))
def test_never_more_than_a_window_is_held_back(before: str, stream: str) -> None:
    overlap = Overlap(before)
    passed = 0
    for sent, character in enumerate(stream, 1):
        passed += len(overlap.take(character))
        assert overlap.decided or sent - passed <= WINDOW + 20
