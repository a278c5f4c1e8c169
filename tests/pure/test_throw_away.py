"""What a run of the tests leaves behind: nothing, or nothing for long."""

import atexit
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.harness import plugin


def test_a_folder_goes_with_its_run_and_one_of_a_killed_run_the_day_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_end: list[tuple[Any, ...]] = []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(atexit, "register", lambda *work, **_how: at_the_end.append(work))
    killed, under_way, others = (
        tmp_path / f"{name}1" for name in (plugin.FOLDER, plugin.FOLDER * 2, "x")
    )
    for folder in (killed, under_way, others):
        (folder / "files").mkdir(parents=True)
    for folder in (killed, others):
        os.utime(folder, (0, 0))
    mine = plugin.throw_away_folder()
    assert {*tmp_path.iterdir()} == {under_way, others, Path(mine)}
    assert at_the_end == [(shutil.rmtree, mine)]
