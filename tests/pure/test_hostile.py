"""Every hostile file ends in a clear refusal or in a clean picture, soon and in little memory."""

import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from conversations.attachments import header
from conversations.attachments.confined import environment
from conversations.errors import Refusal, TooLarge
from tests.pure.hostile import CASES, DAMAGED, LARGE, Case
from tests.pure.pictures import bomb

# Of the processor, so that a busy machine is no matter. The decoder itself has 20.
SECONDS = 8.0
HEADER_SECONDS = 0.5
HEADER_BYTES = 2 * 1024 * 1024

Ends = Mapping[str, tuple[str, float]]


def judged(files: Path) -> Ends:
    """How the decoder ended with each, and after how many seconds; in one process for all of them."""
    judge = [sys.executable, "-m", "tests.pure.judge", str(files)]
    code = subprocess.run(judge, env=environment(files), check=False, timeout=500).returncode
    told: Any = json.loads((files / "ends.json").read_text())
    assert code == 0, f"it died of {list(told)[-1]}"
    return {name: (end, seconds) for name, (end, seconds) in told.items()}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for case in CASES:
        (folder / f"{case.name}.file").write_bytes(case.content())
    return folder


@pytest.fixture(scope="module")
def ends(files: Path) -> Ends:
    return judged(files)


def test_there_are_many_of_them_and_no_two_are_alike() -> None:
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)


def test_each_hostile_file_ends_well(ends: Ends) -> None:
    wrong = [case.name for case in CASES if ends[case.name][0] not in case.ends]
    assert not wrong, {name: ends[name] for name in wrong}
    assert {name: seconds for name, (_, seconds) in ends.items() if seconds > SECONDS} == {}


def test_the_web_process_refuses_by_the_header_or_leaves_it_to_the_decoder(files: Path) -> None:
    wrong = [case.name for case in CASES if not is_right(case, files / f"{case.name}.file")]
    assert not wrong


def is_right(case: Case, file: Path) -> bool:
    """In no time, too: this is done before anybody is asked to wait."""
    end, began = case.ends, time.process_time()
    with file.open("rb") as content:
        try:
            header.read(content)
        except TooLarge:
            end = frozenset({LARGE})
        except Refusal:
            end = frozenset({DAMAGED})
    return end <= case.ends and time.process_time() - began < HEADER_SECONDS


def test_a_bomb_is_refused_with_next_to_no_memory() -> None:
    content = BytesIO(bomb())
    tracemalloc.start()
    with pytest.raises(TooLarge):
        header.read(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < HEADER_BYTES
