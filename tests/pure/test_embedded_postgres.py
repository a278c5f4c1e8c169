"""The Postgres of `make run`, on real processes, in directories of the test's own."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from chatsite.embedded import places
from chatsite.embedded.postgres import FORGETFUL, Postgres, database_url
from chatsite.embedded.processes import Account
from chatsite.embedded.trouble import Trouble

ROOT = Path(__file__).resolve().parent.parent.parent
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as somebody else")


@contextmanager
def new_folder() -> Iterator[Path]:
    """A short directory of mode 0700, as `mktemp -d` makes it; what it links to goes with it."""
    made = Path(tempfile.mkdtemp(prefix="chatsite-test-"))
    yield made
    home = places.home_of(made / "var")
    if home.is_relative_to(places.SYSTEM_DIR):
        shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    with new_folder() as made:
        yield made


@pytest.fixture
def data_dir(folder: Path) -> Path:
    return folder / "var"


@pytest.fixture
def postgres(data_dir: Path) -> Iterator[Postgres]:
    made = Postgres(data_dir, settings=FORGETFUL)
    yield made
    made.stop(at_once=True)


@pytest.fixture(scope="module")
def kept() -> Iterator[Postgres]:
    """One for all who do not ask how it is made, which takes a second of processor."""
    with new_folder() as made:
        postgres = Postgres(made / "var", settings=FORGETFUL)
        yield postgres
        postgres.stop(at_once=True)


@pytest.fixture
def running(kept: Postgres) -> Postgres:
    """It runs, whatever the test before did to it."""
    if not kept.child or kept.child.poll() is not None:
        kept.start()
    return kept


def data_of(postgres: Postgres) -> Path:
    return postgres.log.parent.parent


def ask(data_dir: Path, question: str) -> str:
    with psycopg.connect(database_url(data_dir), autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone() if question else None
        return str(row[0]) if row else ""


def permissions(path: Path) -> list[tuple[Path, int, int]]:
    """Mode and owner of a directory and of everything above it."""
    found = [(place, place.stat()) for place in (path, *path.parents)]
    return [(place, stat.S_IMODE(seen.st_mode), seen.st_uid) for place, seen in found]


def start_in_child(data_dir: Path) -> "subprocess.Popen[str]":
    """A process that holds a Postgres, as the supervisor does."""
    code = (
        "import sys, time; from pathlib import Path; "
        "from chatsite.embedded.postgres import FORGETFUL, Postgres; "
        "Postgres(Path(sys.argv[1]), settings=FORGETFUL).start(); print('up', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, data_dir], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout and child.stdout.readline() == "up\n"
    return child


def test_it_listens_on_its_own_socket_alone_and_keeps_what_was_written(running: Postgres) -> None:
    data_dir = data_of(running)
    assert ask(data_dir, "SHOW listen_addresses") == ""
    with psycopg.connect(database_url(data_dir)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'here' AS word")
    running.stop()
    running.start()
    assert ask(data_dir, "SELECT word FROM kept") == "here"
    assert stat.S_IMODE(running.place.sockets.stat().st_mode) == 0o700


def test_nothing_above_the_data_directory_changes(folder: Path, data_dir: Path) -> None:
    data_dir.mkdir()
    before = permissions(data_dir)
    postgres = Postgres(data_dir, settings=FORGETFUL)
    postgres.start()
    postgres.stop(at_once=True)
    assert permissions(data_dir) == before
    assert before[1] == (folder, 0o700, os.geteuid())


@as_root
def test_where_the_system_user_cannot_go_the_database_lives_behind_a_link(
    running: Postgres,
) -> None:
    assert (data_of(running) / "postgres").is_symlink()
    assert running.place.home.parent == places.SYSTEM_DIR
    assert running.place.account and running.place.account.uid != 0


@as_root
def test_where_it_can_go_the_database_stays_in_the_data_directory(
    folder: Path, data_dir: Path
) -> None:
    folder.chmod(0o755)
    postgres = Postgres(data_dir, settings=FORGETFUL)
    postgres.start()
    postgres.stop(at_once=True)
    assert (data_dir / "postgres" / "data" / "PG_VERSION").exists()
    assert not (data_dir / "postgres").is_symlink()


@as_root
def test_as_root_a_database_made_by_somebody_is_run_as_them(folder: Path, data_dir: Path) -> None:
    folder.chmod(0o755)
    (data_dir / "postgres").mkdir(parents=True, mode=0o700)
    os.chown(data_dir / "postgres", 65534, 65534)
    assert places.prepared(data_dir).account == Account("nobody", 65534, 65534)


def test_a_second_one_is_refused_and_named(running: Postgres) -> None:
    assert running.child
    with pytest.raises(Trouble, match=rf"process {running.child.pid}\b"):
        Postgres(data_of(running)).start()
    assert ask(data_of(running), "SELECT 1") == "1"


def test_it_ends_with_the_process_that_holds_it_and_starts_again(running: Postgres) -> None:
    running.stop()
    holder = start_in_child(data_of(running))
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    running.start()  # waits until the earlier one is gone
    assert ask(data_of(running), "SELECT 1") == "1"


def test_a_killed_postgres_leaves_nothing_in_the_way(running: Postgres) -> None:
    assert running.child
    running.child.kill()
    running.child.wait()
    pid_file = running.place.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    account = running.place.account
    # The machine started anew and gave the number to another process of that user.
    with subprocess.Popen(["sleep", "600"], user=account.uid if account else None) as other:
        try:
            pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
            running.start()
        finally:
            other.kill()
    assert ask(data_of(running), "SELECT 1") == "1"


def test_a_start_that_was_cut_is_begun_again(postgres: Postgres, data_dir: Path) -> None:
    half = postgres.place.home / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    postgres.start()
    assert ask(data_dir, "SELECT 1") == "1"
    assert not half.exists()


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(folder: Path) -> None:
    data_dir = folder / ("a-directory-with-a-long-name-" * 4) / "var"
    sockets = places.socket_dir(places.home_of(data_dir))
    assert sockets.parent == places.SHORT_DIR
    assert len(str(sockets / places.SOCKET_NAME)) < places.SOCKET_PATH_BYTES


def test_a_socket_directory_made_by_somebody_else_is_refused(folder: Path) -> None:
    mine = folder / "socket"
    mine.mkdir()
    mine.chmod(0o777)
    with pytest.raises(Trouble, match="somebody else"):
        places._make_socket_dir(mine, None)


def test_a_data_directory_that_is_a_file_is_told_in_a_sentence(data_dir: Path) -> None:
    data_dir.write_text("")
    with pytest.raises(Trouble, match="CHATSITE_DATA_DIR"):
        Postgres(data_dir)


def test_a_database_of_another_version_is_told_in_a_sentence(running: Postgres) -> None:
    running.stop()
    version = running.place.data / "PG_VERSION"
    ours = version.read_text()
    version.write_text("15\n")
    try:
        with pytest.raises(Trouble, match="another version"):
            running.start()
    finally:
        version.write_text(ours)
