"""The emergency stop: what is being answered ends at once, of a person, with a model, or everything.

A person and a model are rung for run by run (`stop.ring_for`). While the site is stopped nothing begins
either: whoever asks is refused, and each process ends what it executes once it hears of it, so that
nothing slips through that was just beginning in that moment.
"""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import site
from conversations.errors import Unavailable
from conversations.models import Run, SiteSettings, User
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


def of_person(person: User) -> int:
    """How many answers of theirs end. What they ask next is answered: deactivate them, too."""
    return stop.ring_for(Run.objects.filter(user=person))


def with_model(slug: str) -> int:
    return stop.ring_for(Run.objects.filter(model=slug))


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
