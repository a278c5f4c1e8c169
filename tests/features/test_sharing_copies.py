"""Who goes on with what was shared has a copy of their own."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from conversations.attachments.text_files import ROOM_BYTES
from conversations.models import Image, SendLog, TextFile, User
from tests.features.sharing_kit import a_file, path_of, share
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model


def test_a_copy_has_files_of_its_own_that_the_model_reads(
    ada: Person, ben: Person, model: Model, ground: Ground
) -> None:
    file = a_file(ada, "notes.md", "The heron stood still.")
    same = a_file(ben, "notes.md", "The heron stood still.")
    other = a_file(ada, "more.md", "It flew.")
    talk = ada.ask(model.will_say("Read."), files=[file["id"], other["id"], file["id"]])
    path = path_of(share(ada, talk.conversation, images=True))
    conversation = ben.http.post(f"{path}copy/").headers["location"].split("/")[2]
    ada.api("DELETE", f"conversations/{talk.conversation}", expect=204)
    files = ben.messages(conversation)[0]["files"]
    assert [one["name"] for one in files] == ["notes.md", "more.md", "notes.md"]
    assert files[0]["id"] == same["id"], "the same file is kept twice"
    assert files[1]["id"] != other["id"]
    assert ben.http.get(files[1]["url"]).text == "It flew."
    script = model.will_say("Both.")
    ben.ask(script, conversation=conversation)
    told = " ".join(text for _, text in script.requests[-1].said())
    assert "The heron stood still." in told and "It flew." in told


def test_a_copy_without_shared_files_has_none(ada: Person, ben: Person, model: Model) -> None:
    talk = ada.ask(model.will_say("Read."), files=[a_file(ada, "a.md", "# A")["id"]])
    path = path_of(share(ada, talk.conversation))
    conversation = ben.http.post(f"{path}copy/").headers["location"].split("/")[2]
    assert ben.messages(conversation)[0]["files"] == []


def test_a_copy_that_there_is_no_room_for_is_refused_whole(
    ada: Person, ben: Person, model: Model, ground: Ground
) -> None:
    talk = ada.ask(model.will_say("Read."), files=[a_file(ada, "a.md", "# A")["id"]])
    path = path_of(share(ada, talk.conversation, images=True))
    full = TextFile(owner=ben.user, name="full", text="", bytes=ROOM_BYTES, sha256="0" * 64)
    ground.run(full.save)
    answer = ben.http.post(f"{path}copy/")
    assert answer.status_code == 413 and "no room left for your files" in answer.text
    assert ben.api("GET", "conversations")["items"] == []


def test_a_copy_is_ones_own_and_costs_nothing(
    ada: Person, ben: Person, stranger: Person, model: Model, ground: Ground
) -> None:
    image = ada.upload(png(40, 30))
    ada.api("PATCH", f"images/{image['id']}", json={"alt": "A dot, alone."})
    talk = ada.ask(model.will_say("A dot."), images=[image["id"]])
    ada.api("PATCH", f"conversations/{talk.conversation}", json={"system_prompt": "Be terse."})
    path = path_of(share(ada, talk.conversation, images=True))
    assert "Sign in to continue" in stranger.http.get(path).text
    assert (
        stranger.http.post(f"{path}copy/").headers["location"].startswith("/accounts/login/?next=")
    )
    answer = ben.http.post(f"{path}copy/")
    conversation = answer.headers["location"].split("/")[2]
    mine = ben.api("GET", f"conversations/{conversation}")
    assert mine["system_prompt"] == ""
    question, told = ben.messages(conversation)
    assert told["text"] == "A dot." and told["parent"] == question["id"]
    assert question["images"][0]["alt"] == "A dot, alone."
    assert told["cost"] is None and told["usage"] is None
    [picture] = question["images"]
    assert picture["id"] != image["id"]
    assert ben.http.get(picture["url"]).status_code == 200
    blobs = [ground.row(Image, pk=one["id"]).blob_id for one in (image, picture)]
    assert blobs[0] == blobs[1], "the picture was stored twice"
    # It goes on like any other.
    assert ben.ask(model.will_say("Two."), conversation=conversation).text == "Two."
    assert len(ada.messages(talk.conversation)) == 2


@pytest.mark.parametrize("table", [SendLog, User])
def test_a_copy_that_meets_the_deletion_of_what_it_copies_is_none(
    table: type[SendLog | User], ada: Person, ben: Person, ground: Ground, model: Model
) -> None:
    """Held up before it has read a word, and once more when it has and is about to take the files."""
    file = a_file(ada, "notes.txt", "The heron stood still.")
    talk = ada.ask(model.will_say("So it did."), files=[file["id"]])
    link = share(ada, talk.conversation, images=True)
    ben.ask(model.will_say("Hello."))
    with ThreadPoolExecutor(1) as thread:
        with ground.holding(ground.row(table, pk=ben.id)):
            copying = thread.submit(ben.http.post, f"{path_of(link)}copy/")
            ground.wait_until_somebody_waits()
            ada.api("DELETE", f"messages/{talk.question_id}", expect=204)
        assert copying.result().status_code == 404
    assert len(ben.api("GET", "conversations")["items"]) == 1
