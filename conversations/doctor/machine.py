"""The machine and the variables: what can be looked at without Postgres."""

import platform
import resource
import shutil
import socket
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import run_checks
from django.core.files.storage import FileSystemStorage, storages

from chatsite.env import is_loopback
from chatsite.secret import unwritable
from conversations.doctor.finding import Finding, mind, ok, wrong
from conversations.runs.alarm import TO_THE_CONSOLE

FIRST_PYTHON = (3, 11)
# A socket is a file, and so is a connection to Postgres, a picture on its way, a library.
FEW_FILES, SCARCE_FILES = 4096, 1024
LITTLE_SPACE, NO_SPACE = 2_000_000_000, 200_000_000
SHORT_KEY = 32
MAIL_SECONDS = 5


def python() -> Iterator[Finding]:
    said = f"Python {platform.python_version()}, Django {version('django')}."
    if sys.version_info < FIRST_PYTHON:
        yield wrong("python", said, why="The site needs 3.11.", do="Install Python 3.11 or newer.")
    else:
        yield ok("python", said)


def checks() -> Iterator[Finding]:
    """What Django itself finds in the settings, with its checks for a site that is open to others."""
    found = [
        check for check in run_checks(include_deployment_checks=True) if not check.is_silenced()
    ]
    for check in found:
        hint = str(check.hint or "See Django's list of system checks.")
        yield mind(
            "settings", f"{check.id}: {check.msg}", why="Django's own checks say so.", do=hint
        )
    if not found:
        yield ok("settings", "All variables can be read, and Django's checks find nothing.")


def debug() -> Iterator[Finding]:
    if settings.DEBUG:
        said = "DJANGO_DEBUG is on."
        why = "Error pages show code and variables, and every statement is kept in memory."
        yield wrong("debug", said, why=why, do="Leave DJANGO_DEBUG out.")


def address() -> Iterator[Finding]:
    """Cookies, proxies and names have to follow the one address that people use."""
    public = settings.PUBLIC_URL
    yield ok(
        "address",
        f"People use {public}, and the process listens on {settings.HOST}:{settings.PORT}.",
    )
    if not (settings.HTTPS or is_loopback(_host(public))):
        why = (
            "Passwords and conversations cross the network as plain text, and no cookie is Secure."
        )
        do = "Put a proxy that speaks TLS in front, and give CHATSITE_PUBLIC_URL its https:// address."
        yield wrong("https", f"{public} is plain http.", why=why, do=do)
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        why = "Everybody seems to come from the proxy's address, and shares the limits of one."
        do = "Set CHATSITE_TRUSTED_PROXIES to the addresses from which the proxy connects."
        yield mind("proxy", "The address is https, and no proxy is trusted.", why=why, do=do)
    if "*" in settings.ALLOWED_HOSTS:
        why = "Links in mails are then made of whatever name a stranger sends."
        yield wrong("hosts", "DJANGO_ALLOWED_HOSTS has *.", why=why, do="Name the hosts.")
    if public not in settings.CSRF_TRUSTED_ORIGINS:
        why = "Forms that are sent from there are refused."
        do = "Leave DJANGO_CSRF_TRUSTED_ORIGINS out, or add that address."
        yield wrong("origins", f"{public} is not among the trusted origins.", why=why, do=do)


def secret_key() -> Iterator[Finding]:
    path: Path = settings.DATA_DIR / "secret_key"
    if len(settings.SECRET_KEY) < SHORT_KEY:
        why = "It signs sessions and links: who guesses it is everybody."
        do = "Set DJANGO_SECRET_KEY to 50 random characters, or leave it out: the site then makes one."
        yield wrong("secret key", "The secret key is short.", why=why, do=do)
    elif path.exists() and path.stat().st_mode & 0o077:
        why = "Others on this machine can sign in as anybody with it."
        do = f"chmod 600 {path}"
        yield wrong("secret key", f"{path} can be read by others.", why=why, do=do)
    else:
        yield ok("secret key", "The secret key is long, and nobody else's to read.")


def static() -> Iterator[Finding]:
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    try:
        manifest.read_bytes()
    except OSError as problem:
        why = "Pages name their scripts and styles by it: no process of the site starts without."
        do = "Run `make assets`, and let the account of the site read what it makes."
        said = f"{manifest} cannot be read ({problem.strerror})."
        yield wrong("static files", said, why=why, do=do)
    else:
        yield ok("static files", "They were collected.")


def disk() -> Iterator[Finding]:
    place: Path = settings.DATA_DIR
    if closed := unwritable(place):
        why = "Nobody can add a picture, nothing large can be uploaded, and `serve` does not start."
        do = "Make it writable for the account of the site, or set CHATSITE_DATA_DIR."
        yield wrong("data directory", f"{closed} cannot be written.", why=why, do=do)
        return
    free = shutil.disk_usage(place).free
    said = f"{place} can be written, and has {free / 1e9:.1f} GB free."
    if free < LITTLE_SPACE:
        why = "A full disk refuses pictures, and stops a Postgres that lies on it."
        finding = wrong if free < NO_SPACE else mind
        yield finding(
            "data directory", said, why=why, do="Free some space, or move it to a larger disk."
        )
    else:
        yield ok("data directory", said)
    if not isinstance(storages["default"], FileSystemStorage):
        yield ok("pictures", "Pictures lie in a bucket.")


def open_files() -> Iterator[Finding]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    said = f"A process may have {soft:,} files and sockets open."
    if soft < FEW_FILES and soft != resource.RLIM_INFINITY:
        why = "Each open tab is one. Past that nobody else gets in."
        do = f"LimitNOFILE=65536 in the unit of systemd, or `ulimit -n 65536` (at most {hard:,})."
        finding = wrong if soft < SCARCE_FILES else mind
        yield finding("open files", said, why=why, do=do)
    else:
        yield ok("open files", said)


def mail(*, offline: bool) -> Iterator[Finding]:
    if settings.EMAIL_BACKEND == TO_THE_CONSOLE:
        why = "Who forgot a password cannot get another one, and nobody is told that a key is refused."
        do = "Set CHATSITE_MAIL_URL to a mail server."
        yield mind("mail", "Mail goes to the console.", why=why, do=do)
        return
    place = (settings.EMAIL_HOST, settings.EMAIL_PORT)
    if offline:
        yield ok("mail", f"Mail goes to {place[0]}:{place[1]}, which was not asked.")
        return
    try:
        socket.create_connection(place, timeout=MAIL_SECONDS).close()
    except OSError as problem:
        why = "Mail for new passwords and addresses is lost."
        do = "Look at CHATSITE_MAIL_URL, and whether this machine may connect there."
        said = f"The mail server {place[0]}:{place[1]} cannot be reached ({problem.strerror or problem})."
        yield wrong("mail", said, why=why, do=do)
    else:
        yield ok("mail", f"The mail server {place[0]}:{place[1]} takes connections.")


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
