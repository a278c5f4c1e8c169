"""The one judge of all cases: which promise of PROTOCOL.md does this history break?"""

from collections.abc import Callable, Iterator

from tests.server.chaos.history import Death, Finding, History, Kind, Question, Row
from tests.server.chaos.view import View

# Promise 3: what is stored is at most so far behind what was shown.
BEHIND_SECONDS = 0.3
# Promise 6: how soon after a stop the provider's connection is closed.
CLOSED_SECONDS = 0.5
# The stub notes the end of an answer right after its last byte, which the site may have read by then.
NOTED_SECONDS = 0.1
ENDS = {"complete", "stopped", "interrupted", "failed"}
BROKEN = {"interrupted", "failed"}

Rule = Callable[[History], Iterator[Finding]]


def findings(history: History) -> list[Finding]:
    return [finding for rule in RULES for finding in rule(history)]


def acknowledged_is_stored(history: History) -> Iterator[Finding]:
    """Every acked message is there with its words, its answer and its run."""
    for question in _acked(history):
        if any(ack != question.acks[0] for ack in question.acks):
            yield Finding(Kind.DOUBLED, f"{question.key} got two different acks")
        row = history.stored.messages.get(question.acks[0]["user_message"]["id"])
        if row is None or row["text"] != question.text:
            yield Finding(Kind.LOST, f"the acknowledged message of {question.key}")
        if _answer(history, question) is None or question.run not in history.stored.runs:
            yield Finding(Kind.LOST, f"the acknowledged answer or run of {question.key}")


def deleted_is_gone(history: History) -> Iterator[Finding]:
    for question in history.questions:
        if question.deleted and question.run in history.stored.runs:
            yield Finding(Kind.TOLD, f"{question.key} was deleted and is still there")


def in_order(history: History) -> Iterator[Finding]:
    """The chain of parents is the order in which was asked."""
    messages = history.stored.messages
    for question in _acked(history):
        mine, answer = (question.acks[0][name]["id"] for name in ("user_message", "message"))
        if answer in messages and messages[answer]["parent"] != mine:
            yield Finding(Kind.LOST, f"the place of the answer to {question.key}")
        before = question.after.answer if question.after and question.after.acks else None
        if before and mine in messages and messages[mine]["parent"] != before:
            yield Finding(Kind.LOST, f"the place of {question.key}")


def done_once(history: History) -> Iterator[Finding]:
    """At most one message, one run and one call an id."""
    for question in history.questions:
        mine = [row["id"] for row in _users(history) if row["text"] == question.text]
        answers = {row["id"] for row in history.stored.messages.values() if row["parent"] in mine}
        runs = [run for run in history.stored.runs.values() if run["message"] in answers]
        calls = 0 if history.retries else len(question.calls)
        for what, count in (("messages", len(mine)), ("runs", len(runs)), ("calls", calls)):
            if count > 1:
                yield Finding(Kind.DOUBLED, f"{count} {what} for {question.key}")


def charged_once(history: History) -> Iterator[Finding]:
    """One row in the ledger for each call; a process that was killed could not write its own."""
    for question in _acked(history, deleted=True):
        attempts = [row["attempt"] for row in history.stored.charges if row["run"] == question.run]
        if len(attempts) > len(set(attempts)) or (len(attempts) > 1 and not history.retries):
            yield Finding(Kind.DOUBLED, f"{len(attempts)} charges for {question.key}")
        if question.calls and not attempts and question.death is None:
            yield Finding(Kind.LOST, f"the charge for {question.key}")


def shown_is_stored(history: History) -> Iterator[Finding]:
    """What was shown is a prefix of what is stored, and after a death the other way round."""
    for view, question, answer in _seen(history):
        shown, stored = view.longest, str(answer["text"])
        if question.death is None and not stored.startswith(shown):
            kind = Kind.LOST if shown.startswith(stored) else Kind.TOLD
            yield Finding(kind, f"{question.key}: {len(shown)} shown, {len(stored)} stored")
        if question.death is not None:
            yield from _after_death(view, question, stored, question.death)


def _after_death(view: View, question: Question, stored: str, death: Death) -> Iterator[Finding]:
    if not (view.longest.startswith(stored) or stored.startswith(view.longest)):
        yield Finding(Kind.TOLD, f"{question.key}: what is stored is not what was shown")
    due = view.shown_by(death.at - BEHIND_SECONDS - death.lag)
    if due > len(stored):
        what = (
            f"{due} characters were shown {BEHIND_SECONDS} s before the end, {len(stored)} stored"
        )
        yield Finding(Kind.LOST, f"{question.key}: {what}")


def shown_in_order(history: History) -> Iterator[Finding]:
    """Deltas without gap, overlap or second thoughts; text never shrinks unless a process died."""
    for view in history.views:
        yield from (Finding(Kind.TOLD, f"{view.run}: {what}") for what in view.broken)
    for view, question, _ in _seen(history):
        if question.death is None and len(view.text) < len(view.longest):
            yield Finding(Kind.TOLD, f"{question.key}: the text on the screen shrank")


def ended_once(history: History) -> Iterator[Finding]:
    """A socket hears of one end, and whoever heard of it heard of the same."""
    for view, question, answer in _seen(history):
        if view.unasked_ends:
            yield Finding(Kind.DOUBLED, f"{question.key}: one socket was told two ends")
        stored = (answer["status"], len(answer["text"]))
        for end in view.ends:
            if (end.status, end.length) != stored:
                what = f"{(end.status, end.length)} was told, {stored} is stored"
                yield Finding(Kind.TOLD, f"{question.key}: {what}")
            if end.held < end.length:
                what = f"its end came when {end.held} of {end.length} characters were there"
                yield Finding(Kind.LOST, f"{question.key}: {what}")


