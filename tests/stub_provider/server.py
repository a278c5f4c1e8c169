"""The stub as an HTTP/1.1 server: its own thread and loop, a loopback port of its own.

Written on bare sockets, because what it is for (resets, half events, one-byte packets) is what
HTTP libraries take care to make impossible.
"""

import asyncio
import socket
import threading
import time
from dataclasses import replace
from typing import Any, Self

from tests.stub_provider import wire
from tests.stub_provider.dialects import dialect_of, lists_deployments
from tests.stub_provider.judge import Judge
from tests.stub_provider.player import Player, put_together
from tests.stub_provider.record import Request
from tests.stub_provider.script import MARKER, Reply, Script, fails, says
from tests.stub_provider.steps import words


class Connection(asyncio.Protocol):
    """One client connection: requests one after the other, the client's leaving noticed at once."""

    transport: asyncio.Transport

    def __init__(self, stub: "Stub") -> None:
        self.stub = stub
        self.buffer = bytearray()
        self.more = asyncio.Event()
        self.writable = asyncio.Event()
        self.writable.set()
        self.current: Request | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.client = int(transport.get_extra_info("peername")[1])
        self.task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.buffer.startswith(b"\x16"):  # somebody speaks TLS to us
            self.transport.abort()
        self.more.set()

    def eof_received(self) -> None:
        self._gone()

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def _gone(self) -> None:
        if self.current:
            self.current.client_left()
            self.current = None
        self.task.cancel()

    async def send(self, data: bytes) -> None:
        self.transport.write(data)
        await self.writable.wait()

    async def _serve(self) -> None:
        try:
            while await self._answer(await self._next_request()):
                pass
        finally:
            self.transport.close()

    async def _answer(self, request: Request) -> bool:
        self.current = request
        alive = await self.stub.answer(self, request)
        request.answered_at = time.monotonic()
        self.current = None
        return alive

    async def _until(self, size: int) -> None:
        while len(self.buffer) < size:
            self.more.clear()
            await self.more.wait()

    async def _next_request(self) -> Request:
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            await self._until(len(self.buffer) + 1)
        start, *lines = bytes(self.buffer[:end]).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        size = end + 4 + int(headers.get("content-length", 0))
        await self._until(size)
        method, path, _ = start.split(" ", 2)
        body = bytes(self.buffer[end + 4 : size])
        request = Request(method, path, headers, body, self.client)
        del self.buffer[:size]
        return request


class Stub:
    """The server and the scripts it goes by. Use it as a context manager."""

    def __init__(self, port: int = 0, word_delay: float = 0.0) -> None:
        self.socket = socket.create_server(("127.0.0.1", port))
        self.port: int = self.socket.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        self.requests: list[Request] = []
        self.scripts: dict[str, Script] = {}
        self.judges: dict[str, Judge] = {}
        self.word_delay = word_delay
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="stub-provider", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(30)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        serving = self.loop.create_server(lambda: Connection(self), sock=self.socket)
        server = self.loop.run_until_complete(serving)
        self.loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))

    def add(self, script: Script) -> Script:
        self.scripts[script.key] = script
        return script

    def script_for(self, request: Request) -> Script | None:
        """By the marker in the last user message, by its whole text, or by the model's name."""
        text = request.last_user_text
        marks = MARKER.findall(text)
        keys = [*reversed(marks), text, str(request.json.get("model"))]
        return next((self.scripts[key] for key in keys if key in self.scripts), None)

    async def answer(self, out: Connection, request: Request) -> bool:
        """Answer one request; whether the connection can take another."""
        self.requests.append(request)
        dialect = dialect_of(request)
        if dialect.call == "/v1/models" and request.method == "GET":
            return await self._send(out, 200, wire.as_json(wire.model_list()))
        if dialect.call == "/v1/deployments" and lists_deployments(request):
            return await self._send(out, 200, wire.as_json(wire.deployment_list()))
        if dialect.call == "/v1/moderations" and request.method == "POST":
            return await self._judge(out, request)
        if dialect.call != "/v1/chat/completions" or request.method != "POST":
            missing = wire.error_body(
                404, f"Invalid URL ({request.method} {request.path})", code=None
            )
            return await self._send(out, 404, wire.as_json(missing))
        script = self.script_for(request)
        reply = self._reply_to(request, script)
        refused = dialect.objection(request)
        if not dialect.counts:
            reply = replace(reply, usage=None)
        return await self._reply(out, request.json, refused or reply, script)

    async def _judge(self, out: Connection, request: Request) -> bool:
        """By the word that stands somewhere in the request; nobody minds what no word is waited for in."""
        asked = request.body.decode()
        judge = next((judge for word, judge in self.judges.items() if word in asked), Judge())
        reply = judge.reply(request)
        await asyncio.sleep(reply.first_byte_after)
        return await self._send(out, reply.status, reply.body or b"", reply.headers)

    def _reply_to(self, request: Request, script: Script | None) -> Reply:
        if request.wants_summary:
            return script.next_summary(request) if script else fails(400)
        if script is None:
            return self._echo(request)
        if request.wants_title:
            return script.next_title(request)
        return script.next_reply(request, self.loop)

    async def _reply(
        self, out: Connection, asked: dict[str, Any], reply: Reply, script: Script | None
    ) -> bool:
        if reply.body is not None:
            await asyncio.sleep(reply.first_byte_after)
            return await self._send(out, reply.status, reply.body, reply.headers)
        if asked.get("stream"):
            return await Player(out, reply, asked, script).play()
        return await self._send(out, 200, wire.as_json(put_together(reply, str(asked["model"]))))

    async def _send(
        self, out: Connection, status: int, body: bytes, headers: dict[str, str] | None = None
    ) -> bool:
        fields = {**wire.openai_headers("application/json"), **(headers or {})}
        await out.send(wire.head(status, {**fields, "content-length": str(len(body))}) + body)
        return True

    def _echo(self, request: Request) -> Reply:
        """Nobody wrote a script: the question comes back word by word."""
        text = request.last_user_text
        if not text:
            return fails(400, "There is no user message to answer.")
        pictures = len(request.images())
        seen = f"[{pictures} image(s)] " if pictures else ""
        return says(words(f"You said: {seen}{text}", self.word_delay))
