"""`/readyz` is asked every second or two: the log hears of what changes, and not of each question."""

import pytest
from django.test import Client

from conversations.events import doorbell
from conversations.web import health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_wrong", {})


def test_an_outage_is_told_when_it_begins_and_when_it_ends(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for is_listening in (True, False, False, False, True, True):
        monkeypatch.setattr(doorbell, "_listening", is_listening)
        answer = Client().get("/readyz")
        assert answer.status_code == (200 if is_listening else 503)
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [("ERROR", "not ready: doorbell: does not listen"), ("WARNING", "ready again")]


def test_whatever_goes_wrong_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> int:
        raise RuntimeError

    monkeypatch.setattr(health, "migrations_missing", fails)
    answer = Client().get("/readyz")
    assert answer.status_code == 503 and answer.json()["migrations"] == "cannot be read"
