"""Processes are killed, stopped, drained and held in their sleep, while others are up."""

import signal
import time

from tests.server.chaos.case import Case
from tests.server.chaos.chance import amount
from tests.server.chaos.conftest import Cases
from tests.server.chaos.history import Question
from tests.server.chaos.site import OTHERS_SECONDS, House, Site

# PROTOCOL.md, promise 3: the message says that it was interrupted so soon after a process is up …
SOON_SECONDS = 5.0
# … and as long again on a machine that has other things to do: a beat that is late is taken for
# an outage of Postgres, after which nobody is given up for a while.
BUSY_SECONDS = amount(40, 5)


def test_kill_9_at_any_moment_keeps_what_was_shown(case: Cases, site: Site) -> None:
    """Three victims at a time, three answers each; a process that lives finds out and tells."""
    with case("kill -9 in mid-stream") as it:
        for _ in range(amount(1, 10)):
            with it.others(amount(2, 3)) as victims:
                asked = [_asked(it, victim, 3) for victim in victims]
                for victim, questions in zip(victims, asked, strict=True):
                    time.sleep(OTHERS_SECONDS + it.chance.uniform(0.2, 1.2))
                    _kill(it, victim, questions)
                assert it.ended(SOON_SECONDS + BUSY_SECONDS), "not interrupted in time"


def _asked(it: Case, house: House, count: int) -> list[Question]:
    """Answers of some seconds, each with somebody else looking on."""
    tab, other = it.tab(house), it.tab(house)
    questions = [tab.ask(it.question(length=9000, size=6, delay=0.01)) for _ in range(count)]
    for question in questions:
        other.open(question.conversation, [question.run])
    return questions


def _kill(it: Case, victim: House, questions: list[Question]) -> None:
    victim.leads_to(it.site.first)
    for question in questions:
        question.died(it.site.clock.lag)
    victim.server.signal(signal.SIGKILL)
    it.fault()


def test_sigterm_under_twenty_streams_loses_nothing(case: Cases, site: Site) -> None:
    """Half of them may finish, the rest is cut; the next process serves what the old one wrote."""
    with case("SIGTERM under 20 streams") as it:
        for _ in range(amount(1, 5)):
            with it.others(1) as [house]:
                tabs = [it.tab(house) for _ in range(4)]
                lengths = [it.chance.choice((300, 6000)) for _ in range(20)]
                for number, length in enumerate(lengths):
                    tabs[number % 4].ask(it.question(length=length, delay=0.01))
                time.sleep(it.chance.uniform(0.0, 0.3))
                house.leads_to(site.first)
                house.server.signal(signal.SIGTERM)
                it.fault()
                assert house.server.wait() == 0


def test_a_process_that_wakes_up_after_its_runs_were_given_up_says_the_same(
    case: Cases, site: Site
) -> None:
    """Held for 6 s, long enough that another process takes it for dead, then it goes on."""
    with case("SIGSTOP for 6 s, reaped meanwhile") as it:
        for _ in range(amount(1, 5)):
            with it.others(1) as [sleeper]:
                questions = _asked(it, sleeper, 3)
                time.sleep(OTHERS_SECONDS + it.chance.uniform(0.2, 1.0))
                for question in questions:
                    question.died(site.clock.lag)
                sleeper.server.signal(signal.SIGSTOP)
                it.fault()
                time.sleep(6)
                sleeper.server.signal(signal.SIGCONT)
                assert it.ended(SOON_SECONDS + BUSY_SECONDS)
                assert it.provider_is_left(amount(20, 2)), (
                    "it goes on with answers that were given up"
                )
