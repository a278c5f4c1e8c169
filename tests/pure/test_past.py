"""What is to be summarised: whole turns, never the newest, no more at once than can be read."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from conversations.provider.interface import Model
from conversations.reading.lengths import Length
from conversations.runs.past import KEPT, PIECES, WORTH_IT, Past, pieces_of, shortened
from conversations.runs.prompts import prompt_named

PROMPT = prompt_named("summary")
MODEL = Model("m", "M", "p", context_window=100_000, max_output_tokens=1_000)
SMALL = replace(MODEL, id="s", context_window=8_000)


def letters(texts: Sequence[str], tokenizer: str) -> list[int]:
    """A token is a letter."""
    return [len(text) for text in texts]


def past(texts: list[str], *, space: int, needed: bool = True, small: Model = SMALL) -> Past:
    """Questions and answers in turn; `needed`: a question is the last."""
    measured = [
        Length(str(place), "assistant" if place % 2 else "user", len(text), attached=False)
        for place, text in enumerate(texts)
    ]
    return Past(measured, 0, "", texts, MODEL, small, space, needed)


def ends(what: Past, *, is_known: bool = True) -> list[int]:
    return [piece.end for piece in pieces_of(what, PROMPT, is_known, letters)]


@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=30), st.integers(1, 40_000))
def test_pieces_are_whole_turns_that_can_be_read_at_once(sizes: list[int], space: int) -> None:
    texts = ["abcdefgh"[place % 8] * size for place, size in enumerate(sizes)]
    what = past(texts, space=space)
    pieces = pieces_of(what, PROMPT, True, letters)
    assert len(pieces) <= PIECES
    begin = 0
    for piece in pieces:
        assert begin < piece.end < len(texts) and piece.end % 2 == 0
        for place in range(begin, piece.end):
            assert texts[place][:40] in piece.told
        # The marks around what is said, and where something was cut, come on top of what is counted.
        marks = 60 * (piece.end - begin)
        assert len(piece.told) <= SMALL.context_window - PROMPT.max_output_tokens + marks
        begin = piece.end


def test_the_newest_turns_stay_as_far_as_they_take_a_quarter() -> None:
    [end] = ends(past(["x" * 100] * 21, space=2_000))
    kept = (21 - end) * 100
    assert kept <= 2_000 * KEPT < kept + 200


def test_the_newest_question_stays_however_long_it_is() -> None:
    assert ends(past(["x" * 100, "y" * 100, "z" * 5_000], space=1_000)) == [2]
    assert ends(past(["z" * 5_000], space=1_000)) == []


def test_nobody_is_asked_for_little_unless_it_does_not_fit() -> None:
    little = int(2_000 * WORTH_IT) // 4
    texts = ["x" * little, "y" * little, "z" * 1_500, "a"]
    assert ends(past(texts, space=2_000, needed=False)) == []
    assert ends(past([*texts[:3]], space=2_000)) == [2]


def test_where_nobody_says_how_much_it_was_it_is_counted() -> None:
    assert ends(past(["x" * 60] * 20, space=2_000, needed=False), is_known=False) == []
    assert ends(past(["x" * 80] * 20, space=2_000, needed=False), is_known=False) != []


def test_a_summary_ends_with_an_answer() -> None:
    what = past(["x" * 100] * 9, space=200)
    # Two questions in a row, as conversations from elsewhere have them.
    what.measured[3] = what.measured[3]._replace(role="user")
    assert set(ends(what)) <= {2, 6, 8}


def test_a_model_that_can_read_nothing_is_not_asked() -> None:
    tiny = replace(SMALL, context_window=1_000)
    assert ends(past(["x" * 100] * 9, space=300, small=tiny)) == []


def test_what_is_too_long_by_itself_is_cut_in_its_middle() -> None:
    text = "begin " + "x" * 10_000 + " end"
    cut = shortened(text, len(text), 1_000)
    assert len(cut) <= 1_000 and cut.startswith("begin ") and cut.endswith(" end")
    assert shortened("short", 5, 1_000) == "short"
