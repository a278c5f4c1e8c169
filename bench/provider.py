"""The provider of the benchmarks: OpenAI's stream, on schedule or as fast as it is read.

The question says what it wants: {"rate": tokens a second or 0, "tokens": how many or 0 for no end}; with
"shape" the tokens are the last of an answer in that shape (bench/answers.py), all before them come at once.
`GET /open` says how many streams are open, `POST /end` ends them all as a model would.
The stub of the tests can misbehave in a hundred ways and is too slow to measure anybody with.
"""

import asyncio
import gc
import random
import sys

import orjson

from bench import answers
from bench.tokens import now, token

CHUNK = (
    b'data: {"id":"chatcmpl-BenchBenchBenchBenchBench","object":"chat.completion.chunk",'
    b'"created":1790000000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default",'
    b'"system_fingerprint":"fp_0123456789","choices":[{"index":0,"delta":%b,"logprobs":null,'
    b'"finish_reason":%b}],"usage":null}\n\n'
)
USAGE = (
    b'data: {"id":"chatcmpl-BenchBenchBenchBenchBench","object":"chat.completion.chunk",'
    b'"created":1790000000,"model":"gpt-4o-mini-2024-07-18","choices":[],"usage":'
    b'{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18}}\n\n'
)
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    b"x-request-id: req_bench\r\nTransfer-Encoding: chunked\r\n\r\n"
)
# A flat-out stream is written so many tokens at a time: some 10 KB, as a loaded network brings it.
AT_ONCE = 32


def http_chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def spoken(moment: int) -> bytes:
    return http_chunk(CHUNK % (b'{"content":"%b"}' % token(moment), b"null"))


def said(text: str) -> bytes:
    return http_chunk(CHUNK % (orjson.dumps({"content": text}), b"null"))


FIRST = http_chunk(CHUNK % (b'{"role":"assistant","content":"","refusal":null}', b"null"))
LAST = b"".join(
    http_chunk(data) for data in (CHUNK % (b"{}", b'"stop"'), USAGE, b"data: [DONE]\n\n", b"")
)


class Stream:
    """One answer on its way."""

    def __init__(self, caller: "Caller", rate: float, tokens: int) -> None:
        self.caller, self.rate = caller, rate
        self.left = tokens or 10**9
        self.flowing = asyncio.Event()
        self.flowing.set()

    async def run(self) -> None:
        # In one write, so that the first token is not held back by Nagle or the loop.
        self.caller.transport.write(HEAD + FIRST + spoken(now()))
        self.left -= 1
        await (self._on_schedule() if self.rate else self._flat_out())
        self.caller.transport.write(LAST)

    async def _on_schedule(self) -> None:
        loop, period = asyncio.get_running_loop(), 1 / self.rate
        due = loop.time() + period * random.random()  # or all streams would come in one bunch
        while self.left > 0:
            await asyncio.sleep(due - loop.time())
            self.caller.transport.write(spoken(now()))
            self.left -= 1
            due += period

    async def shaped(self, shape: str) -> None:
        pieces = answers.tokens(answers.answer(shape))
        before, rest = pieces[: -self.left], pieces[-self.left :]
        self.caller.transport.write(HEAD + FIRST + said("".join(before)))
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, piece in enumerate(rest):
            await asyncio.sleep(began + number / self.rate - loop.time())
            self.caller.transport.write(said(piece))
        self.caller.transport.write(LAST)

    async def _flat_out(self) -> None:
        while self.left > 0:
            await self.flowing.wait()
            count = min(AT_ONCE, self.left)
            self.caller.transport.write(spoken(now()) * count)
            self.left -= count
            await asyncio.sleep(0)


class Caller(asyncio.Protocol):
    """One connection; it is kept for the next call."""

    streams: set["Caller"] = set()

    def __init__(self) -> None:
        self.received = b""
        self.stream: Stream | None = None
        self.task: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.lower().split(b"\r\n")
        lengths = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
        if len(body) >= sum(lengths):
            self.received = b""
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET /open"):
            self._say(b"%d" % len(self.streams))
        elif head.startswith(b"POST /end"):
            for caller in self.streams:
                assert caller.stream
                caller.stream.left = 0
            self._say(b"")
        else:
            wanted = orjson.loads(orjson.loads(body)["messages"][-1]["content"])
            self.stream = Stream(self, wanted["rate"], wanted["tokens"])
            self.streams.add(self)
            shape = wanted.get("shape")
            work = self.stream.shaped(shape) if shape else self.stream.run()
            self.task = asyncio.get_running_loop().create_task(work)
            self.task.add_done_callback(lambda _: self.streams.discard(self))

    def _say(self, text: bytes) -> None:
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text)

    def pause_writing(self) -> None:
        if self.stream:
            self.stream.flowing.clear()

    def resume_writing(self) -> None:
        if self.stream:
            self.stream.flowing.set()

    def connection_lost(self, problem: Exception | None) -> None:
        if self.task:
            self.task.cancel()


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Caller, "127.0.0.1", port, backlog=2048)
    gc.freeze()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
