"""A passage is the text as it stands, in segments, with what was found told apart."""

from hypothesis import given
from hypothesis import strategies as st

from conversations.reading.passage import LENGTH, folded, marked, passage, pattern


def plain(segments: list[dict[str, object]]) -> str:
    return "".join(str(segment["text"]) for segment in segments)


def found(segments: list[dict[str, object]]) -> list[object]:
    return [segment["text"] for segment in segments if segment["match"]]


def test_words_are_marked_whatever_their_case_accents_and_endings() -> None:
    marks = pattern(("boiler", "cafe", "run"), ())
    segments = marked("Boilers at the CAFÉ run. A runabout is none.", marks)
    assert found(segments) == ["Boilers", "CAFÉ", "run"]
    assert plain(segments) == "Boilers at the CAFÉ run. A runabout is none."


def test_parts_are_marked_inside_words() -> None:
    assert found(marked("fullTextSearch", pattern((), ("textsea",)))) == ["TextSea"]


def test_the_passage_is_where_most_was_found_and_says_that_there_is_more() -> None:
    text = "one boat. " + "and so on, " * 60 + "a boat in a harbour. " + "and so on, " * 60
    segments = passage(text, pattern(("boat", "harbour"), ()))
    assert found(segments) == ["boat", "harbour"]
    assert segments[0] == segments[-1] == {"text": "…", "match": False}
    assert len(plain(segments)) <= LENGTH + 40


def test_different_words_that_stand_close_are_shown_rather_than_one_again_and_again() -> None:
    text = "A boat. A boat. A boat. " * 5 + "In the harbour lies a boat. " + "So on. " * 50
    segments = passage(text, pattern(("boat", "harbour"), ()))
    assert plain(segments).index("harbour") < 70


def test_markup_stays_the_text_that_it_is() -> None:
    segments = passage("<img src=x onerror=alert(1)> boat", pattern(("boat",), ()))
    assert plain(segments) == "<img src=x onerror=alert(1)> boat"


@given(st.text(max_size=2000), st.lists(st.text(min_size=1, max_size=8), max_size=4))
def test_a_passage_is_always_a_part_of_the_text(text: str, words: list[str]) -> None:
    marks = pattern(tuple(map(folded, words)), tuple(map(folded, words)))
    assert len(folded(text)) == len(text)
    segments = [segment for segment in passage(text, marks) if segment["text"] != "…"]
    flat = " ".join(text.split())
    assert " ".join(plain(segments).split()) in flat.replace("…", "") or "…" in text
