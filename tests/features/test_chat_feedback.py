"""What a person thinks of an answer: kept once, theirs alone, and seen by those who look after the site."""

from typing import Any

import pytest

from conversations.api import shapes
from conversations.models import Feedback
from tests.features.test_api_shapes import fits
from tests.harness.database import Ground
from tests.harness.people import Asked, HalfTold, Person
from tests.stub_provider import Model

DOWN = {"rating": "down", "reasons": ["wrong", "length"], "comment": "It is the other way round."}
REPORT = {"reason": "harmful", "comment": "Nobody should do this."}


@pytest.fixture
def asked(ada: Person, model: Model) -> Asked:
    return ada.ask(model.will_say("A dot."))


def place(asked: Asked) -> str:
    return f"messages/{asked.answer_id}/feedback"


def judge(asked: Asked, opinion: dict[str, Any], **more: Any) -> Any:
    return asked.person.api("PUT", place(asked), json=opinion, **more)


def test_a_thumb_with_its_reasons_is_kept_and_comes_with_the_answer(asked: Asked) -> None:
    given = judge(asked, DOWN)
    fits(given, shapes.Feedback)
    assert {**given, "updated_at": ""} == {
        **DOWN, "reasons": ["length", "wrong"], "report": None, "updated_at": "",
    }  # fmt: skip
    assert asked.stored()["feedback"] == given


def test_the_other_tabs_of_its_owner_hear_of_it(asked: Asked, ben: Person) -> None:
    there, stranger = asked.person.socket(), ben.socket()
    there.open(asked.conversation)
    given = judge(asked, DOWN)
    frame = there.until("message.feedback", message=asked.answer_id)
    assert (frame["conversation"], frame["feedback"]) == (asked.conversation, given)
    judge(asked, {})
    there.until("message.feedback", message=asked.answer_id, feedback=None)
    judge(asked, {"reasons": ["wrong"]}, expect=400)
    assert stranger.lives()
    assert all(frame["type"] != "message.feedback" for frame in stranger.frames)


def test_a_mind_may_be_changed_and_what_is_absent_is_taken_back(
    asked: Asked, ground: Ground
) -> None:
    judge(asked, {**DOWN, "report": REPORT})
    changed = judge(asked, {"rating": "up"})
    assert (changed["rating"], changed["reasons"], changed["report"]) == ("up", [], None)
    assert len(ground.rows(Feedback, message_id=asked.answer_id)) == 1
    assert judge(asked, {}) is None
    assert asked.stored()["feedback"] is None
    assert ground.rows(Feedback, message_id=asked.answer_id) == []


def test_a_report_keeps_its_time_when_a_thumb_moves_later(asked: Asked) -> None:
    first = judge(asked, {"report": REPORT})["report"]
    assert (first["reason"], first["comment"]) == ("harmful", REPORT["comment"])
    later = judge(asked, {"rating": "down", "report": REPORT})["report"]
    assert later == first


@pytest.mark.parametrize(
    "wrong",
    [
        {"rating": "sideways"},
        {"rating": 1},
        {"reasons": ["wrong"]},
        {"comment": "no thumb"},
        {"rating": "down", "reasons": ["made up"]},
        {"rating": "down", "reasons": ["wrong"] * 9},
        {"rating": "down", "comment": "x" * 4001},
        {"report": {"comment": "why?"}},
        {"report": {"reason": "taste"}},
        {"rating": "up", "more": True},
        [],
    ],
    ids=str,
)
def test_what_is_not_an_opinion_is_refused_and_changes_nothing(asked: Asked, wrong: Any) -> None:
    judge(asked, {"rating": "up"})
    assert judge(asked, wrong, expect=400)["error"]["code"] == "invalid"
    assert asked.stored()["feedback"]["rating"] == "up"


def test_what_postgres_cannot_keep_is_taken_out(asked: Asked) -> None:
    body = b'{"rating": "down", "comment": "a\\u0000b\\ud800c"}'
    answer = asked.person.http.put(
        f"/api/v1/{place(asked)}", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.json()["comment"] == "abc"


def test_only_answers_that_are_done_can_be_judged(asked: Asked, half_told: HalfTold) -> None:
    up = {"json": {"rating": "up"}}
    person = asked.person
    person.api("PUT", f"messages/{asked.question_id}/feedback", expect=400, **up)
    person.api("PUT", f"messages/{half_told.asked.answer_id}/feedback", expect=409, **up)


def test_going_on_with_an_answer_keeps_what_was_thought_of_it(
    half_told: HalfTold, model: Model
) -> None:
    asked = half_told.asked
    asked.stop()
    asked.finish()
    judge(asked, {"rating": "up"})
    half_told.script.resume()
    ack = asked.socket.call("message.continue", message=asked.answer_id)
    assert ack["message"]["feedback"]["rating"] == "up"
    finished = asked.socket.until("run.finished", run=ack["run"]["id"])
    assert finished["message"]["feedback"]["rating"] == "up"
