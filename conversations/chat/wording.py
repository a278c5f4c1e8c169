"""What was wrong with a value that somebody sent, in a sentence: pydantic's own words are for programmers."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from conversations.errors import Words

OTHERWISE = _("This is not as it should be.")
OBJECT = _("This has to be an object.")
TEXT = _("This has to be text.")
WHOLE = _("This has to be a whole number.")
NUMBER = _("This has to be a number.")

# By the kind of pydantic's error; in braces what it says of the limit.
SENTENCES: dict[str, Words] = {
    "missing": _("This is needed."),
    "extra_forbidden": _("This field is not known here."),
    "string_type": TEXT,
    "string_unicode": _("This has characters that cannot be kept."),
    "string_too_short": _("This is too short: {min_length} characters at least."),
    "string_too_long": _("This is too long: {max_length} characters at most."),
    "too_short": _("These are too few: {min_length} at least."),
    "too_long": _("These are too many: {max_length} at most."),
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_from_float": WHOLE,
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "finite_number": NUMBER,
    "bool_type": _("This has to be true or false."),
    "bool_parsing": _("This has to be true or false."),
    "list_type": _("This has to be a list."),
    "dict_type": OBJECT,
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
    "greater_than_equal": _("This has to be {ge} or more."),
    "less_than_equal": _("This has to be {le} or less."),
    "literal_error": _("This has to be {expected}."),
    "enum": _("This has to be {expected}."),
    "value_error": "{error}",
}


def sentence_for(problem: Mapping[str, Any]) -> Words:
    """A sentence for one of pydantic's errors, as `ValidationError.errors()` lists them.

    It is said in the language that is active when it is read.
    """
    kind, limits = problem["type"], problem.get("ctx", {})
    if limits.get("field_type") == "Value":  # a text that was cleaned before it was measured
        kind = {"too_long": "string_too_long", "too_short": "string_too_short"}.get(kind, kind)
    return format_lazy(SENTENCES.get(kind, OTHERWISE), **limits)
