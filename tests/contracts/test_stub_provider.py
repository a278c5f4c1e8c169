"""The stub is believed by every other test, so it is itself held against the real SDK."""

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from tests.stub_provider import (
    CallTool,
    Chunk,
    Comments,
    Event,
    Model,
    Raw,
    Refuse,
    Reply,
    Script,
    Sleep,
    Stub,
    Think,
    cut,
    deltas,
    end_of_body,
    fails,
    pause,
    reset,
    says,
    stall,
    words,
)

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5Er"
    "kJggg=="
)


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    with Stub() as running:
        yield running


@pytest.fixture
def model(stub: Stub) -> Iterator[Model]:
    model = Model(stub)
    yield model
    model.forget()


@dataclass
class Heard:
    """What the SDK made of one answer."""

    text: str = ""
    deltas: list[str] = field(default_factory=list)
    finish: list[str] = field(default_factory=list)
    usage: list[Any] = field(default_factory=list)
    chunks: list[Any] = field(default_factory=list)

    def add(self, chunk: Any) -> None:
        self.chunks.append(chunk)
        if chunk.usage:
            self.usage.append(chunk.usage)
        for choice in chunk.choices or []:  # None for an event of another shape
            if choice.finish_reason:
                self.finish.append(choice.finish_reason)
            if choice.delta and choice.delta.content:
                self.deltas.append(choice.delta.content)
                self.text += choice.delta.content


def client(stub: Stub, timeout: float = 5) -> AsyncOpenAI:
    return AsyncOpenAI(api_key="sk-test", base_url=stub.base_url, max_retries=0, timeout=timeout)


def ask(stub: Stub, script: Script | str, heard: Heard | None = None, **parameters: Any) -> Heard:
    """One streamed question through the SDK; `heard` keeps what came before an exception."""
    heard = heard or Heard()
    question = script if isinstance(script, str) else script.question
    timeout = parameters.pop("timeout", 5)

    async def run() -> None:
        async with client(stub, timeout) as api:
            stream = await api.chat.completions.create(
                **{
                    "model": "gpt-4.1-mini",
                    "messages": [{"role": "user", "content": question}],
                    "stream": True,
                    "stream_options": {"include_usage": True},
                    **parameters,
                }
            )
            async for chunk in stream:
                heard.add(chunk)

    asyncio.run(run())
    return heard


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


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (408, openai.APIStatusError),
        (409, openai.ConflictError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
        (529, openai.InternalServerError),
    ],
)
def test_http_errors_are_the_sdks_own(
    stub: Stub, model: Model, status: int, error: type[openai.APIStatusError]
) -> None:
    script = model.will_fail(status, message="told so", retry_after="soon")
    with pytest.raises(error, match="told so") as caught:
        ask(stub, script)
    assert caught.value.status_code == status
    assert caught.value.response.headers["retry-after"] == "soon"


def test_html_can_come_with_an_error_and_with_200(stub: Stub, model: Model) -> None:
    with pytest.raises(openai.InternalServerError):
        ask(stub, model.will_answer_html(502))
    heard = ask(stub, model.will_answer_html(200))
    assert heard.text == "" and heard.finish == []


# Streams that end wrongly: what the SDK does with each is what our own port has to make up for.
SILENT = {
    "clean end of file": says("half", end_of_body),
    "nothing at all": says(end_of_body),
    "plain JSON": Reply(body=b'{"hello": "there"}'),
    "event: error without an error key": says("half", Event({"detail": "x"}, "error"), end_of_body),
    "no finish reason": says("half", finish=None),
}
LOUD = {
    "cut": says("half", cut),
    "reset": says("half", Sleep(0.3), reset),  # or it overtakes what was not read yet
    "half an event": says("half", Raw(b'data: {"id": "x", "cho\n\n')),
    "garbage": says("half", Raw(b"\x00\x01garbage\ndata: %%%\n\n")),
    "wrong UTF-8": says("half", Raw(b'data: {"choices": "\xff\xfe"}\n\n')),
    "error inside data": says(
        "half", Event({"error": {"message": "told so", "type": "server_error"}})
    ),
}


