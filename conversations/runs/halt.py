"""The emergency stop: what is being answered ends at once, of a person, with a model, or everything.

Nothing slips through that was just beginning in that moment. Of a person each send holds a lock (claims.py):
whoever stops them waits for it, and sees the run that it made. A model and the site are known to every
process that executes runs: each ends what it has, and begins no more.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import site
from conversations.errors import Unavailable
from conversations.events import doorbell
from conversations.models import Run, SendLog, SiteSettings, User
from conversations.models.conversation import LIVE
from conversations.models.site import THE_ROW
from conversations.runs import stop

STOPPED = _(
    "The administrators have stopped this site. What was said is there; nothing is answered for now."
)
BECAUSE = _("The administrators have stopped this site: {because} Nothing is answered for now.")


def refuse_while_stopped() -> None:
    """Raises Unavailable, with what people are to know."""
    if refusal := refusal_now():
        raise refusal


def refusal_now() -> Unavailable | None:
    """What whoever asks something is told; None: the site answers."""
    row = site.now().row
    if row.stopped_at is None:
        return None
    if row.stopped_because:
        return Unavailable(BECAUSE, names={"because": _as_sentence(row.stopped_because)})
    return Unavailable(STOPPED)


def _as_sentence(said: str) -> str:
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


@transaction.atomic
def of_people(people: Sequence[User]) -> Counter[UUID]:
    """How many answers of each end. What they ask next is answered: deactivate them, too. As many statements
    for a thousand as for one."""
    hold_questions_of(people)
    theirs = Run.objects.filter(user__in=[one.pk for one in people])
    ending = Counter(theirs.filter(status__in=LIVE).values_list("user_id", flat=True))
    stop.ring_for(theirs)
    return ending


def hold_questions_of(people: Sequence[User]) -> None:
    """In a transaction: what they ask at this moment is waited for, and what they ask later waits."""
    ids = sorted(one.pk for one in people)  # who holds some of the same waits for these
    SendLog.objects.bulk_create([SendLog(user_id=id) for id in ids], ignore_conflicts=True)
    logs = SendLog.objects.select_for_update().filter(user__in=ids)
    list(logs.order_by("user").values("pk"))


def with_model(slug: str) -> int:
    """It was withdrawn before. Also where it answers in place of another."""
    runs = Run.objects.filter(Q(model=slug) | Q(message__model=slug))
    doorbell.ring({"halted": slug})
    return stop.ring_for(runs)


def the_site(because: str) -> int:
    """In one transaction; how many answers end by it. Stopped already: the reason is the new one."""
    row, _made = SiteSettings.objects.select_for_update().get_or_create(pk=THE_ROW)
    row.stopped_at, row.stopped_because = row.stopped_at or timezone.now(), because
    row.save(update_fields=["stopped_at", "stopped_because"])
    return stop.ring_for(Run.objects.all())


def go_on() -> bool:
    """False: the site was not stopped."""
    row = SiteSettings.objects.select_for_update().filter(stopped_at__isnull=False).first()
    if row is None:
        return False
    row.stopped_at, row.stopped_because = None, ""
    row.save(update_fields=["stopped_at", "stopped_because"])
    return True


def under_way() -> int:
    return Run.objects.filter(status__in=LIVE).count()
