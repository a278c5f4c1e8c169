"""What Postgres and people cannot read is taken out, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.text import UNSTORABLE, clean


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("plain", "plain"),
        ("Grüße, 世界 🪶", "Grüße, 世界 🪶"),
        ("a\0b", "ab"),
        ("ä\0b", "äb"),
        ("a\ud800b", "ab"),
        ("\ud83e\udeb6", "🪶"),
        ("\udeb6\ud83e", ""),
        ("\0" * 3, ""),
    ],
)
def test_only_what_cannot_be_kept_goes(text: str, kept: str) -> None:
    assert clean(text) == kept


@given(st.text(alphabet=st.characters(codec=None), max_size=40))
def test_what_is_clean_can_be_kept_and_stays(text: str) -> None:
    once = clean(text)
    assert not UNSTORABLE.search(once) and once.encode()[:0] == b""
    assert clean(once) == once
    if not UNSTORABLE.search(text):
        assert once == text
