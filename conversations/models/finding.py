"""What search looks through: titles, and what was said in pieces."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from conversations.models.conversation import Conversation, Message


class Findable(models.Model):
    """A title, or a piece of a message that is written for ever, or of a text file that came with it
    (migration `files_findable` says where such a piece starts). It goes with what it was made of.

    No constraint leads to the conversation: sealing an answer would wait for whoever deletes it.
    """

    owner_id = models.UUIDField()
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    # None: this is the conversation's title.
    message = models.ForeignKey(
        Message, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    at = models.DateTimeField(help_text="When it was said.")
    start = models.PositiveIntegerField(help_text="Where the piece begins in the message's text.")
    body = models.TextField(help_text="In small letters without accents: for parts of words.")
    words = SearchVectorField(help_text="Words, their stems, and marks such as the owner's.")

    class Meta:
        indexes: ClassVar = [
            # Everything goes with its conversation; a title is made anew.
            models.Index(fields=["conversation"], name="findable_of_conversation"),
            # A person's newest messages: common words are found there at once.
            models.Index(
                fields=["owner_id", "-at", "-id"],
                condition=Q(message__isnull=False),
                name="findable_newest",
            ),
            models.Index(
                fields=["owner_id", "-at"],
                condition=Q(message__isnull=True),
                name="findable_titles",
            ),
            # Words, phrases, the owner and parts of words, intersected in one index.
            GinIndex(
                OpClass(F("words"), name="tsvector_ops"),
                OpClass(F("body"), name="gin_trgm_ops"),
                name="findable_words",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "start"], name="one_findable_a_piece"),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(message__isnull=True),
                name="one_findable_a_title",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.message_id or 'title'} from {self.start}"


class Written(models.Model):
    """A title (no message) or a message that is to be made findable. Triggers note it (migration
    `findable`), whoever wrote it; reading/findable.py looks after it."""

    id = models.BigAutoField(primary_key=True)
    conversation_id = models.UUIDField()
    message_id = models.UUIDField(null=True)

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.message_id or 'title'}"
