"""What is over goes, whatever goes wrong with something else."""

import asyncio
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from conversations.errors import Unavailable
from conversations.models import User
from conversations.runs import sweep
from tests.features.admin_kit import client_of

TURNS = 2


@pytest.mark.parametrize("problem", [OSError("not permitted"), Unavailable()])
def test_what_cannot_be_swept_away_keeps_nothing_else(
    problem: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    came = list[str]()

    async def one_that_fails() -> None:
        came.append("first")
        raise problem

    async def another() -> None:
        came.append("second")
        if len(came) == TURNS * 2:
            raise asyncio.CancelledError

    monkeypatch.setattr(sweep, "_due", lambda _turn: [one_that_fails, another])
    monkeypatch.setattr(sweep, "SWEEP_SECONDS", 0.0)
    caplog.set_level("INFO")
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(sweep.keep_sweeping())
    assert came == ["first", "second"] * TURNS
    assert "one_that_fails" in caplog.text


def test_sessions_that_have_run_out_go(owner: User) -> None:
    keys = []
    for _ in ("runs out", "stays"):
        client = client_of(owner)
        client.get("/settings/")
        keys.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    over, good = keys
    Session.objects.filter(pk=over).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not sweep.some_sessions()
    assert not Session.objects.filter(pk=over).exists() and Session.objects.filter(pk=good).exists()
    assert not UserSession.objects.filter(session_key=over).exists()


def test_every_step_is_due_in_its_time() -> None:
    hourly = {step.__name__ for step in sweep._due(sweep.PICTURES_EVERY * 2)}
    assert {step.__name__ for step in sweep._due(1)} < hourly
    assert "forget_sessions" in hourly and "sweep_files" not in hourly
    assert sweep.sweep_files in sweep._due(sweep.PICTURES_EVERY)
