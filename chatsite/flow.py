"""A long answer over HTTP is made no faster than it is read: what waits for the network is bounded."""

import asyncio

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
class Flow:
    """Told by Twisted when the network is full, and when it takes more; asked by who makes the answer."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    async def wait(self) -> None:
        await self._open.wait()

    def pauseProducing(self) -> None:  # noqa: N802 Twisted's name
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802
        """The reader is gone; whoever waits is ended as every request of theirs is."""
        self._open.set()
