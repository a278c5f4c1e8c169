"""The emergency stop: of a person, with a model, of the site; and what people are told meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conversations.chat.claims import claiming
from conversations.errors import NotLoggedIn
from conversations.models import (
    AuditEntry,
    Conversation,
    LanguageModel,
    Message,
    Run,
    SendLog,
    SiteSettings,
    User,
)
from conversations.models.conversation import Status
from tests.features.limits_kit import until
from tests.harness.database import Ground
from tests.harness.people import People, Person
from tests.stub_provider import Model, pause

TABLES = "/admin/conversations/"
STOP = "/admin/stop/"
WHY = {"reason": "A leak was reported"}


@pytest.fixture
def sam(people: People, ground: Ground, nothing_settled: None) -> Iterator[Person]:
    """An administrator; whatever they stopped goes on after the test."""
    sam = people.new("sam", is_staff=True, is_superuser=True)
    yield sam
    sam.http.post(STOP, data={"go_on": "yes"})
    assert not ground.run(SiteSettings.objects.filter(stopped_at__isnull=False).exists)


def entry(ground: Ground, sam: Person, action: str) -> AuditEntry:
    return ground.row(AuditEntry, action=action, actor_id=sam.id)


def chosen(action: str, row: object, **more: str) -> dict[str, str]:
    return {"action": action, "_selected_action": str(row), **more}


def test_the_site_stops_at_once_lets_nothing_begin_and_goes_on(
    ada: Person, sam: Person, model: Model, ground: Ground
) -> None:
    asked = ada.start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    page = sam.http.get(STOP).text
    assert "Stop everything" in page
    sam.http.post(STOP, data={**WHY, "public": "yes"})
    assert asked.finish().status == "stopped" and asked.stored()["text"] == "one "
    refusal = asked.socket.refusal("message.send", conversation=None, text="And now?")
    assert refusal["code"] == "internal" and "A leak was reported." in refusal["message"]
    again = ada.http.post("/api/v1/messages", json={"text": "And now?"})
    assert (again.status_code, again.json()["error"]["code"]) == (503, "unavailable")
    assert "A leak was reported." in ada.http.get("/").text
    assert "The site is stopped" in sam.http.get("/admin/").text
    sam.http.post(STOP, data={"go_on": "yes"})
    assert ada.ask(model.will_say("Hello.")).text == "Hello."
    assert "A leak" not in ada.http.get("/").text
    stopped = entry(ground, sam, "site.stop")
    assert (stopped.reason, stopped.detail) == ("A leak was reported", {"answers": 1})
    assert entry(ground, sam, "site.go_on").actor_id is not None


def test_a_reason_is_asked_for_and_kept_from_people_unless_they_are_to_read_it(
    ada: Person, sam: Person, ground: Ground
) -> None:
    assert "Say why" in sam.http.post(STOP, data={"reason": " \x00 "}).text
    assert ada.http.get("/").text.count("have stopped this site") == 0
    sam.http.post(STOP, data=WHY)
    told = ada.http.get("/").text
    assert "have stopped this site" in told and "A leak" not in told
    assert ground.row(SiteSettings).stopped_because == ""


def test_who_may_not_stop_the_site_cannot(ada: Person, people: People, ground: Ground) -> None:
    rita = people.new("rita", is_staff=True, groups=("Reviewers",))
    assert rita.http.post(STOP, data=WHY).status_code == 403
    assert ada.http.post(STOP, data=WHY).status_code == 302
    assert not ground.run(SiteSettings.objects.filter(stopped_at__isnull=False).exists)


def test_a_persons_answers_are_stopped_and_no_others(
    ada: Person, people: People, sam: Person, model: Model, ground: Ground
) -> None:
    hers = ada.start(model.will_say("one ", pause, "two"))
    script = model.will_say("uno ", pause, "due")
    bens = people.new("ben").start(script)
    hers.socket.wait_for_text(hers.run, 4)
    asked = sam.http.post(f"{TABLES}user/", data=chosen("stop_answers", ada.id)).text
    assert "Stop their answers" in asked and hers.stored()["status"] == "running"
    sam.http.post(f"{TABLES}user/", data=chosen("stop_answers", ada.id, confirmed="yes", **WHY))
    assert hers.finish().status == "stopped"
    script.resume()
    assert bens.finish().text == "uno due"
    found = entry(ground, sam, "person.stop")
    assert (found.owner, found.reason, found.detail) == (ada.name, WHY["reason"], {"answers": 1})


def test_several_who_are_deactivated_together_are_out_at_once_and_nobody_else(
    people: People, sam: Person, model: Model, ground: Ground
) -> None:
    eve, mia, ben = (people.new(name) for name in ("eve", "mia", "ben"))
    script = model.will_say("uno ", pause, "due")
    bens = ben.start(script)
    asked = [one.start(model.will_say("one ", pause, "two")) for one in (eve, mia)]
    for one in asked:
        one.socket.wait_for_text(one.run, 4)
    ids = [eve.id, mia.id]
    data = {"action": "deactivate", "_selected_action": ids, "confirmed": "yes", **WHY}
    assert sam.http.post(f"{TABLES}user/", data=data).status_code == 302
    for one, who in zip(asked, (eve, mia), strict=True):
        assert one.socket.close_code() == 4401
        until(lambda one=one: ground.row(Run, pk=one.run).status == Status.STOPPED)  # type: ignore[misc]
        found = ground.row(AuditEntry, action="person.deactivate", owner_id=who.id)
        assert (str(found.actor_id), found.reason) == (str(sam.id), WHY["reason"])
        assert who.http.get("/settings/").status_code == 302
    script.resume()
    assert bens.finish().text == "uno due"


def test_what_a_person_asks_in_that_very_moment_is_stopped_too(
    people: People, sam: Person, model: Model, ground: Ground
) -> None:
    """Its transaction is under way, and nobody sees the run yet."""
    eve = people.new("eve")
    eve.ask(model.will_say("One."))
    log = ground.row(SendLog, user_id=eve.id)
    with ThreadPoolExecutor(1) as thread:
        with ground.holding(log):  # as a question does
            late = ground.run(lambda: _begun(eve.id))
            data = chosen("stop_answers", eve.id, confirmed="yes", **WHY)
            stopping = thread.submit(sam.http.post, f"{TABLES}user/", data=data)
            ground.until_waiting(stopping)
        assert stopping.result().status_code == 302
    until(lambda: ground.row(Run, pk=late).status == Status.STOPPED)
    assert entry(ground, sam, "person.stop").detail == {"answers": 1}


def _begun(person: Any) -> Any:
    talk = Conversation.objects.create(owner_id=person)
    answer = Message.objects.create(conversation=talk, role="assistant", status=Status.RUNNING)
    about = {"conversation": talk, "message": answer, "user_id": person}
    return Run.objects.create(status=Status.WAITING, model="stub", **about).pk


@pytest.mark.django_db
def test_who_was_deactivated_a_moment_ago_begins_nothing() -> None:
    """Their request, or their socket, was let in before."""
    eve = User.objects.create(username="eve")
    claiming(eve, "a", None)
    User.objects.filter(pk=eve.pk).update(is_active=False)
    with pytest.raises(NotLoggedIn):
        claiming(eve, "b", None)


def test_a_model_is_withdrawn_and_its_answers_stop(
    ada: Person, sam: Person, model: Model, ground: Ground
) -> None:
    asked = ada.start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    slug = asked.ack["message"]["model"]
    row = ground.row(LanguageModel, slug=slug)
    where = f"{TABLES}languagemodel/"
    try:
        sam.http.post(where, data=chosen("stop", row.pk, confirmed="yes", **WHY))
        assert asked.finish().status == "stopped"
        options = {"options": {"model": slug}}
        refusal = asked.socket.refusal("message.send", conversation=None, text="On?", **options)
        assert refusal["code"] == "model_unavailable"
        assert entry(ground, sam, "model.stop").detail == {"answers": 1}
    finally:
        sam.http.post(where, data=chosen("enable", row.pk))
        sam.hear_the_news()


def test_who_is_deactivated_from_a_shell_is_deactivated(ada: Person, ground: Ground) -> None:
    """No transaction is around a `save` there."""
    user = ground.row(User, pk=ada.id)
    user.is_active = False
    ground.save(user)
    assert not ground.row(User, pk=ada.id).is_active
