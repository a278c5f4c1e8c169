"""What was left out of an import, in words: its kinds, and how often."""

from collections.abc import Mapping

from django.utils.translation import ngettext

Line = dict[str, str | int]


def lines(left: Mapping[str, int]) -> list[Line]:
    """Those that happened, in the order of this list; in the language of who reads."""
    return [
        {"kind": kind, "count": count, "message": _sentence(kind, count)}
        for kind in KINDS
        if (count := left.get(kind, 0))
    ]


KINDS = (
    "conversations_unreadable",
    "conversations_too_large",
    "conversations_empty",
    "cut",
    "rings",
    "tools",
    "context",
    "audio",
    "pictures_missing",
    "pictures_unreadable",
    "files_missing",
    "files_unreadable",
    "unknown",
)


def _sentence(kind: str, count: int) -> str:
    n = count
    sentence = {
        "conversations_unreadable": ngettext(
            "{count} conversation could not be read.", "{count} conversations could not be read.", n
        ),
        "conversations_too_large": ngettext(
            "{count} conversation was too large.", "{count} conversations were too large.", n
        ),
        "conversations_empty": ngettext(
            "{count} conversation had nothing that can be shown.",
            "{count} conversations had nothing that can be shown.",
            n,
        ),
        "cut": ngettext(
            "The end of {count} list of conversations was missing.",
            "The ends of {count} lists of conversations were missing.",
            n,
        ),
        "rings": ngettext(
            "{count} message hung on nothing.", "{count} messages hung on nothing.", n
        ),
        "tools": ngettext(
            "{count} step of a tool (search, code and the like).",
            "{count} steps of tools (search, code and the like).",
            n,
        ),
        "context": ngettext(
            "{count} instruction to the model, or note of its memory.",
            "{count} instructions to the model, or notes of its memory.",
            n,
        ),
        "audio": ngettext(
            "{count} recording; what was said in it is there as text.",
            "{count} recordings; what was said in them is there as text.",
            n,
        ),
        "pictures_missing": ngettext(
            "{count} picture was not in the file.", "{count} pictures were not in the file.", n
        ),
        "pictures_unreadable": ngettext(
            "{count} picture could not be read.", "{count} pictures could not be read.", n
        ),
        "files_missing": ngettext(
            "{count} attached file was not in the export.",
            "{count} attached files were not in the export.",
            n,
        ),
        "files_unreadable": ngettext(
            "{count} attached file was no text, or too large.",
            "{count} attached files were no text, or too large.",
            n,
        ),
        "unknown": ngettext(
            "{count} message or part of a kind that is not known here.",
            "{count} messages or parts of kinds that are not known here.",
            n,
        ),
    }[kind]
    return sentence.format(count=count)
