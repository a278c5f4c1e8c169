"""Our port to OpenAI's API against the stub: what came is kept, and each trouble has its name."""

import asyncio
import logging

import pytest

from conversations.provider.interface import Usage
from tests.contracts.port import KEY, Heard, ask, call, port_to
from tests.stub_provider import (
    Chunk,
    Refuse,
    Reply,
    Stub,
    Think,
    pause,
    says,
)
from tests.stub_provider import Model as Scripts


def test_text_thinking_usage_and_reason_of_a_whole_answer(stub: Stub, model: Scripts) -> None:
    heard = ask(stub, model.will_say(Think("hm"), "one ", "two", finish="length"))
    assert (heard.text, heard.reasoning, heard.problem) == ("one two", "hm", None)
    assert heard.report.finish_reason == "length"
    assert heard.report.usage == Usage(input=11, cached_input=3, output=7, reasoning=2)
    assert heard.report.request_id.startswith("req_")


def test_a_refusal_is_the_answer_in_the_models_own_words(stub: Stub, model: Scripts) -> None:
    assert ask(stub, model.will_say(Refuse("I would rather not."))).text == "I would rather not."


def test_a_limit_and_usage_are_always_asked_for(stub: Stub, model: Scripts) -> None:
    script = model.will_say("x")
    ask(stub, script, temperature=0.5)
    assert script.request.parameters == {
        "model": "gpt-4.1-mini",
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 100,
        "temperature": 0.5,
    }


def test_the_first_piece_comes_before_the_second_is_sent(stub: Stub, model: Scripts) -> None:
    script = model.will_say("one ", pause, "two")

    async def run() -> Heard:
        port, heard = port_to(stub.base_url), Heard()
        task = asyncio.create_task(call(port, script.question, heard))
        while heard.text != "one ":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        script.resume()
        await task
        await port.close()
        return heard

    assert asyncio.run(asyncio.wait_for(run(), 5)).text == "one two"


def test_cancelling_closes_the_connection_at_once(stub: Stub, model: Scripts) -> None:
    script = model.will_say("one ", pause, "two")

    async def run() -> None:
        port, heard = port_to(stub.base_url), Heard()
        task = asyncio.create_task(call(port, script.question, heard))
        while heard.text != "one ":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(script.request.wait_until_closed, 0.5)
        await port.close()

    asyncio.run(asyncio.wait_for(run(), 5))


def test_the_next_call_goes_over_the_same_connection(stub: Stub, model: Scripts) -> None:
    """A new connection costs two round trips and a TLS handshake before the first token."""
    script = model.will_say("one ", "two")

    async def run() -> None:
        port = port_to(stub.base_url)
        for _ in range(3):
            await call(port, script.question, Heard())
        await port.close()

    asyncio.run(asyncio.wait_for(run(), 5))
    assert len({request.client for request in script.requests}) == 1


THINKS = {
    "tags": says("<th", "ink>h", "m</thi", "nk>\n\nYes", "."),
    "reasoning_content": says(Think("hm"), "Yes", "."),
    "reasoning": says(Chunk({"choices": [{"index": 0, "delta": {"reasoning": "hm"}}]}), "Yes."),
    "both, one empty": says(
        Chunk({"choices": [{"index": 0, "delta": {"reasoning_content": "", "reasoning": "hm"}}]}),
        "Yes.",
    ),
}


@pytest.mark.parametrize("reply", THINKS.values(), ids=THINKS.keys())
def test_thinking_is_no_part_of_the_answer(stub: Stub, model: Scripts, reply: Reply) -> None:
    heard = ask(stub, model.will_answer(reply))
    assert (heard.text, heard.reasoning, heard.problem) == ("Yes.", "hm", None)


def test_the_sdk_logs_neither_the_key_nor_what_is_asked(
    stub: Stub, model: Scripts, caplog: pytest.LogCaptureFixture
) -> None:
    """As with OPENAI_LOG=debug, and with all that its libraries have to say."""
    with caplog.at_level(logging.DEBUG):
        for name in ("openai", "httpx2", "httpcore2"):
            caplog.set_level(logging.DEBUG, name)
        script = model.will_say("An answer")
        ask(stub, script)
    assert "Sending HTTP Request" in caplog.text
    for private in (KEY, "Bearer", script.question, "An answer"):
        assert private not in caplog.text
