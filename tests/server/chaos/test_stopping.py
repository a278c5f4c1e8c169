"""Stopped, deleted and edited at the worst moment."""

import time

from tests.server.chaos.chance import amount
from tests.server.chaos.conftest import Cases

# The answer takes so long; the stop comes within 50 ms of its end.
ANSWER_SECONDS = 0.25
SWEEP_SECONDS = 0.05


def test_a_stop_at_the_moment_of_finishing_is_one_end(case: Cases) -> None:
    with case("stop at the moment of finishing, ±50 ms") as it:
        tab = it.tab()
        steps = amount(7, 101)
        for step in range(steps):
            question = tab.ask(it.question(length=225, size=9, delay=ANSWER_SECONDS / 25))
            early = SWEEP_SECONDS * (2 * step / (steps - 1) - 1)
            time.sleep(max(0.0, ANSWER_SECONDS + early))
            tab.stop(question)
            it.fault()


def test_a_stop_in_mid_stream_is_where_all_tabs_end(case: Cases) -> None:
    with case("stop in mid-stream, two tabs") as it:
        for _ in range(amount(3, 20)):
            asking, looking = it.tab(), it.tab()
            question = asking.ask(it.question(length=6000, delay=0.005))
            looking.open(question.conversation, [question.run])
            time.sleep(it.chance.uniform(0.0, 1.0))
            it.chance.choice([asking, looking]).stop(question)
            it.fault()


def test_a_question_edited_while_it_is_answered_is_answered_anew(case: Cases) -> None:
    """The old answer stops where it is, and none of it gets into the new one."""
    with case("edited while it streams, two tabs") as it:
        for _ in range(amount(2, 15)):
            asking, looking = it.tab(), it.tab()
            old = asking.ask(it.question(length=6000, delay=0.005))
            looking.open(old.conversation, [old.run])
            time.sleep(it.chance.uniform(0.0, 0.8))
            new = it.question(length=600, delay=0.005)
            answer = it.chance.choice([asking, looking]).edit(old, new).wait()
            it.fault()
            assert answer["type"] == "ack", answer
            assert it.ended()


def test_a_conversation_deleted_while_it_streams_is_gone(case: Cases) -> None:
    with case("deleted while it streams") as it:
        for _ in range(amount(2, 15)):
            question = it.tab().ask(it.question(length=6000, delay=0.005))
            time.sleep(it.chance.uniform(0.0, 0.8))
            it.person.api("DELETE", f"conversations/{question.conversation}", expect=204)
            question.deleted = True
            it.fault()


def test_who_opens_at_the_moment_of_finishing_disturbs_nobody(case: Cases) -> None:
    """One tab looks on; others come just when the answer ends, and are told all of it alone."""
    with case("opened at the moment of finishing, ±50 ms") as it:
        tabs = [it.tab() for _ in range(3)]
        steps = amount(9, 101)
        for step in range(steps):
            question = tabs[0].ask(it.question(length=225, size=9, delay=ANSWER_SECONDS / 25))
            early = SWEEP_SECONDS * (2 * step / (steps - 1) - 1)
            time.sleep(max(0.0, ANSWER_SECONDS + early))
            for tab in tabs[1:]:
                tab.open(question.conversation, [question.run])
            it.fault(2)
