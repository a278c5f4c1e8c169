"""The ledger against the provider's own count, after a workload in which all goes wrong that can.

Forty runs in `make test`, and a dozen that workers execute; `make ledger` makes a thousand of each, and kills
the processes of some.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from conversations.models import LanguageModel, Provider, ProviderCall
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.server import Process, Server, Worker
from tests.server.conftest import Spare
from tests.stub_provider import (
    Event,
    Model,
    Reply,
    Script,
    Step,
    Stub,
    Think,
    cut,
    fails,
    pause,
    reset,
    says,
    words,
)  # fmt: skip

RUNS = int(os.environ.get("LEDGER", "40"))
RUNS_OF_WORKERS = RUNS if "LEDGER" in os.environ else 12
SEED = int(os.environ.get("LEDGER_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
AT_ONCE = 40
PATIENCE = 60
# Of a thousand runs; each costs a process that has to be started anew.
KILLED_EACH = 100
NAMES = ("input", "cached_input", "output", "reasoning")


@dataclass
class Play:
    """A run of the workload: what the provider does, and what the person does."""

    kind: str
    script: Script
    stops: bool = False
    early: bool = False
    of: str = ""


class Chance:
    """Everything that is left to chance, from one seed."""

    def __init__(self, model: Model) -> None:
        self.model, self.random = model, random.Random(SEED)
        self.kinds: dict[str, Callable[[], Play]] = {
            "whole": lambda: self._play(says(*self._said(), usage=self._usage())),
            "silent": lambda: self._play(says(*self._said(), usage=None)),
            "stopped": lambda: self._play(says(*self._said(), pause, "never"), stops=True),
            "stopped early": lambda: self._play(says("no", first_byte_after=90), early=True),
            "retried": lambda: self._play(self._trouble(), says("at last", usage=self._usage())),
            "refused": lambda: self._play(fails(400)),
            "failed": lambda: self._play(fails(503), fails(500), fails(529)),
            "cut": lambda: self._play(says(*self._said(), self._break())),
            "error": lambda: self._play(
                says(*self._said(), self._error(), finish=None, usage=None, done=False)
            ),
            "stood in": self._stood_in,
        }

    def play(self) -> Play:
        kind = self.random.choice([*self.kinds, "whole", "whole"])
        made = self.kinds[kind]()
        made.kind = kind
        return made

    def _play(self, *replies: Reply, stops: bool = False, early: bool = False) -> Play:
        return Play("", self.model.will_answer(*replies), stops, early)

    def _stood_in(self) -> Play:
        play = self._play(fails(401), says("instead", usage=self._usage()))
        play.of = "leaning"
        return play

    def _trouble(self) -> Reply:
        return self.random.choice([fails(503), fails(429, retry_after="0"), says(reset)])

    def _break(self) -> Step:
        return cut if self.random.random() < 0.5 else reset

    def _error(self) -> Step:
        usage = {"usage": self._usage()} if self.random.random() < 0.5 else {}
        return Event({"error": {"code": "server_error", "message": "broke"}, **usage})

    def _said(self) -> list[Step]:
        count = self.random.randint(1, 30)
        thought: list[Step] = [Think("Hm. ")] if self.random.random() < 0.3 else []
        return [*thought, *words("so it goes " * count)]

    def _usage(self) -> dict[str, Any]:
        read, wrote = self.random.randint(1, 90_000), self.random.randint(1, 9_000)
        return {
            "prompt_tokens": read,
            "completion_tokens": wrote,
            "total_tokens": read + wrote,
            "prompt_tokens_details": {"cached_tokens": self.random.randint(0, read)},
            "completion_tokens_details": {"reasoning_tokens": self.random.randint(0, wrote)},
        }


@pytest.fixture
def leaning(ground: Ground, stub: Stub) -> Iterator[None]:
    """A model with another to lean on."""
    rows = [
        Provider(name=name, kind="compatible", base_url=stub.base_url, failures_in_a_row=0)
        for name in ("weak", "strong")
    ]
    for row in rows:
        ground.save(row)
    sizes: dict[str, Any] = {"context_window": 9_000, "max_output_tokens": 500}
    staff = LanguageModel(slug="staff", name="Staff", provider=rows[1], **sizes)
    ground.save(staff)
    ground.save(
        LanguageModel(slug="leaning", name="Leaning", provider=rows[0], fall_back=staff, **sizes)
    )
    yield
    ground.run(lambda: [row.delete() for row in rows])


def until(holds: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.05)


def played(person: Person, plays: list[Play]) -> list[Asked]:
    """All of them at once."""
    asked = [
        person.start(play.script, options={"model": play.of} if play.of else {}) for play in plays
    ]
    for play, one in zip(plays, asked, strict=True):
        if play.stops:
            play.script.wait_until_paused(PATIENCE)
            one.socket.wait_for_text(one.run, 2, timeout=PATIENCE)
        if play.early:
            play.script.wait_until_asked(timeout=PATIENCE)
        if play.stops or play.early:
            one.stop()
    return [one.finish(PATIENCE) for one in asked]


def reported(script: Script) -> Counter[str]:
    told: Counter[str] = Counter()
    for usage in script.reported:
        told["input"] += usage["prompt_tokens"]
        told["cached_input"] += usage["prompt_tokens_details"]["cached_tokens"]
        told["output"] += usage["completion_tokens"]
        told["reasoning"] += usage["completion_tokens_details"]["reasoning_tokens"]
    return told


def booked(rows: list[ProviderCall]) -> Counter[str]:
    told: Counter[str] = Counter()
    for row in rows:
        for name in NAMES:
            told[name] += 0 if row.estimated else getattr(row, f"{name}_tokens")
    return told


@pytest.fixture(params=["here", "workers"])
def asking(request: pytest.FixtureRequest, ada: Person, spare: Spare) -> Person:
    """Ada, at a process that executes her runs itself or leaves them to two others."""
    if request.param == "here":
        return ada
    worker: Callable[[], Worker] = request.getfixturevalue("worker")
    worker()
    worker()
    return ada.at(spare(CHATSITE_RUNS="workers"))


@pytest.mark.usefixtures("leaning")
def test_it_adds_up_to_the_token(asking: Person, ada: Person, ground: Ground, model: Model) -> None:
    runs = RUNS if asking is ada else RUNS_OF_WORKERS
    print(f"LEDGER_SEED={SEED}")
    until(lambda: "leaning" in [one["id"] for one in asking.api("GET", "models")["items"]])
    chance = Chance(model)
    told, counted, kinds = Counter[str](), Counter[str](), Counter[str]()
    for begin in range(0, runs, AT_ONCE):
        plays = [chance.play() for _ in range(min(AT_ONCE, runs - begin))]
        for play, asked in zip(plays, played(asking, plays), strict=True):
            rows = ground.rows(ProviderCall, run=asked.run)
            what = f"{play.kind} (LEDGER_SEED={SEED})"
            assert len(rows) == len(play.script.requests), f"{what}: a row for each request"
            assert booked(rows) == reported(play.script), what
            assert any(row.estimated for row in rows) == (not told_or_refused(play)), what
            assert all(row.user_id == asked.person.user.pk for row in rows)  # type: ignore[union-attr]
            told += reported(play.script)
            counted += booked(rows)
            kinds[play.kind] += 1
        model.forget()
    assert counted == told
    print(f"{dict(kinds)}; tokens as reported and as booked: {dict(told)}")


def told_or_refused(play: Play) -> bool:
    return bool(play.script.reported) or play.kind in ("refused", "failed")


@pytest.mark.skipif(RUNS < KILLED_EACH, reason="make ledger")
@pytest.mark.parametrize("runs", ["here", "workers"])
def test_a_killed_process_leaves_its_calls_too(
    runs: str, ada: Person, ground: Ground, model: Model, spare: Spare,
    worker: Callable[[], Worker],
) -> None:  # fmt: skip
    front: Server | None = None
    for _ in range(RUNS // KILLED_EACH):
        dying: Process
        if runs == "workers":
            dying = worker()
            front = front or spare(CHATSITE_RUNS="workers")  # which is not ready before it has one
        else:
            dying = front = spare()
        there = ada.at(front)
        whole = there.ask(model.will_say("whole"), timeout=PATIENCE)
        scripts = [model.will_say("half of it ", pause, "never") for _ in range(5)]
        asked = [there.start(script) for script in scripts]
        for script, one in zip(scripts, asked, strict=True):
            script.wait_until_paused(PATIENCE)
            one.socket.wait_for_text(one.run, 10, timeout=PATIENCE)
        dying.signal(signal.SIGKILL)
        dying.wait()
        for one in asked:
            until(partial(ground.rows, ProviderCall, run=one.run))
            [row] = ground.rows(ProviderCall, run=one.run)
            assert (row.outcome, row.estimated, row.attempt) == ("lost", True, 0)
            assert row.input_tokens and row.cost_micros
        assert [row.outcome for row in ground.rows(ProviderCall, run=whole.run)] == ["ok"]
