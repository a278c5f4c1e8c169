"""That all of somebody's conversations were taken along, by whom: it is on record before the first piece.

One conversation is not: who may read it has read it, and writes it down as easily.
"""

from conversations import audit
from conversations.models import User


def taken(by: User, owner: User, what: str, *, address: str | None, reason: str = "") -> None:
    """`what`: conversations, or everything."""
    audit.record(by, "person.export", owner, owner=owner, address=address, reason=reason, what=what)
