"""A link shows what stood when it was made, to whoever holds it, until it is withdrawn."""

import re
from typing import Any

import pytest

from conversations.api import own_shapes
from conversations.models import AuditEntry, Message, Share, User
from conversations.runs.prompt import GO_ON
from tests.features.sharing_kit import a_file, path_of, share
from tests.features.test_api_shapes import fits
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.pictures import png
from tests.stub_provider import Model, says

NOBODY = "01890000-0000-7000-8000-000000000000"
GONE = "This link leads nowhere"


@pytest.fixture
def talk(ada: Person, model: Model) -> Asked:
    """A question and its answer, both with words of their own."""
    script = model.will_say("The heron stood still.", asked="What did the bird do?")
    return ada.ask(script)


def test_whoever_holds_the_link_reads_it_and_nothing_else_of_it(
    ada: Person, stranger: Person, talk: Asked
) -> None:
    link = share(ada, talk.conversation)
    fits(link, own_shapes.Share)
    shown = stranger.http.get(path_of(link))
    assert shown.status_code == 200
    assert "What did the bird do?" in shown.text and "The heron stood still." in shown.text
    for secret in (
        ada.name,
        ada.id,
        talk.conversation,
        talk.answer_id,
        talk.question_id,
        link["id"],
    ):
        assert secret not in shown.text
    assert "$" not in re.sub(r"<script.*?</script>", "", shown.text, flags=re.DOTALL), (
        "a price is shown"
    )


def test_a_link_is_kept_by_nobody_and_found_by_no_search(
    ada: Person, stranger: Person, talk: Asked
) -> None:
    link = share(ada, talk.conversation)
    for path in (path_of(link), "/share/made-up/"):
        headers = stranger.http.get(path).headers
        assert headers["x-robots-tag"] == "noindex, nofollow, noarchive"
        assert "no-store" in headers["cache-control"]
        assert headers["referrer-policy"] == "same-origin"
    assert '<meta name="robots" content="noindex' in stranger.http.get(path_of(link)).text
    robots = stranger.http.get("/robots.txt").text
    assert robots.endswith("User-agent: *\nDisallow: /\n")


def test_what_is_said_later_is_not_shown_until_the_link_is_brought_up_to_date(
    ada: Person, stranger: Person, model: Model, talk: Asked
) -> None:
    link = share(ada, talk.conversation)
    assert link["current"] is True
    later = model.will_say("It flew.", asked="And then?")
    ada.ask(later, conversation=talk.conversation)
    ada.api("PATCH", f"conversations/{talk.conversation}", json={"title": "Birds"})
    shown = stranger.http.get(path_of(link)).text
    assert "It flew." not in shown and "And then?" not in shown and "Birds" not in shown
    assert ada.api("GET", f"shares/{link['id']}")["current"] is False
    updated = ada.api("PATCH", f"shares/{link['id']}", json={"update": True})
    assert updated["current"] is True and updated["url"] == link["url"]
    shown = stranger.http.get(path_of(link)).text
    assert "It flew." in shown and "Birds" in shown
    names = {model["id"]: model["name"] for model in ada.api("GET", "models")["items"]}
    who = talk.stored()["model"]
    assert f'<b title="{who}">{names[who]}</b>' in shown


def test_an_answer_that_went_on_is_not_shown_either_until_then(
    ada: Person, stranger: Person, model: Model
) -> None:
    asked = ada.ask(model.will_answer(says("one two", finish="length")))
    link = share(ada, asked.conversation)
    assert link["current"] is True
    model.will_answer(says(", three"), asked=GO_ON, exactly=True)
    more = asked.socket.call("message.continue", message=asked.answer_id)
    asked.socket.until("run.finished", run=more["run"]["id"])
    assert ", three" not in stranger.http.get(path_of(link)).text
    path = f"shares/{link['id']}"
    assert ada.api("GET", path)["current"] is False, (
        "nothing says that it can be brought up to date"
    )
    assert ada.api("PATCH", path, json={"update": True})["current"] is True
    assert ", three" in stranger.http.get(path_of(link)).text


def test_another_version_is_not_shown(
    ada: Person, stranger: Person, model: Model, talk: Asked
) -> None:
    link = share(ada, talk.conversation)
    again = model.will_say("The egret danced.", asked="What did the other bird do?")
    ada.socket().call("message.edit", message=talk.question_id, text=again.question)
    shown = stranger.http.get(path_of(link)).text
    assert "heron" in shown and "egret" not in shown and "the other bird" not in shown


