"""The network below httpcore2, which makes our connections and keeps them for the next call.

Between a token's packet and us there would be anyio, h11 and half a dozen generators: 120 µs of CPU
a token at the pace of a model, and a third of it without them. So h11 gets the head of an answer from us and
not a byte more; body.py reads the body from here, and gives the end of it back to h11, for which
the connection is then good for another call. TLS, proxies and the pool stay with those who know them.
"""

# ruff: noqa: ASYNC109 the time-outs are handed to us by httpcore2

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any, cast

import httpcore2
import httpx2

# As h11 finds the end of a head.
BLANK_LINE = re.compile(rb"\n\r?\n")
# The next address of a host is tried when one has not answered for so long.
ADDRESS_SECONDS = 3.0
# What may wait to be read before the provider is told to hold back.
UNREAD_BYTES = 256 * 1024
# So much goes out at once: pictures are 20 MB, and TLS would encrypt all of it while everybody waits.
WRITTEN_BYTES = 256 * 1024
# Of whoever writes to a provider: called as the first bytes go out. The SDK has no word for that moment.
goes_out: ContextVar[Callable[[], None]] = ContextVar("goes_out", default=lambda: None)
# Takes what has come and says whether it wants more.
Take = Callable[[bytes], bool]
NAMES = {"client_addr": "sockname", "server_addr": "peername"}


class Connection(asyncio.Protocol):
    """What has come, until somebody takes it."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._came: list[bytes] = []
        self._size = 0
        self._over = False
        self._problem: Exception | None = None
        self._take: Take | None = None
        self._taken: asyncio.Future[bool] = self._loop.create_future()
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def is_readable(self) -> bool:
        """Something has come, be it the end."""
        return bool(self._came) or self._over

    async def hand_to(self, take: Take) -> bool:
        """Until `take` wants no more; False when the connection ended before.

        The loop calls it as bytes come: no task is woken for them. Raises OSError when the connection
        broke, and what `take` raises.
        """
        self._take, self._taken = take, self._loop.create_future()
        try:
            self._offer()
            return await self._taken
        finally:
            self._take = None

    async def read(self) -> bytes:
        """All that has come, as soon as that is something; nothing at the end. Raises OSError."""
        came: list[bytes] = []

        def take_once(data: bytes) -> bool:
            came.append(data)
            return False

        await self.hand_to(take_once)
        return b"".join(came)

    def put_back(self, unread: bytes) -> None:
        if unread:
            self._came.insert(0, unread)

    async def write(self, data: bytes) -> None:
        """Raises OSError."""
        rest = memoryview(data)
        while rest:
            self.transport.write(bytes(rest[:WRITTEN_BYTES]))
            await self._writable.wait()
            if self._problem:
                raise self._problem
            rest = rest[WRITTEN_BYTES:]
            if rest:
                await asyncio.sleep(0)

    def _offer(self) -> None:
        if self._take is None or self._taken.done():
            return
        try:
            enough = bool(self._came) and not self._take(self._all())
        except Exception as problem:  # noqa: BLE001 whoever waits gets it
            self._taken.set_exception(problem)
            return
        if enough or (self._over and self._problem is None):
            self._taken.set_result(enough)
        elif self._problem:
            self._taken.set_exception(self._problem)

    def _all(self) -> bytes:
        came, self._came, self._size = b"".join(self._came), [], 0
        self.transport.resume_reading()
        return came

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._came.append(data)
        self._size += len(data)
        if self._size >= UNREAD_BYTES:
            self.transport.pause_reading()
        self._offer()

    def connection_lost(self, problem: Exception | None) -> None:
        self._over, self._problem = True, problem
        self._writable.set()
        self._offer()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()


class Stream(httpcore2.AsyncNetworkStream):
    """A connection as httpcore2 wants it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._head_expected = False
        self._tail = b""
        # h11 has read the head of an answer and nothing behind it.
        self.at_body = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _told_as(httpcore2.ReadTimeout, httpcore2.ReadError):
            async with asyncio.timeout(timeout):
                came = await self.connection.read()
        self.at_body = False
        self.connection.put_back(came[max_bytes:])
        came = came[:max_bytes]
        return self._head_of(came) if self._head_expected else came

    def _head_of(self, came: bytes) -> bytes:
        seen = self._tail + came
        end = BLANK_LINE.search(seen)
        if end is None:
            self._tail = seen[-2:]
            return came
        length = end.end() - len(self._tail)
        self.connection.put_back(came[length:])
        self._head_expected, self.at_body = False, True
        return came[:length]

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._head_expected, self.at_body, self._tail = True, False, b""
        goes_out.get()()
        with _told_as(httpcore2.WriteTimeout, httpcore2.WriteError):
            async with asyncio.timeout(timeout):
                await self.connection.write(buffer)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "Stream":
        loop, plain = asyncio.get_running_loop(), self.connection.transport
        try:
            with _told_as(httpcore2.ConnectTimeout, httpcore2.ConnectError):
                async with asyncio.timeout(timeout):
                    secret = await loop.start_tls(
                        plain, self.connection, ssl_context, server_hostname=server_hostname
                    )
        except BaseException:
            plain.abort()
            raise
        self.connection.connection_made(cast(asyncio.Transport, secret))
        return self

    async def aclose(self) -> None:
        # What was not read to its end is not wanted: the provider should know at once.
        self.connection.transport.abort()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return self.connection.is_readable
        return self.connection.transport.get_extra_info(NAMES.get(info, info))


class Network(httpcore2.AsyncNetworkBackend):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> Stream:
        loop = asyncio.get_running_loop()
        local = (local_address, 0) if local_address else None
        with _told_as(httpcore2.ConnectTimeout, httpcore2.ConnectError):
            async with asyncio.timeout(timeout):
                made = await _connected(host, port, local)
                transport, connection = await loop.create_connection(Connection, sock=made)
        for option in socket_options or ():
            transport.get_extra_info("socket").setsockopt(*option)
        return Stream(connection)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def _connected(host: str, port: int, local: tuple[str, int] | None) -> socket.socket:
    """A socket to the first address of the host that answers. Raises OSError.

    asyncio races the addresses, and when it is cancelled in the wrong moment it forgets the socket
    that has won and lets it stand open; here each is closed by whoever made it.
    """
    loop = asyncio.get_running_loop()
    problem: Exception = OSError(f"{host} has no address")
    for family, kind, proto, _, address in await loop.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        made = socket.socket(family, kind, proto)
        try:
            made.setblocking(False)
            if local:
                made.bind(local)
            async with asyncio.timeout(ADDRESS_SECONDS):
                await loop.sock_connect(made, address)
            return made
        except (OSError, TimeoutError) as trouble:
            made.close()
            problem = trouble
        except BaseException:
            made.close()
            raise
    raise problem


class Transport(httpx2.AsyncHTTPTransport):
    """httpx2's own, on a pool whose sockets are ours."""

    def __init__(self, limits: httpx2.Limits) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(),
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=Network(),
        )


@contextlib.contextmanager
def _told_as(late: type[Exception], broken: type[Exception]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as problem:
        raise late(problem) from problem
    except OSError as problem:
        raise broken(problem) from problem
