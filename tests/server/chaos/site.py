"""The site under attack: processes, their doors, the provider and Postgres, each behind a proxy."""

import asyncio
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from django.db import connections
from pytest_django import DjangoDbBlocker

from conversations.runs.reaper import DEAD_SECONDS
from tests.harness import warm
from tests.harness.database import Ground, pour
from tests.harness.people import People, Person
from tests.harness.server import Server, Worker
from tests.server.chaos.chance import amount
from tests.server.chaos.cluster import DATABASE, Cluster
from tests.server.chaos.evidence import Evidence
from tests.server.chaos.leftovers import Holdings, holdings
from tests.server.chaos.proxies import Loop, Proxy
from tests.stub_provider import Stub

WORKERS = {"CHATSITE_RUNS": "workers"}
# So many processes start ahead, while the first cases run: starting is what takes the time.
SPARES = 5
TICK_SECONDS = 0.01
# How long a late tick counts as “around now”.
LATELY_SECONDS = 1.0
OTHERS_SECONDS = amount(1, 0)


class Clock:
    """How late this machine runs: what a loop that has nothing to do is late by."""

    def __init__(self, loop: Loop) -> None:
        self._late: list[tuple[float, float]] = []
        loop.start(self._tick())

    async def _tick(self) -> None:
        while True:
            due = time.monotonic() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            self._late = [pair for pair in self._late if pair[0] > now - LATELY_SECONDS]
            self._late.append((now, now - due))

    @property
    def lag(self) -> float:
        """Seconds, the worst of the last second; and what others may have waited while we did not."""
        return OTHERS_SECONDS + max((late for _, late in tuple(self._late)), default=0.0)


class House:
    """One web process, and a door that stays where it is when the process behind it changes."""

    def __init__(self, site: "Site", server: Server) -> None:
        self.site, self.server = site, server
        self.door = Proxy(site.loop, ("127.0.0.1", server.port))
        self.before = self.holdings()

    def holdings(self) -> Holdings:
        assert self.server.process is not None
        return holdings(self.server.process.pid, self.server.port)

    def leads_to(self, other: "House") -> None:
        """Who comes back through this door meets that process."""
        self.door.upstream = ("127.0.0.1", other.server.port)


class Site:
    def __init__(self, blocker: DjangoDbBlocker, data_dir: Path, leaving: ExitStack) -> None:
        self.loop = leaving.enter_context(Loop("chaos"))
        self.clock = Clock(self.loop)
        self.stub = leaving.enter_context(Stub())
        self.provider = Proxy(self.loop, ("127.0.0.1", self.stub.port))
        self.cluster = Cluster(data_dir, self.loop)
        leaving.callback(self.cluster.close)
        self.evidence = Evidence(self.cluster.direct)
        pour(self.cluster.direct, self.cluster.postgres.place.binaries)
        place = {"HOST": str(self.cluster.postgres.place.sockets), "USER": "postgres", "PORT": ""}
        self.ground = Ground(DATABASE, blocker, **place)
        leaving.callback(self.ground.close)
        self.houses: list[House] = []
        leaving.callback(lambda: self.stop(self.houses))
        self._numbers = count()
        self.first = self._house({})
        self._starting = leaving.enter_context(ThreadPoolExecutor(2))
        self._spares = [self._starting.submit(self._house, {}) for _ in range(SPARES)]
        self.people = People(self.first.server, self.ground)

    @property
    def env(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.cluster.url,
            "OPENAI_API_KEY": "sk-stub",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{self.provider.port}/v1",
            "CHATSITE_SIGNUP": "open",
            "CHATSITE_DRAIN_SECONDS": "1",
            "CHATSITE_TITLES": "false",
            warm.DEAD_SECONDS: str(DEAD_SECONDS),
        }

    def _house(self, env: dict[str, str]) -> House:
        house = House(self, Server(f"chaos-{next(self._numbers)}", {**self.env, **env}).start())
        self.houses.append(house)
        return house

    def worker(self) -> Worker:
        env = {**self.env, **WORKERS}
        return Worker(f"chaos-worker-{next(self._numbers)}", env).start()

    def start(self, many: int, env: dict[str, str]) -> list[House]:
        """More processes on the same Postgres."""
        ahead = [] if env else [self._spares.pop() for _ in self._spares[:many]]
        now = [self._starting.submit(self._house, env) for _ in range(many - len(ahead))]
        return [house.result() for house in [*ahead, *now]]

    def stop(self, houses: list[House]) -> None:
        """All at once, and in order, unless they were killed before."""
        leaving = [house for house in houses if house.server.alive]
        for house in list(houses):
            self.houses.remove(house)
        for house in leaving:
            house.server.signal(signal.SIGTERM)
        codes = {house.server.name: house.server.wait() for house in leaving}
        assert not any(codes.values()), f"exit codes {codes}"

    def person(self) -> Person:
        self.ground.run(connections.close_all)  # Postgres may have been restarted since
        return self.people.new("ada")
