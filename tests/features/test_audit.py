"""The audit is only ever added to: neither the admin nor raw SQL changes a row."""

import re
import secrets
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations import audit
from conversations.models import AuditEntry, Conversation, User
from tests.features.admin_kit import client_of, reviewer

pytestmark = pytest.mark.django_db

TABLE = "/admin/conversations/auditentry/"


@pytest.fixture
def entry(root: User) -> AuditEntry:
    talk = Conversation.objects.create(owner=root)
    return audit.record(root, "transcript.read", talk, owner=root, address="192.0.2.7")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE conversations_auditentry SET actor = 'nobody'",
        "DELETE FROM conversations_auditentry",
        "TRUNCATE conversations_auditentry",
        "TRUNCATE conversations_auditentry CASCADE",
    ],
)
def test_postgres_refuses_to_change_it(statement: str, entry: AuditEntry) -> None:
    refused = pytest.raises(DatabaseError, match="only ever added to")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get(pk=entry.pk).actor == "sam"


def test_a_role_as_the_manual_makes_it_adds_and_cannot_take_the_guard_away(
    root: User, settings: Any
) -> None:
    """Its statements, under a name that no other test run uses."""
    name = f"site_{secrets.token_hex(4)}"
    manual = (settings.BASE_DIR / "docs/operations.md").read_text()
    made = re.search(r"```sql\n(CREATE ROLE chatsite_site.*?)```", manual, re.DOTALL)
    assert made
    with connection.cursor() as cursor:
        cursor.execute(made[1].replace("chatsite_site", name))
        cursor.execute(f"SET LOCAL ROLE {name}")
        kept = audit.record(root, "transcript.read", root)
        for forbidden in (
            "ALTER TABLE conversations_auditentry DISABLE TRIGGER ALL",
            "DROP TRIGGER audit_rows_stay ON conversations_auditentry",
            "UPDATE conversations_auditentry SET actor = 'nobody'",
        ):
            refused = pytest.raises(DatabaseError, match=r"permission denied|must be owner")
            with refused, transaction.atomic():
                cursor.execute(forbidden)
        cursor.execute("RESET ROLE")
    assert AuditEntry.objects.get(pk=kept.pk).actor == "sam"


def test_an_administrator_can_search_it(root: User, entry: AuditEntry) -> None:
    for words in ("sam", "transcript", "192.0.2.7", entry.object_id, str(root.pk)):
        page = client_of(root).get(TABLE, {"q": words}).content.decode()
        assert entry.object_id in page, words
    assert entry.object_id not in client_of(root).get(TABLE, {"q": "cleo"}).content.decode()


@pytest.mark.parametrize("whose", ["actor", "owner"])
def test_a_person_s_page_leads_to_all_that_they_did_and_all_that_was_done(
    root: User, owner: User, whose: str
) -> None:
    """By their id, as the link there has it."""
    by, of = (owner, root) if whose == "actor" else (root, owner)
    audit.record(by, "person.stop", of, owner=of)
    shown = client_of(root).get(TABLE, {"person": str(owner.pk)}).content.decode()
    assert "person.stop" in shown.partition('id="result_list"')[2]


def test_it_is_found_by_person_day_address_object_and_action(
    root: User, owner: User, entry: AuditEntry
) -> None:
    other = audit.record(owner, "share.made", owner, owner=owner, address="198.51.100.9")
    client, day = client_of(root), f"{timezone.localdate(entry.at):%Y-%m-%d}"
    ways = [
        {"person": "sa"}, {"person": str(root.pk)}, {"from": "192.0.2.7"}, {"about": entry.object_id},
        {"action": "transcript.read"}, {"acted_as__exact": "administrator"},
    ]  # fmt: skip
    for way in ways:
        page = client.get(TABLE, way).content.decode()
        assert str(entry.pk) in page and str(other.pk) not in page, way
    assert str(entry.pk) in client.get(TABLE, {"day": day}).content.decode()
    for way in ({"day": "2020-02-30"}, {"day": "x"}, {"day": "9999-12-31"}, {"from": "nowhere"}):
        answer = client.get(TABLE, way)
        assert answer.status_code == 200 and str(entry.pk) not in answer.content.decode(), way


@pytest.mark.parametrize(
    "way",
    [{}, {"q": "ada"}, {"q": "192.0.2.7"}, {"q": "0190c0de-0000-7000-8000-000000000000"},
     {"person": "ad"}, {"from": "192.0.2.7"}, {"about": "12"}, {"action": "transcript.read"},
     {"day": "2026-01-01"}],
)  # fmt: skip
def test_no_search_reads_the_whole_table(
    way: dict[str, str], root: User, entry: AuditEntry
) -> None:
    """Postgres is asked to avoid that where it can: it cannot where an index is missing."""
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        cursor.execute("SET LOCAL enable_seqscan = off")
        client_of(root).get(TABLE, way)
        known = [query["sql"] for query in asked if "conversations_auditentry" in query["sql"]]
        for sql in known:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan on conversations_auditentry" not in plan, f"{sql}\n{plan}"
            if way and "COUNT(*)" in sql:
                assert "Index Cond" in plan, f"{sql}\n{plan}"


def test_an_administrator_is_offered_no_change_and_forged_ones_fail(
    root: User, entry: AuditEntry
) -> None:
    client = client_of(root)
    listing = client.get(TABLE).content.decode()
    assert 'name="action"' not in listing and "addlink" not in listing.partition("<main")[2]
    one = f"{TABLE}{entry.pk}/"
    assert "_save" not in client.get(f"{one}change/").content.decode()
    for path in (f"{TABLE}add/", f"{one}change/", f"{one}delete/"):
        assert client.post(path, {"actor": "nobody", "post": "yes"}).status_code == 403
    forged = {"action": "delete_selected", "_selected_action": str(entry.pk), "post": "yes"}
    client.post(TABLE, forged)
    assert AuditEntry.objects.filter(pk=entry.pk, actor="sam").exists()


def test_reviewers_may_read_it(entry: AuditEntry) -> None:
    assert entry.object_id in client_of(reviewer()).get(TABLE).content.decode()


def test_it_outlives_who_and_what_it_names(root: User, entry: AuditEntry) -> None:
    Conversation.objects.all().delete()
    root.delete()
    kept = AuditEntry.objects.get(pk=entry.pk)
    assert (kept.actor, kept.owner) == ("sam", "sam")