def ended_in_order(history: History) -> Iterator[Finding]:
    """Run and message agree on one end, and an error is set exactly for what broke."""
    for question in _acked(history):
        run, answer = history.stored.runs.get(question.run), _answer(history, question)
        if run is None or answer is None:
            continue
        for what, holds in _orderly(run, answer, history.stored.journal.get(question.run, 0)):
            if not holds:
                yield Finding(Kind.TOLD, f"{question.key}, {run['status']}: {what}")


def _orderly(run: Row, answer: Row, journal: int) -> list[tuple[str, bool]]:
    broken = run["status"] in BROKEN
    return [
        ("the run has not ended", run["status"] in ENDS and run["finished_at"] is not None),
        ("message and run disagree", answer["status"] == run["status"]),
        ("the run's error is wrong", bool(run["error_code"]) == broken),
        ("the message's error is wrong", bool(answer["error_code"]) == broken),
        ("its length is wrong", run["length"] == len(answer["text"])),
        ("its journal was kept", journal == 0),
    ]


def told_as_said(history: History) -> Iterator[Finding]:
    """Nothing but what the provider said, and a cut answer never looks finished."""
    for question in _acked(history):
        answer = _answer(history, question)
        if answer is None:
            continue
        if not question.whole.startswith(answer["text"]):
            yield Finding(Kind.TOLD, f"{question.key}: the provider did not say this")
        whole = question.finishes and answer["text"] == question.whole
        if answer["status"] == "complete" and not whole:
            yield Finding(Kind.TOLD, f"{question.key}: a cut answer looks finished")


def finished_is_complete(history: History) -> Iterator[Finding]:
    """What the provider said to its end, and nobody stopped, is there to its end and says so."""
    for question in _acked(history):
        answer = _answer(history, question)
        if answer is None or not _went_through(question) or history.retries:
            continue
        if (answer["status"], answer["text"]) != ("complete", question.whole):
            what = f"{len(answer['text'])} of {len(question.whole)} characters, {answer['status']}"
            yield Finding(Kind.LOST, f"{question.key}: all was said, stored are {what}")


def _went_through(question: Question) -> bool:
    broken_off = question.stops or question.edited or question.death
    said_all = [call.said_all for call in question.calls]
    return question.finishes and not broken_off and bool(said_all) and all(said_all)


def stopped_is_stopped(history: History) -> Iterator[Finding]:
    """A stop that was acknowledged before the provider's last piece is the end of the answer."""
    for question in _acked(history):
        answer = _answer(history, question)
        if answer is None or answer["status"] == "stopped" or question.death:
            continue
        for stop in question.stops:
            by = stop.acked_at + NOTED_SECONDS + stop.lag
            if not any(call.said_all and (call.over_at or by) <= by for call in question.calls):
                what = f"its stop was acknowledged, and it is {answer['status']}"
                yield Finding(Kind.TOLD, f"{question.key}: {what}")


def stopped_at_once(history: History) -> Iterator[Finding]:
    """After the ack of a stop nothing is added, and the provider is not kept at work."""
    for question in _acked(history):
        answer = _answer(history, question)
        for stop in question.stops if answer and answer["status"] == "stopped" else []:
            assert answer is not None
            if stop.shown is not None and stop.shown != len(answer["text"]):
                what = (
                    f"{stop.shown} characters at the ack of the stop, {len(answer['text'])} stored"
                )
                yield Finding(Kind.TOLD, f"{question.key}: {what}")
            for call in question.calls:
                if call.over_at is None or call.over_at - stop.asked_at > CLOSED_SECONDS + stop.lag:
                    yield Finding(Kind.LEFT, f"{question.key}: the provider went on after the stop")


def resumed_is_fresh(history: History) -> Iterator[Finding]:
    """Who came back holds what a fresh load gives, byte for byte."""
    for view, question, _ in _seen(history):
        if view.message is None:
            yield Finding(Kind.LOST, f"{question.key}: a tab was never told its end")
        elif view.message != history.fresh.get(question.answer):
            yield Finding(Kind.TOLD, f"{question.key}: the resumed view is not the stored message")


def nothing_left(history: History) -> Iterator[Finding]:
    yield from (Finding(Kind.LEFT, what) for what in history.left)


def _acked(history: History, *, deleted: bool = False) -> list[Question]:
    return [one for one in history.questions if one.acks and (deleted or not one.deleted)]


def _users(history: History) -> list[Row]:
    return [row for row in history.stored.messages.values() if row["role"] == "user"]


def _answer(history: History, question: Question) -> Row | None:
    return history.stored.messages.get(question.answer)


def _seen(history: History) -> Iterator[tuple[View, Question, Row]]:
    """Each view with the question it is of and the stored answer."""
    by_run = {question.run: question for question in _acked(history)}
    for view in history.views:
        question = by_run.get(view.run)
        answer = question and _answer(history, question)
        if question and answer:
            yield view, question, answer


RULES: list[Rule] = [
    acknowledged_is_stored,
    deleted_is_gone,
    in_order,
    done_once,
    charged_once,
    shown_is_stored,
    shown_in_order,
    ended_once,
    ended_in_order,
    told_as_said,
    finished_is_complete,
    stopped_is_stopped,
    stopped_at_once,
    resumed_is_fresh,
    nothing_left,
]
