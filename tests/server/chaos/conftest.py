"""One site for all cases, and the table at the end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.harness.plugin import ROOT
from tests.server.chaos.case import Case
from tests.server.chaos.chance import FULL, SEED
from tests.server.chaos.site import House, Site
from tests.server.chaos.table import LINES, table

Cases = Callable[..., Case]


@pytest.fixture(scope="session")
def site(django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    with ExitStack() as leaving:
        yield Site(django_db_blocker, ROOT / "var" / "test-postgres-chaos", leaving)


@pytest.fixture(scope="module")
def other(site: Site) -> Iterator[House]:
    """A second process on the same Postgres, for the cases of one chapter."""
    houses = site.start(1, {})
    yield houses[0]
    site.stop(houses)


@pytest.fixture
def case(site: Site) -> Cases:
    """`with case("what is broken") as it:` the judgement comes at its end."""

    def of(name: str, **how: Any) -> Case:
        return Case(site, name, **how)

    return of


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LINES and (FULL or terminalreporter.stats.get("failed")):
        terminalreporter.section("chaos")
        terminalreporter.write_line(f"CHAOS_SEED={SEED}\n\n{table(LINES)}")
