"""Patterns find what they are meant to find, in one pass, however many there are."""

import time

import pytest

from conversations.models import Pattern
from conversations.moderation import folding
from conversations.moderation.matching import Unusable, matcher_of

WORDS = [
    ("bomb", "A BOMB!", True),
    ("bomb", "bombs", False),
    ("bomb*", "bombs", True),
    ("*bomb", "a firebomb", True),
    ("credit card", "Credit-card no.", True),
    ("credit card", "credit the card", False),
    ("cafe", "Café", True),
    ("Straße", "STRASSE", True),
    ("über", "u\u0308ber", True),
    ("naïve", "unnaive", False),
    ("c++", "I write C++.", True),
    ("привет", "Привет, мир", True),
    ("привет", "приветы", False),
    ("# bomb", "bomb", False),
    ("bomb", "“Bomb…”", True),
    ("🍆", "look🍆!", True),
    ("🍆", "look", False),
    ("bomb", "bo\u200bmb", True),
]


@pytest.mark.parametrize(("term", "text", "is_found"), WORDS)
def test_words_are_found_whole(term: str, text: str, is_found: bool) -> None:
    assert bool(matcher_of([Pattern(kind="words", terms=term)]).hits([text])) is is_found


@pytest.mark.parametrize(
    ("term", "text", "is_found"),
    [
        (r"\bB\d{3}\b", "see b123", True),
        (r"\bB\d{3}\b", "see bxyz", False),
        (r"[É]t[^x]", "ETA", True),
        (r"(?i:ABC)\S+", "abcd", True),
        (r"\pL+ No\.", "Café no.", True),
    ],
)
def test_expressions_are_folded_as_texts_are(term: str, text: str, is_found: bool) -> None:
    assert bool(matcher_of([Pattern(kind="expressions", terms=term)]).hits([text])) is is_found


def test_parts_are_found_within_words_and_mean_nothing_else() -> None:
    matcher = matcher_of([Pattern(kind="parts", terms="a.c\n(x")])
    assert matcher.hits(["za.cz"]) and matcher.hits(["f(x)"])
    assert not matcher.hits(["abc"])


@pytest.mark.parametrize("term", ["(a", r"(a)\1", "a(?=b)", "x{5000}", "y" * 1001])
def test_what_cannot_be_read_in_one_pass_is_refused_with_its_line(term: str) -> None:
    with pytest.raises(Unusable) as refused:
        matcher_of([Pattern(kind="expressions", terms=f"fine\n{term}")])
    assert refused.value.args[0] == 2


def test_each_pattern_is_told_once_in_their_order() -> None:
    rows = [Pattern(name=name, kind="words", terms=name) for name in ("one", "two", "three")]
    assert [hit.name for hit in matcher_of(rows).hits(["three one", "one"])] == ["one", "three"]
    assert matcher_of([]).hits(["one"]) == []


def test_a_thousand_patterns_in_four_mebibytes_take_no_long_time() -> None:
    """50 ms on a quiet machine; where a pattern were tried after the other it would be seconds."""
    rows = [Pattern(kind="words", terms=f"zq{number}x*") for number in range(1000)]
    matcher = matcher_of([*rows, Pattern(kind="expressions", terms="(a*)*b$|(x+x+)+y")])
    text = "some ordinary words, aaaaaaaaaa xxxxxxxxxx\n" * (4 * 1024 * 1024 // 43)
    matcher.hits([text])
    began = time.process_time()  # what others do meanwhile does not count
    matcher.hits([text])
    assert time.process_time() - began < 1.5


def test_whoever_sends_every_character_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "_table", table := folding._Table())
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x20000)]))
    assert folding.folded(everything + "É").endswith("e")
    assert len(table) == folding.KNOWN
