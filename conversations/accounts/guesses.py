"""Wrong codes of a second factor, so many a day for each account: who types them knows the password, and
could go on for weeks within what django-allauth allows in five minutes.

They are counted in the audit, those of who signs in and those of who is in each for themselves: whoever is
in stays in, and is asked for a code as before. They are counted anew when an administrator sets another
password or takes the factor away; not after a link by mail, which whoever reads the mail can have again.
"""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from conversations import audit
from conversations.models import AuditEntry, User

# Of six digits three are good at any moment: by chance one is found in some forty years.
MOST = 20
WITHIN = timedelta(days=1)
FAILED, USED_UP = "person.sign_in_failed", "person.codes_used_up"
BY_A_CODE = "mfa"
ANEW = Q(action="person.factor_taken") | Q(
    action="user.change", detail__fields__contains=["password"]
)


def are_used_up(person: User, *, inside: bool) -> bool:
    """Whether no code is looked at any more, of who signs in or of who is in."""
    return _wrong(person, inside=inside)[:MOST].count() >= MOST


def count(person: User, *, inside: bool, address: str | None) -> None:
    """After a wrong one was put on record: the last that was allowed is on record as such."""
    if are_used_up(person, inside=inside):
        by = person if inside else None
        audit.record(by, USED_UP, person, owner=person, address=address, wrong=MOST)


def used_up_lately() -> QuerySet[AuditEntry]:
    """Of whom an administrator should know, the newest first."""
    since = timezone.now() - WITHIN
    return AuditEntry.objects.filter(action=USED_UP, at__gt=since).order_by("-at")


def _wrong(person: User, *, inside: bool) -> QuerySet[AuditEntry]:
    of_them = AuditEntry.objects.filter(owner_id=person.pk, at__gt=timezone.now() - WITHIN)
    anew = of_them.filter(ANEW).exclude(actor_id=person.pk).order_by("-at").first()
    wrong = of_them.filter(action=FAILED, detail__by=BY_A_CODE)
    if anew is not None:
        wrong = wrong.filter(at__gt=anew.at)
    theirs = Q(actor_id=person.pk)
    return wrong.filter(theirs) if inside else wrong.exclude(theirs)
