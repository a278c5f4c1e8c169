"""What was kept for long enough is deleted: whose, which, when, and what stays all the same."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from conversations import audit, site
from conversations.models import (
    AuditEntry,
    Conversation,
    Hold,
    Image,
    Message,
    RetentionRule,
    Run,
    SiteSettings,
    TextFile,
    User,
)
from conversations.runs import retention, sweep
from tests.features.admin_kit import TABLES, client_of, form_of, made

pytestmark = pytest.mark.django_db


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def talk(owner: User, days: float, **more: Any) -> Conversation:
    return Conversation.objects.create(owner=owner, updated_at=days_ago(days), **more)


def rule(days: int, what: str = "conversations", group: str = "", **more: Any) -> RetentionRule:
    of = Group.objects.get_or_create(name=group)[0] if group else None
    return RetentionRule.objects.create(days=days, what=what, group=of, **more)


def joins(person: User, *groups: str) -> None:
    person.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])


def carry_out() -> int:
    count = 0
    for one in retention.rules():
        while owners := sweep.some_by_age(one):
            count += len(owners)
    return count


def there(owner: User) -> set[Conversation]:
    return set(Conversation.objects.present().filter(owner=owner))


def test_without_a_rule_nothing_goes(owner: User) -> None:
    talk(owner, 30_000)
    assert retention.rules() == [] and carry_out() == 0


def test_what_is_old_enough_goes_and_is_destroyed_as_any_deletion(owner: User) -> None:
    old, new = made(owner), talk(owner, 3)
    Conversation.objects.filter(pk=old.pk).update(updated_at=days_ago(12))
    Image.objects.update(created_at=days_ago(12))
    rule(10)
    assert carry_out() == 1
    assert there(owner) == {new}
    sweep.some_conversations()
    assert not Message.objects.filter(conversation=old.pk).exists()
    assert not Image.objects.exists()
    entry = AuditEntry.objects.get(action="retention.delete")
    assert entry.detail == {
        "what": "conversations", "group": None, "count": 1, "people": 1, "days": 10,
    }  # fmt: skip
    assert carry_out() == 0


def test_a_sweep_that_is_killed_has_what_it_deleted_on_record(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for _ in range(5):
        talk(owner, 12)
    rule(10)
    [only] = retention.rules()
    assert len(sweep.some_by_age(only)) == 2, "and no more: its process is gone"
    assert len(there(owner)) == 3
    assert AuditEntry.objects.get(action="retention.delete").detail["count"] == 2


def test_a_day_counts_from_midnight_to_midnight(owner: User) -> None:
    """So a rule finds something once a day, and has one line in the audit."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    before = Conversation.objects.create(
        owner=owner, updated_at=midnight - timedelta(days=1, seconds=1)
    )
    after = Conversation.objects.create(owner=owner, updated_at=midnight - timedelta(days=1))
    found = set(retention.due(rule(1)))
    assert before in found and after not in found


def test_the_settings_of_the_site_are_a_rule_for_everybody(owner: User) -> None:
    talk(owner, 12)
    SiteSettings.objects.create(retention_days=10)
    assert [one.count for one in retention.forecast()] == [1]
    assert carry_out() == 1
    assert AuditEntry.objects.get(action="retention.delete").detail["days"] == 10


def test_a_rule_of_the_table_comes_before_the_settings(owner: User) -> None:
    kept = talk(owner, 12)
    SiteSettings.objects.create(retention_days=10)
    rule(20)
    assert carry_out() == 0 and there(owner) == {kept}


@pytest.mark.parametrize(
    ("groups", "stays"),
    [((), False), (("Short",), False), (("Long",), True), (("Short", "Long"), True)],
)
def test_of_several_groups_the_one_that_keeps_longest_counts(
    owner: User, groups: tuple[str, ...], stays: bool
) -> None:
    rule(10), rule(5, group="Short"), rule(20, group="Long")
    joins(owner, *groups)
    old = talk(owner, 12)
    carry_out()
    assert there(owner) == ({old} if stays else set())
    told = retention.rule_for(owner)
    assert told is not None
    assert told.days == (20 if "Long" in groups else 5 if "Short" in groups else 10)


