"""What goes with a conversation, whoever deletes it: its owner, staff, a cascade or a shell."""

from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from conversations.events import doorbell
from conversations.models import Claim, Conversation
from conversations.runs import stop


@receiver(pre_delete, sender=Conversation)
def going(instance: Conversation, **_: Any) -> None:
    """In the transaction of the deletion: nothing of this is heard or done if it fails.

    Doors stop the answers beforehand, so that what they cost is on the ledger. This is for answers
    that began since, and for deletions by no door: nobody goes on writing for nobody.
    """
    gone, owner = str(instance.pk), str(instance.owner_id)
    for run in stop.live_in(instance):
        doorbell.ring({"stop": str(run.pk)})
    # The ids stay claimed; the words of their acks, of which each has an answer, go.
    Claim.objects.filter(user_id=owner, ack__message__conversation=gone).update(ack=None)
    doorbell.ring({"deleted": gone, "owner": owner})
