"""Temporary conversations: listed nowhere, gone after a day, kept only if one says so."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db.transaction import atomic
from django.utils import timezone

from conversations.models import Conversation, Message, ProviderCall
from conversations.runs import sweep
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.server import manage
from tests.harness.sockets import Refused
from tests.harness.talks import Talks
from tests.stub_provider import Model, pause

# As any process of the site does it now and then.
SWEEP = (
    "import asyncio; from conversations.runs import sweep; asyncio.run(sweep.sweep_conversations())"
)


def begun(ada: Person, model: Model) -> dict[str, Any]:
    asked = ada.ask(model.will_say("for now"), temporary=True)
    return dict(asked.ack["conversation"])


def over(ground: Ground, id: str) -> None:
    late = timezone.now() - timedelta(seconds=1)
    ground.run(lambda: Conversation.objects.filter(pk=id).update(expires_at=late))


def listed(person: Person) -> list[str]:
    asked = ("conversations", "conversations?q=for", "conversations?archived=true")
    return [one["id"] for path in asked for one in person.api("GET", path)["items"]]


def test_it_is_there_for_a_day_and_listed_nowhere(ada: Person, model: Model) -> None:
    talk = begun(ada, model)
    assert ada.api("GET", f"conversations/{talk['id']}")["expires_at"] == talk["expires_at"]
    rest = datetime.fromisoformat(talk["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=58) < rest <= timedelta(days=1)
    assert listed(ada) == []
    page = ada.http.get("/").text
    assert talk["id"] not in page


def test_it_outlasts_its_day_neither_in_a_link_nor_in_an_export_of_all(
    ada: Person, model: Model
) -> None:
    talk = begun(ada, model)
    link = {"conversation": talk["id"]}
    refused = ada.api("POST", "shares", json=link, expect=409)
    assert refused["error"]["code"] == "conflict"
    for what in ("conversations", "everything"):
        with ZipFile(BytesIO(ada.http.get(f"/api/v1/export?what={what}").content)) as archive:
            assert json.loads(archive.read("conversations.json")) == []
    ada.api("PATCH", f"conversations/{talk['id']}", json={"temporary": False})
    ada.api("POST", "shares", json=link, expect=201)


def test_each_message_puts_its_end_off(ada: Person, ground: Ground, model: Model) -> None:
    talk = begun(ada, model)
    soon = timezone.now() + timedelta(minutes=1)
    ground.run(lambda: Conversation.objects.filter(pk=talk["id"]).update(expires_at=soon))
    again = ada.ask(model.will_say("more"), conversation=talk["id"])
    assert again.ack["conversation"]["expires_at"] > talk["expires_at"]


def test_when_its_time_is_over_it_is_gone_at_once(
    ada: Person, ground: Ground, model: Model
) -> None:
    talk = begun(ada, model)
    over(ground, talk["id"])
    ada.api("GET", f"conversations/{talk['id']}", expect=404)
    with pytest.raises(Refused) as refused:
        ada.start("more", conversation=talk["id"])
    assert refused.value.code == "not_found"


def test_the_sweep_takes_it_away_with_its_words_and_tells_the_tabs(
    ada: Person, ground: Ground, model: Model, server_env: dict[str, str]
) -> None:
    """Also from under an answer, which is stopped first, so that what it cost is on the ledger."""
    talk, stays = begun(ada, model), begun(ada, model)
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script, conversation=talk["id"])
    asked.socket.wait_for_text(asked.run, 4)
    over(ground, talk["id"])
    tab = ada.socket()
    manage("shell", "-c", SWEEP, env=server_env)
    script.request.wait_until_closed()
    assert ground.row(ProviderCall, run=asked.run).outcome == "cancelled"
    assert ground.rows(Message, conversation=talk["id"]) == []
    assert tab.until("conversation.deleted")["conversation"] == talk["id"]
    assert ground.rows(Conversation, pk=stays["id"])


def test_it_is_kept_when_one_says_so(ada: Person, ground: Ground, model: Model) -> None:
    talk = begun(ada, model)
    kept = ada.api("PATCH", f"conversations/{talk['id']}", json={"temporary": False})
    assert kept == {**ada.api("GET", f"conversations/{talk['id']}"), "expires_at": None}
    assert listed(ada) == [talk["id"], talk["id"]]


def test_what_was_begun_to_be_kept_stays(ada: Person, model: Model) -> None:
    made = ada.api("POST", "conversations", expect=201)["id"]
    ada.api("PATCH", f"conversations/{made}", json={"temporary": True}, expect=400)
    with pytest.raises(Refused) as refused:
        ada.start(model.will_say("x"), conversation=made, temporary=True)
    assert refused.value.code == "invalid_frame"
    assert ada.api("GET", f"conversations/{made}")["expires_at"] is None


def test_programs_begin_them_too(ada: Person, model: Model) -> None:
    made = ada.api("POST", "conversations", json={"temporary": True}, expect=201)
    assert made["expires_at"] and listed(ada) == []
    question = {"text": model.will_say("x").question, "temporary": True, "wait": True}
    assert ada.api("POST", "messages", json=question)["conversation"]["expires_at"]
    for wrong in ("yes", 1, None):
        ada.api("POST", "messages", json={"text": "x", "temporary": wrong}, expect=400)


def test_what_is_kept_at_the_last_moment_is_not_swept_away(ada: Person, ground: Ground) -> None:
    """The sweep saw it when its time was over, and whoever keeps it was a moment earlier."""
    ended = timezone.now() - timedelta(seconds=1)
    talk = Talks(ada).talk("Hush.", expires_at=ended)
    keeping, sweeper = atomic(), Ground(ground.place["NAME"], ground.blocker)
    ground.run(keeping.__enter__)
    ground.run(lambda: Conversation.objects.filter(pk=talk.pk).update(expires_at=None))
    with ground.blocker.unblock():
        sweeping = sweeper.thread.submit(atomic(sweep.some_conversations))
        ground.until_waiting(sweeping)
        ground.run(lambda: keeping.__exit__(None, None, None))
        sweeping.result(60)
    sweeper.close()
    assert [one.pk for one in ground.rows(Conversation, owner=ada.id)] == [talk.pk]
