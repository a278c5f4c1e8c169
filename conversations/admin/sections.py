"""Under which heading a list of the desk stands: by what somebody comes for, not by the alphabet."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

SECTIONS = (
    (
        _("Review"),
        (
            "Case",
            "Conversation",
            "Feedback",
            "Flag",
            "Pattern",
            "Moderation",
            "Image",
            "BlockedPicture",
        ),
    ),
    (
        _("People"),
        ("User", "Group", "Invitation", "Oversight", "Folder", "Share", "ImportJob"),
    ),
    (_("Use and cost"), ("Budget", "RateLimit", "ProviderCall", "Run")),
    (_("Models"), ("LanguageModel", "Provider", "SavedPrompt", "PictureQuestion")),
    (_("Site"), ("SiteSettings", "RetentionRule", "Hold", "AuditEntry")),
)
# What nobody has thought of here is shown all the same.
OTHERS = _("More")


def sections(apps: list[Any]) -> Iterator[dict[str, Any]]:
    """What Django lists by app, for templates/admin/app_list.html. A heading without a list has no place."""
    tables = {table["object_name"]: table for app in apps for table in app["models"]}
    for place, (name, wanted) in enumerate(SECTIONS):
        known = [tables.pop(one) for one in wanted if one in tables]
        if known:
            yield _section(place, name, known)
    if tables:
        yield _section(len(SECTIONS), OTHERS, [*tables.values()])


def _section(place: int, name: Any, tables: list[Any]) -> dict[str, Any]:
    label = f"section-{place}"
    return {"name": name, "app_label": label, "has_module_perms": True, "models": tables}
