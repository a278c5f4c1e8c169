"""What is reserved is free again when nobody answers for it, and each call is on the ledger once."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from conversations.chat import send
from conversations.chat.gate import Sent
from conversations.chat.questions import Question
from conversations.errors import BudgetExceeded
from conversations.ids import uuid7
from conversations.models import (
    Budget,
    Conversation,
    LanguageModel,
    Message,
    Price,
    ProviderCall,
    RateCount,
    RateLimit,
    Reservation,
    Run,
    Spending,
    User,
)  # fmt: skip
from conversations.models.budgets import Measure, Scope
from conversations.models.conversation import Status, TitleBy
from conversations.models.limits import Whom
from conversations.models.usage import Purpose
from conversations.provider import catalogue
from conversations.provider.interface import MOST_TOKENS, Report, Usage
from conversations.runs import dearest, finish, spending, titles, worker
from conversations.runs.outcome import Outcome
from conversations.runs.recorder import LiveRun
from conversations.runs.start import BOOT, Ticket, ticket_of
from conversations.usage import budgets, ledger
from conversations.usage.budgets import Payer
from conversations.usage.ledger import Bill, Call
from conversations.usage.standing import Most
from tests.features.runs_kit import boot, clear, committed, kept

PATIENCE = 60
LONG_AGO = timedelta(minutes=5)


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def waiting(settings: Any) -> None:
    """Runs wait for a worker."""
    settings.RUNS = "workers"


def budget(**fields: Any) -> Budget:
    return Budget.objects.create(**{"name": "Mine", "limit": 10**9, **fields})


def asked(user: User, key: str = "a") -> tuple[Sent, Run]:
    sent = send.question(user, Question(text="Hello?"), key)
    assert sent.run
    return sent, sent.run


def later() -> None:
    Reservation.objects.update(at=timezone.now() - LONG_AGO)


def noted(user: User, **fields: Any) -> Reservation:
    """A small call that was about to be made a while ago."""
    payer = Payer(user.pk, Purpose.TITLE, catalogue.default_model(user).id, conversation=uuid7())
    with_ = {"call": uuid7(), "boot": boot(silent_for=60).pk, "reads": 300, **fields}
    budgets.note(payer, Most(10, 10), **with_)
    later()
    return Reservation.objects.get(pk=with_["call"])


def title(id: UUID, *, is_noted: bool = False, read: int = 11) -> Call:
    report = Report(usage=Usage(read, 0, 4, 0))
    return Call(timezone.now(), 1, report, outcome="ok", id=id, is_noted=is_noted)


# Runs that wait ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("waiting")
def test_what_a_waiting_run_holds_is_no_process_s_until_a_worker_takes_it(ada: User) -> None:
    budget()
    _, run = asked(ada)
    later()
    assert spending.lapse(4) == 0, "it waits, whoever has died meanwhile"
    assert Reservation.objects.get(run=run.pk).boot is None
    [taken] = worker.claim(1)
    budgets.cover(taken.pk, BOOT)
    assert Reservation.objects.get(run=run.pk).boot == BOOT
    finish.seal_orphan(taken)
    assert not Reservation.objects.exists()


@pytest.mark.usefixtures("waiting")
def test_a_price_that_rises_while_a_question_waits_is_reserved_before_it_is_asked(
    ada: User,
) -> None:
    row = LanguageModel.objects.get(slug=catalogue.default_model(ada).id)
    mine = budget()
    _, run = asked(ada)
    assert Reservation.objects.get(run=run.pk).micros == 0
    Price.objects.create(model=row, since=timezone.now().date(), input=3, cached_input=3, output=3)
    catalogue.forget()
    most = dearest.of_a_call(catalogue.default_model(ada), 1_000, 500)
    budgets.cover(run.pk, BOOT, most, run.model)
    assert Reservation.objects.get(run=run.pk).micros == most.micros == 4_500
    mine.limit = 4_499
    mine.save()
    Reservation.objects.update(micros=0)
    with pytest.raises(BudgetExceeded):
        budgets.cover(run.pk, BOOT, most, run.model)


@pytest.mark.usefixtures("waiting")
def test_who_stops_a_run_before_a_worker_takes_it_has_all_of_it_back(ada: User) -> None:
    budget()
    RateLimit.objects.create(whom=Whom.EVERYBODY, tokens=100_000)
    _, run = asked(ada)
    assert finish.stop_waiting(run.pk)
    assert not Reservation.objects.exists()
    assert sum(tokens for _, _, tokens in RateCount.objects.get().spent) == 0
    assert not ProviderCall.objects.filter(run=run.pk).exists()


@pytest.mark.usefixtures("waiting")
def test_a_waiting_run_that_goes_with_its_conversation_holds_nothing(ada: User) -> None:
    boot(silent_for=0)
    budget()
    sent, _ = asked(ada)
    conversation = Conversation.objects.get(pk=sent.conversation)
    Conversation.objects.update(active_message=None)
    conversation.delete()
    later()
    assert spending.lapse(4) == 1
    assert not ProviderCall.objects.exists(), "nobody was asked"


def destroyed(run: Run) -> None:
    """Its conversation, by no door that would have stopped it."""
    Conversation.objects.update(active_message=None)
    Conversation.objects.get(pk=run.conversation_id).delete()


@pytest.mark.parametrize("is_limited", [True, False])
def test_a_run_is_on_the_ledger_whose_process_died_and_whose_conversation_is_destroyed(
    ada: User, is_limited: bool
) -> None:
    if is_limited:
        budget()
    _, run = asked(ada)
    Run.objects.update(boot=boot(silent_for=60).pk)
    Reservation.objects.update(boot=boot(silent_for=60).pk)
    kept(run, 0, "It has eight words, and then it died.")
    destroyed(run)
    later()
    assert spending.lapse(4) == 1 and spending.lapse(4) == 0
    call = ProviderCall.objects.get()
    assert (call.run, call.purpose, call.outcome, call.attempt) == (run.pk, "chat", "lost", 0)
    assert (
        call.estimated and call.input_tokens and call.output_tokens and call.cost_micros is not None
    )
    assert (call.user_id, call.conversation) == (ada.pk, run.conversation_id)
    assert not Reservation.objects.exists()


def test_a_run_that_outlives_its_conversation_is_charged_once(ada: User) -> None:
    """Its process is only slow: it enters its own, also after somebody has taken it for dead."""
    sent, run = asked(ada)
    work = LiveRun(ticket_of(run, sent.script, sent.reserved))
    Run.objects.update(boot=boot(silent_for=60).pk)
    destroyed(run)
    later()
    assert spending.lapse(4) == 1
    model = catalogue.default_model(ada)
    outcome = Outcome(model=model, calls=[title(uuid7(), read=40)])
    assert finish.seal(work, outcome) is None
    took = ProviderCall.objects.aggregate(read=Sum("input_tokens"), wrote=Sum("output_tokens"))
    assert took == {"read": 40, "wrote": 4}
    assert not Reservation.objects.exists()


def test_tokens_that_add_up_to_more_than_a_number_holds_leave_the_answer_whole(ada: User) -> None:
    """Such as a server says whose count has run over, of an answer that was gone on with."""
    sent, run = asked(ada)
    Message.objects.filter(pk=run.message_id).update(input_tokens=MOST_TOKENS, output_tokens=9)
    work = LiveRun(ticket_of(run, sent.script, sent.reserved))
    report = Report(usage=Usage(MOST_TOKENS, MOST_TOKENS, MOST_TOKENS, MOST_TOKENS))
    call = Call(timezone.now(), 1, report, outcome="ok")
    model = catalogue.default_model(ada)
    assert finish.seal(work, Outcome(Status.COMPLETE, model=model, calls=[call]))
    answer = Message.objects.get(pk=run.message_id)
    assert (answer.status, answer.input_tokens, answer.output_tokens) == (
        Status.COMPLETE, MOST_TOKENS, MOST_TOKENS,
    )  # fmt: skip
    took = ProviderCall.objects.get(run=run.pk)
    assert (took.input_tokens, took.output_tokens) == (MOST_TOKENS, MOST_TOKENS)
    assert send.question(ada, Question(text="More?", conversation=sent.conversation), "b").run


def test_what_was_noted_of_a_run_that_has_entered_its_calls_adds_nothing(ada: User) -> None:
    sent, run = asked(ada)
    destroyed(run)
    work = LiveRun(ticket_of(run, sent.script, sent.reserved))
    finish.seal(work, Outcome(model=catalogue.default_model(ada), calls=[title(uuid7())]))
    assert not Reservation.objects.exists(), "or it lapses when this process dies"
    budgets.note_run(run, boot=uuid7(), reads=5, wrote=5)
    later()
    assert spending.lapse(4) == 1
    assert ProviderCall.objects.get().outcome == "ok"


def test_what_is_left_of_a_run_that_has_ended_lapses_though_its_process_lives(ada: User) -> None:
    budget()
    _, run = asked(ada)
    Reservation.objects.update(boot=boot(silent_for=0).pk)
    later()
    assert spending.lapse(4) == 0
    Run.objects.filter(pk=run.pk).update(status=Status.STOPPED, finished_at=timezone.now())
    assert spending.lapse(4) == 1


# Another model that stands in --------------------------------------------------------------------


def test_a_full_budget_of_the_model_that_may_stand_in_refuses_nothing_before_it_does(
    ada: User,
) -> None:
    dear = budget(model="strong", limit=50, scope=Scope.SITE)
    run = uuid7()
    payer = Payer(ada.pk, Purpose.CHAT, "weak", "strong")
    assert budgets.reserve(payer, Most(100, 100, 1), boot=BOOT, run=run), "held, should it be asked"
    [now] = budgets.standings_for(ada.pk)
    assert now.reserved == 0, "it is not, as yet"
    with transaction.atomic(), pytest.raises(BudgetExceeded):
        budgets.cover(run, BOOT, Most(100, 100), "strong")
    dear.limit = 100
    dear.save()
    assert budgets.cover(run, BOOT, Most(100, 100), "strong") == Most(100, 100, 1)
    [now] = budgets.standings_for(ada.pk)
    assert now.reserved == 100


def test_a_budget_of_both_models_holds_the_difference_only(ada: User) -> None:
    budget(limit=150)
    run = uuid7()
    budgets.reserve(Payer(ada.pk, Purpose.CHAT, "weak", "strong"), Most(100, 0), boot=BOOT, run=run)
    assert budgets.cover(run, BOOT, Most(150, 0), "strong") == Most(150)
    with pytest.raises(BudgetExceeded):
        budgets.cover(run, BOOT, Most(151, 0), "strong")


# Small calls beside the runs ---------------------------------------------------------------------


def test_a_small_call_that_is_entered_again_is_one_row(ada: User) -> None:
    """Its commit arrived, and nobody heard of it."""
    budget(measure=Measure.TOKENS)
    model, call = catalogue.default_model(ada), title(uuid7())
    for _ in range(2):
        ledger.enter(Bill(ada.pk), model, [call], Purpose.TITLE)
    assert ProviderCall.objects.count() == 1
    assert Spending.objects.get().used == 15


@pytest.mark.parametrize("with_a_budget", [True, False])
def test_a_small_call_of_a_dead_process_gets_onto_the_ledger(
    ada: User, *, with_a_budget: bool
) -> None:
    if with_a_budget:
        budget()
    call = noted(ada)
    alive = noted(ada, boot=boot(silent_for=0).pk)
    assert spending.lapse(4) == 1
    [row] = ProviderCall.objects.all()
    assert (row.pk, row.user_id, row.conversation) == (call.pk, ada.pk, call.conversation)
    assert (row.purpose, row.outcome, row.estimated) == ("title", "lost", True)
    assert (row.input_tokens, row.output_tokens) == (300, 0)
    assert [left.pk for left in Reservation.objects.all()] == [alive.pk]


def test_a_call_that_was_given_up_and_ends_after_all_comes_to_what_it_took(ada: User) -> None:
    call = noted(ada)
    spending.lapse(4)
    for _ in range(2):
        mine = title(call.pk, is_noted=True, read=40)
        ledger.enter(Bill(ada.pk), catalogue.default_model(ada), [mine], Purpose.TITLE)
    rows = ProviderCall.objects.all()
    assert sorted(row.outcome for row in rows) == ["correction", "lost"]
    assert sum(row.input_tokens or 0 for row in rows) == 40
    assert sum(row.output_tokens or 0 for row in rows) == 4


def test_what_was_noted_goes_with_its_row_on_the_ledger(ada: User) -> None:
    call = noted(ada)
    ledger.enter(
        Bill(ada.pk), catalogue.default_model(ada), [title(call.pk, is_noted=True)], Purpose.TITLE
    )
    assert not Reservation.objects.exists()
    assert ProviderCall.objects.get().outcome == "ok"


# Locks -------------------------------------------------------------------------------------------


@dataclass
class Someone:
    """Who does something by a connection of their own, in a thread."""

    work: Callable[[], object]
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=committed, args=[self.work])
        self.thread.start()


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchall())


def test_a_title_waits_for_a_question_without_holding_what_that_is_counted_by(db: None) -> None:
    """Else the two would wait for each other, and somebody a second for Postgres to see it."""

    def made() -> tuple[User, Conversation]:
        user = User.objects.create(username="ada")
        budget(measure=Measure.TOKENS)
        talk = Conversation.objects.create(owner=user, title_by=TitleBy.ASKED)
        call = title(uuid7())
        ledger.enter(Bill(user.pk), catalogue.default_model(user), [call], Purpose.TITLE)
        return user, talk

    user, talk = committed(made)
    ticket = Ticket(uuid7(), talk.pk, uuid7(), user.pk, "m")

    def settle() -> None:
        model = catalogue.default_model(user)
        titles._settle(ticket, model, [title(uuid7())], "A title")

    def ask() -> None:
        Conversation.objects.select_for_update().get(pk=talk.pk)
        naming = Someone(settle)
        end = time.monotonic() + PATIENCE
        while not waits_for_a_lock():
            assert time.monotonic() < end, "it does not wait"
            time.sleep(0.01)
        Spending.objects.select_for_update(nowait=True).get()
        others.append(naming)

    others: list[Someone] = []
    try:
        committed(ask)
    except DatabaseError as problem:
        pytest.fail(f"it holds the counter: {problem}")
    finally:
        for one in others:
            one.thread.join(PATIENCE)
        committed(lambda: (Budget.objects.all().delete(), Spending.objects.all().delete()))
        committed(clear)
