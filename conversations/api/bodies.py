"""What comes in: JSON with its unstorable characters taken out, and forms without unknown fields."""

import json
from typing import Any, NoReturn

import orjson
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from ninja.parser import Parser

from conversations.errors import Invalid
from conversations.text import clean

NOT_JSON = _("The body is not JSON.")
SEND_JSON = _("Send the body as application/json.")
SEND_FORM = _("Send the body as multipart/form-data.")
UNKNOWN = _("This field is not known here.")
# The second is what clients send of themselves where there is no file, such as addresses alone.
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
FORM_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 the field's name


class CleanParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        """Raises Invalid; ninja wraps it in an error of its own (refusals.py takes it out again)."""
        if request.content_type != "application/json":
            raise Invalid(SEND_JSON)
        try:
            return orjson.loads(request.body)
        except orjson.JSONDecodeError:
            return _patiently(request.body)

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """`cursor=` and what was left empty in a form were not given."""
        found = super().parse_querydict(data, list_fields, request)
        return {name: value for name, value in found.items() if value != ""}


def _patiently(body: bytes) -> Any:
    """orjson refuses half of a surrogate pair; we only take it out."""
    try:
        return _cleaned(json.loads(body, parse_constant=_no_constant))
    except (ValueError, RecursionError):
        raise Invalid(NOT_JSON) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _cleaned(value: Any) -> Any:
    """In keys and values: pydantic's own messages could not carry such a character."""
    match value:
        case str():
            return clean(value)
        case list():
            return [_cleaned(item) for item in value]
        case dict():
            return {clean(name): _cleaned(item) for name, item in value.items()}
    return value


def only_these(request: HttpRequest, *known: str) -> None:
    """Raises Invalid when the body is no form, or one with fields that nobody reads."""
    if request.content_type not in FORMS:
        raise Invalid(SEND_FORM)
    unknown = {*request.POST, *request.FILES} - {*known, FORM_TOKEN}
    if unknown:
        raise Invalid(fields={name: [UNKNOWN] for name in sorted(unknown)})
