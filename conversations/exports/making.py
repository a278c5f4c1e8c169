"""An export from its beginning to its end, both on record: an entry that it began and none that it ended
means that its process died."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from conversations import audit
from conversations.db import in_transaction
from conversations.errors import NotAllowed
from conversations.exports import pages, sheets, talks
from conversations.exports.kinds import AUDIT, CONVERSATIONS, Kind
from conversations.exports.sheets import Lines
from conversations.exports.under_way import State, Told
from conversations.ids import uuid7
from conversations.models import User

# Of what somebody typed into a filter, as it goes on record.
FILTER_CHARACTERS = 200


class Stopped(Exception):
    """By whoever asked for it. The download breaks off."""


@dataclass(frozen=True)
class Wanted:
    """What is exported, for whom and why. Without a person: by a command."""

    kind: Kind
    form: str
    rows: QuerySet[Any]
    by: User | None = None
    address: str | None = None
    reason: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid7)


def pieces(wanted: Wanted) -> Generator[bytes]:
    """What is added from now on is not in it, so that it has an end. Raises Stopped where it is,
    NotAllowed where the right to it is taken away meanwhile: the file breaks off, without its last line."""
    expected, is_counted = in_transaction(_begun, wanted)
    told = Told(wanted.by.pk if wanted.by else None, wanted.id, expected, is_counted=is_counted)
    done, state = 0, State.BROKEN
    try:
        for rows, piece in _lines(wanted):
            _look(wanted, told)
            if told.is_due():
                told.tell(done, State.GOING)
            yield piece
            done += rows
        state = State.COMPLETE
    except Stopped:
        state = State.STOPPED
        raise
    finally:
        told.tell(done, state)
        in_transaction(_ended, wanted, done, state)


def _lines(wanted: Wanted) -> Lines:
    if wanted.kind is CONVERSATIONS:
        return talks.lines(wanted.rows, talks.Reading(wanted.by, wanted.address, wanted.reason))
    rows = wanted.rows.filter(at__lte=timezone.now())
    write = sheets.audit if wanted.kind is AUDIT else sheets.ledger
    return write(rows, wanted.form)


def _look(wanted: Wanted, told: Told) -> None:
    if told.is_stopped():
        raise Stopped
    if wanted.by is not None and not in_transaction(_may_still, wanted.by, wanted.kind):
        raise NotAllowed


def _may_still(by: User, kind: Kind) -> bool:
    now = User.objects.filter(pk=by.pk, is_active=True, is_staff=True).first()
    return now is not None and kind.may(now)


# On record ----------------------------------------------------------------------------------------


def _begun(wanted: Wanted) -> tuple[int, bool]:
    expected, is_counted = pages.expected(wanted.rows)
    filters = {name: value[:FILTER_CHARACTERS] for name, value in wanted.filters.items()}
    _record(wanted, "export", reason=wanted.reason, format=wanted.form, filters=filters)
    return expected, is_counted


def _ended(wanted: Wanted, rows: int, state: State) -> None:
    _record(wanted, "export_end", rows=rows, state=state.value)


def _record(wanted: Wanted, action: str, **more: Any) -> None:
    audit.record(
        wanted.by, f"{wanted.kind.name}.{action}", wanted.kind.table,
        address=wanted.address, export=str(wanted.id), **more,
    )  # fmt: skip
