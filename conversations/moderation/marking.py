"""What patterns find: a question is refused before it is written, or marked with it; an answer when it ends.

What was read in pictures is not looked at: it is read after a question is accepted, and only for models
without eyes. A refused question leaves nothing but a count: nobody was asked, and nothing was said.
"""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from conversations import counts
from conversations.errors import Refusal
from conversations.models import Flag, Message, Pattern, TextFile
from conversations.models.moderation import Effect, Source
from conversations.moderation.known import known


class NotWanted(Refusal):
    """A pattern of the administrator's; its own sentence, where there is one."""

    code, http = "content_filtered", 400
    sentence = _("This site does not take questions like this. Other words may help.")


def question(text: str, files: Sequence[TextFile]) -> list[Pattern]:
    """What is found in a question and its files. Raises NotWanted. Costs no statement without patterns."""
    matcher = known().questions
    if not matcher.owners:
        return []
    hits = matcher.hits([text, *(file.text for file in files), *(file.name for file in files)])
    refusing = next((hit for hit in hits if hit.effect == Effect.REFUSE), None)
    if refusing is not None:
        counts.MODERATED.labels("question", "refused").inc()
        raise NotWanted(refusing.sentence or None)
    return hits


def mark(message: Message, hits: Sequence[Pattern]) -> None:
    """With the message, in its transaction. An answer that is gone on with is marked once."""
    if not hits:
        return
    rows = [
        Flag(message=message, source=Source.PATTERN, pattern=hit, pattern_name=hit.name)
        for hit in hits
    ]
    Flag.objects.bulk_create(rows, ignore_conflicts=True)
    counts.MODERATED.labels(message.role, "marked").inc()


def look_at_answer(id: UUID) -> None:
    """Once it has ended, however."""
    matcher = known().answers
    if not matcher.owners:
        return
    answer = Message.objects.filter(pk=id, redacted_at=None).first()
    if answer is not None:
        mark(answer, matcher.hits([answer.text, answer.reasoning]))
