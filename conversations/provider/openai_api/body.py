"""The body of a streamed answer: as much at once as has come."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import httpx2
from openai import AsyncAPIResponse

from conversations.provider.openai_api.network import Stream

# A chunk's size, behind the line break of the chunk before (RFC 9112, 7.1), and what may become one.
SIZE = re.compile(rb"\r\n([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")
SIZE_BEGUN = re.compile(rb"\r?|\r\n[0-9a-fA-F]{0,16}[ \t]*(?:;[^\r\n]{0,16384})?\r?")
NOT_CHUNKS = "The body is not in chunks as its head says."
CUT = "The connection was closed before the end of the body."

# Is given each part as it comes, and says whether it wants more.
Hear = Callable[[bytes], bool]


async def read(response: AsyncAPIResponse[Any], hear: Hear) -> None:
    """To its end, or until `hear` has heard enough. Raises httpx2's errors, and those of `hear`."""
    http = response.http_response
    stream = http.extensions.get("network_stream")
    if isinstance(stream, Stream) and stream.at_body and _is_plain(http):
        more = await _read_straight(stream, hear)
        if not more:
            return
    async for part in response.iter_bytes():
        if not hear(part):
            return
        await asyncio.sleep(0)  # what came with it needs no waiting for: others get their turn


def _is_plain(answer: httpx2.Response) -> bool:
    """200 has a body, whatever else may say that it has one (RFC 9112, 6.3)."""
    coding = answer.headers.get("transfer-encoding", "").lower()
    is_packed = answer.headers.get("content-encoding", "identity") != "identity"
    return answer.status_code == 200 and coding == "chunked" and not is_packed


async def _read_straight(stream: Stream, hear: Hear) -> bool:
    """All but the last chunk, which is empty and h11's to read, with what may come behind it.

    False when `hear` has heard enough.
    """
    chunks = Chunks()
    wanted = True

    def take(came: bytes) -> bool:
        nonlocal wanted
        part = chunks.feed(came)
        wanted = not part or hear(part)
        if chunks.broken:
            raise httpx2.RemoteProtocolError(NOT_CHUNKS)
        return wanted and not chunks.over

    try:
        if not await stream.connection.hand_to(take):
            raise httpx2.RemoteProtocolError(CUT)
    except OSError as problem:
        raise httpx2.ReadError(str(problem)) from problem
    stream.connection.put_back(chunks.rest)
    return wanted


class Chunks:
    """Takes the chunked coding off, wherever the packets are cut."""

    def __init__(self) -> None:
        self.over = False
        # To be raised by the caller once it has handed on what came before it.
        self.broken = False
        # As if a chunk had ended: then there is only one form of a size's line.
        self.rest = b"\r\n"
        self._left = 0

    def feed(self, came: bytes) -> bytes:
        """The data in `came`; once it is over, `rest` begins with the last chunk."""
        came = self.rest + came if self.rest else came
        at, end, data = 0, len(came), []
        while at < end:
            if not self._left:
                size = SIZE.match(came, at)
                if size is None:
                    break
                self._left = int(size[1], 16)
                if not self._left:
                    self.over, at = True, at + len(b"\r\n")
                    break
                at = size.end()
            part = came[at : at + self._left]
            data.append(part)
            self._left -= len(part)
            at += len(part)
        self.rest = came[at:]
        self.broken = not self.over and not SIZE_BEGUN.fullmatch(self.rest)
        return b"".join(data)
