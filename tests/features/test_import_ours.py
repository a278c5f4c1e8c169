"""What was exported here comes back as it was, on another account or another site; and only once."""

import json
from typing import Any

from conversations.models import Message
from tests.features.exports_kit import bring, left, listing, zipped
from tests.features.test_export import branched
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.stub_provider import Model

KEPT = ("role", "text", "reasoning", "status", "finish_reason", "model", "created_at")


def exported(person: Person, path: str) -> bytes:
    return person.http.get(f"/api/v1/{path}").content


def as_told(conversation: dict[str, Any]) -> list[Any]:
    """Every message with what is kept of it, below what it stands, whatever the ids are."""
    by_id = {one["id"]: one for one in conversation["messages"]}

    def way(one: dict[str, Any] | None) -> list[Any]:
        if one is None:
            return []
        about = [one[name] for name in KEPT]
        shown = [(image["width"], image["height"], image["alt"]) for image in one["images"]]
        return [*way(by_id.get(one["parent"])), [*about, shown]]

    return sorted(way(one) for one in by_id.values())


def test_an_export_of_all_comes_back_whole_on_another_account(
    ada: Person, ben: Person, model: Model
) -> None:
    talk = branched(ada, model)
    notes = {"file": ("notes.md", b"# Herons\r\n", "text/markdown")}
    [file] = ada.api("POST", "files", files=notes, expect=201)["items"]
    ada.ask(model.will_say("Read."), conversation=talk["id"], files=[file["id"]])
    ada.api("PATCH", f"conversations/{talk['id']}", json={"system_prompt": "Be terse."})
    archive = exported(ada, "export?what=everything")
    job = bring(ben, archive)
    assert (job["imported"], job["messages"], job["images"]) == (1, 6, 2)
    assert left(job) == {}
    [one] = listing(ben)
    before = json.loads(exported(ada, f"conversations/{talk['id']}/export?format=json"))
    after = json.loads(exported(ben, f"conversations/{one['id']}/export?format=json"))
    assert as_told(after) == as_told(before)
    same = ("title", "system_prompt", "model", "options", "created_at", "updated_at")
    assert [after[name] for name in same] == [before[name] for name in same]
    texts = {m["id"]: m["text"] for told in (before, after) for m in told["messages"]}
    assert texts[after["active_message"]] == texts[before["active_message"]]
    [brought] = [file for m in ben.messages(one["id"]) for file in m["files"]]
    assert brought["name"] == "notes.md" and brought["id"] != file["id"]
    assert ben.http.get(brought["url"]).content == b"# Herons\r\n"
    assert bring(ben, archive)["known"] == 1, "it came twice"


def test_what_one_says_of_a_picture_here_stays_and_its_address_does_not_come(
    ada: Person, ben: Person, model: Model
) -> None:
    talk = branched(ada, model)
    told = json.loads(exported(ada, f"conversations/{talk['id']}/export?format=json"))
    for image in (image for one in told["messages"] for image in one["images"]):
        image |= {"alt": "Two\n lines\0" + "." * 1000, "source": "https://example.org/a.png"}
    picture = ada.http.get(f"/images/{talk['image']}/").content
    name = f"images/{talk['image']}.png"
    archive = zipped({"conversations.json": [told], name: picture})
    job = bring(ben, archive)
    assert (left(job), job["images"]) == ({}, 2)
    [image] = ben.api("GET", "images")["items"]
    assert image["alt"] == ("Two lines" + "." * 1000)[:1000] and image["source"] == ""
    ben.api("PATCH", f"images/{image['id']}", json={"alt": "Mine."})
    bring(ben, zipped({"conversations.json": [{**told, "id": "another"}], name: picture}))
    assert ben.api("GET", f"images/{image['id']}")["alt"] == "Mine."


def test_ones_own_conversation_that_is_still_here_does_not_come_again(
    ada: Person, model: Model
) -> None:
    ada.ask(model.will_say("Two."))
    archive = exported(ada, "export")
    job = bring(ada, archive)
    assert (job["imported"], job["known"]) == (0, 1)
    assert len(listing(ada)) == 1


def test_a_single_conversation_as_json_comes_back_without_its_pictures(
    ada: Person, ben: Person, model: Model, ground: Ground
) -> None:
    talk = branched(ada, model)
    job = bring(ben, exported(ada, f"conversations/{talk['id']}/export?format=json"), "birds.json")
    assert (job["imported"], left(job)) == (1, {"pictures_missing": 2})
    rows = Message.objects.filter(conversation__owner=ben.user)
    assert ground.run(rows.exclude(cost_micros=None).count) == 0, "costs are nobody else's"


def test_what_somebody_wrote_by_hand_in_our_form_is_read_with_patience(ada: Person) -> None:
    """A question is whole without saying so; what cannot be taken is counted, and counted once."""
    said = [
        {"id": "q", "role": "user", "text": "By hand?"},
        {"id": "a", "parent": "q", "role": "assistant", "text": "Half of"},
        {"id": "w", "parent": "q", "role": "wizard", "text": "Abracadabra"},
        {"role": "user", "text": "Without an id"},
        {"id": "r", "parent": "r", "role": "user", "text": "Its own parent"},
    ]
    told = {"format": "chatsite.conversation", "version": 1, "id": "made-up", "messages": said}
    job = bring(ada, [{**told, "active_message": "a"}])
    assert left(job) == {"unknown": 2, "rings": 1}
    [one] = listing(ada)
    kept = [(m["role"], m["status"]) for m in ada.messages(one["id"])]
    assert kept == [("user", "complete"), ("assistant", "interrupted")]
