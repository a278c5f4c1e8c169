"""What goes with a conversation, whoever deletes it: its owner, staff, a cascade or a shell.

Its owner's deletion can be taken back for a while: the row stays, for nobody to see, until
`runs/sweep.py` deletes it as everybody else's deletions do.
"""

from typing import Any

from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver
from django.utils import timezone

from conversations.attachments import leaving
from conversations.attachments.text_files import forget_unused
from conversations.events import doorbell
from conversations.models import Claim, Conversation, Message, MessageFile, Run
from conversations.models.conversation import Status
from conversations.runs import lost, stop


def tell(conversation: Conversation) -> None:
    """In the transaction of the deletion: nothing of this is heard or done if it fails.

    Doors stop the answers beforehand, so that what they cost is on the ledger. This is for answers
    that began since, and for deletions by no door: nobody goes on writing for nobody.
    """
    gone, owner = str(conversation.pk), str(conversation.owner_id)
    for run in stop.live_in(conversation):
        doorbell.ring({"stop": str(run.pk)})
    doorbell.ring({"deleted": gone, "owner": owner})


@receiver(pre_delete, sender=Conversation)
def going(instance: Conversation, **_: Any) -> None:
    running = Run.objects.filter(conversation=instance, status=Status.RUNNING)
    for run in running.select_for_update(of=("self",)):
        lost.note(run)
    if instance.deleted_at is None:
        tell(instance)
    # The ids stay claimed; the words of their acks, of which each has an answer, go.
    # Of who has deleted everything none has words any more, and there may be very many.
    mine = Claim.objects.filter(user_id=instance.owner_id, ack__isnull=False)
    mine.filter(ack__message__conversation=str(instance.pk)).update(ack=None)
    instance.pictures = leaving.shown_in(instance)  # type: ignore[attr-defined]


@receiver(post_delete, sender=Conversation)
def gone(instance: Conversation, **_: Any) -> None:
    """Pictures that stood in it and nowhere else go, too."""
    since = instance.deleted_at or timezone.now()
    leaving.forget(instance.pictures, before=since)  # type: ignore[attr-defined]


@receiver(post_delete, sender=MessageFile)
def left_alone(instance: MessageFile, **_: Any) -> None:
    """A file goes with the last message that shows it, unless it was uploaded again since."""
    sent = Message.objects.filter(pk=instance.message_id).values_list("created_at", flat=True)
    forget_unused([instance.file_id], before=sent.first() or timezone.now())
