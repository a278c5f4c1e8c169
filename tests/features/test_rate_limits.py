"""Limits of people, groups and addresses: exact, over all connections, and put right by the ledger."""

import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from conversations.chat import send
from conversations.chat.gate import Sent
from conversations.chat.questions import Question
from conversations.db import in_transaction
from conversations.errors import RateLimited
from conversations.models import (
    Message,
    ProviderCall,
    RateCount,
    RateHold,
    RateLimit,
    Run,
    SendLog,
    User,
)  # fmt: skip
from conversations.models.conversation import Status
from conversations.models.limits import Whom
from conversations.models.usage import Purpose
from conversations.provider import catalogue
from conversations.provider.interface import Report, Usage
from conversations.runs import sweep, titles
from conversations.runs.start import ticket_of
from conversations.usage import ledger, limits
from conversations.usage.ledger import Bill, Call
from tests.features.runs_kit import clear, committed

SCHOOL = "192.0.2.7"


@pytest.fixture(autouse=True)
def _usual(settings: Any) -> None:
    settings.USER_REQUESTS_PER_MINUTE = settings.USER_RUNS = 0


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def pupils(ada: User) -> Group:
    group = Group.objects.create(name="pupils")
    ada.groups.add(group)
    return group


def ask(user: User, key: str, *, address: str | None = None, text: str = "Hello?") -> Sent:
    return send.question(user, Question(text=text), key, address=address)


def refusal(work: Callable[[], object]) -> RateLimited:
    with pytest.raises(RateLimited) as refused, transaction.atomic():
        work()
    return refused.value


def finish(sent: Sent, *, read: int, written: int) -> None:
    assert sent.run
    model = catalogue.default_model(sent.run.user)
    report = Report(usage=Usage(read, 0, written, 0))
    call = Call(timezone.now(), 1, report, outcome="complete", first_token_seconds=0.1)
    ledger.enter(ticket_of(sent.run), model, [call])
    end(sent)


def end(sent: Sent) -> None:
    assert sent.run
    now = timezone.now()
    Run.objects.filter(pk=sent.run.pk).update(status=Status.COMPLETE, finished_at=now)


def tokens_of(key: str) -> int:
    return sum(tokens for _, _, tokens in RateCount.objects.get(key=key).spent)


