"""An address as it is used: read once and strictly, so that nobody below reads it differently."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urljoin, urlsplit

import idna
from django.utils.translation import gettext_lazy as _

from conversations.errors import Invalid, Words
from conversations.models.images import SOURCE_CHARACTERS

# Addresses that are signed have 2,000 characters, and no browser shows one of 4,000.
MAX_CHARACTERS = 4_000
PORTS = {"http": 80, "https": 443}
# A backslash is a slash to browsers and none to the RFC; nothing that one cannot see belongs in there.
NEVER = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
NETLOC = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^\[\]:@]+))(?::(?P<port>[0-9]{0,5}))?"
)
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"{LABEL}(?:\.{LABEL})*")
# What the resolver of the system would take for a number: 127.1, 0x7f.1, 2130706433, 0177.0.0.1.
NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
# Left as they stand. A percent sign too: what is encoded already is not encoded again.
IN_PATH, IN_QUERY = "/%:@!$&'()*+,;=~", "/?%:@!$&'()*+,;=~"

NO_ADDRESS = _(
    "This is no address that a picture can be fetched from. It begins with https:// or http://."
)
TOO_LONG = _("This address is too long.")
CREDENTIALS = _(
    "This address has a name or a password in it. Pictures are fetched without any: leave it out."
)


@dataclass(frozen=True, slots=True)
class Address:
    """`host` in lower case and ASCII, an IPv6 address without brackets; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def netloc(self) -> str:
        host = in_brackets(self.host)
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.target}"


def read(text: str) -> Address:
    """Raises Invalid."""
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        raise refused(TOO_LONG)
    try:
        return _read(text)
    except ValueError:  # of urlsplit, ipaddress, idna, and of half a character
        raise refused(NO_ADDRESS) from None


def as_source(text: str) -> str:
    """As it is written down with the picture (`Image.source`); empty for what is no address."""
    try:
        return str(read(text))[:SOURCE_CHARACTERS]
    except Invalid:
        return ""


def onward(address: Address, location: str) -> Address:
    """Where a redirect leads. Raises Invalid."""
    try:
        return read(urljoin(str(address), location))
    except ValueError:
        raise refused(NO_ADDRESS) from None


def in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def refused(sentence: Words, **names: object) -> Invalid:
    return Invalid(sentence, names=names, fields={"image_url": [sentence]})


def _read(text: str) -> Address:
    if NEVER.search(text):
        raise ValueError
    parts = urlsplit(text)
    if "@" in parts.netloc:
        raise refused(CREDENTIALS)
    found = NETLOC.fullmatch(parts.netloc)
    if parts.scheme not in PORTS or found is None:
        raise ValueError
    host = str(IPv6Address(found["six"])) if found["six"] else _host(found["host"])
    port = int(found["port"] or PORTS[parts.scheme])
    if not 0 < port < 65_536:
        raise ValueError
    query = f"?{quote(parts.query, IN_QUERY)}" if parts.query else ""
    return Address(parts.scheme, host, port, (quote(parts.path, IN_PATH) or "/") + query)


def _host(written: str) -> str:
    """A name, or an IPv4 address as everybody writes it."""
    if len(written) > 255:
        raise ValueError
    host = written if written.isascii() else idna.encode(written, uts46=True).decode()
    host = host.lower().removesuffix(".")
    if len(host) > 253 or not NAME.fullmatch(host):
        raise ValueError
    return str(IPv4Address(host)) if NUMBER.fullmatch(host) else host
