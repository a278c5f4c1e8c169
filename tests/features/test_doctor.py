"""The doctor finds what is wrong, says what to do, and changes nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as live
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from conversations.doctor import machine, postgres, site
from conversations.doctor.finding import Finding, State
from conversations.management import telling
from conversations.management.commands import serve
from conversations.models import Boot, Circuit, LanguageModel, Price, Provider
from tests.features.images_kit import person
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.plugin import ROOT

Looks = Iterable[Finding]


def doctor(*words: str, env: dict[str, str]) -> tuple[int, str]:
    """As an administrator calls it."""
    command = [sys.executable, str(ROOT / "manage.py"), "doctor", *words]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=480)
    return done.returncode, done.stdout + done.stderr


def test_a_site_at_work_is_well(
    server_env: dict[str, str], admin_user: Person, ada: Person, ground: Ground
) -> None:
    ada.socket()
    ground.run(Circuit.objects.all().delete)  # the stub has refused keys, in tests before
    code, said = doctor("--json", env={**os.environ, **server_env})
    found = {one["name"]: one for one in json.loads(said)["findings"]}
    assert [one for one in found.values() if one["state"] == "wrong"] == []
    assert code == 0 and json.loads(said)["ok"] is True
    assert "takes our key" in found["provider openai"]["what"]
    assert {
        "postgres",
        "triggers",
        "doorbell",
        "clock",
        "processes",
        "prices",
        "files",
    } <= found.keys()
    assert all(one["why"] and one["do"] for one in found.values() if one["state"] == "mind")


def test_it_looks_at_what_it_can_while_postgres_is_away() -> None:
    nowhere = {"DATABASE_URL": "postgresql://chat:hush@127.0.0.1:9/chat"}
    code, said = doctor("--offline", env={**os.environ, **nowhere})
    assert code == 1
    assert "WRONG  database: Postgres cannot be reached" in said and "Start it, and look" in said
    assert "python: Python 3" in said and "hush" not in said


def states(found: Looks) -> list[State]:
    return [one.state for one in found]


def is_told(found: Looks, state: State, words: str) -> bool:
    return any(one.state == state and words in one.what and one.why and one.do for one in found)


@pytest.mark.parametrize(
    ("look", "wrong", "state", "words"),
    [
        (machine.debug, {"DEBUG": True}, State.WRONG, "DJANGO_DEBUG is on"),
        (machine.address, {"PUBLIC_URL": "http://chat.example.org"}, State.WRONG, "is plain http"),
        (
            machine.address,
            {"HTTPS": True, "TRUSTED_PROXIES": []},
            State.MIND,
            "no proxy is trusted",
        ),
        (machine.address, {"ALLOWED_HOSTS": ["*"]}, State.WRONG, "has *"),
        (machine.address, {"CSRF_TRUSTED_ORIGINS": []}, State.WRONG, "not among the trusted"),
        (machine.secret_key, {"SECRET_KEY": "short"}, State.WRONG, "is short"),
        (machine.static, {"STATIC_ROOT": Path("/nowhere")}, State.WRONG, "cannot be read"),
        (machine.disk, {"DATA_DIR": Path("/nowhere")}, State.WRONG, "cannot be written"),
    ],
)
def test_what_is_wrong_with_the_machine_is_found(
    settings: Any,
    look: Callable[[], Looks],
    wrong: dict[str, Any],
    state: State,
    words: str,
) -> None:
    assert not is_told(look(), state, words)
    for name, value in wrong.items():
        setattr(settings, name, value)
    assert is_told(look(), state, words)


def test_a_data_directory_that_cannot_be_written_is_said_before_anything_fails(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write wherever there is a directory."""
    monkeypatch.setattr(serve, "listening_socket", pytest.fail)
    monkeypatch.setattr(telling, "tell", pytest.fail)
    settings.RUNS = "workers"
    closed = tmp_path / "files"
    closed.touch()
    for place in (tmp_path, closed, closed / "below"):
        settings.DATA_DIR = place
        named = f"{closed if place == tmp_path else place} cannot be written."
        assert is_told(machine.disk(), State.WRONG, named)
        for command in ("serve", "run_worker"):
            with pytest.raises(CommandError, match=f"^{named} Make it writable"):
                call_command(command)


def test_a_mail_server_that_is_not_there_is_found(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert is_told(machine.mail(offline=False), State.MIND, "goes to the console")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert is_told(machine.mail(offline=False), State.WRONG, "cannot be reached")
    assert states(machine.mail(offline=True)) == [State.OK]


def test_a_secret_key_that_others_can_read_is_found(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "secret_key").write_text(live.SECRET_KEY)
    (tmp_path / "secret_key").chmod(0o640)
    assert is_told(machine.secret_key(), State.WRONG, "can be read by others")


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "name"), sorted(postgres.TRIGGERS))
def test_a_trigger_that_does_not_fire_is_found(table: str, name: str) -> None:
    assert states(postgres.triggers()) == [State.OK]
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    assert is_told(postgres.triggers(), State.WRONG, f"{table}.{name}")


@pytest.mark.django_db
def test_a_site_without_workers_that_wants_some_is_found(settings: Any) -> None:
    settings.RUNS = "workers"
    Boot.objects.update(beat_at=timezone.now() - timedelta(minutes=1))
    assert states(postgres.processes()) == [State.UNKNOWN]
    Boot.objects.create(host="a", pid=1)
    assert is_told(postgres.processes(), State.WRONG, "none lives")
    Boot.objects.create(host="b", pid=2, works=True)
    assert set(states(postgres.processes())) == {State.OK}


@pytest.mark.django_db
def test_what_is_wrong_in_the_admin_is_found(settings: Any) -> None:
    assert is_told(site.staff(), State.WRONG, "no active administrator")
    sam = person("sam", is_staff=True, is_superuser=True)
    assert is_told(site.staff(), State.MIND, "Staff without a second factor: sam")
    codes, app = Authenticator.Type.RECOVERY_CODES, Authenticator.Type.TOTP
    Authenticator.objects.create(user=sam, type=codes, data={})
    assert is_told(site.staff(), State.MIND, "sam")
    Authenticator.objects.create(user=sam, type=app, data={})
    assert states(site.staff()) == [State.OK]
    settings.PUBLIC_URL, settings.SIGNUP = "https://chat.example.org", "open"
    assert is_told(site.sign_up(), State.MIND, "may sign up")
    settings.SIGNUP = "invite"
    assert states(site.sign_up()) == [State.OK]
    provider = Provider.objects.create(
        name="there", kind="compatible", base_url="http://127.0.0.1:9/v1"
    )
    Circuit.objects.create(provider=provider, key_refused_at=timezone.now())
    assert is_told(site.left_alone(), State.WRONG, "there refuses this site's key")


@pytest.mark.django_db
def test_a_model_without_a_price_and_a_provider_that_is_away_are_found() -> None:
    provider = Provider.objects.create(
        name="there", kind="compatible", base_url="http://127.0.0.1:9/v1"
    )
    model = LanguageModel.objects.create(
        slug="cheap", provider=provider, name="Cheap", context_window=1024, max_output_tokens=99
    )
    assert is_told(site.prices(), State.MIND, "cheap")
    assert site._provider(provider).state == State.WRONG
    Price.objects.create(model=model, since="2026-01-01", input=0, cached_input=0, output=0)
    assert not is_told(site.prices(), State.MIND, "cheap")
