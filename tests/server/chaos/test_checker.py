"""The checker itself: a history in which all is well, and one broken in each way it must see."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.server.chaos.checker import RULES, findings
from tests.server.chaos.history import Call, Death, History, Kind, Question, Stop, Stored
from tests.server.chaos.table import Line, table
from tests.server.chaos.view import View

WHOLE = "one two three"


def asked(number: int, after: Question | None = None) -> Question:
    question = Question(f"key{number}", f"question {number}", WHOLE, after=after)
    question.acks.append(
        {
            "conversation": {"id": "c"},
            "user_message": {"id": f"q{number}"},
            "message": {"id": f"a{number}"},
            "run": {"id": f"r{number}"},
        }
    )
    question.calls.append(Call(arrived_at=1.0, over_at=9.0, said_all=True))
    return question


def stored(questions: list[Question]) -> Stored:
    rows = Stored()
    for number, question in enumerate(questions, 1):
        mine, answer, run = f"q{number}", f"a{number}", f"r{number}"
        before = question.after and question.after.answer
        common = {"reasoning": "", "error_code": ""}
        rows.messages[mine] = {
            "id": mine, "parent": before, "role": "user", "text": question.text,
            "status": "complete", **common,
        }  # fmt: skip
        rows.messages[answer] = {
            "id": answer, "parent": mine, "role": "assistant", "text": WHOLE,
            "status": "complete", **common,
        }  # fmt: skip
        rows.runs[run] = {
            "id": run, "message": answer, "status": "complete", "finished_at": 9,
            "error_code": "", "length": len(WHOLE),
        }  # fmt: skip
        rows.charges.append({"run": run, "attempt": 1})
    return rows


def finished(run: str, answer: str, **message: Any) -> dict[str, Any]:
    return {
        "run": run,
        "length": len(WHOLE),
        "message": {"id": answer, "status": "complete", **message},
    }


def viewed(run: str, answer: str) -> View:
    view = View(run, due=1)
    for at, text in ((0, "one "), (4, "two "), (8, "three")):
        assert view.delta(at, text, now=1.0 + at)
    assert view.finished(finished(run, answer))
    return view


def history() -> History:
    """Two questions, one after the other, each answered and watched in two tabs."""
    first = asked(1)
    questions = [first, asked(2, after=first)]
    views = [viewed(f"r{n}", f"a{n}") for n in (1, 1, 2, 2)]
    fresh = {view.message["id"]: view.message for view in views if view.message}
    return History(questions, views, stored(questions), fresh)


def test_a_history_in_which_all_is_well_has_no_findings() -> None:
    assert findings(history()) == []


def answer(one: History, **fields: Any) -> None:
    one.stored.messages["a1"].update(fields)


def run(one: History, **fields: Any) -> None:
    one.stored.runs["r1"].update(fields)


def ended_as(one: History, status: str, text: str, error: str = "") -> None:
    """All sides agree on this end of the first answer."""
    answer(one, status=status, text=text, error_code=error)
    run(one, status=status, length=len(text), error_code=error)
    for view in one.views[:2]:
        view.text = view.longest = text
        view.times = [(time, min(length, len(text))) for time, length in view.times]
        view.ends, view.due = [], 1
        view.finished({**finished("r1", "a1", status=status), "length": len(text)})
    one.fresh["a1"] = one.views[0].message or {}


def died(one: History, kept: str, *, lag: float = 0.0) -> None:
    """The process was killed at 20.0, when all had been on the screen for long; `kept` was stored."""
    ended_as(one, "interrupted", kept, "interrupted")
    for view in one.views[:2]:
        view.longest, view.times = WHOLE, [(1.0, 4), (19.6, 8), (19.9, len(WHOLE))]
    one.questions[0].death = Death(20.0, lag)


def stopped(one: History, shown: int, over_at: float | None, *, lag: float = 0.0) -> None:
    ended_as(one, "stopped", "one ")
    one.questions[0].stops.append(Stop(5.0, 5.1, shown, lag))
    one.questions[0].calls[:] = [Call(1.0, over_at)]


def cut_off(one: History, *, finishes: bool) -> None:
    """In mid-sentence: by us, who had to leave, or, when it does not finish, by the provider."""
    ended_as(one, "interrupted", "one ", "interrupted")
    one.questions[0].finishes = finishes
    one.questions[0].calls[:] = [Call(1.0, 5.0, said_all=not finishes)]


def stopped_and_called_cut(one: History) -> None:
    stopped(one, shown=4, over_at=5.1)
    ended_as(one, "interrupted", "one ", "interrupted")


def stopped_too_late(one: History, acked_at: float) -> None:
    """The answer is complete, its last piece was sent at 9.0."""
    one.questions[0].stops.append(Stop(acked_at - 0.1, acked_at, None))


def twice(one: History, what: str) -> None:
    rows: dict[str, Any] = getattr(one.stored, what)
    old, changes = {"messages": ("q1", {"id": "q9"}), "runs": ("r1", {"id": "r9"})}[what]
    rows["copy"] = {**rows[old], **changes}


GOOD: dict[str, Callable[[History], None]] = {
    "a stop": lambda one: stopped(one, shown=4, over_at=5.4),
    "a stop of a machine that was late": lambda one: stopped(one, shown=4, over_at=5.6, lag=0.2),
    "a death, 300 ms behind": lambda one: died(one, "one two "),
    "a death of a machine that was late": lambda one: died(one, "one ", lag=0.2),
    "a stop that came too late": lambda one: stopped_too_late(one, acked_at=9.1),
    "an answer we cut that says so": lambda one: cut_off(one, finishes=True),
    "an answer the provider cut that says so": lambda one: cut_off(one, finishes=False),
    "an ack that came twice": lambda one: one.questions[0].acks.append(one.questions[0].acks[0]),
    "a question nobody acknowledged": lambda one: one.questions.append(Question("k", "t", "w")),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_right_is_not_objected_to(name: str) -> None:
    one = history()
    GOOD[name](one)
    assert findings(one) == []


BROKEN: dict[str, tuple[Kind, Callable[[History], Any]]] = {
    "an acked message is missing": (Kind.LOST, lambda one: one.stored.messages.pop("q1")),
    "an acked message has other words": (
        Kind.LOST, lambda one: one.stored.messages["q1"].update(text="else")
    ),
    "an acked answer is missing": (Kind.LOST, lambda one: one.stored.messages.pop("a2")),
    "an acked run is missing": (Kind.LOST, lambda one: one.stored.runs.pop("r2")),
    "the same id got another ack": (
        Kind.DOUBLED, lambda one: one.questions[0].acks.append({"run": {"id": "r7"}})
    ),
    "a message is there twice": (Kind.DOUBLED, lambda one: twice(one, "messages")),
    "a run is there twice": (Kind.DOUBLED, lambda one: twice(one, "runs")),
    "the provider was called twice": (
        Kind.DOUBLED, lambda one: one.questions[0].calls.append(Call(2.0))
    ),
    "a call was charged twice": (
        Kind.DOUBLED, lambda one: one.stored.charges.append({"run": "r1", "attempt": 1})
    ),
    "a second attempt where none is due": (
        Kind.DOUBLED, lambda one: one.stored.charges.append({"run": "r1", "attempt": 2})
    ),
    "a call was not charged": (Kind.LOST, lambda one: one.stored.charges.clear()),
    "the second question hangs elsewhere": (
        Kind.LOST, lambda one: one.stored.messages["q2"].update(parent="q1")
    ),
    "an answer hangs elsewhere": (
        Kind.LOST, lambda one: one.stored.messages["a2"].update(parent="a1")
    ),
    "shown and not stored": (
        Kind.LOST, lambda one: setattr(one.views[0], "longest", WHOLE + " four")
    ),
    "shown otherwise than stored": (
        Kind.TOLD, lambda one: setattr(one.views[0], "longest", "one too")
    ),
    "a gap": (Kind.TOLD, lambda one: one.views[0].delta(99, "x", now=9.0)),
    "an overlap": (Kind.TOLD, lambda one: one.views[0].delta(8, "three", now=9.0)),
    "a change of what was said": (
        Kind.TOLD, lambda one: one.views[0].delta(8, "THREE", now=9.0, asked_twice=True)
    ),
    "text after the end": (Kind.TOLD, lambda one: one.views[0].delta(13, " four", now=9.0)),
    "text that shrinks": (Kind.TOLD, lambda one: setattr(one.views[0], "text", "one ")),
    "two ends on one socket": (
        Kind.DOUBLED, lambda one: one.views[0].finished(finished("r1", "a1"))
    ),
    "an end before its text": (
        Kind.LOST, lambda one: one.views.append(_hasty("r1", "a1"))
    ),
    "another end told than stored": (
        Kind.TOLD, lambda one: one.views[0].finished(finished("r1", "a1", status="stopped"))
    ),
    "no end told": (Kind.LOST, lambda one: one.views[0].ends.clear()),
    "a run without end": (Kind.TOLD, lambda one: run(one, status="running", finished_at=None)),
    "message and run disagree": (Kind.TOLD, lambda one: run(one, status="stopped")),
    "an error where none is": (
        Kind.TOLD, lambda one: ended_as(one, "complete", WHOLE, "internal")
    ),
    "no error where one is": (Kind.TOLD, lambda one: ended_as(one, "interrupted", "one ")),
    "a wrong length": (Kind.TOLD, lambda one: run(one, length=3)),
    "a journal that was kept": (Kind.TOLD, lambda one: one.stored.journal.update(r1=2)),
    "words the provider never said": (
        Kind.TOLD, lambda one: setattr(one.questions[0], "whole", "one two")
    ),
    "a cut answer that looks finished": (
        Kind.TOLD, lambda one: ended_as(one, "complete", "one two")
    ),
    "an unfinished stream that looks finished": (
        Kind.TOLD, lambda one: setattr(one.questions[0], "finishes", False)
    ),
    "a resumed view that differs": (
        Kind.TOLD, lambda one: one.fresh["a1"].update(reasoning="hm")
    ),
    "a whole answer that is said to be cut": (
        Kind.LOST, lambda one: ended_as(one, "interrupted", WHOLE, "interrupted")
    ),
    "an answer that nobody stopped": (Kind.LOST, lambda one: ended_as(one, "stopped", "one ")),
    "an answer whose end is lost": (Kind.LOST, lambda one: ended_as(one, "complete", "one two ")),
    "a stop that stops nothing": (Kind.TOLD, lambda one: stopped_too_late(one, acked_at=8.0)),
    "a stopped answer that looks cut": (Kind.TOLD, stopped_and_called_cut),
    "text after the ack of a stop": (Kind.TOLD, lambda one: stopped(one, 3, over_at=5.1)),
    "a provider that goes on after a stop": (Kind.LEFT, lambda one: stopped(one, 4, over_at=None)),
    "a provider that is left late": (Kind.LEFT, lambda one: stopped(one, 4, over_at=5.6)),
    "more than 300 ms lost in a death": (Kind.LOST, lambda one: died(one, "one ")),
    "other words stored after a death": (Kind.TOLD, lambda one: died(one, "two")),
    "a deleted answer that is there": (
        Kind.TOLD, lambda one: setattr(one.questions[1], "deleted", True)
    ),
    "something left": (Kind.LEFT, lambda one: one.left.append("a file is open")),
}  # fmt: skip


def _hasty(run: str, answer: str) -> View:
    view = View(run, due=1)
    view.delta(0, "one ", now=1.0)
    assert not view.finished(finished(run, answer))
    return view


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_history_is_seen(name: str) -> None:
    kind, break_it = BROKEN[name]
    one = history()
    break_it(one)
    assert kind in {finding.kind for finding in findings(one)}


def test_no_rule_is_there_for_nothing() -> None:
    """Each of them objects to at least one of the broken histories."""
    objecting = set()
    for _, break_it in BROKEN.values():
        break_it(one := history())
        objecting |= {rule.__name__ for rule in RULES if list(rule(one))}
    assert objecting == {rule.__name__ for rule in RULES}


def test_retries_may_call_and_charge_more_than_once_but_each_attempt_once() -> None:
    one = history()
    one.retries = True
    one.questions[0].calls.append(Call(2.0))
    one.stored.charges.append({"run": "r1", "attempt": 2})
    assert findings(one) == []
    one.stored.charges.append({"run": "r1", "attempt": 2})
    assert [finding.kind for finding in findings(one)] == [Kind.DOUBLED]


def test_the_table_counts_by_kind() -> None:
    one = history()
    one.left = ["a file is open", "a session of Postgres"]
    lines = [Line("first", faults=3, answers=2, found=findings(one)), Line("second", faults=4)]
    assert table(lines).splitlines()[2:] == [
        "| first | 3 | 2 | 0 | 0 | 0 | 2 |",
        "| second | 4 | 0 | 0 | 0 | 0 | 0 |",
        "| all | 7 | 2 | 0 | 0 | 0 | 2 |",
    ]
