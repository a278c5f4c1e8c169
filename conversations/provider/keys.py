"""The keys of providers: in a variable, in a file, or kept as Fernet tokens. Never shown, never logged."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chatsite.hidden import learn
from conversations.errors import Invalid
from conversations.models.catalogue import KeyFrom, Provider

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

# A key is a line. Whoever names another file is not to have all of it in memory.
MOST_BYTES = 10_000

NO_SECRET = _(
    "Keys can be stored here once CHATSITE_ENCRYPTION_KEYS is set: see docs/providers.md. Until then "
    "name a variable or a file."
)
NO_VARIABLE = _("The environment variable {name} is not set.")
NOT_A_VARIABLE = _("Only variables whose name ends in _API_KEY can be named here.")
NO_FILE = _("The file {name} cannot be read.")
NOT_A_FOLDER = _("Only files in {folders} can be named here.")
NO_KEY = _("No key is stored yet.")
NOT_OURS = _("The stored key cannot be read with today's CHATSITE_ENCRYPTION_KEYS. Enter it again.")
NOT_A_KEY = _("This is no key: it goes into a header, where only printable ASCII may stand.")


def key_of(provider: Provider) -> str:
    """Its key, empty where it wants none. Raises Invalid, which says what is missing and no more."""
    if provider.key_from == KeyFrom.ENVIRONMENT:
        return _header(_variable(provider.key_name))
    if provider.key_from == KeyFrom.FILE:
        return _header(_file(provider.key_name))
    if provider.key_from == KeyFrom.STORED:
        return _header(_stored(provider.key_stored))
    return ""


def sealed(key: str) -> str:
    """A key as it is stored. Raises Invalid where nothing to seal it with is set."""
    return _box().encrypt(_header(key).encode()).decode()


def sealed_again(token: str) -> str:
    """The same key under the first of CHATSITE_ENCRYPTION_KEYS. Raises Invalid."""
    return sealed(_stored(token))


def _variable(name: str) -> str:
    """What `.env` says counts too. Other secrets of this site cannot be sent anywhere from here."""
    if not name.endswith("_API_KEY"):
        raise Invalid(NOT_A_VARIABLE)
    value: str = settings.API_KEYS.get(name, "")
    if not value:
        raise Invalid(NO_VARIABLE, names={"name": name})
    return value


def _file(name: str) -> str:
    try:
        path = Path(name).resolve()
        # `/var/run/secrets` often is `/run/secrets` by a link.
        if not any(path.is_relative_to(folder.resolve()) for folder in settings.KEY_FOLDERS):
            folders = ", ".join(str(folder) for folder in settings.KEY_FOLDERS)
            raise Invalid(NOT_A_FOLDER, names={"folders": folders})
        with path.open(encoding="utf-8") as file:
            return file.read(MOST_BYTES)
    except (OSError, ValueError, RuntimeError):  # RuntimeError: links that go round in a circle
        raise Invalid(NO_FILE, names={"name": name}) from None


def _stored(token: str) -> str:
    from cryptography.fernet import InvalidToken

    if not token:
        raise Invalid(NO_KEY)
    try:
        return _box().decrypt(token.encode()).decode()
    except (InvalidToken, ValueError):
        raise Invalid(NOT_OURS) from None


def _header(key: str) -> str:
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise Invalid(NOT_A_KEY)
    learn(key)
    return key


def _box() -> "MultiFernet":
    if not settings.ENCRYPTION_KEYS:
        raise Invalid(NO_SECRET)
    return _made(tuple(settings.ENCRYPTION_KEYS))


@cache
def _made(keys: tuple[str, ...]) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet  # few sites store keys

    return MultiFernet([Fernet(key) for key in keys])
