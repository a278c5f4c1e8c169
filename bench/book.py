"""`python -m bench.book`: a whole book is pasted in. How long does its answer take, and how long does
everybody else wait meanwhile? Somebody who pings sees how long the event loop stands still."""

import asyncio
import http.client
import sys
import time

import orjson

from bench import wire
from bench.processes import share_the_last_core
from bench.stage import Site, Stage, stage
from bench.tabs import command

BYTES = 4 * 1024 * 1024 - 200
SENTENCE = (
    "Herons stand motionless between flooded meadows, waiting patiently for something to happen. "
)
# Reads it; cannot read it.
MODELS = ("gpt-4.1-mini", "gpt-4o-mini")
PING_SECONDS = 0.006
ASKED = 5
TOKEN = "b" * 32


class Probe:
    """Pings, one after the other, and notes how long the slowest took."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._came = asyncio.Event()

    def hear(self, frame: bytes) -> None:
        if b'"pong"' in frame:
            self._came.set()

    async def run(self, site: Site) -> None:
        line = await wire.opened(site.port, next(site.sessions), self.hear)
        while True:
            self._came.clear()
            began = time.perf_counter()
            line.say(command("ping"))
            await self._came.wait()
            self.worst = max(self.worst, time.perf_counter() - began)
            await asyncio.sleep(PING_SECONDS)


def book() -> str:
    """For the provider it is a question; for the model a book."""
    words = SENTENCE * (BYTES // len(SENTENCE))
    return orjson.dumps({"rate": 0, "tokens": 3, "book": words}).decode()


def pasted(site: Site, cookie: str, text: str, model: str) -> tuple[float, str]:
    """Seconds until the answer is there, and how that ended."""
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    headers = {
        "Content-Type": "application/json",
        "Cookie": f"{cookie}; csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
        "Origin": f"http://127.0.0.1:{site.port}",
    }
    body = orjson.dumps({"text": text, "wait": True, "options": {"model": model}})
    began = time.perf_counter()
    line.request("POST", "/api/v1/messages", body, headers)
    answer = line.getresponse()
    said = orjson.loads(answer.read())
    took = time.perf_counter() - began
    line.close()
    if "message" not in said:
        raise SystemExit(f"{answer.status}: {str(said)[:500]}")
    error = said["message"].get("error")
    return took, f"{error['code']}: {error['message']}" if error else said["message"]["status"]


async def measure(set_up: Stage) -> None:
    text, cookie = book(), next(set_up.ours.sessions)
    probe = Probe()
    pinging = asyncio.create_task(probe.run(set_up.ours))
    await asyncio.sleep(1)
    print(f"nobody pastes: slowest ping {probe.worst * 1000:.0f} ms")
    for model in MODELS:
        for _ in range(ASKED):
            probe.worst = 0
            took, end = await asyncio.to_thread(pasted, set_up.ours, cookie, text, model)
            print(f"{model}: {took * 1000:.0f} ms, slowest ping {probe.worst * 1000:.0f} ms; {end}")
    pinging.cancel()


def main() -> int:
    share_the_last_core()
    with stage() as ready:
        asyncio.run(measure(ready))
    return 0


if __name__ == "__main__":
    sys.exit(main())
