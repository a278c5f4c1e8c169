"""The stub misbehaving: what the real SDK makes of it is what our own port has to make up for."""

import asyncio
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from tests.contracts.sdk import Heard, ask, client
from tests.stub_provider import (
    Chunk,
    Comments,
    Event,
    Model,
    Raw,
    Reply,
    Script,
    Sleep,
    Stub,
    cut,
    deltas,
    end_of_body,
    pause,
    reset,
    says,
    stall,
)


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
    for reply in (says("x", stall), says("x", first_byte_after=30)):
        script = model.will_answer(reply)
        with pytest.raises((openai.APITimeoutError, openai.APIConnectionError)):
            ask(stub, script, timeout=1)
        script.request.wait_until_closed()


def test_comments_keep_a_read_timeout_from_firing(stub: Stub, model: Model) -> None:
    script = model.will_say(Comments(every=0.1, count=15), "at last")
    assert ask(stub, script, timeout=1).text == "at last"


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
