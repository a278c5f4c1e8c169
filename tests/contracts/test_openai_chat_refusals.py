"""The provider refuses: each refusal has its name, its time and, for administrators, its reason."""

import asyncio
from pathlib import Path

import pytest

from conversations.errors import (
    ContentFiltered,
    ContextTooLong,
    ModelUnavailable,
    ProviderAuth,
    ProviderProblem,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    Refusal,
)
from tests.contracts.certificates import self_signed
from tests.contracts.port import KEY, Heard, ask, call, port_to
from tests.stub_provider import (
    Event,
    Reply,
    Stub,
    answers_html,
    cut,
    end_of_body,
    fails,
    says,
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
