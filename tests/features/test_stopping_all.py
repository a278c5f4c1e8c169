"""The emergency stop: of a person, with a model, of the site; and what people are told meanwhile."""

from collections.abc import Iterator

import pytest

from conversations.models import AuditEntry, LanguageModel, SiteSettings
from tests.harness.database import Ground
from tests.harness.people import People, Person
from tests.stub_provider import Model, pause

TABLES = "/admin/conversations/"
STOP = "/admin/stop/"
WHY = {"reason": "A leak was reported"}


@pytest.fixture
def sam(people: People, ground: Ground) -> Iterator[Person]:
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
