"""Two processes on one Postgres are one site: seen, stopped, resumed and asked from either."""

import time

from tests.server.chaos.chance import amount
from tests.server.chaos.conftest import Cases
from tests.server.chaos.site import House, Site


def test_an_answer_is_seen_and_stopped_from_the_other_process(case: Cases, other: House) -> None:
    with case("two processes: seen and stopped across") as it:
        for _ in range(amount(2, 20)):
            asking, looking = it.chance.sample([it.tab(), it.tab(other)], 2)
            question = asking.ask(it.question(length=6000, delay=0.005))
            looking.open(question.conversation, [question.run])
            looking.wait_for_text(question.run, 50)
            time.sleep(it.chance.uniform(0.0, 0.8))
            looking.stop(question)
            it.fault()


def test_a_socket_resumes_at_either_process(case: Cases, site: Site, other: House) -> None:
    """Cut at random points; each time it comes back, it may be at the other one."""
    with case("two processes: cut here, resumed there") as it:
        tab = it.tab(other)
        for _ in range(amount(1, 10)):
            tab.ask(it.question(length=amount(1800, 3000), delay=0.008))
            for _ in range(amount(5, 10)):
                time.sleep(it.chance.uniform(0.0, amount(3, 5) / 10))
                other.leads_to(it.chance.choice([site.first, other]))
                tab.cut()
                it.fault()
            assert it.ended()
        other.leads_to(other)


def test_a_hundred_sends_with_one_id_to_two_processes_are_one(
    case: Cases, site: Site, other: House
) -> None:
    with case("100 sends with one id to two processes") as it:
        for _ in range(amount(1, 10)):
            tabs = [it.tab(house) for house in [site.first, other] * 5]
            question = it.question(length=300)
            commands = [tab.send(question, times=10) for tab in tabs]
            it.fault(99)
            for command in commands:
                assert command.wait()["type"] == "ack"
