"""What patterns find: a question is refused before it is written, or marked with it; an answer when it ends.
And what the provider's moderation endpoint is sure of (runs/judging.py): a message is marked with it.

What was read in pictures is not looked at: it is read after a question is accepted, and only for models
without eyes. A refused question leaves nothing but a count: nobody was asked, and nothing was said.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import counts
from conversations.errors import Refusal
from conversations.models import Flag, Message, Moderation, Pattern, TextFile
from conversations.models.conversation import present
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


def reached(scores: Mapping[str, float], settings: Moderation) -> dict[str, float]:
    """Those categories whose score marks a message."""
    marks_from = {**dict.fromkeys(scores, settings.threshold), **settings.thresholds}
    return {name: score for name, score in scores.items() if score >= marks_from[name]}


def mark_by_scores(id: UUID, scores: Mapping[str, float], settings: Moderation) -> None:
    """Unless the message went meanwhile, or its words did. One flag a message: what is found later, in an
    answer that was gone on with, is added to it."""
    found = reached(scores, settings)
    if not found:
        return
    there = Message.objects.filter(present("conversation__"), pk=id, redacted_at=None)
    message = there.select_for_update(of=("self",), no_key=True).first()
    if message is None:
        return
    flag = Flag.objects.filter(message=message, source=Source.ENDPOINT).first()
    if flag is None:
        flag = Flag(message=message, source=Source.ENDPOINT)
        counts.MODERATED.labels(message.role, "marked").inc()
    _add(flag, found)


def _add(flag: Flag, found: Mapping[str, float]) -> None:
    """A category that was not known yet is news to whoever has decided before."""
    if found.keys() - flag.categories.keys():
        flag.at = timezone.now()
    names = {*found, *flag.categories}
    flag.categories = {
        name: max(found.get(name, 0.0), flag.categories.get(name, 0.0)) for name in names
    }
    flag.score = max(flag.categories.values())
    flag.save()
