"""Deleting everything that one said and was told: at once, for good, and not by mistake."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import access, audit, holds
from conversations.attachments import leaving
from conversations.attachments.text_files import forget_unused
from conversations.chat import set_aside
from conversations.errors import Invalid
from conversations.events import doorbell
from conversations.models import Claim, Conversation, Image, ImportJob, Notice, TextFile, User
from conversations.models.conversation import too_late

# So many ids fit into one ring of the doorbell.
A_RING = 150
NOT_CONFIRMED = _("Type your user name to confirm that everything is to be deleted.")


def confirmed(user: User, typed: str) -> None:
    """Raises Invalid unless the person has typed their own name."""
    if typed.strip() != user.get_username():
        raise Invalid(NOT_CONFIRMED, fields={"confirm": [NOT_CONFIRMED]})


def delete(user: User, *, address: str | None = None) -> None:
    """Conversations of every kind, their links, folders, pictures, files and imports, of which none goes
    on. Answers were stopped before.

    However many there are, all are gone from this transaction on, and too old to be taken back: the
    sweep takes the rows away. What it cost stays on the ledger.
    """
    ImportJob.objects.filter(owner=user).delete()  # waits for what is just being written
    before = too_late()
    # The ids stay claimed, and the words of their acks go: of all at once, for each conversation that is
    # swept away looks through all of them. Before the conversations are read: what is sent meanwhile stays.
    Claim.objects.filter(user=user, ack__isnull=False).update(ack=None)
    mine = Conversation.objects.select_for_update().filter(owner=user)
    gone = list(mine.values_list("pk", flat=True))
    Conversation.objects.filter(pk__in=gone).update(deleted_at=before)
    count = len(gone)
    audit.record(user, "everything.delete", user, owner=user, address=address, conversations=count)
    Notice.objects.filter(owner=user).update(title="")  # what it tells of stays until it is read
    _forget_uploads(user, before=before)
    folders = access.folders_for(user)
    rings: list[dict[str, Any]] = [{"stop": str(run.pk)} for run in access.live_runs_for(user)]
    rings += [{"folder": str(folder.pk), "owner": str(user.pk)} for folder in folders]
    rings += _deletions(user, gone)
    folders.delete()
    if rings:
        doorbell.ring(*rings)


def _forget_uploads(user: User, *, before: Any) -> None:
    """What was never sent goes now; what was sent goes with its conversation, however new it is."""
    pictures = Image.objects.filter(owner=user)
    if pictures.exists():
        leaving.hold_files(leaving.ALONE)  # before their rows, as who stores one of them again
    pictures.update(created_at=before - timedelta(seconds=1))
    unsent = list(pictures.filter(uses=None).values_list("pk", flat=True))
    if holds.keeps_all_of(user):
        set_aside.pictures(user, unsent)
    leaving.forget(unsent, before=before)
    files = TextFile.objects.filter(owner=user)
    files.update(created_at=before - timedelta(seconds=1))
    unused = list(files.filter(uses=None).values_list("pk", flat=True))
    if holds.keeps_all_of(user):
        set_aside.files(user, unused)
    forget_unused(unused, before=timezone.now())


def _deletions(user: User, gone: Sequence[UUID]) -> list[dict[str, Any]]:
    batches = (gone[at : at + A_RING] for at in range(0, len(gone), A_RING))
    return [{"deleted": [str(id) for id in batch], "owner": str(user.pk)} for batch in batches]
