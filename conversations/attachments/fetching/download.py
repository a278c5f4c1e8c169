"""One picture of the web into a file: asked for plainly, followed a few times, counted while it comes."""

import functools
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import IO

import httpcore2
import httpx2
from django.utils.translation import gettext_lazy as _

from conversations.attachments.accept import MAX_BYTES, TOO_LARGE
from conversations.attachments.fetching.address import Address, onward, read, refused
from conversations.attachments.fetching.network import (
    Guard,
    Network,
    NotOfTheWeb,
    NotTheirs,
    Patience,
)
from conversations.errors import Invalid, TooLarge

# For everything: names, connections, redirects, the last byte.
SECONDS = 20.0
# Without a single byte.
SILENT_SECONDS = 10.0
REDIRECTS = 5
# Of one answer, with all that comes before it; and what a body may need around its pieces.
HEAD_BYTES = 1024 * 1024
# Decent servers send some kilobytes at a time; each piece costs the same, however small it is.
MOST_PIECES = 50_000
LEADS_ON = {301, 302, 303, 307, 308}
HEADERS = [
    # Servers that give nothing to a client without a name are content with this.
    ("User-Agent", "Mozilla/5.0 (compatible; chatsite; pictures by address)"),
    ("Accept", "image/*"),
    ("Accept-Encoding", "identity"),  # nothing is unpacked here, so that nothing can burst
    ("Connection", "close"),
]

# One sentence for what is not there, does not answer and is none of the web's: whoever asks for the
# addresses of our neighbours learns nothing of them.
UNREACHABLE = _(
    "No picture could be fetched from this address. Look whether it is right, and open to everybody."
)
UNUSUAL_PORT = _("Pictures are fetched from the usual ports of the web alone, 80 and 443.")
STATUS = _("There is no picture at this address: the server there answered with status {status}.")
PACKED = _("The server there sends its picture packed, in a way that is not taken here.")
TOO_SLOW = _("The server there was too slow. Try it again, or save the picture and add the file.")
BROKE_OFF = _("The server there broke off before the picture had come.")
TOO_OFTEN = _("This address leads on to others too often.")
INTO_THE_OPEN = _("This address begins with https:// and leads on to one without encryption.")
NO_CERTIFICATE = _("The certificate of this address is not valid.")


class Unreachable(Invalid):
    """`inside`: it is there, or could be, and is none of the web's."""

    def __init__(self, *, inside: bool = False) -> None:
        super().__init__(UNREACHABLE, fields={"image_url": [UNREACHABLE]})
        self.inside = inside


def download(text: str, into: IO[bytes], guard: Guard) -> Address:
    """The address that was asked for. Raises Invalid, or TooLarge.

    What has come is not looked at: accept.py tells a picture by its bytes.
    """
    address = first = _usable(read(text), guard)
    patience = Patience(SECONDS)
    network = Network(guard, patience)
    with _trouble_told():
        for _hop in range(REDIRECTS + 1):
            patience.expect(HEAD_BYTES)
            location = _asked(address, into, network, patience)
            if location is None:
                return first
            address = _further(address, location, guard)
    raise refused(TOO_OFTEN)


def _usable(address: Address, guard: Guard) -> Address:
    if not guard.allows(address.host, address.port):
        raise refused(UNUSUAL_PORT)
    return address


def _further(address: Address, location: str, guard: Guard) -> Address:
    """What is wrong with an address that nobody wrote here is nothing that they could mend."""
    try:
        further = _usable(onward(address, location), guard)
    except Invalid:
        raise Unreachable from None
    if (address.scheme, further.scheme) == ("https", "http"):
        raise refused(INTO_THE_OPEN)
    return further


def _asked(address: Address, into: IO[bytes], network: Network, patience: Patience) -> str | None:
    """Where it leads on; None: the picture is in the file."""
    url = httpcore2.URL(
        scheme=address.scheme, host=address.host, port=address.port, target=address.target
    )
    waits = {"timeout": {"read": SILENT_SECONDS, "write": SILENT_SECONDS}}
    with (
        httpcore2.ConnectionPool(_certificates(), network_backend=network) as pool,
        pool.stream(
            "GET", url, headers=[("Host", address.netloc), *HEADERS], extensions=waits
        ) as answer,
    ):
        headers = {name.lower(): value.decode(errors="replace") for name, value in answer.headers}
        if answer.status in LEADS_ON and b"location" in headers:
            return headers[b"location"]
        if answer.status != HTTPStatus.OK:
            raise refused(STATUS, status=answer.status)
        if headers.get(b"content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise refused(PACKED)
        patience.expect(MAX_BYTES + HEAD_BYTES)
        _copied(answer.iter_stream(), into)
        return None


def _copied(pieces: Iterable[bytes], into: IO[bytes]) -> None:
    """Counted, whatever the server said of its length."""
    count = 0
    for number, piece in enumerate(pieces):
        count += len(piece)
        if number > MOST_PIECES:
            raise refused(TOO_SLOW)
        if count > MAX_BYTES:
            raise TooLarge(TOO_LARGE, fields={"image_url": [TOO_LARGE]})
        into.write(piece)


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Whom the system trusts. Read once: it takes 30 ms."""
    return httpx2.create_ssl_context()


@contextmanager
def _trouble_told() -> Iterator[None]:
    try:
        yield
    except (httpcore2.ReadTimeout, httpcore2.WriteTimeout):
        raise refused(TOO_SLOW) from None
    except (httpcore2.ReadError, httpcore2.WriteError, httpcore2.ProtocolError):
        raise refused(BROKE_OFF) from None
    except NotTheirs:
        raise refused(NO_CERTIFICATE) from None
    except (httpcore2.NetworkError, httpcore2.TimeoutException):
        raise Unreachable from None
    except NotOfTheWeb:
        raise Unreachable(inside=True) from None
