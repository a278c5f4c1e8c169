"""Many ask at once, in several processes, for what is only there for some of them.

In `make test` one process and a few; `make budgets` has four, 64 questions, stops, failures and a death.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import Group
from django.db.models import F, Sum

from conversations.models import Budget, ProviderCall, Reservation
from conversations.models.budgets import Measure, Scope
from conversations.usage import budgets
from conversations.usage.standing import Standing
from tests.features.limits_kit import entered
from tests.harness.database import Ground
from tests.harness.people import Asked, People, Person
from tests.harness.server import Worker
from tests.harness.sockets import Refused, Socket
from tests.server.conftest import Spare
from tests.stub_provider import Model, Script, Stub, pause

FULL = bool(os.environ.get("BUDGETS"))
QUESTIONS, PROCESSES, PEOPLE = (64, 4, 8) if FULL else (12, 1, 4)
PATIENCE = 60
# So much of a budget that some of the questions have room.
FOR_SOME = 3_500
FAILED = (402, 409)


@dataclass
class Crowd:
    """People of one group, each at one of the processes."""

    ground: Ground
    group: Group
    people: list[Person]
    model: str
    # Where runs are executed by processes of their own.
    workers: list[Worker] = field(default_factory=list)

    def allow(self, limit: int, measure: Measure = Measure.TOKENS) -> Budget:
        budget = Budget(
            name="Ours", scope=Scope.GROUP, group=self.group, measure=measure, limit=limit
        )
        self.ground.save(budget)
        until(lambda: all(one.api("GET", "budgets")["items"] for one in self.people))
        return budget

    def ask(self, script: Script, questions: int) -> list[httpx.Response]:
        """All at the same moment."""
        line = threading.Barrier(questions)
        asked = {"text": script.question, "options": {"model": self.model}}

        def one(number: int) -> httpx.Response:
            person = self.people[number % len(self.people)]
            with httpx.Client(
                base_url=person.server.origin, cookies=person.cookies, timeout=PATIENCE
            ) as client:
                token = {"Origin": person.server.origin, "X-CSRFToken": "a" * 32}
                line.wait(PATIENCE)
                return client.post("/api/v1/messages", json=asked, headers=token)

        with ThreadPoolExecutor(questions) as threads:
            return list(threads.map(one, range(questions)))

    def standing(self) -> Standing:
        [only] = self.ground.run(lambda: budgets.standings_for(self.people[0].user.pk))  # type: ignore[union-attr]
        return only

    def held(self) -> list[Reservation]:
        mine = Reservation.objects.filter(model=self.model)
        return self.ground.run(lambda: list(mine.all()))

    def on_the_ledger(self) -> int:
        def counted() -> int:
            mine = ProviderCall.objects.filter(model=self.model)
            return mine.aggregate(all=Sum(F("input_tokens") + F("output_tokens")))["all"] or 0

        return self.ground.run(counted)


@pytest.fixture
def crowd(
    request: pytest.FixtureRequest, people: People, ground: Ground, stub: Stub, ada: Person,
    spare: Spare, worker: Callable[[], Worker],
) -> Iterator[Crowd]:  # fmt: skip
    provider = entered(ada, ground, stub)
    group = ground.run(lambda: Group.objects.create(name=f"Crowd of {provider.name}"))
    by_workers = getattr(request, "param", "here") == "workers"
    workers = [worker() for _ in range(2)] if by_workers else []
    if by_workers:
        servers = [spare(CHATSITE_RUNS="workers") for _ in range(2)]
    else:
        servers = [ada.server, *(spare() for _ in range(PROCESSES - 1))]
    made = [people.new("one", groups=(group.name,)) for _ in range(PEOPLE)]
    crowd = Crowd(
        ground,
        group,
        [person.at(servers[place % len(servers)]) for place, person in enumerate(made)],
        provider.name,
        workers,
    )
    yield crowd
    for person in crowd.people:
        person.leave()
    ground.run(lambda: (group.delete(), provider.models.all().delete(), provider.delete()))


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def test_of_all_who_ask_at_once_as_many_are_answered_as_there_is_room_for(
    crowd: Crowd, model: Model
) -> None:
    crowd.allow(FOR_SOME)
    script = model.will_say("one ", pause, "two")
    answers = crowd.ask(script, QUESTIONS)
    begun = [answer for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code == 402]
    assert begun and len(begun) + len(refused) == QUESTIONS
    assert {answer.json()["error"]["code"] for answer in refused} == {"budget_exceeded"}
    held = crowd.held()
    each, now = held[0].tokens, crowd.standing()
    assert now.used == 0 and now.reserved == sum(row.tokens for row in held) <= FOR_SOME
    assert FOR_SOME - now.reserved < each, "another one would have had room"
    script.resume(QUESTIONS)
    until(lambda: not crowd.held())
    assert crowd.standing().used == crowd.on_the_ledger() <= FOR_SOME


@pytest.mark.skipif(not FULL, reason="`make budgets`: four processes, for a minute")
@pytest.mark.parametrize("crowd", ["here", "workers"], indirect=True)
def test_nothing_is_overspent_whatever_becomes_of_questions_and_processes(
    crowd: Crowd, model: Model
) -> None:
    limit = 9_000  # of which each question may take about 700
    crowd.allow(limit)
    seen: list[Standing] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            seen.append(crowd.standing())
            time.sleep(0.05)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        for turn in range(8):
            _a_turn(crowd, model, dies=turn == 4)
    finally:
        over.set()
        watching.join()
    until(lambda: not crowd.held())
    most = max(now.used + now.reserved for now in seen)
    assert limit - 1_000 < most <= limit, "nobody raced for the rest"
    assert crowd.standing().used == crowd.on_the_ledger() <= limit


def _a_turn(crowd: Crowd, model: Model, *, dies: bool) -> None:
    """Some are stopped, some fail, some are waited for; one process may be killed over it."""
    slow = model.will_say("one ", pause, "two")
    answers = crowd.ask(slow, QUESTIONS // 2)
    if dies and crowd.workers:
        crowd.workers.pop().signal(signal.SIGKILL)
    elif dies:
        crowd.people[-1].server.signal(signal.SIGKILL)
        crowd.people = [one for one in crowd.people if one.server is not crowd.people[-1].server]
    runs = [answer.json()["run"]["id"] for answer in answers if answer.status_code == 201]
    for run in random.sample(runs, len(runs) // 3):
        for person in crowd.people:
            person.http.post(f"/api/v1/runs/{run}/stop")
    slow.resume(QUESTIONS)
    crowd.ask(model.will_fail(500), QUESTIONS // 4)
    assert all(answer.status_code in (201, *FAILED) for answer in answers)


@pytest.mark.skipif(
    not FULL, reason="`make budgets`: two web processes and two workers, for a minute"
)
@pytest.mark.parametrize("crowd", ["workers"], indirect=True)
def test_the_last_cent_is_spent_once_by_whatever_door_it_is_asked_for(
    crowd: Crowd, model: Model
) -> None:
    """Questions, other tries and edits by socket, questions by HTTP; a worker dies over it."""
    first = model.will_say("first")
    had = [
        Had(person, person.ask(first, options={"model": crowd.model}, timeout=PATIENCE))
        for person in crowd.people
        for _ in range(QUESTIONS // 4 // len(crowd.people))
    ]
    budget = crowd.allow(crowd.on_the_ledger() + FOR_SOME)
    script = model.will_say("one ", pause, "two")
    doors = [_send, _send_by_http, _try_again, _edit]
    line = threading.Barrier(QUESTIONS)

    def one(number: int) -> str:
        door, mine = doors[number % len(doors)], had[number // len(doors)]
        with mine.socket() as socket:
            line.wait(PATIENCE)
            return door(mine, socket, script, crowd.model)

    with ThreadPoolExecutor(QUESTIONS) as threads:
        ends = list(threads.map(one, range(QUESTIONS)))
    assert set(ends) == {"begun", "budget_exceeded"}
    assert (now := crowd.standing()).used + now.reserved <= budget.limit
    crowd.workers.pop().signal(signal.SIGKILL)
    script.resume(QUESTIONS)
    first.resume(QUESTIONS)
    until(lambda: not crowd.held())
    assert crowd.standing().used == crowd.on_the_ledger() <= budget.limit


@dataclass
class Had:
    """A conversation with one answer, which can be asked again in four ways."""

    person: Person
    asked: Asked

    def socket(self) -> Socket:
        socket = self.person.socket()
        self.person.sockets.remove(socket)
        return socket


def _send(had: Had, socket: Socket, script: Script, model: str) -> str:
    asked: dict[str, Any] = {
        "parent": None,
        "text": script.question,
        "images": [],
        "options": {"model": model},
    }
    return _by_socket(socket, "message.send", conversation=None, **asked)


def _try_again(had: Had, socket: Socket, script: Script, model: str) -> str:
    return _by_socket(socket, "message.regenerate", message=had.asked.answer_id)


def _edit(had: Had, socket: Socket, script: Script, model: str) -> str:
    return _by_socket(socket, "message.edit", message=had.asked.question_id, text=script.question)


def _by_socket(socket: Socket, type: str, **fields: Any) -> str:
    try:
        socket.call(type, timeout=PATIENCE, **fields)
    except Refused as refused:
        return "begun" if refused.code == "conflict" else str(refused.code)
    return "begun"


def _send_by_http(had: Had, socket: Socket, script: Script, model: str) -> str:
    token = {"Origin": had.person.server.origin, "X-CSRFToken": "a" * 32}
    asked = {"text": script.question, "options": {"model": model}}
    answer = httpx.post(
        f"{had.person.server.origin}/api/v1/messages", json=asked, headers=token,
        cookies=had.person.cookies, timeout=PATIENCE,
    )  # fmt: skip
    return "begun" if answer.status_code == 201 else str(answer.json()["error"]["code"])
