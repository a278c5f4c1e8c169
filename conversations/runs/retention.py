"""What was kept for long enough is deleted: by kind, by group and by age, as if its owner had deleted it.

Conversations are only marked here. From then on they are gone at every door, and runs/sweep.py destroys them
with their pictures, files and links, a few at a time. Held ones stay as they are (conversations/holds.py).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations import audit, holds, site
from conversations.attachments import leaving, text_files
from conversations.by_heart import ByHeart
from conversations.events import doorbell
from conversations.models import AuditEntry, Conversation, Image, RetentionRule, Run, TextFile, User
from conversations.models.conversation import LIVE, too_late
from conversations.models.retention import Kind

# A transaction marks so many at most.
AT_ONCE = 100
# Who makes a rule at two in the morning looks at it by day.
GRACE = timedelta(days=1)
# Also that a rule went, by itself or with its group: then another one holds, which may keep for less long.
CHANGES = Q(
    action__in=["retentionrule.add", "retentionrule.change", "retentionrule.delete", "group.delete"]
) | Q(action="site.change", detail__changed__has_key="retention_days")
# By an administrator, and by a provider of sign-ins.
MOVED = Q(action="person.rights", detail__after__has_key="groups") | Q(action="person.groups")
# People are told so long before.
WARNED_DAYS = 7
# Stands for what the settings of the site say of conversations, which is no row.
OF_THE_SITE = 0
OF_CONVERSATIONS = (Kind.CONVERSATIONS, Kind.ARCHIVED)


def _ask() -> list[RetentionRule]:
    return list(RetentionRule.objects.select_related("group").order_by("what", "group__name"))


written = ByHeart(_ask)


def rules() -> list[RetentionRule]:
    """Those of the table, and what the settings of the site say where no row says it."""
    found = list(written.known())
    days = site.now().row.retention_days
    is_said = any(rule.group is None and rule.what == Kind.CONVERSATIONS for rule in found)
    if days and not is_said:
        found.insert(0, RetentionRule(pk=OF_THE_SITE, what=Kind.CONVERSATIONS, days=days))
    return found


def rests_until() -> datetime | None:
    """A day of grace: nothing goes by age sooner than that after somebody has changed a rule, so that a
    mistake is seen in the forecast and taken back. None: it goes its way."""
    since = timezone.now() - GRACE
    newest = AuditEntry.objects.filter(CHANGES, at__gt=since).order_by("-at").first()
    return newest.at + GRACE if newest else None


# What is due --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a rule would delete now."""

    rule: RetentionRule
    count: int
    people: int
    oldest: datetime | None


def forecast() -> list[Forecast]:
    return [_forecast(rule) for rule in rules()]


def _forecast(rule: RetentionRule) -> Forecast:
    moment = "updated_at" if rule.what in OF_CONVERSATIONS else "created_at"
    numbers = {"count": Count("pk"), "people": Count("owner", distinct=True)}
    found = due(rule).order_by().aggregate(**numbers, oldest=Min(moment))
    return Forecast(rule, **found)


def due(rule: RetentionRule) -> QuerySet[Any]:
    """Of midnight, so that a rule finds something once a day and not at every look."""
    return _all_due(rule).exclude(owner__in=_just_moved())


def _just_moved() -> QuerySet[Any]:
    """The same grace for who came into a group or left one: another rule may hold for them since."""
    since = timezone.now() - GRACE
    moved = AuditEntry.objects.filter(MOVED, at__gt=since, owner_id__isnull=False)
    return moved.values("owner_id")


def _all_due(rule: RetentionRule) -> QuerySet[Any]:
    if rule.what in OF_CONVERSATIONS:
        return _conversations_due(rule)
    table: Any = Image if rule.what == Kind.PICTURES else TextFile
    rows = table.objects.filter(uses=None, created_at__lt=_before(rule))
    mine: QuerySet[Any] = rows.filter(owner__in=_people(rule, _rule_of(rule.what)))
    return mine.exclude(holds.of_held_people())


def _conversations_due(rule: RetentionRule) -> QuerySet[Conversation]:
    """Temporary ones have a clock of their own; one that is being answered is not idle."""
    rows = Conversation.objects.kept().filter(updated_at__lt=_before(rule))
    rows = rows.exclude(Exists(Run.objects.filter(conversation=OuterRef("pk"), status__in=LIVE)))
    rows = rows.exclude(pinned=True) if rule.keeps_pinned else rows
    return rows.filter(_under(rule)).exclude(holds.held())