def test_archived_ones_follow_their_own_rule_where_there_is_one(owner: User) -> None:
    archived, usual = talk(owner, 12, archived=True), talk(owner, 12)
    rule(20, what="archived")
    assert carry_out() == 0
    rule(10)
    carry_out()
    assert there(owner) == {archived}
    RetentionRule.objects.filter(what="archived").delete()
    carry_out()
    assert usual not in there(owner) and there(owner) == set()


def test_what_is_pinned_answered_or_temporary_stays(owner: User) -> None:
    pinned = talk(owner, 12, pinned=True)
    temporary = talk(owner, 12, expires_at=days_ago(-1))
    answered = talk(owner, 12)
    answer = Message.objects.create(conversation=answered, role="assistant", status="running")
    Run.objects.create(conversation=answered, message=answer, user=owner, status="running")
    one = rule(10)
    assert carry_out() == 0 and there(owner) == {pinned, temporary, answered}
    one.keeps_pinned = False
    one.save()
    carry_out()
    assert there(owner) == {temporary, answered}


@pytest.mark.parametrize("on", ["person", "conversation"])
def test_what_is_on_hold_stays_and_goes_when_the_hold_is_ended(owner: User, on: str) -> None:
    old = talk(owner, 12)
    Hold.objects.create(reason="Case 7", **{on: owner if on == "person" else old})
    rule(10)
    assert carry_out() == 0 and there(owner) == {old}
    Hold.objects.update(ended_at=timezone.now())
    assert carry_out() == 1


def test_more_than_one_batch_goes_in_one_sweep(owner: User) -> None:
    Conversation.objects.bulk_create(
        Conversation(owner=owner, updated_at=days_ago(12)) for _ in range(retention.AT_ONCE + 5)
    )
    rule(10)
    assert carry_out() == retention.AT_ONCE + 5


def test_pictures_and_files_that_were_never_sent(owner: User) -> None:
    sent = made(owner)
    blob = Image.objects.get().blob
    blob.pk, blob.sha256 = None, "f" * 64
    blob.save(force_insert=True)
    Image.objects.create(owner=owner, blob=blob)
    Image.objects.update(created_at=days_ago(12))
    for name, days in (("old.txt", 12), ("new.txt", 1)):
        TextFile.objects.create(
            owner=owner, name=name, text="a", bytes=1, sha256="a" * 64, created_at=days_ago(days)
        )
    rule(10, what="pictures"), rule(10, what="files")
    assert carry_out() == 2
    assert Image.objects.get().uses.get().message.conversation == sent
    assert TextFile.objects.get().name == "new.txt"


def test_a_group_has_one_rule_a_kind() -> None:
    rule(10)
    with pytest.raises(IntegrityError), transaction.atomic():
        rule(20)


# Before it is done --------------------------------------------------------------------------------


def test_the_dry_run_counts_and_deletes_nothing(owner: User, root: User) -> None:
    talk(owner, 12), talk(owner, 14), talk(root, 12)
    rule(10)
    [found] = retention.forecast()
    assert (found.count, found.people) == (3, 2)
    assert found.oldest is not None and found.oldest.date() == days_ago(14).date()
    said = StringIO()
    call_command("retain", "--dry-run", stdout=said)
    assert "kept for 10 days: 3 due, of 2 people" in said.getvalue()
    assert Conversation.objects.present().count() == 3
    page = client_of(root).get(f"{TABLES}retentionrule/").content.decode()
    assert "What would be deleted now" in page and "<td>3</td><td>2</td>" in page


def test_people_see_how_long_things_are_kept(owner: User) -> None:
    client = client_of(owner)
    assert "after their last message" not in client.get("/settings/").content.decode()
    rule(10)
    page = client.get("/settings/").content.decode()
    assert "Conversations are deleted 10 days after their last message. Pinned ones stay." in page