@pytest.mark.parametrize("reply", SILENT.values(), ids=SILENT.keys())
def test_the_sdk_says_nothing_of_a_stream_that(stub: Stub, model: Model, reply: Reply) -> None:
    assert ask(stub, model.will_answer(reply)).finish == []


@pytest.mark.parametrize("reply", LOUD.values(), ids=LOUD.keys())
def test_the_sdk_raises_for_a_stream_with(stub: Stub, model: Model, reply: Reply) -> None:
    heard = Heard()
    with pytest.raises((openai.APIError, ValueError, OSError)):
        ask(stub, model.will_answer(reply), heard)
    assert heard.text == "half"


def test_a_stall_and_a_slow_first_byte_run_into_the_clients_time_out(
    stub: Stub, model: Model
) -> None:
    for reply in (says("x", stall), says("x", first_byte_after=5)):
        script = model.will_answer(reply)
        with pytest.raises((openai.APITimeoutError, openai.APIConnectionError)):
            ask(stub, script, timeout=0.3)
        script.request.wait_until_closed()


def test_comments_keep_a_read_timeout_from_firing(stub: Stub, model: Model) -> None:
    script = model.will_say(Comments(every=0.05, count=12), "at last")
    assert ask(stub, script, timeout=0.3).text == "at last"


@pytest.mark.parametrize(
    "how", [{"newline": "\r\n"}, {"packet": 1}, {"newline": "\r\n", "packet": 1}]
)
def test_unusual_framing_is_still_the_same_answer(
    stub: Stub, model: Model, how: dict[str, Any]
) -> None:
    heard = ask(stub, model.will_say(deltas("grüße aus 東京 😀", 3), **how))
    assert heard.text == "grüße aus 東京 😀" and heard.finish == ["stop"]


def test_delta_null_and_usage_unasked_doubled_and_negative(stub: Stub, model: Model) -> None:
    odd = {"prompt_tokens": -4, "completion_tokens": -1, "total_tokens": -5}
    script = model.will_say(
        "x",
        Chunk({"choices": [{"index": 0, "delta": None, "finish_reason": None}]}),
        Chunk({"choices": [], "usage": odd}),
        usage=odd,
        usage_unasked=True,
    )
    heard = ask(stub, script, stream_options=None)
    assert heard.text == "x"
    assert [usage.total_tokens for usage in heard.usage] == [-5, -5]


def test_a_surrogate_pair_can_be_split_and_nul_be_sent(stub: Stub, model: Model) -> None:
    heard = ask(stub, model.will_say("a\ud83d", "\ude00b", "c\x00d"))
    assert heard.deltas == ["a\ud83d", "\ude00b", "c\x00d"]


def test_what_openai_would_refuse_is_refused(stub: Stub, model: Model) -> None:
    with pytest.raises(openai.BadRequestError, match="Unrecognized"):
        ask(stub, model.will_say("x"), extra_body={"made_up": 1})
    with pytest.raises(openai.BadRequestError, match="max_tokens"):
        ask(stub, model.will_say("x"), max_tokens=5, max_completion_tokens=5)
    with pytest.raises(openai.BadRequestError, match="temperature"):
        ask(stub, model.will_say("x"), model="gpt-5-mini", temperature=0.2)
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,@@"}}
    with pytest.raises(openai.BadRequestError, match="base64"):
        ask(stub, "x", messages=[{"role": "user", "content": [image]}])


def test_two_answers_at_once_do_not_disturb_each_other(stub: Stub, model: Model) -> None:
    first = model.will_say("a", pause, "b")
    second = model.will_say("c", "d")

    async def one(api: AsyncOpenAI, script: Script) -> str:
        stream = await api.chat.completions.create(
            model="m", messages=[{"role": "user", "content": script.question}], stream=True
        )
        parts = [c.choices[0].delta.content async for c in stream if c.choices]
        return "".join(part or "" for part in parts)

    async def both() -> tuple[str, str]:
        async with client(stub) as api:
            waiting = asyncio.create_task(one(api, first))
            done = await one(api, second)
            first.resume()
            return await waiting, done

    assert asyncio.run(both()) == ("ab", "cd")
