"""Deleting everything: confirmed by one's own name, gone at once, for good, and for nobody else."""

import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from conversations.chat.imports import jobs
from conversations.models import (
    Blob,
    Claim,
    Conversation,
    Folder,
    Image,
    ImportJob,
    Message,
    ProviderCall,
    Share,
)
from conversations.runs import sweep
from tests.features.exports_kit import bring, listing, plain, zipped
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model, pause


def test_everything_goes_at_once_and_what_it_cost_stays(
    ada: Person, ben: Person, ground: Ground, model: Model
) -> None:
    dot = png(20, 10)
    sent, unsent = ada.upload(dot)["id"], ada.upload(png(9, 9))["id"]
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script, images=[sent])
    asked.socket.wait_for_text(asked.run, 4)
    folder = ada.api("POST", "folders", json={"name": "Work"}, expect=201)["id"]
    for fields in ({"archived": True}, {"temporary": True}, {"folder": folder}):
        ada.api("POST", "conversations", json=fields, expect=201)
    undone = ada.api("POST", "conversations", expect=201)["id"]
    ada.api("DELETE", f"conversations/{undone}", expect=204)
    told = ada.ask(model.will_say("told"), socket=ada.socket()).conversation
    link = ada.api("POST", "shares", json={"conversation": told}, expect=201)
    files = [default_storage.path(blob.name) for blob in ground.rows(Blob, images__owner=ada.id)]
    his = ben.ask(model.will_say("kept"), images=[ben.upload(dot)["id"]]).conversation
    tab = ada.socket()

    ada.api("DELETE", "conversations", params={"confirm": ada.name}, expect=204)

    assert ground.rows(Claim, user=ada.id, ack__isnull=False) == [], "its words are gone with them"
    assert ground.rows(Claim, user=ben.id, ack__isnull=False)
    script.request.wait_until_closed()
    assert ground.row(ProviderCall, run=asked.run).outcome == "cancelled"
    assert tab.until("conversation.deleted", conversation=asked.conversation)
    assert tab.until("folder.deleted")["folder"] == folder
    for path in ("conversations", "conversations?archived=true", "folders", "shares", "runs"):
        assert ada.api("GET", path)["items"] == []
    ada.api("POST", f"conversations/{undone}/restore", expect=404)
    ada.api("POST", f"conversations/{asked.conversation}/restore", expect=404)
    assert ben.http.get(f"/images/{unsent}/").status_code == 404
    assert ada.http.get(f"/images/{unsent}/").status_code == 404
    assert ada.http.get(link["url"]).status_code in (404, 410)

    while ground.in_transaction(sweep.some_conversations):
        pass
    for table in (Conversation, Folder, Image, Share):
        assert ground.rows(table, owner=ada.id) == [], table
    assert ground.rows(Message, conversation__owner=ada.id) == []
    assert [Path(file).exists() for file in files].count(True) == 1, "the picture that ben has too"
    assert ben.messages(his)[-1]["text"] == "kept"
    assert ada.ask(model.will_say("and on it goes")).text == "and on it goes"


@pytest.mark.parametrize("confirm", ["", "yes", "\u0000", "x" * 10_000])
def test_without_ones_own_name_nothing_happens(ada: Person, confirm: str) -> None:
    ada.api("POST", "conversations", expect=201)
    refused = ada.api("DELETE", "conversations", params={"confirm": confirm}, expect=400)
    assert refused["error"]["fields"]["confirm"]
    page = ada.http.post("/settings/everything/", data={"confirm": confirm})
    assert page.status_code == 400 and "aria-invalid" in page.text
    assert len(ada.api("GET", "conversations")["items"]) == 1


def test_the_settings_page_does_it_without_a_script(ada: Person) -> None:
    ada.api("POST", "conversations", expect=201)
    answer = ada.http.post("/settings/everything/", data={"confirm": f" {ada.name} "})
    assert answer.headers["location"].endswith("#everything")
    assert "Everything is deleted." in ada.http.get(answer.headers["location"]).text
    assert ada.api("GET", "conversations")["items"] == []


def test_no_import_goes_on_when_everything_was_deleted(ada: Person, ground: Ground) -> None:
    brought = io.BytesIO(zipped({"conversations.json": [plain()]}))
    assert ada.user is not None
    user = ada.user
    _job, work = ground.run(lambda: jobs.begin(user, brought, name="secrets.zip", size=9))
    ada.api("DELETE", "conversations", params={"confirm": ada.name}, expect=204)
    ground.run(work.do)
    assert ground.rows(Conversation, owner=ada.id, deleted_at=None) == []
    assert ground.rows(ImportJob, owner=ada.id) == [], "the name of a file is left"


def test_what_is_gone_for_good_does_not_come_back_with_an_import(
    ada: Person, ground: Ground, model: Model
) -> None:
    """The sweep may not have been there yet: what is brought again is new, as it stands in the file."""
    archive = zipped({"conversations.json": [plain()]})
    bring(ada, archive)
    [one] = listing(ada)
    ada.ask(model.will_say("since"), conversation=one["id"])
    link = ada.api("POST", "shares", json={"conversation": one["id"]}, expect=201)
    ada.api("DELETE", "conversations", params={"confirm": ada.name}, expect=204)
    assert bring(ada, archive)["imported"] == 1
    [again] = listing(ada)
    assert [message["text"] for message in ada.messages(again["id"])] == [
        "What did the bird do?",
        "It stood still.",
    ]
    assert ada.http.get(link["url"]).status_code == 404
