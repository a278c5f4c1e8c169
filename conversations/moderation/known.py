"""The patterns in force, known by heart in each process (runs/moderation_watch.py keeps them new)."""

import logging
from dataclasses import dataclass

from conversations.by_heart import ByHeart
from conversations.models import Moderation, Pattern
from conversations.models.moderation import Effect
from conversations.moderation.matching import Matcher, Unusable, matcher_of

log = logging.getLogger(__name__)

THE_ROW = 1


@dataclass(frozen=True, slots=True)
class Known:
    settings: Moderation
    questions: Matcher
    answers: Matcher


def _ask() -> Known:
    rows = [row for row in Pattern.objects.filter(is_enabled=True) if _is_usable(row)]
    # What refuses comes first: its sentence is the one that is said.
    rows.sort(key=lambda row: (row.effect != Effect.REFUSE, row.name))
    return Known(
        settings=Moderation.objects.filter(pk=THE_ROW).first() or Moderation(pk=THE_ROW),
        questions=_together([row for row in rows if row.in_questions]),
        answers=_together([row for row in rows if row.in_answers]),
    )


def _together(rows: list[Pattern]) -> Matcher:
    """Nobody is kept from asking by what two administrators wrote at once."""
    try:
        return matcher_of(rows)
    except Unusable:
        log.exception("all patterns together are too much: none is in force")
        return matcher_of([])


def _is_usable(row: Pattern) -> bool:
    """The admin takes none that is not; one of another version of RE2 keeps nobody from asking."""
    try:
        matcher_of([row])
    except Unusable:
        log.exception("pattern %s cannot be used", row.pk)
        return False
    return True


rows = ByHeart(_ask)


def known() -> Known:
    return rows.known()
