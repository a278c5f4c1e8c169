"""DATABASE_URL, as Django wants to have it: Postgres behind a pool that gives up what hangs."""

from typing import Any
from urllib.parse import unquote, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo

from chatsite.env import WrongVariable

# Statements of ours need Postgres 15. As it gives its version itself.
FIRST_POSTGRES = 150_000
# At most 8 coroutine calls at once (conversations/db.py), and pages; nobody holds one while waiting for
# a token. With the journal's two and the doorbell's one a process needs 13.
POOL_SIZE = 10
POOL_WAIT_SECONDS = 3
# A lost connection is given up after so long and made anew for whoever asks next; by itself the pool
# would try at intervals that double, up to minutes after Postgres is back.
POOL_RECONNECT_SECONDS = 1
# A network that swallows everything is noticed within seconds, not by TCP's own quarter of an hour.
OPTIONS = {
    "connect_timeout": "3",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "2",
}


def postgres_at(url: str) -> dict[str, Any]:
    """Raises WrongVariable, which tells no more of the address than where its mistake is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WrongVariable("DATABASE_URL", "…", "its host or port cannot be read") from None
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        wanted = "an address such as postgresql://user:password@host:5432/name is needed"
        raise WrongVariable("DATABASE_URL", "…", wanted)
    options = {**OPTIONS, **_options(parts.query)}
    host = options.pop("host", "") or unquote(parts.hostname or "")
    options["pool"] = {
        "min_size": 1,
        "max_size": POOL_SIZE,
        "timeout": POOL_WAIT_SECONDS,
        "reconnect_timeout": POOL_RECONNECT_SECONDS,
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        # A connection is checked before it is lent: a Postgres that was restarted costs no request.
        "CONN_HEALTH_CHECKS": True,
    }


def _options(query: str) -> dict[str, Any]:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    options = {name: unquote(value) for name, _, value in pairs}
    try:
        make_conninfo(**options)
    except ProgrammingError:
        names = ", ".join(options)
        raise WrongVariable("DATABASE_URL", f"…?{names}", "Postgres knows no such option") from None
    return options
