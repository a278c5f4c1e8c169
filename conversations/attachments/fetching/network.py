"""The network below httpcore2, which goes to the very addresses that were looked at, and never too long.

A name is asked for once: what its answer may be is decided on the numbers, and the connection goes to
one of those numbers. A server of names that answers differently the next time is not asked the next time.
`Host` and the name in the certificate stay those of the address, because httpcore2 takes them from there.
"""

import ssl
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from socket import SOCK_STREAM, getaddrinfo
from typing import Any

import httpcore2

from conversations.attachments.fetching.address import in_brackets
from conversations.attachments.fetching.public import is_public

NAME_SECONDS = 5.0
CONNECT_SECONDS = 5.0
# So many of the addresses of a name are tried.
TRIES = 4
USUAL_PORTS = (80, 443)
# What a system's resolver is asked cannot be taken back; who waits for it is let go.
NAMES_AT_ONCE = 32
_asking = ThreadPoolExecutor(NAMES_AT_ONCE, thread_name_prefix="names")

# The numbers of a host, each as text. Raises OSError.
Resolve = Callable[[str, int], Sequence[str]]


class NotOfTheWeb(Exception):
    """Some of what a name stands for is not public: none of it is gone to."""


class NotTheirs(Exception):
    """The certificate is not that of the host, or nobody vouches for it."""


class Patience:
    """So many seconds for everything, and so many bytes for what is next."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._bytes = 0

    def expect(self, bytes: int) -> None:
        self._bytes = bytes

    def count(self, data: bytes) -> bytes:
        """Raises ReadError. Heads and interim answers without end would else be read for all those seconds,
        by a thread that leaves little time to others."""
        self._bytes -= len(data)
        if self._bytes < 0:
            raise httpcore2.ReadError
        return data

    def left(self, at_most: float | None = None) -> float:
        """Raises ReadTimeout when it is used up: a server that sends a byte now and then would else never
        be late."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout
        return left if at_most is None else min(left, at_most)


def resolved(host: str, port: int) -> list[str]:
    """By the system. Raises OSError."""
    answers = getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in answers))


@dataclass(frozen=True)
class Guard:
    """Where we may go: to what is public on the web's own ports, and to `hosts` wherever they are.

    `hosts`: as in CHATSITE_IMAGE_HOSTS, `host` or `host:port`. `below` gets numbers only.
    """

    hosts: Collection[str] = ()
    resolve: Resolve = resolved
    below: httpcore2.NetworkBackend = field(default_factory=httpcore2.SyncBackend)

    def allows(self, host: str, port: int) -> bool:
        """Whether it may be asked for at all; where it is, `numbers` finds out."""
        return port in USUAL_PORTS or self.names(host, port)

    def numbers(self, host: str, port: int, patience: Patience) -> list[str]:
        """Where `host` is. Raises NotOfTheWeb, ConnectError, or ReadTimeout."""
        numbers = list(self._asked(host, port, patience))
        if not numbers:
            raise httpcore2.ConnectError("a name without numbers")
        are_public = all(is_public(ip_address(number)) for number in numbers)
        if not (are_public or self.names(host, port)):
            raise NotOfTheWeb
        return numbers

    def names(self, host: str, port: int) -> bool:
        """Whether the administrator does, who says for other ports which."""
        shown = in_brackets(host)
        return f"{shown}:{port}" in self.hosts or (port in USUAL_PORTS and shown in self.hosts)

    def _asked(self, host: str, port: int, patience: Patience) -> Sequence[str]:
        asked = _asking.submit(self.resolve, host, port)
        try:
            return asked.result(patience.left(NAME_SECONDS))
        except (OSError, TimeoutError) as problem:
            asked.cancel()
            patience.left()
            raise httpcore2.ConnectError("a name that nobody knows") from problem


class Network(httpcore2.NetworkBackend):
    """For one fetch, with all its redirects."""

    def __init__(self, guard: Guard, patience: Patience) -> None:
        self._guard, self._patience = guard, patience

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> "Stream":
        *others, last = self._guard.numbers(host, port, self._patience)[:TRIES]
        for number in others:
            with suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return self._connected(number, port)
        return self._connected(last, port)

    def _connected(self, number: str, port: int) -> "Stream":
        seconds = self._patience.left(CONNECT_SECONDS)
        try:
            return Stream(self._guard.below.connect_tcp(number, port, seconds), self._patience)
        except httpcore2.ConnectTimeout:
            self._patience.left()
            raise


class Stream(httpcore2.NetworkStream):
    """A connection on which no wait is longer than the patience that is left."""

    def __init__(self, below: httpcore2.NetworkStream, patience: Patience) -> None:
        self._below, self._patience = below, patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._patience.count(self._below.read(max_bytes, self._patience.left(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._below.write(buffer, self._patience.left(timeout))

    def close(self) -> None:
        self._below.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "Stream":
        try:
            seconds = self._patience.left(timeout)
        except httpcore2.ReadTimeout:
            self.close()
            raise
        try:
            secret = self._below.start_tls(ssl_context, server_hostname, seconds)
        except httpcore2.ConnectError as problem:
            if isinstance(problem.__cause__, ssl.SSLCertVerificationError):
                raise NotTheirs from problem
            raise
        return Stream(secret, self._patience)

    def get_extra_info(self, info: str) -> Any:
        return self._below.get_extra_info(info)
