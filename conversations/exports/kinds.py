"""What there is to export, in which forms, and who may."""

from dataclasses import dataclass

from django.db.models import Model

from conversations.exports.sheets import CSV, JSON_LINES
from conversations.models import AuditEntry, Conversation, ProviderCall, User

# What a form is called at its end, and what it is.
TYPES = {CSV: "text/csv; charset=utf-8", JSON_LINES: "application/x-ndjson"}


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    table: type[Model]
    forms: tuple[str, ...]
    # What is said of its rows; words of people are never taken without saying why.
    wants_reason: bool = False
    # To look at single rows is not yet to take all of them home.
    reads: tuple[str, ...] = ()

    def may(self, user: User) -> bool:
        name = self.table._meta.model_name
        wanted = [f"conversations.{verb}_{name}" for verb in ("view", "export")]
        return user.has_perms([*wanted, *self.reads])


LEDGER = Kind("ledger", ProviderCall, (CSV, JSON_LINES))
AUDIT = Kind("audit", AuditEntry, (CSV, JSON_LINES))
CONVERSATIONS = Kind(
    "conversations", Conversation, (JSON_LINES,),
    wants_reason=True, reads=("conversations.view_message",),
)  # fmt: skip
KINDS = {kind.name: kind for kind in (LEDGER, AUDIT, CONVERSATIONS)}
