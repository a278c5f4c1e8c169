"""Tokens are counted as OpenAI counts them, beside this process, and whatever happens there."""

import json
import os
import signal
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.models.catalogue import Tokenizer
from conversations.provider.tokens import counting, known, program

# What OpenAI's own tokenizer says (https://platform.openai.com/tokenizer).
KNOWN: dict[str, dict[str, int]] = {
    "o200k_base": {"": 0, "hello world": 2, "tiktoken is great!": 6, "お誕生日おめでとう": 8},
    "cl100k_base": {"": 0, "hello world": 2, "tiktoken is great!": 6, "お誕生日おめでとう": 9},
}


@pytest.fixture(autouse=True)
def _nothing_is_known() -> None:
    known.forget()


@pytest.mark.parametrize("tokenizer", Tokenizer.values)
def test_every_tokenizer_of_the_catalogue_is_there(tokenizer: str) -> None:
    (counted,) = counting.count(["The quick brown fox jumps over the lazy dog."], tokenizer)
    assert 9 <= counted <= 13


@pytest.mark.parametrize("tokenizer", KNOWN)
def test_texts_are_counted_as_openai_counts_them(tokenizer: str) -> None:
    known = KNOWN[tokenizer]
    assert counting.count(list(known), tokenizer) == list(known.values())


def test_an_unknown_tokenizer_is_reckoned_higher() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 100
    (exact,) = counting.count([text], "o200k_base")
    (reckoned,) = counting.count([text])
    assert exact * 1.2 < reckoned < exact * 1.3
    assert counting.count([""]) == [0]


def test_a_text_longer_than_the_library_takes_is_counted_in_parts() -> None:
    sentence = "The quick brown fox jumps over the lazy dog."
    (once,) = counting.count([sentence], "o200k_base")
    text = " ".join([sentence] * 60_000)
    (counted,) = counting.count([text], "o200k_base")
    assert abs(counted - 60_000 * once) <= len(text) // program.AT_ONCE + 1
    assert counting.count(["x" * 2_000_001], "o200k_base")[0] > 100_000


@given(st.text(alphabet=st.sampled_from("ab \n"), max_size=60))
def test_parts_make_the_text_again(text: str) -> None:
    before, program.AT_ONCE = program.AT_ONCE, 7
    try:
        assert "".join(program.parts(text)) == text
        assert all(len(part) <= 7 for part in program.parts(text))
    finally:
        program.AT_ONCE = before


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_a_text_is_never_more_tokens_than_bytes(text: str) -> None:
    (counted,) = counting.count([text], "o200k_base")
    assert counted <= counting.at_most(text)


def test_line_breaks_and_halves_of_characters_do_not_confuse_it() -> None:
    counting.count(["a"], "o200k_base")
    odd = ["a\nb\r\nc\u2028d\x00", "\ud800", '"]\n[', "<|endoftext|>"]
    before = counting._counter._child
    assert all(counted > 0 for counted in counting.count(odd, "o200k_base"))
    assert counting._counter._child is before


def test_one_that_died_is_replaced() -> None:
    counting.count(["a"], "o200k_base")
    child = counting._counter._child
    assert child
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert counting.count(["hello world"], "o200k_base") == [2]


def test_many_ask_at_once_and_each_gets_its_own() -> None:
    got: dict[int, list[int]] = {}

    def ask(number: int) -> None:
        got[number] = counting.count(["hello world " * number], "o200k_base")

    threads = [threading.Thread(target=ask, args=[number]) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [got[number][0] for number in range(1, 9)] == sorted(got[n][0] for n in got)
    assert len({count[0] for count in got.values()}) == 8


def test_without_anybody_to_count_it_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    counting.end()
    monkeypatch.setattr(counting, "PROGRAM", "conversations.no_such_module")
    assert counting.count(["x" * 299], "o200k_base") == [100]
    counting.end()


def test_what_was_counted_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def ask(tokenizer: str, texts: list[str]) -> list[int]:
        asked.append(texts)
        return [len(text) for text in texts]

    monkeypatch.setattr(counting._counter, "ask", ask)
    assert counting.count(["one", ""], "o200k_base") == [3, 0]
    assert counting.count(["", "seven", "one"], "o200k_base") == [0, 5, 3]
    assert counting.count(["one"], "cl100k_base") == [3]
    assert asked == [["one", ""], ["seven"], ["one"]]
    assert counting.at_most_of(["one", "new", "ä"], "o200k_base") == [3, 3, 2]
    assert counting.at_least_of(["seven", "new"], "o200k_base") == [5, 0]


def test_an_estimate_is_not_taken_for_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(tokenizer: str, texts: list[str]) -> list[int]:
        raise OSError

    with monkeypatch.context() as away:
        away.setattr(counting._counter, "ask", silent)
        assert counting.count(["x" * 299], "o200k_base") == [100]
    assert counting.count(["x" * 299], "o200k_base")[0] < 99


def test_what_was_not_asked_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST", 3)
    known.learn("abc", "t", [1, 2, 3])
    assert known.recall("a", "t") == [1]
    known.learn("de", "t", [4, 5])
    assert known.recall("abcde", "t") == [1, None, None, 4, 5]


@given(st.lists(st.text(max_size=40), max_size=5))
def test_what_is_not_counted_lies_between_the_bounds(texts: list[str]) -> None:
    for tokenizer in ("o200k_base", ""):
        known.forget()
        least, most = counting.at_least_of(texts, tokenizer), counting.at_most_of(texts, tokenizer)
        exact = counting.count(texts, tokenizer)
        assert all(a <= b <= c for a, b, c in zip(least, exact, most, strict=True))
        assert (
            counting.at_least_of(texts, tokenizer) == exact == counting.at_most_of(texts, tokenizer)
        )


def test_one_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    counting.count(["a"], "o200k_base")
    child = counting._counter._child
    assert child
    os.kill(child.pid, signal.SIGSTOP)
    monkeypatch.setattr(counting, "PATIENCE_SECONDS", 0.2)
    assert counting.count(["x" * 299], "o200k_base") == [100]
    assert child.returncode == -signal.SIGKILL
    monkeypatch.undo()
    assert counting.count(["hello world"], "o200k_base") == [2]


def test_who_waits_behind_one_that_hangs_waits_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "PATIENCE_SECONDS", 0.2)
    with counting._counter._lock:
        assert counting.count(["x" * 299], "o200k_base") == [100]


def test_a_process_that_leaves_waits_for_no_count() -> None:
    own, ended = counting._Counter(), threading.Event()
    own.ask("o200k_base", ["a"])
    child = own._child
    assert child
    os.kill(child.pid, signal.SIGSTOP)

    def ask() -> None:
        with pytest.raises(OSError, match="leaves"):
            own.ask("o200k_base", ["b"])
        ended.set()

    threading.Thread(target=ask, daemon=True).start()
    while not own._lock.locked():
        time.sleep(0.01)
    own.leave()
    assert ended.wait(60) and child.wait(10) == -signal.SIGKILL


def test_it_has_nothing_of_ours_and_goes_when_we_are_gone() -> None:
    counting.count(["a"], "o200k_base")
    child = counting._counter._child
    assert child and child.stdin
    environment = open(f"/proc/{child.pid}/environ", "rb").read()  # noqa: SIM115, PTH123
    assert b"SECRET" not in environment and b"DATABASE_URL" not in environment
    child.stdin.close()
    end = time.monotonic() + 60
    while child.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    assert child.returncode == 0
    assert json.dumps(counting.count(["hello world"], "o200k_base")) == "[2]"
