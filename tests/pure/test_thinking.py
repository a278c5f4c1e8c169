"""Thinking in tags before the answer is told from the answer, wherever the deltas are cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.provider.openai_api.thinking import Thinking

CASES = {
    "<think>hm, so</think>\n\nYes.": ("Yes.", "hm, so"),
    "<think></think>Yes.": ("Yes.", ""),
    "\n<think>a < b</think>Yes </think>.": ("\nYes </think>.", "a < b"),
    "<think>never closed </thin": ("", "never closed </thin"),
    "Yes. <think>no</think>": ("Yes. <think>no</think>", ""),
    "<thinking>is another word": ("<thinking>is another word", ""),
    "<thi": ("<thi", ""),
    "< b": ("< b", ""),
    "": ("", ""),
}


def read(deltas: list[str]) -> tuple[str, str]:
    thinking = Thinking()
    parts = [thinking.part(delta) for delta in deltas] + [thinking.rest()]
    return "".join(text for text, _ in parts), "".join(thought for _, thought in parts)


@pytest.mark.parametrize(("sent", "seen"), CASES.items())
def test_thinking_is_parted_from_text(sent: str, seen: tuple[str, str]) -> None:
    assert read([sent]) == seen
    assert read(list(sent)) == seen


@given(st.sampled_from(list(CASES)), st.lists(st.integers(0, 40), max_size=8))
def test_however_the_deltas_are_cut(sent: str, places: list[int]) -> None:
    edges = [0, *sorted(places), len(sent)]
    assert read([sent[a:b] for a, b in itertools.pairwise(edges)]) == CASES[sent]


def told_apart(sent: str) -> tuple[str, str]:
    """The same with all of it at hand."""
    begun = sent.lstrip()
    space = sent.removesuffix(begun)
    if not begun.startswith("<think>"):
        return sent, ""
    thought, tag, text = begun.removeprefix("<think>").partition("</think>")
    return (space + text.lstrip(), thought) if tag else (space, thought)


@given(st.booleans(), st.lists(st.sampled_from([*"<think/> a", "<think>", "</think>"])))
def test_it_is_as_if_all_had_come_at_once(thinks: bool, deltas: list[str]) -> None:
    deltas = ["<think>", *deltas] if thinks else deltas
    assert read(deltas) == told_apart("".join(deltas))


def test_no_word_waits_that_cannot_be_a_tag() -> None:
    thinking = Thinking()
    assert thinking.part(" ") == (" ", "")
    assert thinking.part("Y") == ("Y", "")
    assert thinking.part("<think>") == ("<think>", "")
