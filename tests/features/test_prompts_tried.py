"""`manage.py try_prompts`: our own prompts and their cases, put to a model."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conversations.models import ProviderCall
from conversations.provider import catalogue
from conversations.runs.prompts import trial
from conversations.runs.prompts.trial import Case
from tests.features.runs_kit import committed, forget_traces
from tests.stub_provider import Model, Script, Stub, fails, says

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _connected(settings: Any, stub: Stub) -> Iterator[None]:
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", stub.base_url
    catalogue.forget()
    yield
    catalogue.forget()
    committed(forget_traces)


@pytest.fixture
def script(model: Model, monkeypatch: pytest.MonkeyPatch) -> Script:
    script = model.will_say("unused", asked="Wie wechsle ich den Schlauch?")
    told = {"question": script.question, "answer": "Mit zwei Hebern."}
    case = Case("in German", told, words=(1, 4), mentions="schlauch")
    monkeypatch.setattr(trial, "cases_of", lambda name: [case])
    return script


def try_prompts(*arguments: str) -> tuple[str, str]:
    """What is printed, and what went wrong."""
    out = StringIO()
    try:
        call_command("try_prompts", *arguments, stdout=out)
    except CommandError as problem:
        return out.getvalue(), str(problem)
    return out.getvalue(), ""


def test_a_prompt_that_does_what_it_is_for_passes(script: Script) -> None:
    script.titles = (says('{"title": "Den „Schlauch“ wechseln."}'),)
    said, wrong = try_prompts("gpt-4o", "--prompt", "title")
    assert wrong == "" and said.endswith("All passed.\n")
    assert "title.v1, gpt-4o\n" in said
    assert "  passed  in German  'Den „Schlauch“ wechseln'\n" in said
    [request] = script.title_requests
    assert request.json["model"] == "gpt-4o" and script.question in str(request.json["messages"])
    assert request.json["response_format"]["json_schema"]["name"] == "title"


def test_one_that_does_not_is_told_with_the_reason(script: Script) -> None:
    script.titles = (says('{"title": "Changing a tube"}'),)
    said, wrong = try_prompts("--prompt", "title")
    assert wrong == "1 did not pass."
    assert "failed  in German  'Changing a tube'\n          none of schlauch in it\n" in said


def test_a_model_that_cannot_be_asked_fails_and_is_on_the_ledger(script: Script) -> None:
    script.titles = (fails(401),)
    said, wrong = try_prompts("gpt-4o-mini", "--prompt", "title")
    assert wrong == "1 did not pass." and "failed  in German  ''" in said
    [call] = committed(lambda: list(ProviderCall.objects.all()))
    assert (call.purpose, call.prompt, call.user_id) == ("prompt_test", "title.v1", None)
    assert (call.model, call.outcome) == ("gpt-4o-mini", "provider_auth")


def test_an_unknown_model_names_those_that_there_are() -> None:
    said, wrong = try_prompts("nonsense")
    assert said == "" and "'nonsense'" in wrong and "gpt-4o-mini" in wrong