@pytest.mark.parametrize(("age", "warned"), [(1, False), (5, True), (9, True)])
def test_a_week_before_it_goes_its_owner_is_told(owner: User, age: int, warned: bool) -> None:
    rule(10)
    old = talk(owner, age)
    page = client_of(owner).get(f"/c/{old.pk}/").content.decode()
    assert ("this conversation is deleted on" in page) is warned
    Conversation.objects.update(pinned=True)
    assert "deleted on" not in client_of(owner).get(f"/c/{old.pk}/").content.decode()
    assert site.now().row.retention_days is None


@pytest.mark.parametrize(
    "how", ["a rule", "the settings", "a rule that went", "a group that went with its rule"]
)
def test_after_a_change_of_the_rules_nothing_is_deleted_for_a_day(how: str, root: User) -> None:
    """Who makes a mistake at two in the morning sees it and takes it back."""
    kept, client = rule(1, group="Finance"), client_of(root)
    assert retention.rests_until() is None
    if how == "a rule":
        client.post(f"{TABLES}retentionrule/add/", {"what": "conversations", "days": 1})
    elif how == "the settings":
        record_settings(root)
    elif how == "a rule that went":
        client.post(f"{TABLES}retentionrule/{kept.pk}/delete/", {"post": "yes"})
    else:
        client.post(f"/admin/auth/group/{kept.group_id}/delete/", {"post": "yes"})
        assert not RetentionRule.objects.exists()
    until = retention.rests_until()
    assert until is not None and until > timezone.now() + timedelta(hours=23)
    if how == "a rule":
        assert (
            "nothing is deleted by age before"
            in client.get(f"{TABLES}retentionrule/").content.decode()
        )


@pytest.mark.parametrize("by", ["an administrator", "a provider of sign-ins"])
def test_who_was_taken_out_of_a_group_by_mistake_loses_nothing_for_a_day(
    by: str, owner: User, root: User
) -> None:
    old, everybodys = talk(owner, 30), rule(10)
    kept = rule(100, group="Finance")
    assert kept.group is not None
    owner.groups.add(kept.group)
    assert set(retention.due(everybodys)) == set()
    if by == "an administrator":
        form = form_of(client_of(root), f"{TABLES}user/{owner.pk}/change/")
        client_of(root).post(f"{TABLES}user/{owner.pk}/change/", {**form, "groups": []})
    else:
        owner.groups.clear()
        audit.record(None, "person.groups", owner, owner=owner, gone=["Finance"])
    assert not owner.groups.exists() and set(retention.due(everybodys)) == set()
    with connection.cursor() as cursor:  # a day later
        cursor.execute("SET LOCAL session_replication_role = replica")
        AuditEntry.objects.filter(owner_id=owner.pk).update(at=days_ago(1.1))
    assert set(retention.due(everybodys)) == {old}


@pytest.mark.parametrize("rests", [True, False])
def test_the_sweep_goes_by_that_day(
    rests: bool, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, until = talk(owner, 30), days_ago(-0.5) if rests else None
    rule(10)
    monkeypatch.setattr(retention, "rests_until", lambda: until)
    monkeypatch.setattr(sweep, "in_db", sync_to_async)  # in the transaction of this test
    async_to_sync(sweep.sweep_by_rules)()
    assert there(owner) == ({old} if rests else set())


def record_settings(root: User) -> None:
    audit.record(root, "site.change", SiteSettings(pk=1), changed={"retention_days": [None, 1]})


def test_what_was_changed_long_ago_or_elsewhere_keeps_nothing(root: User) -> None:
    said = {"action": "site.change", "detail": {"changed": {"retention_days": [None, 1]}}}
    AuditEntry.objects.create(actor="sam", at=days_ago(1.1), **said)
    audit.record(root, "site.change", SiteSettings(pk=1), changed={"name": ["a", "b"]})
    assert retention.rests_until() is None
