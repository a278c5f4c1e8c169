"""What is one's own can be taken along, whole, while it is being made."""

import csv
import gc
import io
import json
import secrets
import zipfile
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.utils import timezone

from conversations.chat.export import everything, stream
from conversations.chat.export.archive import of_all
from conversations.errors import RateLimited
from conversations.models import (
    Conversation,
    Decision,
    Hold,
    Message,
    Notice,
    ProviderCall,
    TextFile,
    User,
)
from conversations.models.review import Outcome
from tests.features.runs_kit import clear, committed
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model

HERON = "A heron [grey], *still*"


def archive(person: Person, path: str) -> zipfile.ZipFile:
    answer = person.http.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == "application/zip"
    found = zipfile.ZipFile(io.BytesIO(answer.content))
    assert found.testzip() is None
    return found


def branched(ada: Person, model: Model) -> dict[str, Any]:
    """A question with a picture, its answer, and another version of both."""
    image = ada.upload(png(40, 30))
    ada.api("PATCH", f"images/{image['id']}", json={"alt": HERON})
    asked = ada.ask(model.will_say("A heron."), images=[image["id"]])
    again = model.will_say("An egret.", asked="And in white?")
    edited = ada.socket().call("message.edit", message=asked.question_id, text=again.question)
    ada.sockets[-1].until("run.finished", run=edited["run"]["id"])
    ada.api("PATCH", f"conversations/{asked.conversation}", json={"title": "Birds: a/b?"})
    return {"id": asked.conversation, "image": image["id"], "first": asked.question_id}


def test_one_conversation_as_json_has_every_branch(ada: Person, model: Model) -> None:
    talk = branched(ada, model)
    answer = ada.http.get(f"/api/v1/conversations/{talk['id']}/export?format=json")
    told = answer.json()
    assert (told["format"], told["version"]) == ("chatsite.conversation", 1)
    assert {**told, "messages": []} == {
        "format": "chatsite.conversation",
        "version": 1,
        "messages": [],
        **ada.api("GET", f"conversations/{talk['id']}"),
    }
    texts = {one["text"] for one in told["messages"]}
    assert {"A heron.", "An egret."} < texts and len(told["messages"]) == 4
    parents = {one["id"]: one["parent"] for one in told["messages"]}
    assert list(parents.values()).count(None) == 2
    assert told["active_message"] in parents
    [picture] = next(one for one in told["messages"] if one["id"] == talk["first"])["images"]
    assert picture["file"] == f"images/{talk['image']}.png"
    assert (picture["alt"], picture["source"]) == (HERON, "")
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Birds a b.json\"; filename*=UTF-8''Birds%20a%20b.json"
    )


def test_one_conversation_as_markdown_is_the_active_branch(ada: Person, model: Model) -> None:
    talk = branched(ada, model)
    text = ada.http.get(f"/api/v1/conversations/{talk['id']}/export").text
    assert text.startswith("# Birds: a/b?\n")
    assert "## You · 20" in text and "An egret." in text and "A heron." not in text


def test_one_conversation_as_zip_has_its_pictures_and_no_others(ada: Person, model: Model) -> None:
    talk = branched(ada, model)
    ada.upload(png(20, 20))
    found = archive(ada, f"conversations/{talk['id']}/export?format=zip")
    assert [name for name in found.namelist() if name.startswith("images/")] == [
        f"images/{talk['image']}.png"
    ]
    assert found.read(f"images/{talk['image']}.png").startswith(b"\x89PNG")


def test_all_of_it_is_one_archive(ada: Person, ben: Person, model: Model) -> None:
    talk = branched(ada, model)
    ada.ask(model.will_say("Two.", asked="One?"))
    ben.ask(model.will_say("Not hers."))
    found = archive(ada, "export")
    told = json.loads(found.read("conversations.json"))
    assert told[0]["title"] == "Birds: a/b?" and len(told) == 2
    [first, second] = [name for name in found.namelist() if name.startswith("markdown/")]
    assert first.endswith(" Birds a b.md") and " One" in second
    named = r"![A heron \[grey\], \*still\*]"
    assert f"{named}(../images/{talk['image']}.png)" in found.read(first).decode()
    assert "account.json" not in found.namelist()
    everything_said = b"".join(found.read(name) for name in found.namelist())
    assert b"Not hers." not in everything_said
    assert ada.api("GET", "export/progress") == {"done": 2, "of": 2}
    assert ben.api("GET", "export/progress") is None


