"""ChatGPT's data export becomes conversations of one's own: branches, times and pictures kept."""

import secrets
from collections import Counter
from typing import Any

from django.db.transaction import atomic
from django.utils import timezone

from conversations.api import own_shapes
from conversations.chat.imports import chatgpt, writing
from conversations.models import Conversation, Hold, Message, ProviderCall
from conversations.models.conversation import too_late
from tests.features.exports_kit import FIRST, bring, left, listing, node, plain, talk, zipped
from tests.features.test_api_shapes import fits
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model


def messages(person: Person, **query: Any) -> list[dict[str, Any]]:
    [one] = listing(person)
    return list(person.api("GET", f"conversations/{one['id']}/messages", params=query)["items"])


def test_a_conversation_comes_with_its_title_times_and_model(ada: Person) -> None:
    job = bring(ada, zipped({"conversations.json": [plain()], "chat.html": b"<html>"}))
    fits(job, own_shapes.Import)
    assert (job["status"], job["imported"], job["messages"]) == ("complete", 1, 2)
    [one] = listing(ada)
    assert one["title"] == "About herons"
    assert one["created_at"] == "2023-11-14T22:13:20.250Z"
    assert one["updated_at"] == "2023-11-14T22:14:20.250Z"
    question, answer = messages(ada)
    assert (question["role"], question["text"]) == ("user", "What did the bird do?")
    assert (answer["role"], answer["text"]) == ("assistant", "It stood still.")
    assert answer["model"] == "gpt-4o" and answer["parent"] == question["id"]
    assert answer["created_at"].startswith("2023-11-14") and answer["cost"] is None


def test_the_list_alone_or_in_parts_or_in_a_folder_is_taken_too(ada: Person, ben: Person) -> None:
    assert bring(ada, [plain()], "conversations.json")["imported"] == 1
    parts = {
        "my export/conversations-000.json": [plain("c1"), plain("c2")],
        "my export/conversations-001.json": [plain("c3")],
    }
    assert bring(ben, zipped(parts))["imported"] == 3


def test_a_file_that_is_larger_than_other_bodies_may_be_is_taken(ada: Person) -> None:
    files = {"conversations.json": [plain()], "video.mp4": secrets.token_bytes(3 * 1024 * 1024)}
    assert bring(ada, zipped(files))["imported"] == 1


def test_branches_are_kept_and_the_one_that_was_looked_at(ada: Person) -> None:
    tree = talk(
        node("root", None),
        node("q1", "root", "user", "First try"),
        node("a1", "q1", "assistant", "One"),
        node("a1-", "q1", "assistant", "Another one"),
        node("q2---", "root", "user", "Second try"),
        node("a2----", "q2---", "assistant", "Two"),
        current="a1",
    )
    assert bring(ada, [tree])["messages"] == 5
    question, answer = messages(ada)
    assert (question["text"], answer["text"]) == ("First try", "One")
    assert len(question["siblings"]) == 2 and len(answer["siblings"]) == 2
    assert answer["siblings"][0] == answer["id"], "the order of versions is that of their times"


def test_what_a_tool_did_is_left_out_and_counted_and_the_answer_is_one(ada: Person) -> None:
    tree = talk(
        node("q", None, "user", "What is the weather?"),
        node("a1", "q", "assistant", "Let me look."),
        node("t1", "a1", "assistant", "search('weather')", recipient="browser"),
        node("t2", "t1", "tool", "Sunny, 20°"),
        node("th", "t2", "assistant", content={
            "content_type": "thoughts",
            "thoughts": [{"summary": "Looking", "content": "It says sunny."}],
        }),
        node("rc", "th", "assistant", content={"content_type": "reasoning_recap", "content": "6s"}),
        node("a2", "rc", "assistant", "It is sunny\ue200cite\ue202turn0search0\ue201."),
    )  # fmt: skip
    job = bring(ada, [tree])
    assert left(job) == {"tools": 2}
    assert job["left_out"][0]["message"] == "2 steps of tools (search, code and the like)."
    question, answer = messages(ada)
    assert answer["text"] == "Let me look.\n\nIt is sunny."
    assert answer["reasoning"] == "**Looking**\n\nIt says sunny."
    assert answer["parent"] == question["id"]


