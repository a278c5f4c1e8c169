"""`CHATSITE_RUNS=workers`: web processes come and go, the answers are written elsewhere."""

import signal
import time

from tests.server.chaos.chance import amount
from tests.server.chaos.conftest import Cases
from tests.server.chaos.site import OTHERS_SECONDS, WORKERS
from tests.server.chaos.test_processes import BUSY_SECONDS, SOON_SECONDS


def test_a_web_process_that_is_killed_ends_no_answer(case: Cases) -> None:
    """Sent through one, followed through the other; the one is killed, the answers are whole."""
    with case("workers: web process killed") as it:
        for _ in range(amount(1, 5)):
            webs = it.others(2, **WORKERS)
            with it.worker(), webs as [victim, survivor]:
                tabs = [it.tab(house) for house in (victim, survivor, victim)]
                asked = [tab.ask(it.question(length=2500, delay=0.006)) for tab in tabs]
                tabs[1].open(asked[0].conversation, [asked[0].run])
                time.sleep(it.chance.uniform(0.1, 1.2))
                victim.leads_to(survivor)
                victim.server.signal(signal.SIGKILL)
                it.fault()
                assert it.ended()
                assert [it.status(one) for one in asked] == ["complete"] * 3


def test_a_worker_that_is_killed_leaves_what_was_shown(case: Cases) -> None:
    with case("workers: worker killed") as it:
        for _ in range(amount(1, 5)):
            webs = it.others(1, **WORKERS)
            with it.worker() as worker, webs as [office]:
                tab = it.tab(office)
                asked = [tab.ask(it.question(length=9000, delay=0.01)) for _ in range(3)]
                time.sleep(OTHERS_SECONDS + it.chance.uniform(0.3, 1.5))
                for question in asked:
                    question.died(it.site.clock.lag)
                worker.signal(signal.SIGKILL)
                it.fault()
                assert it.ended(SOON_SECONDS + BUSY_SECONDS), "not interrupted in time"
