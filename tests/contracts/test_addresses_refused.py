"""CHATSITE_IMAGE_URLS=pass: a vendor that cannot fetch a picture from its address gets its bytes."""

import asyncio
from typing import Any

import pytest

from conversations.errors import ProviderRejected
from conversations.ids import uuid7
from conversations.provider.interface import Message, Request
from conversations.runs import admission, circuit, conductor, prompt
from conversations.runs.outcome import Outcome
from conversations.runs.recorder import LiveRun
from conversations.runs.start import Ticket
from conversations.usage.standing import Most
from tests.contracts.port import MODEL, port_to
from tests.stub_provider import Model as Scripts
from tests.stub_provider import Reply, Script, Stub, fails, says

URL, BYTES = "https://pictures.example/a.png", "data:image/png;base64,iVBORw0KGgo="
NO_PICTURE = fails(400, code="invalid_image_url")


def asked_with(script: Script, url: str) -> list[Message]:
    picture = {"type": "image_url", "image_url": {"url": url, "detail": "auto"}}
    return [{"role": "user", "content": [{"type": "text", "text": script.question}, picture]}]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else is in line, and no catalogue is asked."""

    async def turn_for(*_: object) -> admission.Turn:
        return admission.Turn(MODEL)

    async def failed(*_: object) -> None: ...

    monkeypatch.setattr(admission, "turn_for", turn_for)
    monkeypatch.setattr(circuit, "failed", failed)


def outcome_of(stub: Stub, script: Script, monkeypatch: pytest.MonkeyPatch, **how: Any) -> Outcome:
    limit = {"max_output_tokens": 100}
    request = Request(MODEL, asked_with(script, URL), limit, **how)

    async def request_for(ticket: Ticket) -> Request:
        return request

    async def run() -> Outcome:
        outcome, port = Outcome(), port_to(stub.base_url)
        monkeypatch.setattr(conductor, "provider_of", lambda model: port)
        ticket = Ticket(uuid7(), uuid7(), uuid7(), uuid7(), MODEL.id, reserved=Most())
        await conductor.answer(LiveRun(ticket), outcome)
        await port.close()
        return outcome

    monkeypatch.setattr(prompt, "request_for", request_for)
    return asyncio.run(asyncio.wait_for(run(), 20))


def sent(script: Script) -> list[str]:
    return [one.messages[0]["content"][1]["image_url"]["url"] for one in script.requests]


@pytest.mark.usefixtures("alone")
def test_what_was_refused_with_an_address_is_asked_with_the_bytes(
    stub: Stub, model: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = model.will_answer(NO_PICTURE, says("A dot."))
    outcome = outcome_of(stub, script, monkeypatch, in_bytes=lambda: asked_with(script, BYTES))
    assert sent(script) == [URL, BYTES]
    assert (outcome.status, outcome.problem) == ("complete", None)
    assert [call.outcome for call in outcome.calls] == ["provider_rejected", "ok"], (
        "each is on record"
    )


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("has_address", "replies", "calls"),
    [(True, (NO_PICTURE,), 2), (False, (NO_PICTURE,), 1), (True, (fails(401),), 1)],
    ids=["refused again", "no address in it", "something else"],
)
def test_it_is_asked_once_more_at_most(
    stub: Stub,
    model: Scripts,
    monkeypatch: pytest.MonkeyPatch,
    has_address: bool,
    replies: tuple[Reply, ...],
    calls: int,
) -> None:
    script = model.will_answer(*replies)
    bytes_too = {"in_bytes": lambda: asked_with(script, BYTES)} if has_address else {}
    outcome = outcome_of(stub, script, monkeypatch, **bytes_too)
    assert len(script.requests) == calls and outcome.status == "failed"
    assert isinstance(outcome.problem, ProviderRejected) is (calls == 2 or not has_address)
