"""`manage.py doctor`: is everything as it should be, and if not, what is to be done?"""

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from conversations.doctor.examine import all_of_it
from conversations.doctor.finding import Finding, State
from conversations.management import own_postgres

SIGNS = {State.OK: "ok", State.MIND: "mind", State.WRONG: "WRONG", State.UNKNOWN: "?"}
FINE = "All is well."
SUM = "{wrong} wrong, {mind} to mind."


class Command(BaseCommand):
    help = (
        "Look at everything that the site needs, say what is wrong and what to do. Changes nothing. "
        "Ends with 1 if something is wrong."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--offline", action="store_true", help="Ask no provider and no mail server."
        )
        parser.add_argument("--json", action="store_true", help="As JSON, for programs.")

    def handle(self, *args: Any, **options: Any) -> None:
        logging.disable(logging.WARNING)  # what is wrong is said once, by us
        found = all_of_it(offline=options["offline"], embedded=own_postgres.is_ours())
        try:
            told = self._as_json(found) if options["json"] else self._in_words(found)
        finally:
            logging.disable(logging.NOTSET)
        if any(finding.state == State.WRONG for finding in told):
            raise SystemExit(1)

    def _as_json(self, found: Iterable[Finding]) -> list[Finding]:
        told = list(found)
        is_fine = all(finding.state != State.WRONG for finding in told)
        body = {"ok": is_fine, "findings": [asdict(finding) for finding in told]}
        self.stdout.write(json.dumps(body, indent=2, ensure_ascii=False))
        return told

    def _in_words(self, found: Iterable[Finding]) -> list[Finding]:
        told = []
        for finding in found:
            told.append(finding)
            self.stdout.write(f"{SIGNS[finding.state]:>5}  {finding.name}: {finding.what}")
            for line in (finding.why, finding.do):
                if line:
                    self.stdout.write(f"{'':7}{line}")
        states = [finding.state for finding in told]
        wrong, mind = states.count(State.WRONG), states.count(State.MIND)
        self.stdout.write(SUM.format(wrong=wrong, mind=mind) if wrong or mind else FINE)
        return told