# Clocks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of_ours", [-300, 300])
def test_a_minute_is_that_of_postgres_whatever_the_clock_of_this_machine_says(
    of_ours: float, ada: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next message of a person may come in at another process."""
    settings.USER_REQUESTS_PER_MINUTE = 2
    ask(ada, "a")
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + of_ours)
    ask(ada, "b")
    refused = refusal(lambda: ask(ada, "c"))
    assert 50 <= (refused.retry_after or 0) <= 60
    assert refusal(lambda: limits.spend(ada, None)).retry_after == refused.retry_after


# Whom --------------------------------------------------------------------------------------------


def test_a_group_together_has_one_minute(ada: User, pupils: Group) -> None:
    ben, cleo = (User.objects.create(username=name) for name in ("ben", "cleo"))
    ben.groups.add(pupils)
    RateLimit.objects.create(whom=Whom.TOGETHER, group=pupils, messages=2)
    ask(ada, "a")
    ask(ben, "b")
    refused = refusal(lambda: ask(ada, "c"))
    assert "group" in str(refused) and 1 <= (refused.retry_after or 0) <= 61
    ask(cleo, "d")


def test_a_group_has_so_many_answers_at_once_and_more_when_one_ends(
    ada: User, pupils: Group
) -> None:
    RateLimit.objects.create(whom=Whom.TOGETHER, group=pupils, runs=1)
    first = ask(ada, "a")
    assert "under way" in str(refusal(lambda: ask(ada, "b")))
    end(first)
    ask(ada, "c")


def test_an_address_is_counted_whoever_asks_from_it(ada: User) -> None:
    ben = User.objects.create(username="ben")
    RateLimit.objects.create(whom=Whom.ADDRESS, messages=1)
    ask(ada, "a", address=SCHOOL)
    assert "network" in str(refusal(lambda: ask(ben, "b", address=SCHOOL)))
    ask(ben, "c", address="192.0.2.8")
    ask(ben, "d")


def test_one_person_may_be_given_more_than_everybody(ada: User, settings: Any) -> None:
    settings.USER_REQUESTS_PER_MINUTE = 1
    RateLimit.objects.create(whom=Whom.PERSON, user=ada, messages=2)
    ben = User.objects.create(username="ben")
    for key in "ab":
        ask(ada, key)
    ask(ben, "a")
    assert "2 messages" in str(refusal(lambda: ask(ada, "c")))
    refused = refusal(lambda: ask(ben, "b"))
    assert "a message" in str(refused)
    with override("de"):
        assert "eine Nachricht" in str(refusal(lambda: ask(ben, "b")))


def test_the_same_id_again_counts_no_more(ada: User, pupils: Group) -> None:
    RateLimit.objects.create(whom=Whom.TOGETHER, group=pupils, messages=1, runs=1)
    first = ask(ada, "a")
    assert ask(ada, "a").ack == first.ack


def test_who_waits_as_long_as_they_are_told_is_let_through(
    ada: User, pupils: Group, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their own minute is over in a second, their group's in a minute: that is what is said."""
    settings.USER_REQUESTS_PER_MINUTE = 1
    RateLimit.objects.create(whom=Whom.TOGETHER, group=pupils, messages=1)
    ask(ada, "a")
    almost = [moment - 59 for moment in SendLog.objects.get(user=ada).times]
    SendLog.objects.filter(user=ada).update(times=almost)
    refused = refusal(lambda: ask(ada, "b"))
    assert (refused.retry_after or 0) > 50 and "group" in str(refused)


def test_a_copy_of_what_was_shared_counts_like_a_message(ada: User, pupils: Group) -> None:
    RateLimit.objects.create(whom=Whom.TOGETHER, group=pupils, messages=1)
    limits.spend(ada, None)
    assert "group" in str(refusal(lambda: limits.spend(ada, None)))
    assert "group" in str(refusal(lambda: ask(ada, "a")))


# Tokens ------------------------------------------------------------------------------------------


def test_what_is_expected_is_taken_until_the_ledger_knows(ada: User) -> None:
    RateLimit.objects.create(whom=Whom.EVERYBODY, tokens=2_000)
    sent, key = ask(ada, "a", text="x" * 4_000), f"user:{ada.pk}"
    assert tokens_of(key) == 1_000 + 500
    assert "tokens" in str(refusal(lambda: ask(ada, "b", text="x" * 4_000)))
    finish(sent, read=900, written=20)
    assert tokens_of(key) == 920 and not RateHold.objects.exists()
    ask(ada, "c")


def test_to_enter_a_run_again_puts_nothing_right_twice(ada: User) -> None:
    RateLimit.objects.create(whom=Whom.EVERYBODY, tokens=5_000)
    sent = ask(ada, "a")
    for _again in range(3):
        finish(sent, read=100, written=10)
    assert tokens_of(f"user:{ada.pk}") == 110


def test_a_question_that_is_more_than_a_minute_is_asked_in_an_empty_one(ada: User) -> None:
    RateLimit.objects.create(whom=Whom.EVERYBODY, tokens=100)
    ask(ada, "a", text="x" * 40_000)
    assert refusal(lambda: ask(ada, "b")).retry_after


def test_what_broke_off_keeps_what_was_taken_for_it(ada: User) -> None:
    RateLimit.objects.create(whom=Whom.EVERYBODY, tokens=5_000)
    sent = ask(ada, "a")
    assert sent.run
    before = tokens_of(f"user:{ada.pk}")
    model = catalogue.default_model(ada)
    broken = Call(timezone.now(), 1, Report(), outcome="interrupted", first_token_seconds=0.2)
    ledger.enter(ticket_of(sent.run), model, [broken])
    assert tokens_of(f"user:{ada.pk}") == before


def test_what_nobody_asked_for_counts_and_leaves_room_to_questions(
    ada: User, pupils: Group
) -> None:
    RateLimit.objects.create(whom=Whom.TOGETHER, group=pupils, tokens=1_000)
    model = catalogue.default_model(ada)
    assert limits.has_room(ada.pk)
    call = Call(timezone.now(), 1, Report(usage=Usage(700, 0, 100, 0)), outcome="complete")
    ledger.enter(Bill(ada.pk), model, [call], purpose=Purpose.TITLE)
    assert tokens_of(f"group:{pupils.pk}") == 800
    assert not limits.has_room(ada.pk)


def test_no_title_is_asked_for_where_questions_will_want_the_tokens(ada: User) -> None:
    sent = ask(ada, "a")
    assert sent.run
    ticket, model = ticket_of(sent.run), replace(catalogue.default_model(ada), builtin=False)
    RateLimit.objects.create(whom=Whom.EVERYBODY, tokens=1_000)
    RateCount.objects.create(
        key=f"user:{ada.pk}", spent=[[int(timezone.now().timestamp()), 1, 900]]
    )
    assert titles._talk_to_name(ticket, model)[0] == {}
    RateCount.objects.update(spent=[])
    assert titles._talk_to_name(ticket, model)[0]


# What it costs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "more"), [(0, 0), (1, 2), (3, 2)])
def test_a_question_costs_two_statements_more_where_something_is_counted_and_none_else(
    ada: User, pupils: Group, rows: int, more: int
) -> None:
    ask(ada, "a", address=SCHOOL)
    before = _statements(ada, "b")
    kinds: list[dict[str, Any]] = [
        {"whom": Whom.TOGETHER, "group": pupils},
        {"whom": Whom.ADDRESS},
        {"whom": Whom.PERSON, "user": ada},
    ]
    for kind in kinds[:rows]:
        RateLimit.objects.create(**kind, messages=90, tokens=90_000, runs=90)
    known = ask(ada, "c", address=SCHOOL)  # the transaction of a change reads the rows each time
    assert known.run
    reads = 1 if rows else 0
    runs = 1 if rows == 3 else 0  # one's own answers under way
    assert _statements(ada, "d") - reads - runs <= before + more


def _statements(ada: User, key: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask(ada, key, address=SCHOOL)
    return len(queries)


def test_who_has_not_asked_for_a_while_is_forgotten(ada: User) -> None:
    RateLimit.objects.create(whom=Whom.EVERYBODY, tokens=9_000)
    sent = ask(ada, "a")
    sweep.some_counts()
    assert RateHold.objects.exists() and RateCount.objects.exists()
    end(sent)
    RateCount.objects.update(at="2026-01-01T00:00Z")
    sweep.some_counts()
    assert not RateHold.objects.exists() and not RateCount.objects.exists()


# At once -----------------------------------------------------------------------------------------

AT_ONCE = 16


@pytest.fixture
def crowd(db: None, settings: Any) -> Iterator[tuple[Group, list[User]]]:
    """Four people of one group; what they do is committed, each time by a connection of its own."""

    def made() -> tuple[Group, list[User]]:
        group = Group.objects.create(name="crowd")
        people = [User.objects.create(username=f"one-{number}") for number in range(4)]
        for person in people:
            person.groups.add(group)
        return group, people

    yield committed(made)

    def gone() -> None:
        Group.objects.filter(name="crowd").delete()  # the site's own groups stay for other tests
        for model in (RateLimit, RateCount, RateHold):
            model._default_manager.all().delete()
        clear()

    committed(gone)


def at_once(people: list[User]) -> Tally[str]:
    """How many questions were let through, and how many were not."""

    def one(number: int) -> str:
        person, key = people[number % len(people)], f"key {number}"
        try:
            in_transaction(ask, person, key, address=SCHOOL, text="x" * 400)
        except RateLimited:
            return "refused"
        return "asked"

    with ThreadPoolExecutor(8) as threads:
        return Tally(threads.map(one, range(AT_ONCE)))


@pytest.mark.parametrize(
    ("whom", "amount"),
    [
        (Whom.TOGETHER, {"messages": 5}),
        (Whom.TOGETHER, {"runs": 5}),
        (Whom.TOGETHER, {"tokens": 5 * 600}),
        (Whom.ADDRESS, {"messages": 5, "runs": 6, "tokens": 6 * 600}),
    ],
)
def test_many_at_once_get_exactly_what_is_allowed(
    crowd: tuple[Group, list[User]], whom: Whom, amount: dict[str, int]
) -> None:
    group, people = crowd
    of = {"group": group} if whom == Whom.TOGETHER else {}
    committed(lambda: RateLimit.objects.create(whom=whom, **of, **amount))
    assert at_once(people) == {"asked": 5, "refused": AT_ONCE - 5}
    assert committed(Run.objects.count) == 5
    assert committed(Message.objects.count) == 10


def test_one_persons_answers_at_once_are_exact(crowd: tuple[Group, list[User]]) -> None:
    group, people = crowd
    committed(lambda: RateLimit.objects.create(whom=Whom.EACH, group=group, runs=2))
    assert at_once(people) == {"asked": 8, "refused": AT_ONCE - 8}


def test_no_two_wait_for_each_other(crowd: tuple[Group, list[User]]) -> None:
    """Who sends and who settles lock the same counts, in one order."""
    group, people = crowd
    for row in (
        RateLimit(whom=Whom.TOGETHER, group=group, tokens=10**6, runs=1_000),
        RateLimit(whom=Whom.ADDRESS, tokens=10**6),
        RateLimit(whom=Whom.EVERYBODY, tokens=10**6),
    ):
        committed(row.save)

    def whole(number: int) -> None:
        sent = in_transaction(ask, people[number % 4], f"key {number}", address=SCHOOL)
        in_transaction(finish, sent, read=10, written=1)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(whole, range(AT_ONCE)))
    assert committed(partial(tokens_of, f"group:{group.pk}")) == AT_ONCE * 11
    assert committed(partial(tokens_of, f"address:{SCHOOL}")) == AT_ONCE * 11
    assert committed(RateHold.objects.count) == 0
    assert committed(ProviderCall.objects.count) == AT_ONCE


# Rows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (RateLimit(whom=Whom.PERSON, messages=1), "which person"),
        (RateLimit(whom=Whom.EACH, messages=1), "which group"),
        (RateLimit(whom=Whom.ADDRESS, network="ten", messages=1), "not a network"),
        (RateLimit(whom=Whom.ADDRESS, network="2001:db8::/96", messages=1), "/64"),
        (RateLimit(whom=Whom.EVERYBODY), "how much"),
    ],
)
def test_a_row_that_says_too_little_is_refused(row: RateLimit, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        row.clean()


def test_a_network_has_one_spelling() -> None:
    row = RateLimit(whom=Whom.ADDRESS, network=" 10.1.2.3/8 ", messages=1)
    row.clean()
    assert row.network == "10.0.0.0/8"