def test_pictures_come_along_whatever_they_are_called(ada: Person, ground: Ground) -> None:
    def pictured(pointer: str) -> dict[str, Any]:
        part = {"content_type": "image_asset_pointer", "asset_pointer": pointer, "size_bytes": 1}
        return {"content_type": "multimodal_text", "parts": [part, "What is this?"]}

    old, new, made = png(30, 20), png(31, 20), png(32, 20)
    tree = talk(
        node("q", None, "user", content=pictured("file-service://file-AbCdEfGhIjKlMnOpQrStUv")),
        node("a", "q", "assistant", "A dot."),
        node("q2", "a", "user", content=pictured("sediment://file_0000000012345678")),
        node("tool", "q2", "tool", content=pictured("file-service://file-MadeByDalle00000000000")),
        node("a2", "tool", "assistant", "Here it is."),
        node("q3", "a2", "user", content=pictured("file-service://file-NotThere0000000")),
    )
    job = bring(ada, zipped({
        "conversations.json": [tree],
        "file-AbCdEfGhIjKlMnOpQrStUv-photo.png": old,
        "user-xyz/file_0000000012345678.dat": new,
        "dalle-generations/file-MadeByDalle00000000000-aaaa.webp": made,
    }))  # fmt: skip
    assert (job["images"], left(job)) == (3, {"tools": 1, "pictures_missing": 1})
    told = messages(ada)
    assert [len(one["images"]) for one in told] == [1, 0, 1, 1, 0]
    assert [one["images"][0]["width"] for one in told if one["images"]] == [30, 31, 32]
    assert ada.http.get(told[0]["images"][0]["url"]).status_code == 200


def test_text_files_come_along(ada: Person) -> None:
    attachment = {"id": "file-Notes0000001", "name": "notes.md", "mime_type": "text/markdown"}
    lost = {"id": "file-Lost00000001", "name": "big.pdf", "mime_type": "application/pdf"}
    question = node("q", None, "user", "Read this", metadata={"attachments": [attachment, lost]})
    files = {"conversations.json": [talk(question)], "file-Notes0000001-notes.md": b"# Hello"}
    job = bring(ada, zipped(files))
    [told] = messages(ada)
    assert [file["name"] for file in told["files"]] == ["notes.md"]
    assert left(job) == {"files_missing": 1}


def test_the_same_again_brings_nothing_and_more_of_it_brings_what_is_new(ada: Person) -> None:
    assert bring(ada, [plain()])["imported"] == 1
    before = messages(ada)
    again = bring(ada, [plain()])
    assert (again["imported"], again["known"], again["messages"]) == (0, 1, 0)
    longer = plain()
    longer["mapping"] |= {
        "q2": node("q2", "a", "user", "And then?"),
        "a2": node("a2", "q2", "assistant", "It flew."),
    }
    longer |= {"current_node": "a2", "update_time": FIRST + 600}
    more = bring(ada, [longer])
    assert (more["extended"], more["messages"]) == (1, 2)
    told = messages(ada)
    assert [one["id"] for one in told[:2]] == [one["id"] for one in before]
    assert [one["text"] for one in told[2:]] == ["And then?", "It flew."]


def test_two_people_bring_the_same_file_and_each_has_their_own(ada: Person, ben: Person) -> None:
    for person in (ada, ben):
        assert bring(person, [plain()])["imported"] == 1
    assert listing(ada)[0]["id"] != listing(ben)[0]["id"]


def test_what_was_brought_can_be_gone_on_with_and_asked_nobody(
    ada: Person, model: Model, ground: Ground
) -> None:
    bring(ada, [plain(title=None)])
    [one] = listing(ada)
    assert one["title"] == "What did the bird do?"
    calls = ProviderCall.objects.filter(user=ada.user)
    assert ground.run(calls.count) == 0, "what was brought along went out to a provider"
    assert ada.ask(model.will_say("It flew."), conversation=one["id"]).text == "It flew."


def test_archived_and_starred_ones_stay_so(ada: Person) -> None:
    bring(ada, [plain("c1", is_archived=True), plain("c2", is_starred=True)])
    assert [one["pinned"] for one in listing(ada)] == [True]
    assert len(listing(ada, "&archived=true")) == 1


