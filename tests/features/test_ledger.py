"""What was spent is on the ledger once, whatever has happened to whom it was for."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Sum

from conversations.ids import uuid7
from conversations.models import ProviderCall, User
from conversations.provider.interface import Model, Prices, Report, Usage
from conversations.usage import corrections, ledger
from conversations.usage.reports import used
from tests.features.admin_kit import TABLES, administrator, client_of, made

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 2, tzinfo=UTC)
PRICES = Prices(Decimal(1), Decimal(1), Decimal(2))
PRICED = Model("m", "m", "openai", 1000, 100, price_list=(PRICES,))
USAGE = Usage(input=10, cached_input=0, output=5, reasoning=0)
UNPRICED = Model("u", "u", "openai", 1000, 100)


@dataclass
class Ticket:
    user: UUID
    run: UUID = field(default_factory=uuid7)
    conversation: UUID = field(default_factory=uuid7)


@pytest.fixture
def ada() -> User:
    return User.objects.create(username="ada")


def call(attempt: int = 1, usage: Usage | None = USAGE) -> ledger.Call:
    return ledger.Call(AT, attempt, Report(usage=usage), outcome="ok")


def test_a_settlement_that_is_repeated_charges_once(ada: User) -> None:
    ticket, calls = Ticket(ada.pk), [call(1, None), call(2)]
    assert ledger.enter(ticket, PRICED, calls) == ledger.enter(ticket, PRICED, calls) == 20
    rows = ProviderCall.objects.filter(run=ticket.run).order_by("attempt")
    assert [(row.attempt, row.cost_micros) for row in rows] == [(1, None), (2, 20)]


def test_a_run_that_continues_an_answer_is_charged_for_itself(ada: User) -> None:
    ledger.enter(Ticket(ada.pk), PRICED, [call()])
    ledger.enter(Ticket(ada.pk), PRICED, [call()])
    assert ProviderCall.objects.count() == 2


def test_what_a_person_spent_stays_when_everything_of_theirs_is_gone(ada: User) -> None:
    ticket = Ticket(ada.pk)
    ada.delete()
    assert ledger.enter(ticket, PRICED, [call()]) == 20
    row = ProviderCall.objects.get(run=ticket.run)
    assert (row.user_id, row.conversation) == (ticket.user, ticket.conversation)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE conversations_providercall SET cost_micros = 0",
        "DELETE FROM conversations_providercall",
        "TRUNCATE conversations_providercall",
        "TRUNCATE conversations_providercall CASCADE",
    ],
)
def test_postgres_refuses_to_change_a_row(statement: str, ada: User) -> None:
    ledger.enter(Ticket(ada.pk), PRICED, [call()])
    refused = pytest.raises(DatabaseError, match="only ever added to")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert ProviderCall.objects.get().cost_micros == 20


def test_who_is_erased_leaves_the_id_on_what_was_there_before(ada: User) -> None:
    ledger.enter(Ticket(ada.pk), PRICED, [call()])
    id = ada.pk
    ada.delete()
    assert ProviderCall.objects.get().user_id == id


def test_a_process_that_was_given_up_and_lives_is_charged_for_what_it_did(ada: User) -> None:
    ticket = Ticket(ada.pk)
    ledger.enter_lost(ticket, PRICED, AT, Usage(input=8, cached_input=0, output=1, reasoning=0))
    ledger.enter(ticket, PRICED, [call()])
    for _ in range(2):  # a settlement may be repeated
        ledger.take_back_lost(ticket.run)
    rows = ProviderCall.objects.filter(run=ticket.run)
    sums = rows.aggregate(
        calls=Count("attempt"),
        read=Sum("input_tokens"),
        wrote=Sum("output_tokens"),
        cost=Sum("cost_micros"),
    )
    assert sums == {"calls": 2, "read": 10, "wrote": 5, "cost": 20}


def test_a_correction_is_a_row_with_the_difference(ada: User) -> None:
    ledger.enter(Ticket(ada.pk), PRICED, [call()])
    wrong = ProviderCall.objects.get()
    for output, difference in ((3, -2), (9, 6)):
        row = corrections.correct(wrong, {"output_tokens": output}, "by the bill")
        assert row and (row.output_tokens, row.input_tokens) == (difference, None)
        assert (row.corrects, row.attempt, row.user_id) == (wrong.pk, None, ada.pk)
    assert corrections.correct(wrong, {"output_tokens": 9, "cost_micros": None}, "") is None
    [told] = used(ada, "model")
    assert (told["output_tokens"], told["requests"]) == (9, 1)


def test_a_price_that_nobody_knows_is_not_nothing(ada: User) -> None:
    assert ledger.enter(Ticket(ada.pk), UNPRICED, [call()]) is None
    assert used(ada, "model")[0]["cost"] is None
    ledger.enter(Ticket(ada.pk), PRICED, [call()])
    costs = {row["key"]: row["cost"] for row in used(ada, "model")}
    assert costs == {"u": None, "m": "0.000020"}


def test_a_run_in_the_admin_shows_what_the_provider_really_said() -> None:
    root = administrator()
    talk = made(root)
    run = talk.runs.get()
    said = {"request_id": "req_abc123", "detail": "HTTP 500 server_error: <b>told so</b>"}
    ProviderCall.objects.create(run=run.pk, provider="p", model="m", attempt=2, outcome="x", **said)
    page = client_of(root).get(f"{TABLES}run/{run.pk}/change/").content.decode()
    assert "req_abc123" in page
    assert "HTTP 500 server_error: &lt;b&gt;told so" in page
