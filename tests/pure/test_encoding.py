"""The body of a large call: the same JSON, made and sent in pieces."""

import asyncio
import json
from typing import Any

import orjson
import pytest
from openai._models import FinalRequestOptions

from conversations.provider.openai_api import encoding
from conversations.provider.openai_api.network import WRITTEN_BYTES, Connection

PICTURE = {"type": "image_url", "image_url": {"url": "data:," + "A" * 100_000, "detail": "low"}}
WORDS = {"type": "text", "text": 'Which “one” is\n\\larger\\? 😀 "'}
MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [WORDS, *[PICTURE] * 10]},
    {"role": "user", "content": []},
]
BODY = {"model": "a", "stream": True, "temperature": 0.5, "messages": []}


def asked(messages: list[dict[str, Any]]) -> FinalRequestOptions:
    return FinalRequestOptions.construct(
        method="post", url="/", json_data=BODY, extra_json={"messages": messages}
    )


@pytest.mark.parametrize("messages", [MESSAGES, MESSAGES[:1], []])
def test_it_says_the_same(messages: list[dict[str, Any]]) -> None:
    whole = {**BODY, "messages": messages}
    assert json.loads(encoding.encoded(whole)) == whole


def test_a_large_one_is_made_beforehand_one_picture_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []
    real = orjson.dumps

    def dumps(what: Any) -> bytes:
        made.append(len(done := real(what)))
        return done

    monkeypatch.setattr(orjson, "dumps", dumps)
    ready = asyncio.run(encoding.in_pieces(asked(MESSAGES)))
    assert isinstance(ready.json_data, bytes)
    assert ready.extra_json is None
    assert json.loads(ready.json_data) == {**BODY, "messages": MESSAGES}
    assert 100_000 < max(made) < 200_000


def test_a_small_one_is_left_to_the_sdk() -> None:
    small = asked(MESSAGES[:1])
    assert asyncio.run(encoding.in_pieces(small)) is small


def test_it_is_written_in_pieces_and_waits_for_who_reads_slowly() -> None:
    class Slow:
        """Has had enough with every piece."""

        def write(self, data: bytes) -> None:
            written.append(data)
            connection.pause_writing()

    async def write() -> int:
        connection.transport = Slow()  # type: ignore[assignment]
        writing = asyncio.create_task(connection.write(data))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waited = len(written)
        while not writing.done():
            connection.resume_writing()
            await asyncio.sleep(0)
        return waited

    async def connected() -> Connection:
        return Connection()

    written: list[bytes] = []
    data = bytes(range(256)) * 4096
    with asyncio.Runner() as runner:
        connection = runner.run(connected())
        assert runner.run(write()) == 1
    assert b"".join(written) == data
    assert max(map(len, written)) <= WRITTEN_BYTES < len(data)