def test_an_answer_that_was_gone_on_with_is_shown_as_it_stood(
    ada: Person, stranger: Person, ground: Ground, talk: Asked
) -> None:
    answers = Message.objects.filter(pk=talk.answer_id)
    ground.run(lambda: answers.update(status="stopped", text="The heron"))
    link = share(ada, talk.conversation)
    ground.run(lambda: answers.update(status="complete", text="The heron stood still."))
    shown = stranger.http.get(path_of(link)).text
    assert "The heron" in shown and "stood still" not in shown
    assert "This answer was not finished." in shown


def test_nothing_is_shared_while_the_answer_is_being_written(ada: Person, half_told: Any) -> None:
    body = {"conversation": half_told.asked.conversation}
    error = ada.api("POST", "shares", json=body, expect=409)["error"]
    assert error["code"] == "conflict"


def test_a_withdrawn_link_leads_nowhere_at_once_its_pictures_neither(
    ada: Person, stranger: Person, model: Model
) -> None:
    image = ada.upload(png(40, 30))
    talk = ada.ask(model.will_say("A dot."), images=[image["id"]])
    link = share(ada, talk.conversation, images=True)
    path = path_of(link)
    picture = stranger.http.get(f"{path}pictures/1/")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert stranger.http.get(f"{path}pictures/1/thumbnail/").status_code == 200
    assert stranger.http.get(f"{path}pictures/2/").status_code == 404
    assert stranger.http.get(f"{path}pictures/0/").status_code == 404
    ada.api("DELETE", f"shares/{link['id']}", expect=204)
    for gone in (path, f"{path}pictures/1/", f"{path}pictures/1/thumbnail/"):
        answer = stranger.http.get(gone)
        assert answer.status_code == 404 and GONE in answer.text
    ada.api("DELETE", f"shares/{link['id']}", expect=404)


def test_pictures_are_shown_only_when_they_are_shared(
    ada: Person, stranger: Person, model: Model
) -> None:
    image = ada.upload(png(40, 30))
    ada.api("PATCH", f"images/{image['id']}", json={"alt": 'A "dot"'})
    talk = ada.ask(model.will_say("A dot."), images=[image["id"]])
    link = share(ada, talk.conversation)
    path = path_of(link)
    assert "/pictures/" not in stranger.http.get(path).text
    assert stranger.http.get(f"{path}pictures/1/").status_code == 404
    ada.api("PATCH", f"shares/{link['id']}", json={"images": True})
    shown = stranger.http.get(path).text
    assert f"{path}pictures/1/" in shown
    assert 'width="40" height="30" alt="A &quot;dot&quot;"' in shown
    assert stranger.http.get(f"/images/{image['id']}/").status_code == 302, (
        "the owner's own address"
    )


def test_files_are_shown_with_the_pictures_and_only_through_the_link(
    ada: Person, stranger: Person, model: Model
) -> None:
    first, second = (a_file(ada, name, text) for name, text in (("a.md", "# A"), ("<b>.md", "B")))
    talk = ada.ask(model.will_say("Read."), files=[first["id"], second["id"]])
    link = share(ada, talk.conversation)
    path = path_of(link)
    assert "a.md" not in stranger.http.get(path).text
    assert stranger.http.get(f"{path}files/1/").status_code == 404
    ada.api("PATCH", f"shares/{link['id']}", json={"images": True})
    shown = stranger.http.get(path).text
    assert f"{path}files/1/" in shown and "a.md" in shown and "&lt;b&gt;.md" in shown
    assert first["id"] not in shown
    file = stranger.http.get(f"{path}files/2/")
    assert (file.text, file.headers["content-type"]) == ("B", "text/plain; charset=utf-8")
    assert file.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in file.headers["content-security-policy"]
    assert "no-store" in file.headers["cache-control"]
    assert file.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
    for number in (0, 3):
        assert stranger.http.get(f"{path}files/{number}/").status_code == 404
    ada.api("DELETE", f"shares/{link['id']}", expect=204)
    assert stranger.http.get(f"{path}files/2/").status_code == 404


def test_the_owner_is_named_only_when_they_want_it(
    ada: Person, stranger: Person, talk: Asked
) -> None:
    link = share(ada, talk.conversation)
    ada.api("PATCH", f"shares/{link['id']}", json={"name": True})
    assert f"Shared by {ada.name}" in stranger.http.get(path_of(link)).text


