"""`manage.py export ledger|audit|conversations`: the same files as in the admin, for cron."""

import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from conversations.errors import Refusal
from conversations.exports import making
from conversations.exports.kinds import CONVERSATIONS, KINDS, TYPES, Kind
from conversations.management import own_postgres
from conversations.management.whole_file import new_file

NO_REASON = "Say with --reason why: each conversation is on record as read."


class Command(BaseCommand):
    help = (
        "Write the ledger, the audit or conversations into a file, or to standard output. The last line of "
        "what is whole says “complete” and how many there are."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=sorted(KINDS))
        about = "A day (2026-11-01) or a moment in ISO 8601; without a zone, it is UTC. {}"
        parser.add_argument("--from", dest="since", type=_moment, help=about.format("Included."))
        parser.add_argument("--to", dest="until", type=_moment, help=about.format("Not included."))
        parser.add_argument("--format", dest="form", choices=sorted(TYPES), default="jsonl")
        parser.add_argument(
            "--out", required=True, help="A file that is not there yet; - is standard output."
        )
        parser.add_argument(
            "--reason", default="", help="Goes on record; required for conversations."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = _wanted(options)
        try:
            with own_postgres.running():
                made = making.pieces(wanted)
                try:
                    _write(made, options["out"])
                finally:
                    made.close()
        except Refusal as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(f"{options['out']} cannot be written: {problem.strerror}.") from None
        # Not to standard output, where the export itself may be.
        self.stderr.write("The export is complete.")


def _wanted(options: dict[str, Any]) -> making.Wanted:
    kind: Kind = KINDS[options["what"]]
    if options["form"] not in kind.forms:
        raise CommandError(f"There is no {options['form']} of {kind.name}.")
    if kind.wants_reason and not options["reason"].strip():
        raise CommandError(NO_REASON)
    moments = {name: options[name] for name in ("since", "until") if options[name]}
    return making.Wanted(
        kind=kind,
        form=options["form"],
        rows=_between(kind, **moments),
        reason=options["reason"].strip(),
        filters={name: moment.isoformat() for name, moment in moments.items()},
    )


def _between(
    kind: Kind, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[Any]:
    """Of conversations it is the last activity that counts."""
    column = "updated_at" if kind is CONVERSATIONS else "at"
    rows: QuerySet[Any] = QuerySet(kind.table)
    rows = rows.filter(**{f"{column}__gte": since}) if since else rows
    return rows.filter(**{f"{column}__lt": until}) if until else rows


def _moment(text: str) -> datetime:
    """Raises ValueError, which argparse turns into a sentence."""
    found = parse_datetime(text) or datetime.combine(date.fromisoformat(text), datetime.min.time())
    return timezone.make_aware(found, UTC) if timezone.is_naive(found) else found


def _write(pieces: Iterable[bytes], out: str) -> None:
    if out == "-":
        _copy(pieces, sys.stdout.buffer)
        return
    with new_file(Path(out)) as file:
        _copy(pieces, file)


def _copy(pieces: Iterable[bytes], file: IO[bytes]) -> None:
    for piece in pieces:
        file.write(piece)
    file.flush()