def test_everything_has_also_who_one_is_and_what_it_cost(ada: Person, model: Model) -> None:
    talk = ada.ask(model.will_say("Two."))
    unsent = ada.upload(png(21, 20))
    ada.api("PATCH", f"images/{unsent['id']}", json={"alt": HERON})
    ada.api("POST", "shares", json={"conversation": talk.conversation}, expect=201)
    found = archive(ada, "export?what=everything")
    account = json.loads(found.read("account.json"))
    assert (account["name"], account["email"]) == (ada.name, f"{ada.name}@example.org")
    assert len(account["shares"]) == 1 and "token_hash" not in account["shares"][0]
    assert set(account["preferences"]) >= {"system_prompt", "time_zone", "language"}
    [picture] = account["pictures"]
    assert picture["alt"] == HERON and picture["file"] in found.namelist()
    calls = list(csv.DictReader(io.StringIO(found.read("usage.csv").decode())))
    assert [call["purpose"] for call in calls] == [
        call["purpose"] for call in json.loads(found.read("usage.json"))
    ]
    assert calls[0]["model"] == talk.stored()["model"]


def test_a_model_that_is_called_like_a_formula_is_none(ada: Person, ground: Ground) -> None:
    """Such as those of Cloudflare; and what a correction takes back is a number still."""
    named = {"provider": "=1+1", "model": "@cf/meta/llama", "outcome": "correction"}
    ground.save(ProviderCall(user_id=ada.id, attempt=None, cost_micros=-1_500_000, **named))
    found = archive(ada, "export?what=everything")
    [call] = csv.DictReader(io.StringIO(found.read("usage.csv").decode()))
    assert (call["provider"], call["model"], call["cost"]) == (
        "'=1+1",
        "'@cf/meta/llama",
        "-1.500000",
    )


def test_everything_has_what_one_was_told_and_not_by_whom(
    ada: Person, model: Model, ground: Ground
) -> None:
    assert ada.user is not None
    talk, owner = ada.ask(model.will_say("Two.")), ada.user
    told = {"reason": "Not here.", "outcome": Outcome.WARNED}

    def decide() -> str:
        rita = User.objects.create(username=f"rita-{secrets.token_hex(4)}")
        Decision.objects.create(message_id=talk.answer_id, by=rita, **told)
        Decision.objects.create(
            message_id=talk.answer_id, by=rita, reason="Fine.", outcome=Outcome.FINE
        )
        Notice.objects.create(owner=owner, about=Notice.About.WARNED, **told)
        Hold.objects.create(
            person=owner, reason="A court asked.", by=rita.username, ended_at=timezone.now()
        )
        return str(rita.pk)

    rita = ground.run(decide)
    account = archive(ada, "export?what=everything").read("account.json").decode()
    [warning], [notice] = json.loads(account)["warnings"], json.loads(account)["notices"]
    assert (warning["message"], warning["reason"]) == (talk.answer_id, "Not here.")
    assert (notice["about"], notice["reason"]) == ("warned", "Not here.")
    assert rita not in account and "court" not in account and "Fine." not in account


def test_everything_has_where_else_one_signs_in(ada: Person, ground: Ground) -> None:
    def linked() -> None:
        assert ada.user is not None
        told = {"name": "Ada L."}
        SocialAccount.objects.create(user=ada.user, provider="school", uid="a-17", extra_data=told)

    ground.run(linked)
    account = json.loads(archive(ada, "export?what=everything").read("account.json"))
    [one] = account["signs_in_by"]
    assert (one["provider"], one["id"], one["told"]) == ("school", "a-17", {"name": "Ada L."})


def test_an_account_with_nothing_in_it_is_an_archive_too(cleo: Person) -> None:
    found = archive(cleo, "export?what=everything")
    assert json.loads(found.read("conversations.json")) == []
    assert json.loads(found.read("usage.json")) == []


