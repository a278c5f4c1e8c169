"""Door: Django admin. One file a family of tables; `site.py` is the desk they stand on."""

from conversations.admin import (
    audit,
    blocked,
    conversations,
    feedback,
    folders,
    images,
    invitations,
    keeping,
    language_models,
    oversight,
    people,
    picture_questions,
    prompts,
    providers,
    runs,
    site_settings,
)

__all__ = [
    "audit",
    "blocked",
    "conversations",
    "feedback",
    "folders",
    "images",
    "invitations",
    "keeping",
    "language_models",
    "oversight",
    "people",
    "picture_questions",
    "prompts",
    "providers",
    "runs",
    "site_settings",
]
