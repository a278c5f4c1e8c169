"""The provider misbehaves: each trouble has its name, and what came before it is kept."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from conversations.errors import (
    ContentFiltered,
    ContextTooLong,
    Interrupted,
    ModelUnavailable,
    ProviderAuth,
    ProviderProblem,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    Refusal,
)
from conversations.provider.interface import Usage
from conversations.provider.openai_api import chat, reader
from tests.contracts.certificates import self_signed
from tests.contracts.port import KEY, Heard, ask, call, port_to
from tests.stub_provider import (
    Chunk,
    Comments,
    Event,
    Raw,
    Reply,
    Say,
    Sleep,
    Step,
    Stub,
    Think,
    answers_html,
    cut,
    deltas,
    end_of_body,
    fails,
    finished,
    reset,
    says,
    stall,
    wire,
)
from tests.stub_provider import Model as Scripts

NAMED: dict[str, tuple[Reply, type[Refusal]]] = {
    "400": (fails(400), ProviderRejected),
    "401": (fails(401), ProviderAuth),
    "403": (fails(403), ProviderAuth),
    "404": (fails(404), ModelUnavailable),
    "408": (fails(408), ProviderTimeout),
    "409": (fails(409), ProviderUnavailable),
    "413": (fails(413), ProviderRejected),
    "429": (fails(429), ProviderRateLimited),
    "500": (fails(500), ProviderUnavailable),
    "502 HTML": (answers_html(502), ProviderUnavailable),
    "503": (fails(503), ProviderUnavailable),
    "529": (fails(529), ProviderUnavailable),
    "context": (fails(400, code="context_length_exceeded"), ContextTooLong),
    "filter": (fails(400, code="content_filter"), ContentFiltered),
    "200 HTML": (answers_html(200), ProviderProblem),
    "200 JSON": (Reply(body=b'{"hello": "there"}'), ProviderProblem),
    "200 error": (Reply(body=b'{"error": {"message": "x"}}'), ProviderProblem),
    "empty body": (Reply(body=b""), ProviderProblem),
    "zero chunks": (says(end_of_body), ProviderProblem),
    "first event: error": (says(Event({"message": "x"}, "error"), end_of_body), ProviderProblem),
}


@pytest.mark.parametrize(("reply", "name"), NAMED.values(), ids=NAMED.keys())
def test_each_trouble_has_its_name(
    stub: Stub, model: Scripts, reply: Reply, name: type[Refusal]
) -> None:
    heard = ask(stub, model.will_answer(reply))
    assert type(heard.problem) is name
    assert heard.text == ""


def test_no_credit_left_is_not_worth_another_attempt(stub: Stub, model: Scripts) -> None:
    problem = ask(stub, model.will_fail(429, code="insufficient_quota")).problem
    assert isinstance(problem, ProviderRateLimited)
    assert not problem.retryable


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 0), ("1.2", 2), ("-5", 0), ("nonsense", None), ("inf", None), ("", None)],
)
def test_retry_after_in_seconds(
    stub: Stub, model: Scripts, header: str, seconds: int | None
) -> None:
    problem = ask(stub, model.will_fail(429, retry_after=header)).problem
    assert problem is not None
    assert problem.retry_after == seconds


def test_retry_after_as_a_date(stub: Stub, model: Scripts) -> None:
    past = ask(stub, model.will_fail(503, retry_after="Fri, 31 Dec 1999 23:59:59 GMT")).problem
    assert past is not None
    assert past.retry_after == 0


CUT = {
    "cut": says("half", cut),
    "reset": says("half", Sleep(0.3), reset),  # or it overtakes what was not read yet
    "half an event": says("half", Raw(b'data: {"id": "x", "cho'), end_of_body),
    "half an event, ended": says("half", Raw(b'data: {"id": "x", "cho\n\n'), end_of_body),
    "garbage": says("half", Raw(b"\x00\x01garbage\ndata: %%%\n\n"), end_of_body),
    "wrong UTF-8": says("half", Raw(b'data: {"choices": "\xff\xfe"}\n\n'), end_of_body),
    "no JSON object": says("half", Raw(b"data: [1]\n\n"), end_of_body),
}


@pytest.mark.parametrize("reply", CUT.values(), ids=CUT.keys())
def test_what_came_before_a_break_is_kept(stub: Stub, model: Scripts, reply: Reply) -> None:
    heard = ask(stub, model.will_answer(reply))
    assert heard.text == "half"
    assert heard.report.finish_reason == ""
    assert heard.problem is None or isinstance(heard.problem, Interrupted)


@pytest.mark.parametrize(
    "event", [Event({"error": {"message": "x"}}), Event({"message": "x"}, "error")]
)
def test_what_came_before_an_error_event_is_kept(stub: Stub, model: Scripts, event: Event) -> None:
    heard = ask(stub, model.will_say("half", event, end_of_body))
    assert heard.text == "half"
    assert isinstance(heard.problem, ProviderProblem)
    assert not isinstance(heard.problem, Interrupted)


@pytest.mark.parametrize(
    "ending",
    [
        wire.sse({"error": {"message": "x"}}),
        wire.sse({"message": "x"}, "error"),
        b"data: half an ev\n\n",
    ],
)
def test_text_in_the_same_packet_as_its_end_is_kept(
    stub: Stub, model: Scripts, ending: bytes
) -> None:
    text = wire.sse(wire.Completion("m", include_usage=False).chunk({"content": "half"}))
    heard = ask(stub, model.will_say(Raw(text + ending), end_of_body))
    assert heard.problem is not None
    assert heard.text == "half"


# The finish reason has come, so the answer is whole, whatever the provider does then.
BEHIND = {
    "cut": [cut],
    "reset": [Sleep(0.3), reset],
    "clean end of file": [end_of_body],
    "garbage": [Raw(b"data: %%%\n\n")],
    "half an event": [Raw(b'data: {"choices"'), end_of_body],
    "error event": [Event({"error": {"message": "x"}})],
    "silence": [stall],
    "comments for ever": [Comments(0.02)],
    "empty deltas for ever": [Chunk({"choices": []}), Sleep(0.05)] * 100,
}


@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND.keys())
def test_behind_a_finish_reason_nothing_spoils_the_answer(
    stub: Stub, model: Scripts, behind: list[Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "USAGE_SECONDS", 0.5)
    script = model.will_say("whole", finished(), behind, finish=None, usage=None, done=False)
    heard = ask(stub, script)
    assert (heard.text, heard.report.finish_reason, heard.problem) == ("whole", "stop", None)


def test_usage_that_comes_a_little_behind_the_finish_reason_counts(
    stub: Stub, model: Scripts
) -> None:
    heard = ask(stub, model.will_say("whole", finished(), Sleep(0.5), finish=None))
    assert heard.report.usage is not None


def test_a_finish_reason_with_every_chunk_ends_nothing(
    stub: Stub, model: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "USAGE_SECONDS", 0.2)
    each: list[Step | str] = [finished(), Sleep(0.1), "one ", finished(), Sleep(0.4), "two"]
    assert ask(stub, model.will_say(*each)).text == "one two"


@pytest.mark.parametrize("reason", ["error", "abort"])
def test_a_finish_reason_that_tells_of_a_break_is_none(
    stub: Stub, model: Scripts, reason: str
) -> None:
    heard = ask(stub, model.will_say("half", finish=reason))
    assert (heard.text, heard.report.finish_reason) == ("half", "")
    assert reason in heard.report.detail


FINISH = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
ODD: dict[str, Reply] = {
    "CRLF": says(deltas("grüße 😀", 2), newline="\r\n"),
    "CR": says(deltas("grüße 😀", 2), newline="\r"),
    "one byte a packet": says(deltas("grüße 😀", 2), packet=1),
    "three bytes a packet": says(deltas("grüße 😀", 2), packet=3, newline="\r\n"),
    "comments": says("grüße ", Comments(0.01, 5), "😀"),
    "delta null": says("grüße ", Chunk({"choices": [{"index": 0, "delta": None}]}), "😀"),
    "no choices": says("grüße ", Chunk({"choices": []}), Chunk({"choices": None}), "😀"),
    "no [DONE]": says("grüße 😀", done=False),
    "split pair": says("grüße \ud83d", "\ude00"),
    "split pair in one packet each": says("grüße \ud83d", "\ude00", packet=5),
    "lone halves and NUL": says("gr\x00üße ", "\udc00😀\ud800"),
    "byte order mark": says(Raw(b"\xef\xbb\xbf"), "grüße 😀"),
    "no last line break": says(
        "grüße 😀", Raw(wire.sse(FINISH).strip()), end_of_body, finish=None, done=False
    ),
}


@pytest.mark.parametrize("reply", ODD.values(), ids=ODD.keys())
def test_an_odd_but_whole_answer_is_whole(stub: Stub, model: Scripts, reply: Reply) -> None:
    heard = ask(stub, model.will_answer(reply))
    assert (heard.text, heard.problem) == ("grüße 😀", None)
    assert heard.report.finish_reason == "stop"


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": -4, "completion_tokens": -1},
        {"prompt_tokens": None, "completion_tokens": "many"},
        {"prompt_tokens": 10**12, "prompt_tokens_details": None},
        {},
    ],
)
def test_strange_usage_is_never_negative_and_fits(
    stub: Stub, model: Scripts, usage: dict[str, Any]
) -> None:
    heard = ask(stub, model.will_say("x", usage=usage))
    counted = heard.report.usage
    assert heard.problem is None
    assert counted is None or all(0 <= n < 2**31 for n in (counted.input, counted.output))


def test_nobody_at_home_is_unavailable(stub: Stub) -> None:
    async def run(base_url: str) -> Heard:
        port = port_to(base_url)
        try:
            return await call(port, "x", Heard())
        finally:
            await port.close()

    for address in ("http://127.0.0.1:9/v1", "http://no-such-host.invalid/v1"):
        assert isinstance(asyncio.run(run(address)).problem, ProviderUnavailable)
    spoken_tls = stub.base_url.replace("http:", "https:")
    assert isinstance(asyncio.run(run(spoken_tls)).problem, ProviderUnavailable)


def test_who_cannot_prove_who_they_are_is_told_nothing(tmp_path: Path) -> None:
    heard_by_them: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard_by_them.append(await reader.read())
        writer.close()

    async def run() -> Heard:
        them = await asyncio.start_server(listen, "127.0.0.1", ssl=self_signed(tmp_path))
        port = port_to(f"https://127.0.0.1:{them.sockets[0].getsockname()[1]}/v1")
        heard = await call(port, "a secret", Heard())
        await port.close()
        them.close()
        return heard

    heard = asyncio.run(asyncio.wait_for(run(), 10))
    assert isinstance(heard.problem, ProviderUnavailable)
    assert not heard.problem.retryable
    assert "CERTIFICATE_VERIFY_FAILED" in heard.report.detail
    assert not any(heard_by_them)


DETAILS: dict[str, tuple[Reply, str]] = {
    "status": (fails(500, "Out of teapots."), "HTTP 500 server_error: Out of teapots."),
    "HTML": (answers_html(502), "HTTP 502"),
    "event": (says("x", Event({"error": {"code": 7, "message": "No."}})), "7: No."),
    "no stream": (answers_html(200), "HTTP 200 text/html; charset=utf-8, "),
    "cut": (says("half", cut), "RemoteProtocolError"),
}


@pytest.mark.parametrize(("reply", "detail"), DETAILS.values(), ids=DETAILS.keys())
def test_administrators_get_the_real_reason(
    stub: Stub, model: Scripts, reply: Reply, detail: str
) -> None:
    report = ask(stub, model.will_answer(reply)).report
    assert detail in report.detail
    assert report.request_id.startswith("req_")


@pytest.mark.parametrize(
    "quoted", [KEY, f"{KEY[:6]}********{KEY[-4:]}", "sk-proj-Abc_123def", f"Bearer {KEY}"]
)
def test_the_key_is_in_no_reason(stub: Stub, model: Scripts, quoted: str) -> None:
    refused = model.will_fail(401, message=f"Incorrect API key provided: {quoted}. See docs.")
    report = ask(stub, refused).report
    assert report.detail == "HTTP 401 invalid_api_key: Incorrect API key provided: …. See docs."


SAID = {
    "rate_limit_exceeded": ProviderRateLimited,
    "429": ProviderRateLimited,
    "overloaded_error": ProviderUnavailable,
    "server_error": ProviderUnavailable,
    "503": ProviderUnavailable,
    "insufficient_quota": ProviderRateLimited,
    "invalid_api_key": ProviderAuth,
    "model_not_found": ModelUnavailable,
    "invalid_request_error": ProviderRejected,
    "context_length_exceeded": ContextTooLong,
    "content_filter": ContentFiltered,
    "something new": ProviderProblem,
}


@pytest.mark.parametrize(("code", "name"), SAID.items())
def test_an_error_inside_a_stream_is_named_as_its_status_would_be(
    stub: Stub, model: Scripts, code: str, name: type[Refusal]
) -> None:
    event = Event({"error": {"message": "x", "type": "y", "code": code}})
    assert type(ask(stub, model.will_say(event, end_of_body)).problem) is name


def test_too_many_tokens_a_minute_is_no_context_too_long(stub: Stub, model: Scripts) -> None:
    busy = fails(429, "Rate limit reached: too many tokens per minute.")
    assert isinstance(ask(stub, model.will_answer(busy)).problem, ProviderRateLimited)


@pytest.mark.parametrize(
    ("header", "words"),
    [("45", "in 45 seconds."), ("3600", "in 1 hour."), ("7000", "in 2 hours."), ("x", "moment.")],
)
def test_when_to_try_again_is_in_the_sentence(
    stub: Stub, model: Scripts, header: str, words: str
) -> None:
    problem = ask(stub, model.will_fail(429, retry_after=header)).problem
    assert str(problem).endswith(words)


def test_one_wrong_character_does_not_cost_the_sentence(stub: Stub, model: Scripts) -> None:
    chunk = wire.sse({"choices": [{"index": 0, "delta": {"content": "caf? au lait"}}]})
    heard = ask(stub, model.will_say(Raw(chunk.replace(b"?", b"\xe9"))))
    assert (heard.text, heard.report.finish_reason) == ("caf\ufffd au lait", "stop")


def test_a_tab_that_json_forbids_is_read(stub: Stub, model: Scripts) -> None:
    chunk = wire.sse({"choices": [{"index": 0, "delta": {"content": "a?b"}}]})
    assert ask(stub, model.will_say(Raw(chunk.replace(b"?", b"\t")))).text == "a\tb"


def test_an_event_without_an_end_is_not_collected_for_ever(
    stub: Stub, model: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "EVENT_BYTES", 100_000)
    heard = ask(stub, model.will_say("half", Raw(b"data: "), [Raw(b"x" * 10_000)] * 20, stall))
    assert heard.text == "half"
    assert isinstance(heard.problem, Interrupted)


COUNTING = Chunk({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
SLOW: dict[str, tuple[Reply, type[Refusal]]] = {
    "first byte": (says("x", first_byte_after=5), ProviderTimeout),
    "no event at all": (says(stall), ProviderTimeout),
    "comments for ever": (says(Comments(0.02), "never"), ProviderTimeout),
    "in the middle": (says("half", stall), Interrupted),
    "comments in the middle": (says("half", Comments(0.02)), Interrupted),
    "empty deltas in the middle": (says("half", [Say("", 0.05)] * 200), Interrupted),
    "counting in the middle": (says("half", [COUNTING, Sleep(0.05)] * 200), Interrupted),
    "a role and no more": (says("", stall), Interrupted),
}


@pytest.mark.parametrize(("reply", "name"), SLOW.values(), ids=SLOW.keys())
def test_deadlines_hold_against_silence_and_comments(
    stub: Stub, model: Scripts, reply: Reply, name: type[Refusal]
) -> None:
    script = model.will_answer(reply)
    heard = ask(stub, script, limits={"first_token": 0.3, "between_tokens": 0.3})
    assert type(heard.problem) is name
    script.request.wait_until_closed()


@pytest.mark.parametrize(
    "reply",
    [
        says([Say("x", 0.2)] * 5),
        says([Sleep(0.2), Think("x")] * 3, Sleep(0.2), "x"),
        says("x", [Say("", 0.05)] * 4, "x"),
    ],
    ids=["a token now and then", "thinking counts", "nothing in between"],
)
def test_what_is_slow_but_goes_on_is_waited_for(stub: Stub, model: Scripts, reply: Reply) -> None:
    script = model.will_answer(reply)
    heard = ask(stub, script, limits={"first_token": 0.6, "between_tokens": 0.6})
    assert (heard.problem, heard.report.finish_reason) == (None, "stop")


def test_a_deadline_says_how_long_was_waited_and_is_not_tried_again(
    stub: Stub, model: Scripts
) -> None:
    problem = ask(stub, model.will_say(stall), limits={"first_token": 1}).problem
    assert isinstance(problem, ProviderTimeout)
    assert str(problem) == "The model did not begin to answer within 1 second. Try again."
    assert not problem.retryable


def test_the_last_usage_counts(stub: Stub, model: Scripts) -> None:
    more = {"prompt_tokens": 5, "completion_tokens": 6}
    assert ask(stub, model.will_say(COUNTING, "x", COUNTING, usage=more)).report.usage == Usage(
        input=5, cached_input=0, output=6, reasoning=0
    )


def test_the_total_deadline_ends_what_drips(stub: Stub, model: Scripts) -> None:
    script = model.will_say(deltas("x" * 100, 1, delay=0.05))
    heard = ask(stub, script, limits={"answer": 0.5})
    assert isinstance(heard.problem, Interrupted)
    assert 0 < len(heard.text) < 30