def test_many_messages_are_all_there_in_order(ada: Person, ground: Ground) -> None:
    """More than two pages of what is read at once, and titles that would be the same file."""

    def write() -> None:
        assert ada.user is not None
        for _ in range(3):
            talk = Conversation.objects.create(owner=ada.user, title="Same ☃")
            parent = None
            for number in range(47):
                parent = Message.objects.create(
                    conversation=talk, parent=parent, role="user", text=f"No. {number}"
                )
            Conversation.objects.filter(pk=talk.pk).update(active_message=parent)

    ground.run(write)
    found = archive(ada, "export")
    told = json.loads(found.read("conversations.json"))
    wanted = [f"No. {number}" for number in range(47)]
    assert [sorted(m["text"] for m in one["messages"]) for one in told] == [sorted(wanted)] * 3
    names = [name for name in found.namelist() if name.startswith("markdown/")]
    assert len(set(names)) == 3 and all("Same ☃" in name for name in names)
    lines = found.read(names[0]).decode().split("\n")
    assert [line for line in lines if line.startswith("No. ")] == wanted


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("all_of_it", [False, True])
def test_nothing_is_read_before_its_turn_to_be_sent(all_of_it: bool) -> None:
    """What is deleted meanwhile is not in it: there may be hundreds of megabytes to come."""
    texts = [secrets.token_hex(300_000) for _ in range(6)]

    def write() -> User:
        user = User.objects.create(username=f"user-{secrets.token_hex(4)}")
        rest = {"bytes": 600_000, "owner": user}
        rows = [TextFile(text=text, sha256=text[:64], name="a.txt", **rest) for text in texts]
        TextFile.objects.bulk_create(rows)
        return user

    user = committed(write)
    try:
        made = of_all(user, lambda _done, _of: None, all_of_it=all_of_it)
        with ThreadPoolExecutor(1) as thread:  # as exports have one, with its own connection
            first = thread.submit(next, made).result()
            committed(TextFile.objects.filter(owner=user).delete)
            rest = thread.submit(b"".join, made).result()
    finally:
        committed(clear)
    names = zipfile.ZipFile(io.BytesIO(first + rest)).namelist()
    assert 1 <= sum(name.startswith("files/") for name in names) < len(texts)


def test_all_of_it_is_said_in_ones_own_language(ada: Person, model: Model) -> None:
    """Also what is made later than the beginning, on another thread."""
    talk = ada.ask(model.will_say("Two."))
    ada.api("PATCH", "me", json={"preferences": {"language": "de"}})
    text = ada.http.get(f"/api/v1/conversations/{talk.conversation}/export").text
    assert "## Du · 20" in text and "## You" not in text


@pytest.mark.django_db
def test_who_leaves_before_the_first_piece_is_sent_leaves_a_place_behind() -> None:
    """A server drops the answer of a reader that has gone; nobody closes it."""
    reader = User.objects.create(username="ada")

    def pieces() -> Generator[bytes]:
        yield b"one"

    for _ in range(stream.OF_ONE_USER + 1):
        stream.Stream(reader, pieces())
        gc.collect()
    held = [stream.Stream(reader, pieces()) for _ in range(stream.OF_ONE_USER)]
    with pytest.raises(RateLimited):
        stream.Stream(reader, pieces())
    held[0].close()
    held[0].close()
    stream.Stream(reader, pieces())


def test_half_an_answer_is_taken_along_as_far_as_it_is(ada: Person, half_told: Any) -> None:
    path = f"/api/v1/conversations/{half_told.asked.conversation}/export?format=json"
    told = ada.http.get(path).json()
    answer = next(one for one in told["messages"] if one["role"] == "assistant")
    assert answer["status"] == "running"


@pytest.mark.parametrize("path", ["conversations/x/export", "conversations/%00/export?format=zip"])
def test_what_is_not_there_is_not_found(ada: Person, path: str) -> None:
    ada.api("GET", path, expect=404)


def test_a_form_that_is_none_is_refused(ada: Person, model: Model) -> None:
    talk = ada.ask(model.will_say("Two."))
    ada.api("GET", f"conversations/{talk.conversation}/export?format=pdf", expect=400)
    ada.api("GET", "export?what=theirs", expect=400)


# Tables with a person in them that are no part of what is theirs to take: how the site works,
HOW_IT_WORKS = {
    "AuditEntry", "Claim", "EmailAddress", "EmailConfirmation", "Invitation", "LogEntry", "RateLimit",
    "Run", "SendLog", "UserSession", "User_groups", "User_user_permissions",
}  # fmt: skip
# what opens the door (keys and codes of a second factor),
SECRETS = {"Authenticator"}
# what its owner is not to know of, or what reviewers write for each other,
OF_STAFF = {"Erasure", "Hold", "Note"}
# and sums of the ledger, each row of which is in usage.json.
SUMS = {
    "CallUse",
    "DailyUse",
    "DailyUseNow",
    "MonthlyUse",
    "PersonDay",
    "PersonMonth",
    "PurposeDay",
}
NOT_TAKEN = HOW_IT_WORKS | SECRETS | OF_STAFF | SUMS
# What archive.py writes, and everything.py besides its lists: budgets as they stand, decisions as warnings.
IN_THE_ARCHIVE = {
    "Budget", "Conversation", "Decision", "Image", "Preferences", "ProviderCall", "SocialAccount",
    "TextFile",
}  # fmt: skip


def test_every_table_that_names_a_person_is_taken_or_left_on_purpose() -> None:
    named = {
        model.__name__
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is User
    }
    taken = {manager.model.__name__ for manager in everything.LISTS.values()}
    assert named - taken - IN_THE_ARCHIVE - NOT_TAKEN == set()
