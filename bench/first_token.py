"""How long the first token takes beyond what the provider needs itself: alone, and among 100 streams."""

from statistics import median

from bench import http
from bench.rounds import side_by_side, streaming
from bench.stage import Site, Stage
from bench.table import Figure, Readings
from bench.tabs import question

ASKED = 20
STREAMS, RATE = 100, 20
# A short answer, so that the next question meets a quiet server.
SHORT = question(rate=0, tokens=3)


async def alone(stage: Stage, site: Site) -> Readings:
    return await _asked(stage, site)


async def among_streams(stage: Stage, site: Site) -> Readings:
    await streaming(site, STREAMS, RATE)
    return await _asked(stage, site)


async def _asked(stage: Stage, site: Site) -> Readings:
    """Medians of questions asked one after another, each in a conversation of its own."""
    tab = await site.tab()
    firsts, acks = [], []
    for _ in range(ASKED):
        tab.ask(SHORT)
        firsts.append(await tab.first_token())
        await tab.end()
        acks.append(tab.acked_at - tab.asked_at)
    own = _of_the_provider(stage)
    return {"first": (median(firsts) - own) * 1000, "ack": median(acks) * 1000}


def _of_the_provider(stage: Stage) -> float:
    with http.line_to(stage.provider) as line:
        return median(http.first_token_seconds(line, SHORT) for _ in range(ASKED))


async def figures(stage: Stage, rounds: int) -> list[Figure]:
    ours, bare = await side_by_side(stage, alone, rounds)
    first = ours["first"]
    found = [
        Figure("first token added, one user", "ms", first, bare["first"], "≤ 12", first <= 12),
        Figure("message acknowledged", "ms", ours["ack"]),
    ]
    ours, bare = await side_by_side(stage, among_streams, rounds)
    streams = f"first token added, {STREAMS} streaming"
    return [*found, Figure(streams, "ms", ours["first"], bare["first"])]
