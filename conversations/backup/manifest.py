"""What a backup says of itself: first what it needs, at its end what is in it."""

import hashlib
from typing import Self

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, ValidationError

from conversations.backup.archive import NOT_OURS, Damaged
from conversations.errors import Invalid

FORMAT = 1
FIRST, LAST = "manifest.json", "contents.json"
# Whoever has a backup has the people's words as well: this only has to tell one key from another.
ROUNDS = 20_000

NEWER = (
    "The backup was made by a newer version of the site: this one does not know {name}. "
    "Install that version, or a later one, and restore with it."
)
OTHER_FORMAT = "The backup has format {format}, and this version reads format {ours}."


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def read(cls, content: bytes) -> Self:
        try:
            return cls.model_validate_json(content)
        except ValidationError:
            raise Damaged(NOT_OURS) from None

    def written(self) -> bytes:
        return self.model_dump_json(indent=2).encode() + b"\n"


class Manifest(Part):
    format: int
    made_at: str
    site: str
    postgres: str
    # (app, name) of every migration that its tables have.
    migrations: list[tuple[str, str]]
    with_pictures: bool
    # The key that signs links and sessions; in the archive only where the site made it itself.
    secret_key: str
    encryption_keys: list[str]

    def must_be_known(self) -> None:
        """Raises Invalid where this version could not read the tables."""
        if self.format != FORMAT:
            raise Invalid(OTHER_FORMAT.format(format=self.format, ours=FORMAT))
        known = set(MigrationLoader(None).disk_migrations)
        for app, name in self.migrations:
            if (app, name) not in known:
                raise Invalid(NEWER.format(name=f"{app}.{name}"))


class Contents(Part):
    rows: dict[str, int]
    # Where each sequence stands; those that were never asked are not here.
    sequences: dict[str, int]
    pictures: int
    picture_bytes: int
    # Names of files that rows name and that were gone, or other bytes than their names say.
    missing: list[str]


def of_this_site(*, with_pictures: bool) -> Manifest:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        version: str = cursor.fetchone()[0]
    return Manifest(
        format=FORMAT,
        made_at=timezone.now().isoformat(timespec="seconds"),
        site=settings.PUBLIC_URL,
        postgres=version,
        migrations=sorted(MigrationLoader(connection).applied_migrations),
        with_pictures=with_pictures,
        secret_key=fingerprint(settings.SECRET_KEY),
        encryption_keys=[fingerprint(key) for key in settings.ENCRYPTION_KEYS],
    )


def fingerprint(key: str) -> str:
    """Tells one key from another, and nothing else of it."""
    return hashlib.pbkdf2_hmac("sha256", key.encode(), b"chatsite backup", ROUNDS).hex()[:16]
