"""Postgres falls over, or does not answer for a while; the answers go on."""

import time

from tests.server.chaos.chance import amount
from tests.server.chaos.conftest import Cases
from tests.server.chaos.site import Site


def test_an_immediate_restart_of_postgres_is_not_noticed_in_the_answer(
    case: Cases, site: Site
) -> None:
    """And a question that comes meanwhile is refused, kept by the page, and asked once in the end."""
    with case("Postgres restarted with -m immediate") as it:
        for _ in range(amount(1, 5)):
            tabs = [it.tab() for _ in range(3)]
            asked = [tab.ask(it.question(length=2500, delay=0.008)) for tab in tabs]
            tabs[0].open(asked[1].conversation, [asked[1].run])
            time.sleep(it.chance.uniform(0.1, 1.2))
            late = it.question(length=200)
            site.cluster.restart_at_once()
            it.fault()
            command = tabs[2].send(late)
            assert command.wait()["type"] == "ack"
            assert it.ended()


def test_postgres_that_stalls_holds_up_no_answer(case: Cases, site: Site) -> None:
    """Nothing passes between the site and Postgres for 1 to 8 s."""
    with case("Postgres stalled for 1 to 8 s") as it:
        for _ in range(amount(1, 5)):
            tabs = [it.tab() for _ in range(3)]
            asked = [tab.ask(it.question(length=2400, delay=0.008)) for tab in tabs]
            for tab, question in zip(tabs, asked, strict=True):
                tab.wait_for_text(
                    question.run, 1
                )  # what it is asked to answer is read from Postgres
            time.sleep(it.chance.uniform(0.0, 0.7))
            site.cluster.proxy.stall()
            it.fault()
            time.sleep(it.chance.uniform(1, amount(2, 8)))
            for tab, question in zip(tabs, asked, strict=True):
                tab.wait_for_text(question.run, 601)  # or the answers stood still with Postgres
            site.cluster.proxy.flow()
            assert it.ended()


def test_sessions_of_postgres_that_are_cut_are_made_anew(case: Cases, site: Site) -> None:
    with case("sessions of Postgres cut at random points") as it:
        tab = it.tab()
        for _ in range(amount(2, 30)):
            question = tab.send(it.question(length=600, delay=0.008))
            time.sleep(it.chance.uniform(0, 0.3))
            it.fault(site.cluster.proxy.cut())
            assert question.wait()["type"] == "ack"
            assert it.ended()
