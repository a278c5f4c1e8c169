"""A file's name is good on every system, whatever a conversation is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from conversations.chat.export.names import LONGEST_BYTES, UNTITLED, Names, fit


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Boats", "Boats"),
        ("../../etc/passwd", "etc passwd"),
        ("..", UNTITLED),
        ("", UNTITLED),
        (" . ", UNTITLED),
        ('a<b>:"c"|d?*', "a b c d"),
        ("C:\\boot.ini", "C boot.ini"),
        ("one\ntwo\x00three", "one two three"),
        ("\u202egpj.exe", "gpj.exe"),
        ("Grüße ☃", "Grüße ☃"),
    ],
)
def test_a_title_becomes_a_name(title: str, name: str) -> None:
    assert fit(title) == name


@given(some.text(max_size=300))
def test_no_title_makes_a_name_that_leads_elsewhere(title: str) -> None:
    name = fit(title)
    assert name and len(name.encode()) <= LONGEST_BYTES
    assert not set(name) & set('<>:"/\\|?*\0\n') and name.strip(" .") == name


@given(some.lists(some.sampled_from(["a", "A", "a (2)", "b"]), max_size=12))
def test_no_two_files_have_one_name(titles: list[str]) -> None:
    names = Names()
    given = [names.once(title).casefold() for title in titles]
    assert len(set(given)) == len(given)
