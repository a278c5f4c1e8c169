"""The provider's line stalls, ends and is reset wherever it likes."""

from tests.server.chaos.chance import amount
from tests.server.chaos.conftest import Cases
from tests.server.chaos.proxies import Fault
from tests.server.chaos.site import Site


def test_a_provider_that_is_cut_anywhere_never_looks_finished(case: Cases, site: Site) -> None:
    """In the head, in an event, between two, at the very end; silence is only slow."""
    with case("provider cut, reset or silent at random points", retries=True) as it:
        faults = [
            Fault(
                it.chance.randrange(40_000),
                it.chance.choice(("cut", "reset", "silence")),
                it.chance.uniform(0.1, 1.5),
            )
            for _ in range(amount(8, 200))
        ]
        it.breaks(site.provider, faults)
        tabs = [it.tab() for _ in range(6)]
        while faults:
            for tab in tabs:
                tab.ask(it.question(length=1000, delay=0.002))
            assert it.ended()
            site.provider.cut()  # what is kept open for later, so that the next ones meet faults too