def test_a_link_ends_when_its_time_is_over(
    ada: Person, stranger: Person, ground: Ground, talk: Asked
) -> None:
    link = share(ada, talk.conversation, ends="day")
    assert link["expires_at"] is not None and not link["ended"]
    assert stranger.http.get(path_of(link)).status_code == 200
    rows = Share.objects.filter(pk=link["id"])
    ground.run(lambda: rows.update(expires_at=link["created_at"]))
    assert stranger.http.get(path_of(link)).status_code == 404
    assert ada.api("GET", f"shares/{link['id']}")["ended"] is True
    longer = ada.api("PATCH", f"shares/{link['id']}", json={"ends": "never"})
    assert longer["expires_at"] is None
    assert stranger.http.get(path_of(link)).status_code == 200


@pytest.mark.parametrize("way", ["deactivated", "conversation", "message"])
def test_what_is_gone_is_not_shared_any_more(
    ada: Person, stranger: Person, ground: Ground, talk: Asked, way: str
) -> None:
    path = path_of(share(ada, talk.conversation))
    if way == "deactivated":
        ground.run(lambda: User.objects.filter(pk=ada.id).update(is_active=False))
    elif way == "conversation":
        ada.api("DELETE", f"conversations/{talk.conversation}", expect=204)
    else:
        ground.run(lambda: Message.objects.filter(pk=talk.question_id).delete())
    assert stranger.http.get(path).status_code == 404


def test_making_changing_and_withdrawing_are_on_record(
    ada: Person, ground: Ground, talk: Asked
) -> None:
    link = share(ada, talk.conversation)
    ada.api("PATCH", f"shares/{link['id']}", json={"name": True})
    ada.api("DELETE", f"shares/{link['id']}", expect=204)
    rows = AuditEntry.objects.filter(object_id=link["id"]).order_by("at")
    told = ground.run(lambda: list(rows.values_list("action", "actor")))
    assert told == [(f"share.{what}", ada.name) for what in ("made", "changed", "withdrawn")]


def test_an_administrator_withdraws_a_link_on_record(
    ada: Person, admin_user: Person, stranger: Person, ground: Ground, talk: Asked
) -> None:
    link = share(ada, talk.conversation)
    page = f"/admin/conversations/share/{link['id']}/"
    token = path_of(link).split("/")[2]
    assert token not in admin_user.http.get(f"{page}change/").text
    assert admin_user.http.post(f"{page}delete/", data={"post": "yes"}).status_code == 302
    assert stranger.http.get(path_of(link)).status_code == 404
    rows = AuditEntry.objects.filter(object_id=link["id"], action="share.withdrawn")
    told = ground.run(lambda: list(rows.values_list("actor", "owner")))
    assert told == [(admin_user.name, ada.name)]


def test_a_conversation_has_one_link_and_the_list_has_it(
    ada: Person, ben: Person, talk: Asked
) -> None:
    link = share(ada, talk.conversation)
    again = {"conversation": talk.conversation}
    assert ada.api("POST", "shares", json=again, expect=409)["error"]["code"] == "conflict"
    assert ada.api("GET", "shares")["items"] == [link]
    assert ada.api("GET", f"shares?conversation={talk.conversation}")["items"] == [link]
    assert ben.api("GET", "shares")["items"] == []
    ben.api("GET", f"shares?conversation={talk.conversation}", expect=404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"conversation": None},
        {"conversation": 7},
        {"conversation": "x" * 36, "ends": "year"},
        {"conversation": "x" * 36, "images": "yes"},
        {"conversation": "x" * 36, "more": 1},
    ],
)
def test_what_makes_no_sense_is_refused(ada: Person, body: dict[str, Any]) -> None:
    assert ada.api("POST", "shares", json=body, expect=400)["error"]["code"] == "invalid"


@pytest.mark.parametrize("token", ["%00", "%ED%A0%80", "a" * 4000, "%2e%2e", "' OR 1=1"])
def test_a_token_that_is_none_leads_nowhere(stranger: Person, token: str) -> None:
    assert stranger.http.get(f"/share/{token}/").status_code == 404


def test_an_empty_conversation_has_nothing_to_share(ada: Person) -> None:
    made = ada.api("POST", "conversations", expect=201)
    error = ada.api("POST", "shares", json={"conversation": made["id"]}, expect=400)["error"]
    assert "nothing to share" in error["message"]
