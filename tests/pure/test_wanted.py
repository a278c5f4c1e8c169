"""What is typed into the search is always understood as something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.reading.wanted import TERMS, Term, understood


def texts(typed: str) -> list[str]:
    return [term.text for term in understood(typed).terms]


def test_words_phrases_and_what_is_not_wanted_are_told_apart() -> None:
    boat, row, draft = understood('boat "in a row" -draft').terms
    assert (boat.text, boat.quoted, boat.excluded) == ("boat", False, False)
    assert (row.text, row.quoted) == ("in a row", True)
    assert (draft.text, draft.excluded) == ("draft", True)


def test_only_the_word_that_is_being_typed_may_be_a_beginning() -> None:
    assert [term.open for term in understood("harb rep").terms] == [False, True]
    assert [term.open for term in understood("harb rep ").terms] == [False, False]
    assert not understood('"rep').terms[0].open
    assert not understood("rep)").terms[0].open


def test_quotes_of_other_countries_are_quotes_and_one_is_enough() -> None:
    assert understood("„in a row“").terms == understood('"in a row"').terms
    assert understood("«in a row").terms == [Term("in a row", quoted=True)]


def test_filters_are_no_words() -> None:
    wanted = understood('Model:GPT-4o has:images in:archive before:2026-03 after:2025-12-24 "x"')
    assert (wanted.models, wanted.has, wanted.place) == (["gpt-4o"], ["image"], "archive")
    assert wanted.before and wanted.before.isoformat()[:10] == "2026-03-01"
    assert wanted.after and wanted.after.isoformat()[:10] == "2025-12-24"
    assert [term.text for term in wanted.terms] == ["x"] and not wanted.ignored


@pytest.mark.parametrize(
    "typed",
    [
        "before:soon",
        "before:2026-13",
        "after:0000",
        "has:wings",
        "in:",
        "model:",
        "model:é",
        "before:",
    ],
)
def test_a_filter_that_says_nothing_is_named_and_left_out(typed: str) -> None:
    wanted = understood(f"boat {typed}")
    assert wanted.ignored == [typed]
    assert [term.text for term in wanted.terms] == ["boat"]


def test_other_words_with_colons_are_words() -> None:
    assert texts("std::vector https://example.org:80/ 10:30") == [
        "std::vector",
        "https://example.org:80/",
        "10:30",
    ]


def test_signs_at_the_edge_count_only_where_they_belong_to_the_word() -> None:
    literal = {
        term.text: term.literal for term in understood("C++ .net #tag boats? (see hello!").terms
    }
    assert literal["C++"] and literal["#tag"]
    assert not literal["boats"] and not literal["see"] and not literal["hello"]


@given(st.text())
def test_nothing_that_can_be_typed_is_an_error(typed: str) -> None:
    wanted = understood(typed)
    assert len(wanted.terms) <= TERMS
    assert all(term.text.strip() for term in wanted.terms)
