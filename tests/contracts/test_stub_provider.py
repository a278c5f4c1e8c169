"""The stub is believed by every other test, so it is itself held against the real SDK."""

import asyncio
import base64
import json
import time
from typing import Any

import openai
import pytest

from tests.contracts.sdk import ask, client
from tests.stub_provider import (
    CallTool,
    Model,
    Refuse,
    Stub,
    Think,
    fails,
    pause,
    says,
    words,
)

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5Er"
    "kJggg=="
)


def test_text_arrives_as_it_was_cut_with_finish_reason_and_usage(stub: Stub, model: Model) -> None:
    script = model.will_say("one ", "two ", "three")
    heard = ask(stub, script)
    assert heard.deltas == ["one ", "two ", "three"]
    assert heard.finish == ["stop"]
    assert [usage.prompt_tokens for usage in heard.usage] == [11]
    assert heard.chunks[0].choices[0].delta.role == "assistant"
    assert heard.chunks[-1].choices == []


def test_usage_comes_only_when_it_is_asked_for(stub: Stub, model: Model) -> None:
    heard = ask(stub, model.will_say("x"), stream_options=None)
    assert heard.usage == [] and heard.finish == ["stop"]
    assert ask(stub, model.will_say("x", usage=None)).usage == []


def test_a_request_without_stream_gets_one_object(stub: Stub, model: Model) -> None:
    script = model.will_say(words("all in one piece"), finish="length")

    async def run() -> Any:
        async with client(stub) as api:
            raw = await api.chat.completions.with_raw_response.create(
                model="gpt-4.1", messages=[{"role": "user", "content": script.question}]
            )
            assert raw.headers["x-request-id"].startswith("req_")
            return raw.parse()

    whole = asyncio.run(run())
    assert whole.choices[0].message.content == "all in one piece"
    assert whole.choices[0].finish_reason == "length"
    assert whole.usage.total_tokens == 18


def test_models_are_listed(stub: Stub) -> None:
    async def run() -> list[str]:
        async with client(stub) as api:
            return [entry.id async for entry in api.models.list()]

    assert "gpt-4.1-mini" in asyncio.run(run())


def test_without_a_script_the_question_is_echoed(stub: Stub) -> None:
    assert ask(stub, "hello there").text == "You said: hello there"


def test_a_script_may_answer_to_an_exact_text_or_a_model_name(stub: Stub, model: Model) -> None:
    model.will_answer(says("by text"), asked="exactly this", exactly=True)
    model.will_answer(says("by model"), asked="gpt-special", exactly=True)
    assert ask(stub, "exactly this").text == "by text"
    assert ask(stub, "whatever", model="gpt-special").text == "by model"


def test_replies_are_given_in_order_and_the_last_one_stays(stub: Stub, model: Model) -> None:
    script = model.will_answer(fails(503, retry_after="1"), says("now"))
    with pytest.raises(openai.InternalServerError):
        ask(stub, script)
    assert ask(stub, script).text == "now"
    assert ask(stub, script).text == "now"
    assert len(script.requests) == 3


def test_a_request_is_recorded_with_history_parameters_and_image(stub: Stub, model: Model) -> None:
    script = model.will_say("a dot")
    content = [
        {"type": "text", "text": script.question},
        {
            "type": "image_url",
            "image_url": {"url": f"data:image/png;base64,{PIXEL}", "detail": "low"},
        },
    ]
    ask(
        stub,
        script,
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": content}],
        temperature=0.5,
    )
    request = script.request
    assert request.said() == [("system", "Be brief."), ("user", script.question)]
    assert request.parameters["temperature"] == 0.5
    assert request.images() == [base64.b64decode(PIXEL)]
    assert request.headers["authorization"] == "Bearer sk-test"
    assert request.answered_at and request.closed_by_client_at is None


def test_pause_holds_the_answer_and_leaving_is_noticed(stub: Stub, model: Model) -> None:
    script = model.will_say("one ", pause, "two")

    async def run() -> str:
        async with client(stub) as api:
            stream = await api.chat.completions.create(
                model="m", messages=[{"role": "user", "content": script.question}], stream=True
            )
            async for chunk in stream:
                if chunk.choices[0].delta.content:
                    await stream.close()
                    return chunk.choices[0].delta.content
        raise AssertionError("no text came")

    before = time.monotonic()
    assert asyncio.run(run()) == "one "
    assert script.request.wait_until_closed() - before < 3
    assert script.request.answered_at is None


def test_resume_lets_the_answer_go_on(stub: Stub, model: Model) -> None:
    script = model.will_say("one ", pause, "two ", pause, "three")
    script.resume(2)
    assert ask(stub, script).text == "one two three"


def test_tool_calls_come_in_pieces(stub: Stub, model: Model) -> None:
    arguments = json.dumps({"what": "6*7"})
    call = CallTool("calculate", arguments, pieces=4)
    heard = ask(stub, model.will_say(call, finish="tool_calls"))
    calls = [
        c
        for chunk in heard.chunks
        for choice in chunk.choices
        for c in choice.delta.tool_calls or []
    ]
    assert calls[0].id == "call_1" and calls[0].function.name == "calculate"
    assert "".join(c.function.arguments for c in calls) == arguments
    assert len(calls) == 5 and heard.finish == ["tool_calls"]


def test_thinking_and_refusal_are_fields_of_the_delta(stub: Stub, model: Model) -> None:
    heard = ask(stub, model.will_say(Think("hm"), Refuse("no"), finish="content_filter"))
    found = [choice.delta for chunk in heard.chunks for choice in chunk.choices]
    assert "hm" in [getattr(delta, "reasoning_content", None) for delta in found]
    assert "no" in [delta.refusal for delta in found]
    assert heard.finish == ["content_filter"]
