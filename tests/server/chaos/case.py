"""One case: who asks, who looks on, what was broken; at its end the checker judges it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, Self

from chatsite.databases import POOL_SIZE
from conversations import db
from tests.harness.server import Worker
from tests.server.chaos import checker, leftovers
from tests.server.chaos.chance import SEED, amount, chance
from tests.server.chaos.history import Call, History, Question
from tests.server.chaos.proxies import Fault, Proxy
from tests.server.chaos.site import House, Site
from tests.server.chaos.tab import Tab
from tests.server.chaos.table import LINES, Line
from tests.stub_provider import Model, Request, Say, Script, Step, deltas, says

# What a run gets to end after its case, and a view to hear of it.
END_SECONDS = 60.0
# What follows is strict in `make chaos`, which has a machine to itself.
# How long after an end in Postgres the last of those who look on has heard of it.
TOLD_SECONDS = amount(20, 3)
# Issue 3: nothing is left after so long.
LEFT_SECONDS = amount(40, 10)
# The pools of a process that was idle may grow: its own for Postgres, and asyncio's.
POOL_THREADS = db.THREADS + 16
# Two pools and the doorbell.
POOL_SESSIONS = POOL_SIZE + db.HOT_CONNECTIONS + 1
# Letters of one to four bytes, one of them half of a pair in JavaScript.
LETTERS = "abcdefghij klmnop qrstuvwxyz äöü – € 漢字 🜁"


class Case:
    def __init__(self, site: Site, name: str, *, retries: bool = False) -> None:
        self.site, self.name = site, name
        self.chance = chance(name)
        self.line = Line(name)
        self.history = History(retries=retries)
        self.model = Model(site.stub)
        self.scripts: dict[str, Script] = {}
        self.tabs: list[Tab] = []
        self.person = site.person()
        self.houses = list(site.houses)
        self._after: list[Callable[[], None]] = []

    # What cases are made of

    def question(
        self, *, length: int = 1500, size: int = 9, delay: float = 0.01, **how: Any
    ) -> Question:
        """A question whose answer is `length` random characters, `size` every `delay` seconds."""
        text = "".join(self.chance.choices(LETTERS, k=length))
        return self.asking(deltas(text, size, delay), **how)

    def asking(
        self, *steps: list[Step] | Step, after: Question | None = None, **how: Any
    ) -> Question:
        script = self.model.will_answer(says(*steps, **how))
        whole = "".join(step.text for step in script.replies[0].steps if isinstance(step, Say))
        finishes = script.replies[0].finish is not None
        key = f"{self.chance.getrandbits(64):016x}"
        question = Question(key, script.question, whole, finishes, after)
        self.scripts[key] = script
        self.history.questions.append(question)
        return question

    @contextmanager
    def others(self, count: int, **env: str) -> Iterator[list[House]]:
        """More processes; their doors stay, for tabs that come back to whoever is up then."""
        houses = self.site.start(count, env)
        self._after += [house.door.close for house in houses]
        try:
            yield houses
            self._settle()
        finally:
            for house in houses:
                house.leads_to(self.site.first)
            self.site.stop(houses)

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        worker = self.site.worker()
        try:
            yield worker
        finally:
            worker.stop()

    def status(self, question: Question) -> str:
        """As it is in Postgres now."""
        return str(self.site.evidence.stored().runs[question.run]["status"])

    def tab(self, house: House | None = None) -> Tab:
        house = house or self.site.first
        name = f"{self.name} {len(self.tabs)}"
        tab = Tab(self.site.loop, self.site.clock, house.door.port, self.person.session, name)
        self.tabs.append(tab)
        return tab

    def fault(self, count: int = 1) -> None:
        self.line.faults += count

    def breaks(self, proxy: Proxy, faults: list[Fault]) -> None:
        """From now on each new connection through `proxy` meets the next of `faults`."""
        proxy.cut()
        before = proxy.broken

        def heal() -> None:
            self.fault(proxy.broken - before)
            proxy.plan = lambda number: None

        proxy.plan = lambda number: faults.pop() if faults else None
        self._after.append(heal)

    def provider_is_left(self, timeout: float) -> bool:
        """Nobody reads from the provider any more."""
        return _in_time(lambda: not any(map(self._open, self.scripts)), timeout)

    def ended(self, timeout: float = END_SECONDS) -> bool:
        """Every answer of this case has ended in Postgres."""
        runs = [question.run for question in self.history.questions if question.acks]
        return _in_time(lambda: not self.site.evidence.live(runs), timeout)

    # Judgement

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if problem is None:
                self._judge()
            else:
                problem.add_note(f"CHAOS_SEED={SEED}")
        finally:
            self._leave()

    def _judge(self) -> None:
        self._settle()
        self._everybody_comes_back()
        self._look()
        self._leave()
        self.history.left += self._left()
        self.line.answers = len(self.history.questions)
        self.line.found = checker.findings(self.history)
        LINES.append(self.line)
        report = "\n".join(map(str, self.line.found[:20]))
        assert not self.line.found, f"{self.name}, CHAOS_SEED={SEED}\n{report}"

    def _settle(self) -> None:
        """All answers have ended, and whoever stayed was told, without having to come back."""
        self.ended()
        for tab in self.tabs:
            if not _in_time(partial(tab.holds_ends, list(tab.views)), TOLD_SECONDS):
                self.history.left.append("a tab waits for an end that nobody tells it")

    def _everybody_comes_back(self) -> None:
        """Each tab on a new connection with what it holds, and one more that holds nothing."""
        questions = [one for one in self.history.questions if one.acks and not one.deleted]
        newcomer = self.tab()
        for question in questions:
            newcomer.open(question.conversation, [question.run])
        for tab in self.tabs:
            if tab is not newcomer:
                tab.come_back()
        for tab in self.tabs:
            mine = [one.run for one in questions if one.run in tab.views]
            _in_time(partial(tab.holds_ends, mine), END_SECONDS)
            self.history.views += tab.views.values()

    def _look(self) -> None:
        for question in self.history.questions:
            script = self.scripts[question.key]
            question.calls = list(map(_call, script.requests))
        self.history.stored = self.site.evidence.stored()
        for question in self.history.questions:
            if question.acks and not question.deleted:
                self._load(question)

    def _load(self, question: Question) -> None:
        """As a page that is loaded now: the branch that ends in this answer."""
        if question.answer not in self.history.fresh:
            path = f"conversations/{question.conversation}/messages"
            items = self.person.api("GET", f"{path}?leaf={question.answer}&limit=200")["items"]
            self.history.fresh.update({item["id"]: item for item in items})

    def _leave(self) -> None:
        for tab in self.tabs:
            tab.leave()
        while self._after:
            self._after.pop()()
        self.tabs = []
        self.model.forget()
        self.person.leave()

    def _left(self) -> list[str]:
        """What is still held when everybody has left, after up to LEFT_SECONDS."""
        end = time.monotonic() + LEFT_SECONDS
        while (held := self._held()) and time.monotonic() < end:
            time.sleep(0.1)
        return held

    def _held(self) -> list[str]:
        held = [f"the provider is at work for {key}" for key in self.scripts if self._open(key)]
        alive = [house for house in self.houses if house.server.alive]
        for house in alive:
            kept = leftovers.kept(house.before, house.holdings(), POOL_THREADS)
            held += [f"{house.server.name}: {what}" for what in kept]
        sessions = self.site.evidence.sessions()
        if sessions > POOL_SESSIONS * len(self.site.houses) + 1:
            held.append(f"{sessions} sessions of Postgres for {len(alive)} processes")
        return held + self.site.evidence.busy()

    def _open(self, key: str) -> bool:
        return any(_over_at(request) is None for request in self.scripts[key].requests)


def _call(request: Request) -> Call:
    left = request.closed_by_client_at is not None
    return Call(
        request.arrived_at, _over_at(request), said_all=bool(request.answered_at) and not left
    )


def _over_at(request: Request) -> float | None:
    return request.closed_by_client_at or request.answered_at


def _in_time(holds: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.05)
    return held
