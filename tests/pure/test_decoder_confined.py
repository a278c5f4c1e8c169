"""Whatever a program that reads a stranger's file does, it does to itself alone."""

import itertools
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import pytest

from conversations.attachments import confined
from conversations.attachments.confined import Died, Program
from conversations.attachments.turns import Turns
from conversations.errors import Unavailable


def run(wish: str, *, seconds: float = 20, program: Program | None = None) -> dict[str, Any]:
    program = program or Program("tests.pure.misbehaves", at_once=1, seconds=seconds)
    with TemporaryFile() as source, TemporaryDirectory() as folder:
        source.write(wish.encode())
        source.flush()
        return program.run(source, Path(folder))


def test_a_program_that_hangs_is_killed() -> None:
    began = time.monotonic()
    with pytest.raises(Died) as died:
        run("sleep", seconds=0.5)
    assert died.value.late
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("wish", ["spin", "doze"])
def test_a_program_ends_itself_when_nobody_watches(wish: str) -> None:
    with pytest.raises(Died) as died:
        run(wish)
    assert died.value.late


@pytest.mark.parametrize("wish", ["crash", "raise", "nonsense", "list", "silence"])
def test_a_program_that_gives_no_answer_died(wish: str) -> None:
    with pytest.raises(Died) as died:
        run(wish)
    assert not died.value.late


def test_the_log_names_the_error_and_none_of_its_words(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(Died):
        run("raise")
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_a_full_disk_is_said() -> None:
    with pytest.raises(Unavailable, match="no room"):
        run("full disk")


def test_a_file_can_be_closed_wherever_the_program_left_it() -> None:
    """What we read ahead is not given back to a file that stands elsewhere by now."""
    program = Program("tests.pure.misbehaves", at_once=1, seconds=20)
    with TemporaryFile() as source, TemporaryDirectory() as folder:
        source.write(b"go back")
        source.seek(0)
        assert source.read(2) == b"go"
        assert program.run(source, Path(folder)) == {"read": "go back"}


def test_the_program_gets_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    seen = run("look")
    assert "secret" not in str(seen)
    assert set(seen) <= {*confined.environment(Path()), "LC_CTYPE", "PWD"}


def test_no_more_than_allowed_run_at_once() -> None:
    program = Program("tests.pure.misbehaves", at_once=1, seconds=20)
    with ThreadPoolExecutor(3) as threads:
        times = list(threads.map(lambda _: run("count", program=program), range(3)))
    times.sort(key=lambda reply: reply["from"])
    assert all(one["to"] <= two["from"] for one, two in itertools.pairwise(times))


def test_who_waits_too_long_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "QUEUE_SECONDS", 0)
    program = Program("tests.pure.misbehaves", at_once=0, seconds=1)
    with pytest.raises(Unavailable) as refusal:
        run("look", program=program)
    assert refusal.value.retry_after == confined.RETRY_SECONDS


def test_turns_are_taken_one_after_the_other_and_never_in_a_ring() -> None:
    turns, inside, worst = Turns(), [0], [0]

    def work(keys: tuple[str, ...]) -> None:
        with turns.of(keys):
            inside[0] += 1
            worst[0] = max(worst[0], inside[0])
            time.sleep(0.01)
            inside[0] -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, [("a", "b"), ("b", "a"), ("a", "a", "b"), ("b",)] * 5, timeout=120))
    assert worst == [1]


def test_the_decoder_is_found_from_any_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("look")["HOME"] != os.environ.get("HOME")
