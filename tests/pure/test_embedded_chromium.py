"""Which Chromium the tests run in, and how they come to one on a machine that has none."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chatsite.embedded import chromium
from chatsite.embedded.trouble import Trouble

Machine = Callable[..., list[str]]


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Prepares a machine that has these programs; what apt-get was told."""
    said = tmp_path / "said"
    said.touch()

    def prepare(*programs: str, apt: str = "true") -> list[str]:
        scripts = {
            **dict.fromkeys(programs, "true"),
            "apt-get": f'echo "$@" >> {said}; {apt}',
            "dpkg-query": "printf 150.0-1",
        }
        for name, script in scripts.items():
            place = tmp_path / name
            place.write_text(f"#!/bin/sh\n{script}\n")
            place.chmod(0o755)
        (tmp_path / "env").symlink_to(shutil.which("env") or "env")
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        chromium.main()
        return [line.split()[-1] for line in said.read_text().splitlines()]

    return prepare


def test_the_headless_one_is_enough_and_comes_first(prepared: Machine) -> None:
    assert prepared("chromium", "chromium-headless-shell") == []
    assert (chromium.program() or "").endswith("/chromium-headless-shell")


def test_beside_a_whole_one_it_is_of_the_same_version(prepared: Machine) -> None:
    assert prepared("chromium") == ["chromium-headless-shell=150.0-1"]


def test_a_whole_one_does_where_there_is_no_other(prepared: Machine) -> None:
    assert len(prepared("chromium", apt="false")) == 1
    assert (chromium.program() or "").endswith("/chromium")


def test_where_there_is_none_the_lists_are_fetched_once_and_the_whole_one_is_the_last_resort(
    prepared: Machine,
) -> None:
    told = prepared(apt='test "$1" = update || case "$*" in *shell) false;; esac')
    headless = "chromium-headless-shell"
    assert told == [headless, "-q", headless, "chromium"]


def test_none_at_all_is_said_with_what_to_do(prepared: Machine) -> None:
    with pytest.raises(Trouble, match="WITHOUT=browser"):
        prepared(apt="false")
