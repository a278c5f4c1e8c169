"""A provider fails: another model answers and says so, and who fails again and again is left alone."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from conversations.events import doorbell
from conversations.models import Circuit, LanguageModel, Provider, ProviderCall
from conversations.runs import circuit, halt
from conversations.runs.prompt import GO_ON
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.server import Server
from tests.stub_provider import Model, Reply, Stub, cut, fails, pause, says

SOON_SECONDS = 20
REFUSED = fails(401, message="Incorrect API key provided: sk-stub-secret-0123.")


@dataclass
class House:
    """A provider that is about to fail, with a model that has a fall-back and one that has none."""

    ground: Ground
    shaky: Provider
    steady: Provider

    @property
    def row(self) -> Circuit | None:
        return next(iter(self.ground.rows(Circuit, provider=self.shaky)), None)

    def is_left_alone(self) -> bool:
        return self.row is not None and self.row.opened_at is not None

    def patience(self, failures: int) -> None:
        self.shaky.failures_in_a_row = failures
        self.ground.save(self.shaky)

    def stays_away(self) -> None:
        """However long the test takes."""
        self._until(timezone.now() + timedelta(hours=1))

    def time_is_over(self) -> None:
        """The next question tries it."""
        self._until(timezone.now())

    def _until(self, when: datetime) -> None:
        rows = Circuit.objects.filter(provider=self.shaky)
        self.ground.run(lambda: rows.update(left_until=when))
        self.ground.run(lambda: doorbell.ring({"circuit": True}))


@pytest.fixture(scope="module")
def providers(ground: Ground, stub: Stub, server: Server) -> Iterator[House]:
    made = House(ground, _provider(ground, stub, "shaky"), _provider(ground, stub, "steady"))
    second = _entered(ground, made.steady, "second")
    first = _entered(ground, made.shaky, "first", fall_back=second)
    _entered(ground, made.steady, "third", fall_back=first)
    _entered(ground, made.shaky, "lonely")
    teachers = ground.run(lambda: Group.objects.create(name="Teachers of fall-backs"))
    theirs = _entered(ground, made.steady, "theirs")
    ground.run(lambda: theirs.groups.add(teachers))
    _entered(ground, made.shaky, "pupil", fall_back=theirs)
    yield made
    ground.run(lambda: (made.shaky.delete(), made.steady.delete(), teachers.delete()))


def _provider(ground: Ground, stub: Stub, name: str) -> Provider:
    row = Provider(name=name, kind="compatible", base_url=stub.base_url, failures_in_a_row=0)
    ground.save(row)
    return row


def _entered(ground: Ground, provider: Provider, slug: str, **more: Any) -> LanguageModel:
    sizes: dict[str, Any] = {"context_window": 8_000, "max_output_tokens": 500}
    row = LanguageModel(slug=slug, name=slug.title(), provider=provider, **sizes, **more)
    ground.save(row)
    return row


@pytest.fixture
def house(providers: House, ada: Person, model: Model) -> Iterator[House]:
    """As if it had never failed, and the server knows that."""
    until(lambda: "pupil" in [one["id"] for one in ada.api("GET", "models")["items"]])
    yield providers
    providers.patience(0)
    if providers.ground.run(lambda: circuit.close("shaky")):
        circuit._known.clear()  # what this process knows is of the server's database
        until(lambda: asks(ada, model, says("Back."), of="lonely").text == "Back.")


def until(holds: Any) -> None:
    end = time.monotonic() + SOON_SECONDS
    while not holds():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.05)


def asks(person: Person, model: Model, *replies: Reply, of: str = "first", **more: Any) -> Asked:
    return person.ask(model.will_answer(*replies), options={"model": of}, **more)


def who(asked: Asked) -> tuple[str, str | None]:
    """Who answered, instead of whom: the same live and stored."""
    told, stored = asked.finished["message"], asked.stored()
    assert (told["model"], told["instead_of"]) == (stored["model"], stored["instead_of"])
    return stored["model"], stored["instead_of"]


def calls(ground: Ground, asked: Asked) -> list[tuple[int | None, str, str, str]]:
    rows = sorted(ground.rows(ProviderCall, run=asked.run), key=lambda row: row.attempt or 0)
    return [(row.attempt, row.provider, row.model, row.outcome) for row in rows]


def test_a_model_that_is_stopped_ends_what_it_writes_for_another_and_begins_no_more(
    ada: Person, house: House, model: Model
) -> None:
    """Also where the catalogue of a process has not heard of it yet."""
    script = model.will_answer(REFUSED, says("Here ", pause, "I am."))
    asked = ada.start(script, options={"model": "first"})
    asked.socket.wait_for_text(asked.run, 5)
    try:
        house.ground.run(lambda: halt.with_model("second"))
        assert asked.finish().status == "stopped"
        late = asks(ada, model, says("Two."), of="second")
        assert (late.status, late.error) == ("failed", "model_unavailable")
        assert not model.scripts[-1].requests
    finally:
        house.ground.save(house.ground.row(LanguageModel, slug="second"))
    until(lambda: asks(ada, model, says("Again."), of="second").text == "Again.")


def asked_for(model: Model) -> list[str]:
    """Which models the provider was asked for, in the newest question of this test."""
    return [str(request.json["model"]) for request in model.scripts[-1].requests]


def test_another_model_answers_and_that_is_said_and_written_down(
    ada: Person, house: House, model: Model
) -> None:
    asked = asks(ada, model, REFUSED, says("Here I am."))
    assert (asked.status, asked.text, asked.error) == ("complete", "Here I am.", None)
    assert who(asked) == ("second", "first")
    assert asked.finished["message"]["model"] != asked.ack["run"]["model"] == "first"
    told = [frame for frame in asked.socket.frames if frame["type"] == "run.waiting"]
    assert [frame["reason"] for frame in told] == [
        "First could not answer; Second is asked instead."
    ]
    assert calls(house.ground, asked) == [
        (1, "shaky", "first", "provider_auth"),
        (2, "steady", "second", "ok"),
    ]
    assert (told[0]["model"], told[0]["instead_of"]) == ("second", "first")
    page = ada.http.get(f"/c/{asked.conversation}/").text
    assert "First could not answer; Second did." in page
    assert 'title="second">Second</b>' in page
    # The conversation is still with the model that was chosen.
    talks = ada.api("GET", f"conversations/{asked.conversation}")
    assert talks["model"] == "first"


def test_a_provider_that_cannot_be_reached_is_tried_again_before_another_is_asked(
    ada: Person, house: House, model: Model
) -> None:
    asked = asks(ada, model, fails(503), fails(503), fails(503), says("Here."))
    assert who(asked) == ("second", "first")
    assert [call[2:] for call in calls(house.ground, asked)] == [
        *[("first", "provider_unavailable")] * 3,
        ("second", "ok"),
    ]


NOT_THEIR_FAULT = {
    "a wrong request": ([fails(400)], "provider_rejected"),
    "the filter refuses": ([fails(400, code="content_filter")], "content_filtered"),
    "the filter ends it": ([says("half", finish="content_filter")], "content_filtered"),
    "too long": ([fails(400, code="context_length_exceeded")], "context_too_long"),
    "it breaks off": ([says("half", cut)], "interrupted"),
    "an empty answer": ([says()], "provider_error"),
}


@pytest.mark.parametrize(("replies", "code"), NOT_THEIR_FAULT.values(), ids=NOT_THEIR_FAULT.keys())
def test_nobody_else_is_asked_for_what_every_model_would_refuse_or_has_begun(
    ada: Person, house: House, model: Model, replies: list[Reply], code: str
) -> None:
    asked = asks(ada, model, *replies, says("Never."))
    assert (asked.error, who(asked)) == (code, ("first", None))
    assert asked_for(model) == ["first"]


def test_nobody_else_is_asked_after_a_stop(ada: Person, house: House, model: Model) -> None:
    script = model.will_say(pause, "Never.")
    asked = ada.start(script, options={"model": "first"})
    script.wait_until_paused()
    asked.stop()
    asked.finish()
    assert (asked.status, who(asked)) == ("stopped", ("first", None))
    assert asked_for(model) == ["first"]


def test_a_stop_while_the_other_answers_keeps_who_it_was(
    ada: Person, house: House, model: Model
) -> None:
    script = model.will_answer(REFUSED, says("half", pause, "whole"))
    asked = ada.start(script, options={"model": "first"})
    asked.socket.wait_for_text(asked.run, 4)
    asked.stop()
    asked.finish()
    assert (asked.status, asked.text, who(asked)) == ("stopped", "half", ("second", "first"))


def test_should_its_process_die_it_is_written_down_who_speaks(
    ada: Person, house: House, model: Model
) -> None:
    script = model.will_answer(REFUSED, says("half", pause, "whole"))
    asked = ada.start(script, options={"model": "first"})
    asked.socket.wait_for_text(asked.run, 4)
    until(lambda: (asked.stored()["model"], asked.stored()["instead_of"]) == ("second", "first"))
    assert asked.stored()["status"] == "running"
    script.resume()
    assert who(asked.finish()) == ("second", "first")


def test_where_both_fail_the_one_that_was_asked_is_told(
    ada: Person, house: House, model: Model
) -> None:
    asked = asks(ada, model, REFUSED, fails(400))
    assert (asked.status, asked.error, who(asked)) == ("failed", "provider_auth", ("first", None))
    assert [call[2:] for call in calls(house.ground, asked)] == [
        ("first", "provider_auth"),
        ("second", "provider_rejected"),
    ]


def test_nobody_gets_a_model_that_is_not_for_them(ada: Person, house: House, model: Model) -> None:
    asked = asks(ada, model, REFUSED, says("Never."), of="pupil")
    assert (asked.error, asked_for(model)) == ("provider_auth", ["pupil"])


def left_alone(ada: Person, house: House, model: Model) -> None:
    """By its first failure that the server counts; it hears by and by how many it may have."""
    house.patience(1)
    until(lambda: failed_into(ada, house, model))


def failed_into(ada: Person, house: House, model: Model) -> bool:
    asks(ada, model, REFUSED, says("Here."))
    return house.is_left_alone()


def test_who_fails_is_left_alone_and_tried_again_after_a_while(
    ada: Person, house: House, model: Model
) -> None:
    left_alone(ada, house, model)
    asked = asks(ada, model, says("At once."))
    assert (asked.text, who(asked), asked_for(model)) == (
        "At once.",
        ("second", "first"),
        ["second"],
    )
    assert [call[:3] for call in calls(house.ground, asked)] == [(1, "steady", "second")]
    # It still fails: left alone for longer.
    house.time_is_over()
    until(lambda: asked_for_first(ada, model, REFUSED))
    row = house.row
    assert row is not None and row.rests == 2 and not row.is_tried
    # It works: asked as usual from then on.
    house.time_is_over()
    until(lambda: asked_for_first(ada, model, says("Back.")))
    until(lambda: not house.is_left_alone())
    assert who(asks(ada, model, says("As usual."))) == ("first", None)


def asked_for_first(ada: Person, model: Model, reply: Reply) -> bool:
    asks(ada, model, reply, says("Here."))
    return asked_for(model)[0] == "first"


def test_a_fall_back_that_is_left_alone_is_tried_as_well(
    ada: Person, house: House, model: Model
) -> None:
    """Nobody else may ever ask it."""
    left_alone(ada, house, model)
    asks(ada, model, REFUSED, says("Never."), of="third")
    assert asked_for(model) == ["third"]
    house.time_is_over()
    until(lambda: asks(ada, model, REFUSED, says("Back."), of="third").text == "Back.")
    until(lambda: not house.is_left_alone())


def test_who_is_stopped_while_trying_does_not_keep_others_from_it(
    ada: Person, house: House, model: Model
) -> None:
    left_alone(ada, house, model)
    house.time_is_over()
    until(lambda: stopped_while_trying(ada, model))
    until(lambda: asks(ada, model, says("Back."), of="lonely").text == "Back.")


def stopped_while_trying(ada: Person, model: Model) -> bool:
    script = model.will_say(pause, "Never.")
    asked = ada.start(script, options={"model": "lonely"})
    until(lambda: script.requests or asked.stored()["status"] == "failed")
    if script.requests:
        asked.stop()
    return asked.finish().status == "stopped"


def test_without_a_fall_back_that_is_told_at_once_and_another_process_can_end_it(
    ada: Person, house: House, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_alone(ada, house, model)
    asked = asks(ada, model, says("Never."), of="lonely")
    assert (asked.status, asked.error, asked_for(model)) == ("failed", "provider_unavailable", [])
    sentence = asked.stored()["error"]["message"]
    assert "left alone" in sentence and "second" in sentence  # Try again in … seconds.
    # The test is another process, as the one that serves the admin may be.
    monkeypatch.setattr(circuit, "_known", {})
    house.ground.run(circuit.read)
    assert "shaky" in circuit.troubles()
    assert house.ground.run(lambda: circuit.close("shaky")) == 1
    until(lambda: asks(ada, model, says("Back."), of="lonely").text == "Back.")


def test_another_try_an_edit_and_a_continuation_go_the_same_way(
    ada: Person, house: House, model: Model
) -> None:
    left_alone(ada, house, model)
    house.stays_away()
    script = model.will_answer(says("Once."), says("Twice, but", cut))
    model.will_answer(says(" whole."), asked=GO_ON, exactly=True)
    asked = ada.ask(script, options={"model": "first"})
    socket = asked.socket
    again = Asked(ada, socket, socket.call("message.regenerate", message=asked.answer_id))
    again.finish()
    assert (again.status, who(again)) == ("interrupted", ("second", "first"))
    more = Asked(ada, socket, socket.call("message.continue", message=again.answer_id)).finish()
    assert more.stored()["text"] == "Twice, but whole."
    assert who(more) == ("second", "first")
    edit = model.will_say("Edited.")
    ack = socket.call("message.edit", message=asked.question_id, text=edit.question)
    edited = Asked(ada, socket, ack).finish()
    assert (edited.text, who(edited)) == ("Edited.", ("second", "first"))


def test_a_key_that_is_refused_is_known_until_the_next_answer(
    ada: Person, house: House, model: Model
) -> None:
    asks(ada, model, REFUSED, says("Here."))
    row = house.row
    assert row is not None and row.key_refused_at is not None and row.opened_at is None
    assert "401" in row.error and "secret" not in row.error
    assert who(asks(ada, model, says("I am back."))) == ("first", None)
    until(lambda: house.row is not None and house.row.key_refused_at is None)
