"""What models say when they are asked for a title."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.runs.title_words import TITLE_CHARACTERS, cleaned, title_in

SAID = {
    '{"title": "A cold radiator"}': "A cold radiator",
    ' \n{"title":"Heizung bleibt kalt."} ': "Heizung bleibt kalt",
    '```json\n{"title": "A cold radiator"}\n```': "A cold radiator",
    'Sure! {"title": "A cold radiator"} Anything else?': "A cold radiator",
    '{"title": "\\"A cold radiator\\""}': "A cold radiator",
    "A cold radiator": "A cold radiator",
    "Title: A cold radiator.": "A cold radiator",
    '**Title:** "A cold radiator"': "A cold radiator",
    "# A cold radiator\n\nIt is about …": "A cold radiator",
    "„Kalte Heizung“": "Kalte Heizung",
    "Titel: »Kalte Heizung«": "Kalte Heizung",
    "标题:「冷的暖气」。": "冷的暖气",
    "- *A cold radiator*": "A cold radiator",
    "Understanding __init__ in C#": "Understanding __init__ in C#",
    '"Dune" and "Emma"': '"Dune" and "Emma"',
    "Wait…": "Wait…",
    "To be continued...": "To be continued...",
    "a\u202eb\u200bc\x00\x07d": "abcd",
    "👩‍👩‍👧 at home": "👩‍👩‍👧 at home",
    "🚲": "🚲",
    '{"title": "Half': "",
    '{"title": 7}': "",
    '{"title": null}': "",
    "{}": "",
    "…": "",
    '""': "",
    "   \n\n": "",
}


@pytest.mark.parametrize(("said", "title"), SAID.items(), ids=repr)
def test_the_title_is_found_in_what_was_said(said: str, title: str) -> None:
    assert title_in(said) == title


anything = st.text(st.characters(codec=None, exclude_categories=()))


@given(anything)
def test_whatever_is_said_a_title_is_one_short_line_that_can_be_stored(said: str) -> None:
    for title in (title_in(said), title_in(json.dumps({"title": said})), cleaned(said)):
        assert len(title) <= TITLE_CHARACTERS and title == title.strip()
        assert len(title.splitlines()) <= 1 and "\x00" not in title
        title.encode()
        assert cleaned(title) in (title, cleaned(cleaned(title)))
