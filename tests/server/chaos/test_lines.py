"""The line between the browser and the server is cut, doubled and swallowed."""

import time

from tests.server.chaos.chance import amount
from tests.server.chaos.conftest import Cases
from tests.server.chaos.site import Site


def test_a_socket_that_is_cut_anywhere_resumes_without_a_gap(case: Cases) -> None:
    """Tabs are cut one after the other, all in the same answer."""
    with case("socket cut at random points, resumed") as it:
        tabs = [it.tab() for _ in range(amount(3, 10))]
        for _ in range(amount(1, 5)):
            question = tabs[0].ask(it.question(length=3000, delay=0.006))
            for tab in tabs[1:]:
                tab.open(question.conversation, [question.run])
            for _ in range(amount(12, 60)):
                time.sleep(it.chance.uniform(0, 3000 / 9 * 0.006 / amount(12, 60)))
                it.chance.choice(tabs).cut()
                it.fault()
            it.ended()


def test_an_ack_that_never_arrives_is_asked_for_again(case: Cases, site: Site) -> None:
    """Committed, and the line is cut before the ack: the browser resends the same id."""
    with case("cut between commit and ack, resent") as it:
        for _ in range(amount(3, 30)):
            tab = it.tab()
            first = tab.ask(it.question(length=200))
            it.ended()
            site.first.door.swallow()
            command = tab.send(question := it.question(length=200, after=first))
            it.scripts[question.key].wait_until_asked()
            it.fault(site.first.door.cut(reset=it.chance.random() < 0.5) and 1)
            assert command.wait()["type"] == "ack"


def test_a_frame_that_comes_twice_does_its_work_once(case: Cases) -> None:
    with case("every frame sent three times") as it:
        before = None
        for _ in range(amount(3, 30)):
            tab = it.tab()
            tab.send(question := it.question(length=200, after=before), times=3).wait()
            it.fault(2)
            assert it.ended()
            before = question


def test_a_hundred_sends_with_one_id_are_one(case: Cases) -> None:
    with case("100 parallel sends with one id") as it:
        for _ in range(amount(1, 10)):
            tabs = [it.tab() for _ in range(10)]
            question = it.question(length=200)
            commands = [tab.send(question, times=10) for tab in tabs]
            it.fault(99)
            for command in commands:
                assert command.wait()["type"] == "ack"
