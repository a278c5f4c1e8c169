"""The embedded Postgres, for a command that needs one while the site does not run."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from chatsite.embedded.places import home_of, socket_dir
from chatsite.embedded.postgres import meanwhile


def is_ours() -> bool:
    """Whether the site's database is the one in its data directory."""
    ours: bool = settings.DATABASES["default"]["HOST"] == str(
        socket_dir(home_of(settings.DATA_DIR))
    )
    return ours


@contextmanager
def running(*, alone: bool = False) -> Iterator[None]:
    """It is there meanwhile. With `alone` raises Trouble where the site runs; else the site's is used."""
    if not is_ours():
        yield
        return
    with meanwhile(settings.DATA_DIR, alone=alone):
        yield