def test_a_conversation_that_was_deleted_comes_back(ada: Person) -> None:
    bring(ada, [plain()])
    ada.api("DELETE", f"conversations/{listing(ada)[0]['id']}", expect=204)
    assert bring(ada, [plain()])["imported"] == 1
    assert len(messages(ada)) == 2


def test_it_comes_back_also_where_a_legal_hold_has_kept_it(ada: Person, ground: Ground) -> None:
    """Its owner is told nothing of that, neither by what fails nor by what is there that they deleted."""
    bring(ada, [plain()])
    [brought] = ground.rows(Conversation, owner=ada.id)
    ground.save(
        Message(
            conversation=brought, parent_id=brought.active_message_id, role="user", text="Since"
        )
    )
    hold = Hold(person=ada.user, reason="Case 7", by="sam")
    ground.save(hold)
    ground.run(lambda: Conversation.objects.filter(pk=brought.pk).update(deleted_at=too_late()))
    assert bring(ada, [plain()])["status"] == "complete"
    assert [one["text"] for one in messages(ada)] == ["What did the bird do?", "It stood still."]
    assert ground.rows(Message, text="Since", conversation__owner=ada.id)
    ground.run(lambda: Hold.objects.filter(pk=hold.pk).update(ended_at=timezone.now()))


def test_cut_and_stopped_answers_say_so(ada: Person, ground: Ground) -> None:
    def end(kind: str) -> dict[str, Any]:
        return {"finish_details": {"type": kind}}

    tree = talk(
        node("q", None, "user", "Tell me"),
        node("a1", "q", "assistant", "One", metadata=end("interrupted")),
        node("a2", "q", "assistant", "Two", metadata=end("max_tokens")),
        node("a3", "q", "assistant", "Three", status="in_progress"),
    )
    bring(ada, [tree])
    rows = Message.objects.filter(conversation__owner=ada.user, role="assistant").order_by("text")
    ends = ground.run(lambda: list(rows.values_list("text", "status", "finish_reason")))
    assert ends == [
        ("One", "stopped", ""), ("Three", "interrupted", ""), ("Two", "complete", "length"),
    ]  # fmt: skip


def test_what_has_no_time_at_all_is_the_same_when_it_comes_again(ada: Person) -> None:
    said = [node("q", None, "user", "When?"), node("a", "q", "assistant", "Once.")]
    for one in said:
        one["message"]["create_time"] = None
    archive = zipped({"conversations.json": [talk(*said, create_time=None, update_time=None)]})
    assert bring(ada, archive)["imported"] == 1
    assert bring(ada, archive)["known"] == 1
    assert [one["text"] for one in messages(ada)] == ["When?", "Once."]


def test_a_new_branch_above_moves_nothing_that_has_no_time(ada: Person) -> None:
    """The time of a message is by what it answers, not by what stands before it in the file."""
    first, other = node("q", None, "user", "When?"), node("earlier", None, "user", "Who?")
    undated = node("a", "q", "assistant", "Once.", create_time=None)
    bring(ada, zipped({"conversations.json": [talk(first, undated)]}))
    late = {**other["message"], "create_time": FIRST + 30}
    grown = talk(first, {**other, "message": late}, undated, current="a")
    grown["mapping"] = {"q": first, "earlier": grown["mapping"]["earlier"], "a": undated}
    job = bring(ada, zipped({"conversations.json": [grown]}))
    assert (job["extended"], job["messages"]) == (1, 1)


def test_what_was_swept_away_meanwhile_is_planned_anew(ada: Person, ground: Ground) -> None:
    """Between the plan, the pictures and the writing somebody may delete what is there."""
    bring(ada, zipped({"conversations.json": [plain()]}))
    assert ada.user is not None
    user = ada.user
    longer = talk(*plain()["mapping"].values(), node("more", "a", "user", "And then?"))
    tree = chatgpt.tree(longer, Counter())

    def planned_then_deleted() -> bool:
        plan = writing.plan(user, tree)
        assert plan is not None and [node.key for node in plan.new] == ["more"]
        Conversation.objects.filter(owner=user).delete()
        return atomic(writing.write)(user, tree, plan, {})

    assert not ground.run(planned_then_deleted)
    assert ground.rows(Message, conversation__owner=ada.id) == []
