"""What was left out of an import, in words: its kinds, and how often."""

from collections.abc import Mapping

from django.utils.translation import ngettext

from conversations.text import ngettext_noop

Line = dict[str, str | int]

# By kind, in the order in which they are told.
SENTENCES = {
    "conversations_unreadable": ngettext_noop(
        "{count} conversation could not be read.", "{count} conversations could not be read."
    ),
    "conversations_too_large": ngettext_noop(
        "{count} conversation was too large.", "{count} conversations were too large."
    ),
    "conversations_empty": ngettext_noop(
        "{count} conversation had nothing that can be shown.",
        "{count} conversations had nothing that can be shown.",
    ),
    "cut": ngettext_noop(
        "The end of {count} list of conversations was missing.",
        "The ends of {count} lists of conversations were missing.",
    ),
    "rings": ngettext_noop("{count} message hung on nothing.", "{count} messages hung on nothing."),
    "tools": ngettext_noop(
        "{count} step of a tool (search, code and the like).",
        "{count} steps of tools (search, code and the like).",
    ),
    "context": ngettext_noop(
        "{count} instruction to the model, or note of its memory.",
        "{count} instructions to the model, or notes of its memory.",
    ),
    "audio": ngettext_noop(
        "{count} recording; what was said in it is there as text.",
        "{count} recordings; what was said in them is there as text.",
    ),
    "pictures_missing": ngettext_noop(
        "{count} picture was not in the file.", "{count} pictures were not in the file."
    ),
    "pictures_unreadable": ngettext_noop(
        "{count} picture could not be read.", "{count} pictures could not be read."
    ),
    "pictures_without_room": ngettext_noop(
        "For {count} picture there was no room left.",
        "For {count} pictures there was no room left.",
    ),
    "files_missing": ngettext_noop(
        "{count} attached file was not in the export.",
        "{count} attached files were not in the export.",
    ),
    "files_unreadable": ngettext_noop(
        "{count} attached file was no text, or too large.",
        "{count} attached files were no text, or too large.",
    ),
    "unknown": ngettext_noop(
        "{count} message or part of a kind that is not known here.",
        "{count} messages or parts of kinds that are not known here.",
    ),
}


def lines(left: Mapping[str, int]) -> list[Line]:
    """Those that happened, in the language of who reads."""
    return [
        {"kind": kind, "count": count, "message": ngettext(*sentence, count).format(count=count)}
        for kind, sentence in SENTENCES.items()
        if (count := left.get(kind, 0))
    ]
