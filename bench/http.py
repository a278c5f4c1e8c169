"""Bare HTTP/1.1 for what is asked between the measurements."""

import contextlib
import http.client
import time
from collections.abc import Iterator

import orjson

from bench.tokens import MARK

SECONDS = 30


@contextlib.contextmanager
def line_to(port: int) -> Iterator[http.client.HTTPConnection]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        yield line
    finally:
        line.close()


def call(port: int, method: str, path: str) -> tuple[int, bytes]:
    with line_to(port) as line:
        line.request(method, path)
        answer = line.getresponse()
        return answer.status, answer.read()


def first_token_seconds(line: http.client.HTTPConnection, question: str) -> float:
    """How long the provider itself takes to its first token, on a connection that is open."""
    asked = {"stream": True, "messages": [{"role": "user", "content": question}]}
    began = time.perf_counter()
    line.request("POST", "/v1/chat/completions", orjson.dumps(asked))
    answer = line.getresponse()
    came = b""
    while MARK not in came:
        came = answer.read1()
    took = time.perf_counter() - began
    answer.read()
    return took
