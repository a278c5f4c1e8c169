"""The provider refuses: what may pass is tried again, visibly; the rest is told at once."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from conversations.models import ProviderCall
from tests.features.provider_kit import told_in_words
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.stub_provider import (
    Event,
    Model,
    Reply,
    answers_html,
    cut,
    end_of_body,
    fails,
    reset,
    says,
)


def test_a_busy_provider_is_asked_again_and_the_reader_told(ada: Person, model: Model) -> None:
    script = model.will_answer(fails(503), says("after all"))
    asked = ada.ask(script)
    waiting = asked.socket.until("run.waiting", run=asked.run)
    assert waiting["reason"] and waiting["attempt"] >= 1 and waiting["retry_in"] >= 0
    assert (asked.status, asked.text) == ("complete", "after all")
    assert len(script.requests) == 2


def test_retry_after_is_waited_for(ada: Person, model: Model) -> None:
    script = model.will_answer(fails(429, retry_after="1"), says("after all"))
    assert ada.ask(script).text == "after all"
    first, second = script.requests
    assert 0.9 < second.arrived_at - first.arrived_at < 4


@pytest.mark.parametrize("retry_after", ["nonsense", "-5", "Fri, 31 Dec 1999 23:59:59 GMT", ""])
def test_a_strange_retry_after_does_no_harm(ada: Person, model: Model, retry_after: str) -> None:
    script = model.will_answer(fails(429, retry_after=retry_after), says("after all"))
    assert ada.ask(script).text == "after all"


def test_retry_after_may_be_a_date(ada: Person, model: Model) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    script = model.will_answer(fails(503, retry_after=moment), says("after all"))
    assert ada.ask(script).text == "after all"
    first, second = script.requests
    assert 1.4 < second.arrived_at - first.arrived_at < 6


def test_an_hour_of_retry_after_is_not_waited_for(ada: Person, model: Model) -> None:
    script = model.will_fail(429, retry_after="3600")
    asked = ada.ask(script)
    assert (asked.status, asked.error) == ("failed", "provider_rate_limited")
    assert asked.finished["message"]["error"]["message"].endswith("Try again in 1 hour.")
    assert len(script.requests) == 1


MAY_PASS = {
    "408": (fails(408), "provider_timeout"),
    "409": (fails(409), "provider_unavailable"),
    "429": (fails(429), "provider_rate_limited"),
    "500": (fails(500), "provider_unavailable"),
    "502 HTML": (answers_html(502), "provider_unavailable"),
    "503": (fails(503), "provider_unavailable"),
    "529": (fails(529), "provider_unavailable"),
    "reset before a word": (says(reset), "provider_unavailable"),
    "cut before a word": (says("", cut), "interrupted"),
    "error before a word": (
        says(Event({"error": {"message": "x", "type": "server_error"}}), end_of_body),
        "provider_unavailable",
    ),
}


def test_what_may_pass_is_tried_three_times_and_then_told(
    ada: Person, ground: Ground, model: Model
) -> None:
    scripts = {name: model.will_answer(reply) for name, (reply, _) in MAY_PASS.items()}
    started = {name: ada.start(script) for name, script in scripts.items()}  # all at once
    for name, asked in started.items():
        code = MAY_PASS[name][1]
        asked.finish(timeout=30)
        waits = [frame for frame in asked.socket.frames if frame["type"] == "run.waiting"]
        waits = [wait for wait in waits if wait["run"] == asked.run]
        assert [wait["attempt"] for wait in waits] == [2, 3], name
        assert waits[0]["retry_in"] <= waits[1]["retry_in"] <= 2
        assert all(wait["reason"].endswith(".") for wait in waits)
        assert not any("ry again" in wait["reason"] for wait in waits)
        assert (len(scripts[name].requests), asked.error) == (3, code), name
        assert asked.status == ("interrupted" if code == "interrupted" else "failed"), name
        assert [call.outcome for call in ground.rows(ProviderCall, run=asked.run)] == [code] * 3
        told_in_words(asked)


def test_what_has_passed_leaves_a_whole_answer(ada: Person, model: Model) -> None:
    after = says("after ", "all")
    scripts = [model.will_answer(reply, after) for reply, _ in MAY_PASS.values()]
    for asked in [ada.start(script) for script in scripts]:
        asked.finish()
        assert (asked.status, asked.text, asked.error) == ("complete", "after all", None)


# What the request itself got wrong is never tried again.
AT_ONCE = [
    (fails(400), "provider_rejected"),
    (fails(401), "provider_auth"),
    (fails(403), "provider_auth"),
    (fails(402), "provider_rate_limited"),
    (fails(404), "model_unavailable"),
    (fails(413), "provider_rejected"),
    (fails(422), "provider_rejected"),
    (fails(429, code="insufficient_quota"), "provider_rate_limited"),
    (fails(400, code="context_length_exceeded"), "context_too_long"),
    (fails(400, code="content_filter"), "content_filtered"),
]


@pytest.mark.parametrize(
    ("reply", "code"), AT_ONCE, ids=[f"{reply.status} {code}" for reply, code in AT_ONCE]
)
def test_an_error_of_our_own_is_told_at_once(
    ada: Person, model: Model, reply: Reply, code: str
) -> None:
    script = model.will_answer(reply)
    asked = ada.ask(script)
    assert (asked.status, asked.error, len(script.requests)) == ("failed", code, 1)
    told_in_words(asked)


def test_what_the_provider_really_said_is_kept_for_administrators_alone(
    ada: Person, ground: Ground, model: Model
) -> None:
    asked = ada.ask(model.will_fail(400, message="No temperature for sk-stub-0123 here."))
    call = ground.row(ProviderCall, run=asked.run)
    assert call.detail == "HTTP 400 invalid_request_error: No temperature for … here."
    assert "temperature" not in str(asked.socket.frames) + str(asked.stored())


def test_html_from_a_proxy_is_tried_again_and_never_shown(ada: Person, model: Model) -> None:
    script = model.will_answer(answers_html(502), says("after all"))
    assert ada.ask(script).text == "after all"


def test_a_model_that_was_withdrawn_is_told_with_the_way_out(ada: Person, model: Model) -> None:
    asked = ada.ask(model.will_fail(404))
    message = asked.finished["message"]["error"]
    assert message["code"] == "model_unavailable" and "Choose another" in message["message"]
    again = model.will_say("Here I am.")
    options = {"model": "gpt-4.1"}
    assert ada.ask(again, conversation=asked.conversation, options=options).text == "Here I am."
    assert again.request.parameters["model"] == "gpt-4.1"
