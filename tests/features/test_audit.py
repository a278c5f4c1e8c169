"""The audit is only ever added to: neither the admin nor raw SQL changes a row."""

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

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


def test_an_administrator_can_search_it(root: User, entry: AuditEntry) -> None:
    for words in ("sam", "transcript", "192.0.2.7", entry.object_id, str(root.pk)):
        page = client_of(root).get(TABLE, {"q": words}).content.decode()
        assert entry.object_id in page, words
    assert entry.object_id not in client_of(root).get(TABLE, {"q": "cleo"}).content.decode()


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
