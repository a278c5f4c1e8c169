"""Door: Django admin. One file a family of tables; `site.py` is the desk they stand on."""

from conversations.admin import (
    audit,
    catalogue,
    conversations,
    feedback,
    folders,
    images,
    invitations,
    keeping,
    people,
    prompts,
    runs,
)

__all__ = [
    "audit",
    "catalogue",
    "conversations",
    "feedback",
    "folders",
    "images",
    "invitations",
    "keeping",
    "people",
    "prompts",
    "runs",
]
