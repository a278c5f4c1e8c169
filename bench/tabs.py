"""Readers: a socket that asks, counts the tokens that come and notes how late they are."""

import asyncio
import secrets
import time
from enum import Enum
from typing import Any

import orjson

from bench import wire
from bench.tokens import MARK, delays

PATIENCE_SECONDS = 60


def question(rate: float, tokens: int = 0) -> str:
    """What bench/provider.py is to answer: `rate` 0 is as fast as it is read, `tokens` 0 no end."""
    return orjson.dumps({"rate": rate, "tokens": tokens}).decode()


class Dialect(Enum):
    """How a server wants to be asked, and what it says at the end."""

    OURS = b'"run.finished"'
    REFERENCE = b'"finished"'

    def ask(self, text: str, conversation: str | None = None) -> bytes:
        if self is Dialect.REFERENCE:
            return orjson.dumps({"text": text})
        return command("message.send", conversation=conversation, parent=None, text=text)


def command(type: str, **fields: Any) -> bytes:
    return orjson.dumps({"type": type, "id": secrets.token_hex(8), **fields})


class Tab:
    def __init__(self, dialect: Dialect, person: str) -> None:
        self.dialect, self.person = dialect, person
        self.tokens = 0
        self.noting = False
        self.delays: list[int] = []
        self.ack: bytes = b""
        self.asked_at = self.acked_at = self.first_at = 0.0
        self._first = asyncio.Event()
        self._end = asyncio.Event()
        self.wire: wire.Wire

    @classmethod
    async def opened(cls, dialect: Dialect, port: int, person: str) -> "Tab":
        """`person` is the cookie that says who it is."""
        tab = cls(dialect, person)
        tab.wire = await wire.opened(port, person, tab._hear)
        return tab

    def _hear(self, frame: bytes) -> None:
        count = frame.count(MARK)
        if count:
            if not self.tokens:
                self.first_at = time.perf_counter()
                self._first.set()
            self.tokens += count
            if self.noting:
                self.delays += delays(frame)
        elif self.dialect.value in frame:
            self._end.set()
        elif b'"ack"' in frame:
            self.ack, self.acked_at = frame, time.perf_counter()
        elif frame.startswith(b'{"type":"error"'):
            raise SystemExit(f"{self.dialect.name.lower()} refused: {frame.decode()}")

    def ask(self, text: str, conversation: str | None = None) -> None:
        self.tokens, self.delays = 0, []
        self._first.clear()
        self._end.clear()
        self.asked_at = time.perf_counter()
        self.wire.say(self.dialect.ask(text, conversation))

    async def first_token(self) -> float:
        """Seconds from the question to its first token."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._first.wait()
        return self.first_at - self.asked_at

    async def end(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._end.wait()

    def close(self) -> None:
        self.wire.transport.abort()
