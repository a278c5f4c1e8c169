"""The supervisor: what is in its way is told in one sentence, and nothing it started outlives it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from chatsite.embedded import assets, places
from chatsite.embedded.alone import only_one
from chatsite.embedded.trouble import Trouble
from tests.harness.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
T = TypeVar("T")
SUPERVISOR = [sys.executable, "-m", "chatsite.embedded"]


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A site with nothing of its own: a provider nobody asks, a database that is not there."""
    yield {
        **os.environ,
        "CHATSITE_DATA_DIR": str(tmp_path / "var"),
        "CHATSITE_PORT": str(free_port()),
        "OPENAI_API_KEY": "sk-nobody",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    }
    home = places.home_of(tmp_path / "var")
    if home.is_relative_to(places.SYSTEM_DIR):  # as root, pytest's directories are out of reach
        shutil.rmtree(home)


def ended(env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        SUPERVISOR, cwd=ROOT, env=env, capture_output=True, text=True, timeout=240
    )


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_port_in_use_is_told_with_who_has_it(env: dict[str, str], taken: int) -> None:
    done = ended({**env, "CHATSITE_PORT": str(taken)})
    assert done.returncode == 1
    assert f"Port {taken} on 127.0.0.1 is already in use by process {os.getpid()}" in done.stderr
    assert "CHATSITE_PORT" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHATSITE_PORT", "80x"),
        ("CHATSITE_HOST", "203.0.113.7"),
        ("CHATSITE_DATA_DIR", "/proc/nowhere"),
        ("CHATSITE_DRAIN_SECONDS", "soon"),
    ],
)
def test_a_wrong_variable_is_one_sentence_that_names_it(
    env: dict[str, str], name: str, value: str
) -> None:
    done = ended({**env, name: value})
    assert done.returncode == 1
    assert name in done.stderr and done.stderr.count("\n") == 1


def test_a_second_one_with_the_same_data_is_told_about_the_first(env: dict[str, str]) -> None:
    with only_one(Path(env["CHATSITE_DATA_DIR"])):
        done = ended(env)
    assert done.returncode == 1
    assert f"(process {os.getpid()})" in done.stderr and done.stderr.count("\n") == 1


def test_the_lock_falls_with_its_holder(tmp_path: Path) -> None:
    only_one(tmp_path).close()
    with only_one(tmp_path), pytest.raises(Trouble, match="Another"):
        only_one(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_whatever_ends_it_leaves_nothing_behind(
    tmp_path: Path, env: dict[str, str], number: signal.Signals
) -> None:
    """Postgres and the model for real; the server is killed with them while it starts."""
    env = {**env, "DATABASE_URL": "", "OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}
    log = (tmp_path / "supervisor.log").open("wb")
    supervisor = subprocess.Popen(SUPERVISOR, cwd=ROOT, env=env, stdout=log, stderr=log)
    children = wait_for(lambda: three_of(supervisor.pid), 120)
    supervisor.send_signal(number)
    assert supervisor.wait(120) == (0 if number != signal.SIGKILL else -signal.SIGKILL)
    wait_for(lambda: not any(alive(child) for child in children), 60)


def three_of(pid: int) -> list[int]:
    """Its children, once Postgres, the model and the server are all there."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found] if len(found) == 3 else []


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(found: Callable[[], T], seconds: float) -> T:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if seen := found():
            return seen
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} s")


def test_the_sprite_holds_the_icons_asked_for_and_no_others(tmp_path: Path) -> None:
    for name in ("x", "plus", "moon"):
        (tmp_path / f"{name}.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" class="lucide">'
            '<path d="M1 1"/></svg>'
        )
    made = assets.sprite(tmp_path, ["x", "plus", "x"])
    assert made.count("<symbol ") == 2 and 'id="plus"' in made and "class" not in made
    with pytest.raises(Trouble, match="'sun'"):
        assets.sprite(tmp_path, ["sun"])
