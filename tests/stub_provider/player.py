"""Plays one reply onto one connection."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, Protocol

from tests.stub_provider import wire
from tests.stub_provider.script import Reply, Script
from tests.stub_provider.steps import (
    CallTool,
    Chunk,
    Comments,
    Cut,
    EndOfBody,
    Event,
    Pause,
    Raw,
    Refuse,
    Reset,
    Say,
    Sleep,
    Stall,
    Step,
    Think,
)

RST = struct.pack("ii", 1, 0)  # linger on, zero seconds: close sends RST


class Out(Protocol):
    """Where the bytes go: the connection."""

    transport: asyncio.Transport

    async def send(self, data: bytes) -> None: ...


class Over(Exception):
    """The script ended the answer itself; `alive` says whether the connection can be used again."""

    def __init__(self, alive: bool) -> None:
        self.alive = alive


class Player:
    """One streamed answer: turns steps into chunks, chunks into server-sent events."""

    def __init__(
        self, out: Out, reply: Reply, asked: dict[str, Any], script: Script | None
    ) -> None:
        options = asked.get("stream_options") or {}
        self.out, self.reply, self.script = out, reply, script
        self.usage_asked = bool(options.get("include_usage"))
        self.completion = wire.Completion(str(asked.get("model")), self.usage_asked)
        self.began = False
        self.reported: dict[str, Any] = {}

    async def play(self) -> bool:
        """Send the whole answer; whether the connection is still good afterwards."""
        headers = {**wire.openai_headers("text/event-stream; charset=utf-8"), **self.reply.headers}
        await asyncio.sleep(self.reply.first_byte_after)
        await self.out.send(wire.head(200, {**headers, "transfer-encoding": "chunked"}))
        try:
            for step in self.reply.steps:
                await self.take(step)
            await self._end()
        except Over as over:
            return over.alive
        finally:
            if self.script and self.reported:
                self.script.reported.append(self.reported)
        return True

    async def _end(self) -> None:
        if self.reply.finish is not None:
            await self._chunk({}, self.reply.finish)
        if self.reply.usage is not None and (self.usage_asked or self.reply.usage_unasked):
            await self._event(self.completion.usage_chunk(self.reply.usage))
        if self.reply.done:
            await self.body(wire.sse(b"[DONE]", newline=self.reply.newline))
        await self.out.send(b"0\r\n\r\n")

    async def take(self, step: Step) -> None:
        match step:
            case Say(text, delay):
                await asyncio.sleep(delay)
                await self._chunk({"content": text})
            case Think(text):
                await self._chunk({"reasoning_content": text})
            case Refuse(text):
                await self._chunk({"refusal": text})
            case CallTool():
                await self._call(step)
            case Chunk(changes):
                await self._event({**self.completion.chunk({}), **changes})
            case Event(payload, event):
                await self._event(payload, event)
            case Raw(data):
                await self.body(data)
            case _:
                await self._not_data(step)

    async def _not_data(self, step: Step) -> None:
        match step:
            case Sleep(seconds):
                await asyncio.sleep(seconds)
            case Pause():
                assert self.script is not None, "only a script can be resumed"
                await self.script.wait_for_resume()
            case Comments(every, count):
                await self._comments(every, count)
            case Stall():
                await asyncio.Event().wait()
            case EndOfBody():
                await self.out.send(b"0\r\n\r\n")
                raise Over(alive=True)
            case Cut():
                raise Over(alive=False)
            case Reset():
                reset(self.out.transport)
                raise Over(alive=False)

    async def _comments(self, every: float, count: int | None) -> None:
        sent = 0
        while count is None or sent < count:
            await self.body(b": keep-alive\n\n")
            await asyncio.sleep(every)
            sent += 1

    async def _call(self, call: CallTool) -> None:
        size = max(1, -(-len(call.arguments) // call.pieces))
        head = {"index": call.index, "id": call.id, "type": "function"}
        first = {name: value for name, value in head.items() if name not in call.leave_out}
        await self._chunk(
            {"tool_calls": [{**first, "function": {"name": call.name, "arguments": ""}}]}
        )
        for at in range(0, len(call.arguments), size):
            piece: dict[str, Any] = {"function": {"arguments": call.arguments[at : at + size]}}
            if "index" not in call.leave_out:
                piece["index"] = call.index
            await self._chunk({"tool_calls": [piece]})

    async def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> None:
        if not self.began:
            self.began = True
            await self._chunk({"role": "assistant", "content": "", "refusal": None})
        await self._event(self.completion.chunk(delta, finish))

    async def _event(self, payload: Any, event: str | None = None) -> None:
        if isinstance(payload, dict) and payload.get("usage"):
            self.reported = payload["usage"]
        await self.body(wire.sse(payload, event, self.reply.newline))

    async def body(self, data: bytes) -> None:
        """`data` in the chunked coding, in packets as small as the reply wants them."""
        size = self.reply.packet or len(data)
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            await self.out.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            if self.reply.packet:
                await asyncio.sleep(0)


def reset(transport: asyncio.Transport) -> None:
    """Close with RST instead of FIN."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
    transport.abort()


def put_together(reply: Reply, model: str) -> dict[str, Any]:
    """The same reply for a request that did not ask for a stream."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "annotations": [],
    }
    for step in reply.steps:
        _JOIN.get(type(step), _nothing)(message, step)
    return wire.Completion(model, False).whole(message, reply.finish, reply.usage)


def _nothing(message: dict[str, Any], step: Any) -> None: ...


def _say(message: dict[str, Any], step: Say) -> None:
    message["content"] = (message["content"] or "") + step.text


def _refuse(message: dict[str, Any], step: Refuse) -> None:
    message["refusal"] = (message["refusal"] or "") + step.text


def _think(message: dict[str, Any], step: Think) -> None:
    message["reasoning_content"] = message.get("reasoning_content", "") + step.text


def _call(message: dict[str, Any], step: CallTool) -> None:
    call = {
        "id": step.id,
        "type": "function",
        "function": {"name": step.name, "arguments": step.arguments},
    }
    message.setdefault("tool_calls", []).append(call)


_JOIN: dict[type, Callable[[dict[str, Any], Any], None]] = {
    Say: _say,
    Refuse: _refuse,
    Think: _think,
    CallTool: _call,
}
