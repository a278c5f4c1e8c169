"""How it stands with a provider, as rows; who is told of it, by mail and at the desk."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from conversations.db import in_transaction
from conversations.ids import uuid7
from conversations.models import AuditEntry, Circuit, Provider, User
from conversations.runs import alarm, circuit
from tests.features.admin_kit import TABLES, client_of, reviewer
from tests.features.runs_kit import committed
from tests.stub_provider import Stub

pytestmark = pytest.mark.django_db
PROVIDERS = f"{TABLES}provider/"
DETAIL = "HTTP 401 invalid_api_key: Incorrect API key provided: …"


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit, "_known", {})


@pytest.fixture
def root(root: User) -> User:
    root.email = "root@x.example"
    root.save()
    return root


@pytest.fixture
def ours() -> Provider:
    return Provider.objects.create(name="ours", kind="compatible", base_url="http://x.example")


def over(row: Provider) -> None:
    Circuit.objects.filter(provider=row).update(left_until=timezone.now())


def test_one_alone_tries_it_and_who_never_says_what_came_of_it_is_followed(ours: Provider) -> None:
    circuit._open("ours", DETAIL)
    assert not circuit._claim("ours", 60)
    over(ours)
    assert circuit._claim("ours", 60)
    assert not circuit._claim("ours", 60)
    over(ours)
    assert circuit._claim("ours", 60)


def test_of_two_processes_that_want_to_try_it_at_once_one_does() -> None:
    """The second waits for the row that the first has changed, and looks at what it is by then."""
    provider = committed(
        lambda: Provider.objects.create(name=f"two-{uuid7()}"[:40], kind="compatible")
    )
    committed(partial(circuit._open, provider.name, DETAIL))
    committed(partial(over, provider))
    may_commit = threading.Event()

    def first() -> object:
        until = circuit._claim(provider.name, 60)
        may_commit.wait(60)
        return until

    try:
        with ThreadPoolExecutor(2) as threads:
            claims = [threads.submit(in_transaction, first)]
            wait_until(lambda: holds_the_row(provider))
            claims.append(threads.submit(in_transaction, circuit._claim, provider.name, 60))
            wait_until(somebody_waits)
            may_commit.set()
            assert [bool(claim.result()) for claim in claims] == [True, False]
    finally:
        may_commit.set()
        committed(provider.delete)


def holds_the_row(provider: Provider) -> bool:
    free = Circuit.objects.filter(provider=provider).select_for_update(skip_locked=True)
    return committed(lambda: not free.exists())


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.01)


def test_who_is_stopped_while_trying_leaves_it_to_another(ours: Provider) -> None:
    circuit._open("ours", DETAIL)
    over(ours)
    mine = circuit._claim("ours", 60)
    assert mine
    circuit._unclaim("ours", mine)
    theirs = circuit._claim("ours", 90)
    assert theirs
    circuit._unclaim("ours", mine)
    assert not circuit._claim("ours", 60), "not what somebody else tries by now"
    circuit.close("ours")
    circuit._unclaim("ours", theirs)
    assert Circuit.objects.get().left_until is None


def test_each_rest_is_longer_and_none_is_long(ours: Provider) -> None:
    assert [circuit.rest(before) for before in range(7)] == [5, 10, 20, 30, 30, 30, 30]
    assert circuit.rest(30_000) == 30
    for _ in range(3):
        circuit._open("ours", DETAIL)
        over(ours)
    row = Circuit.objects.get()
    assert row.rests == 3 and row.error == DETAIL
    since = row.opened_at
    circuit._claim("ours", 60)
    circuit._open("ours", "another")
    row.refresh_from_db()
    assert (row.rests, row.opened_at, row.error) == (4, since, "another")


def test_who_was_asked_before_it_was_left_alone_changes_nothing(ours: Provider) -> None:
    circuit._open("ours", DETAIL)
    before = Circuit.objects.values().get()
    circuit._open("ours", "an answer that took long to fail")
    assert Circuit.objects.values().get() == before


def test_a_provider_that_was_deleted_meanwhile_is_forgotten(ours: Provider) -> None:
    circuit._open("ours", DETAIL)
    ours.delete()
    circuit._open("ours", DETAIL)
    assert not circuit._refused("ours", DETAIL) and not Circuit.objects.exists()


def test_of_a_refused_key_superusers_are_told_once_an_hour(root: User, ours: Provider) -> None:
    reviewer()
    User.objects.create(username="gone", email="g@x.example", is_superuser=True, is_active=False)
    assert circuit._refused("ours", DETAIL) == [root.email]
    assert not circuit._refused("ours", DETAIL)
    circuit.close("ours")
    assert not circuit._refused("ours", DETAIL)
    circuit.close("ours")
    Circuit.objects.update(mailed_at=timezone.now() - alarm.AT_MOST_EVERY - timedelta(seconds=1))
    assert circuit._refused("ours", DETAIL) == [root.email]


def test_where_no_mail_server_is_named_nobody_is_told_by_mail(root: User, settings: Any) -> None:
    assert alarm.recipients() == [root.email]
    settings.EMAIL_BACKEND = alarm.TO_THE_CONSOLE
    assert alarm.recipients() == []


def test_everybody_gets_a_mail_of_their_own_that_says_which_provider(settings: Any) -> None:
    alarm.tell(["ada@x.example", "ben@x.example"], "ours")
    assert [sent.to for sent in mail.outbox] == [["ada@x.example"], ["ben@x.example"]]
    sent = mail.outbox[0]
    assert "ours" in sent.subject and "ours" in sent.body and settings.PUBLIC_URL in sent.body


def test_a_mail_server_that_is_away_is_no_trouble_of_the_question(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    alarm.tell(["ada@x.example"], "ours")
    assert "nobody could be told" in caplog.text and "ada@" not in caplog.text


def test_the_desk_says_in_red_who_refuses_its_key_and_the_list_how_it_stands(
    root: User, ours: Provider
) -> None:
    client = client_of(root)
    assert "refused" not in client.get("/admin/").content.decode()
    circuit._refused("ours", DETAIL)
    assert "The provider ours has refused" in client.get("/admin/").content.decode()
    assert "refused" not in client_of(reviewer()).get("/admin/").content.decode()
    assert "refuses the key since" in client.get(PROVIDERS).content.decode()
    circuit._open("ours", DETAIL)
    page = client.get(PROVIDERS).content.decode()
    assert '<span class="desk-state desk-bad">left alone since' in page and DETAIL in page
    over(ours)
    page = client.get(PROVIDERS).content.decode()
    assert '<span class="desk-state desk-warn">left alone' in page
    assert "the next question tries it" in page


def test_an_administrator_ends_it_and_that_is_on_record(root: User, ours: Provider) -> None:
    circuit._open("ours", DETAIL)
    chosen = {"action": "ask_again", "_selected_action": [ours.pk]}
    page = client_of(root).post(PROVIDERS, chosen, follow=True)
    assert [str(said) for said in page.context["messages"]] == ["“ours” is asked as usual."]
    assert Circuit.objects.get().opened_at is None and "ours" not in circuit.troubles()
    assert AuditEntry.objects.filter(action="provider.ask_again").count() == 1
    client_of(root).post(PROVIDERS, chosen)
    assert AuditEntry.objects.filter(action="provider.ask_again").count() == 1


@pytest.mark.parametrize("changed", [{"key": "sk-new"}, {"base_url": "http://y.example/v1"}])
@pytest.mark.usefixtures("keys_are_kept")
def test_what_was_known_of_another_key_or_address_does_not_count(
    root: User, ours: Provider, changed: dict[str, Any]
) -> None:
    """Who has just put the right key there is not told for another hour that it is refused."""
    form = {
        "name": "ours", "kind": "compatible", "base_url": "http://x.example/v1", "is_enabled": "on",
        "key_from": "stored", "key": "sk-old", "failures_in_a_row": 10,
    }  # fmt: skip
    page, client = f"{PROVIDERS}{ours.pk}/change/", client_of(root)
    client.post(page, form)
    circuit._refused("ours", DETAIL)
    circuit._open("ours", DETAIL)
    client.post(page, {**form, "key": "", "answer_seconds": 30})
    assert "ours" in circuit.troubles()
    client.post(page, {**form, **changed})
    assert "ours" not in circuit.troubles()
    assert "has refused" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize(("kind", "is_over"), [("openai", True), ("compatible", False)])
def test_a_tested_connection_says_whether_the_key_is_taken_where_lists_want_one(
    root: User, stub: Stub, kind: str, is_over: bool
) -> None:
    row = Provider.objects.create(name="tested", kind=kind, base_url=stub.base_url)
    circuit._refused("tested", DETAIL)
    client_of(root).post(
        PROVIDERS, {"action": "test_connection", "_selected_action": [row.pk]}, follow=True
    )
    assert ("tested" not in circuit.troubles()) is is_over
