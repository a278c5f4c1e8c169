"""Nobody gets an answer that a budget has no room for, by whichever door they ask."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from conversations.models import Budget, Message, ProviderCall, Reservation
from conversations.models.budgets import Measure, Scope
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model, cut, fails, pause

PATIENCE = 60
DAYS = 31 * 86_400


@pytest.fixture
def allow(ada: Person, ground: Ground) -> Any:
    """So much of something a month, for Ada alone, as the server knows by now."""
    made: list[Budget] = []

    def allowed(limit: int, measure: Measure = Measure.MESSAGES) -> Budget:
        mine = Budget(name="Mine", scope=Scope.PERSON, user=ada.user, measure=measure, limit=limit)
        ground.save(mine)
        made.append(mine)
        until(lambda: len(left(ada)) == len(made))
        return mine

    yield allowed
    for one in made:
        ground.run(one.delete)


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def left(person: Person) -> list[dict[str, Any]]:
    return list(person.api("GET", "budgets")["items"])


def test_the_next_question_is_refused_and_leaves_nothing_behind(
    ada: Person, model: Model, ground: Ground, allow: Any
) -> None:
    allow(1)
    asked = ada.ask(model.will_say("ok"))
    before = ground.rows(Message, conversation=asked.conversation)
    fields: dict[str, Any] = {"parent": None, "images": [], "options": {}}
    error = asked.socket.refusal(
        "message.send", conversation=asked.conversation, text="More", **fields
    )
    assert error["code"] == "budget_exceeded" and 0 < error["retry_after"] <= DAYS
    assert error["message"].startswith("The budget “Mine” is used up. It renews in ")
    assert ground.rows(Message, conversation=asked.conversation) == before
    [mine] = left(ada)
    assert (mine["used"], mine["reserved"], mine["left"], mine["state"]) == (1, 0, 0, "full")


def test_every_door_that_begins_an_answer_asks(ada: Person, model: Model, allow: Any) -> None:
    stopped = ada.start(model.will_say("one ", pause, "two"))
    stopped.socket.until("run.delta", run=stopped.run)
    stopped.stop()
    allow(1)
    frames = {
        "message.edit": {"message": stopped.question_id, "text": "Otherwise"},
        "message.regenerate": {"message": stopped.answer_id},
        "message.continue": {"message": stopped.answer_id},
    }
    for kind, fields in frames.items():
        assert stopped.socket.refusal(kind, **fields)["code"] == "budget_exceeded"
    answer = ada.http.post("/api/v1/messages", json={"text": "More"})
    assert answer.status_code == 402 and int(answer.headers["Retry-After"]) > 0
    picture = {"file": ("a.png", png(20, 10))}
    seen = ada.http.post("/api/v1/vision", data={"prompt": "What is it?"}, files=picture)
    assert seen.status_code == 402


def test_a_run_under_way_holds_what_it_may_take_and_settles_to_the_ledger(
    ada: Person, model: Model, ground: Ground, allow: Any
) -> None:
    allow(100_000, Measure.TOKENS)
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script)
    asked.socket.until("run.delta", run=asked.run)
    [mine] = left(ada)
    assert 0 < mine["reserved"] <= 100_000 - mine["used"]
    script.resume()
    asked.finish()
    calls = ground.rows(ProviderCall, user_id=ada.id)
    spent = sum((call.input_tokens or 0) + (call.output_tokens or 0) for call in calls)
    [mine] = left(ada)
    assert (mine["used"], mine["reserved"]) == (spent, 0)
    assert not ground.rows(Reservation, user=ada.id)


@pytest.mark.parametrize("reply", [(fails(500),), ("one", cut)], ids=["failed", "interrupted"])
def test_what_was_reserved_is_free_however_a_run_ends(
    ada: Person, model: Model, ground: Ground, allow: Any, reply: Any
) -> None:
    allow(100_000, Measure.TOKENS)
    ada.ask(model.will_say(*reply))
    assert not ground.rows(Reservation, user=ada.id)
    [mine] = left(ada)
    assert mine["reserved"] == 0


def test_what_could_take_more_than_is_left_says_so(ada: Person, allow: Any) -> None:
    allow(50, Measure.TOKENS)
    answer = ada.http.post("/api/v1/messages", json={"text": "Tell me everything."})
    said = answer.json()["error"]["message"]
    assert answer.status_code == 402
    assert said.startswith("Your budget “Mine” has 50 tokens left, and this may take up to ")


def test_what_fits_once_it_is_counted_is_asked_though_its_bytes_would_not(
    ada: Person, model: Model, allow: Any
) -> None:
    """Of a long answer above it only the bytes are known in this process: a token could be each of them."""
    asked = ada.ask(model.will_say("word " * 4_000))
    allow(15_000, Measure.TOKENS)
    again = ada.ask(model.will_say("ok"), conversation=asked.conversation)
    assert (again.status, again.text) == ("complete", "ok")


def test_a_question_that_was_begun_and_does_not_fit_says_what_is_left_without_itself(
    ada: Person, model: Model, allow: Any
) -> None:
    """It said what was left beside its own reservation, and what it wanted beyond that."""
    asked = ada.ask(model.will_say("word " * 4_000))
    allow(6_000, Measure.TOKENS)
    used = left(ada)[0]["used"]
    refused = ada.ask(model.will_say("never"), conversation=asked.conversation)
    said = re.search(
        r"has ([\d,]+) tokens left, and this may take up to ([\d,]+)", str(refused.stored())
    )
    assert said
    has, takes = (int(number.replace(",", "")) for number in said.groups())
    assert has == 6_000 - used < takes


def test_nobody_sees_the_budgets_of_others(ada: Person, ben: Person, allow: Any) -> None:
    allow(5)
    assert left(ben) == [] and len(left(ada)) == 1