def _before(rule: RetentionRule) -> datetime:
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=rule.days)


def _under(rule: RetentionRule) -> Q:
    """Archived ones follow those of their kind, and where there is none, the others."""
    usual = _rule_of(Kind.CONVERSATIONS)
    archived = Coalesce(_rule_of(Kind.ARCHIVED), usual)
    found = Q(archived=True, owner__in=_people(rule, archived))
    return found | Q(archived=False, owner__in=_people(rule, usual))


def _people(rule: RetentionRule, of_each: Coalesce) -> QuerySet[Any]:
    """For whom this rule holds. Asked once for each of them, and not for each of their conversations."""
    return User.objects.annotate(rule=of_each).filter(rule=rule.pk).order_by().values("pk")


def _rule_of(kind: str) -> Coalesce:
    """The rule that holds for a person: of their groups the one that keeps for longest, because what is
    destroyed too late can still be destroyed; else the one for everybody."""
    mine = RetentionRule.objects.filter(what=kind, group__user=OuterRef("pk"))
    longest = mine.order_by("-days", "-keeps_pinned", "pk").values("pk")[:1]
    everybodys = [rule.pk for rule in rules() if rule.group is None and rule.what == kind]
    return Coalesce(Subquery(longest), Value(everybodys[0] if everybodys else None))


# Carrying it out ----------------------------------------------------------------------------------


def some(rule: RetentionRule) -> list[UUID]:
    """The owners of what was deleted, one for each, on record in the same transaction: a sweep may be killed
    at any time. Empty once nothing is due."""
    owners = _deleted(rule)
    if owners:
        _put_on_record(rule, owners)
    return owners


def _deleted(rule: RetentionRule) -> list[UUID]:
    if rule.what in OF_CONVERSATIONS:
        return _conversations(rule)
    chosen = list(due(rule).order_by("pk").values_list("pk", "owner")[:AT_ONCE])
    ids = [id for id, _ in chosen]
    if rule.what == Kind.PICTURES:
        leaving.forget(ids, before=_before(rule))
    else:
        text_files.forget_unused(ids, before=_before(rule))
    return [owner for _, owner in chosen]


def _conversations(rule: RetentionRule) -> list[UUID]:
    """Whose row is held is just being written in: it is not idle any more."""
    free = due(rule).select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    chosen = list(free.values_list("pk", "owner")[:AT_ONCE])
    Conversation.objects.filter(pk__in=[id for id, _ in chosen]).update(deleted_at=too_late())
    _tell(chosen)
    return [owner for _, owner in chosen]


def _tell(chosen: Iterable[tuple[UUID, UUID]]) -> None:
    gone: dict[UUID, list[str]] = defaultdict(list)
    for id, owner in chosen:
        gone[owner].append(str(id))
    if gone:
        doorbell.ring(*({"deleted": ids, "owner": str(owner)} for owner, ids in gone.items()))


def _put_on_record(rule: RetentionRule, owners: list[UUID]) -> None:
    """One line a rule and transaction, in numbers."""
    thing = rule if rule.pk else RetentionRule
    audit.record(
        None,
        "retention.delete",
        thing,
        what=rule.what,
        group=rule.group_id,
        days=rule.days,
        count=len(owners),
        people=len(set(owners)),
    )


# What people are told ------------------------------------------------------------------------------


def rule_for(person: User, kind: str = Kind.CONVERSATIONS) -> RetentionRule | None:
    of_kind = [rule for rule in rules() if rule.what == kind]
    if not of_kind:  # and no statement
        return None
    groups = set(person.groups.values_list("pk", flat=True))
    mine = [rule for rule in of_kind if rule.group_id in groups]
    longest = max(mine, key=lambda rule: (rule.days, rule.keeps_pinned), default=None)
    return longest or next((rule for rule in of_kind if rule.group_id is None), None)


def goes_on(conversation: Conversation) -> datetime | None:
    """The day on which it is deleted, where that is near."""
    owner, kind = conversation.owner, Kind.CONVERSATIONS
    rule = rule_for(owner, Kind.ARCHIVED) if conversation.archived else None
    rule = rule or rule_for(owner, kind)
    if rule is None or conversation.expires_at or (conversation.pinned and rule.keeps_pinned):
        return None
    day = conversation.updated_at + timedelta(days=rule.days + 1)
    return day if day < timezone.now() + timedelta(days=WARNED_DAYS) else None
