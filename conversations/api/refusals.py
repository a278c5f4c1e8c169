"""Whatever goes wrong in a call, in our form: ninja's and Django's own errors are translated here."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pydantic
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from conversations.api.answers import refused
from conversations.api.bodies import SEND_JSON
from conversations.chat.wording import sentence_for
from conversations.db import AWAY, DATABASE_AWAY
from conversations.errors import Invalid, NotFound, Refusal, TooLarge, Unavailable, Words

log = logging.getLogger(__name__)

UNREADABLE = _("The body of this request could not be read.")
# How our views call a model that is a whole body or a whole query; the caller does not know these names.
OURS = ("body", "form", "wanted")


def speak_for(api: NinjaAPI) -> None:
    """From here on no error leaves `api` in another form."""
    for kind, translate in TRANSLATIONS.items():
        api.add_exception_handler(kind, _handler(translate))


def _handler(translate: Callable[[Any], Refusal]) -> Callable[[HttpRequest, Any], HttpResponse]:
    def handle(request: HttpRequest, problem: Exception) -> HttpResponse:
        return refused(translate(problem))

    return handle


def _of_ninja(problem: HttpError) -> Refusal:
    """ninja puts what its parser raised behind an error of its own."""
    cause = problem.__cause__
    if cause is None:
        return Invalid(UNREADABLE)
    kind = next(kind for kind in type(cause).__mro__ if kind in TRANSLATIONS)
    return TRANSLATIONS[kind](cause)


def _of_parameters(problem: ValidationError) -> Refusal:
    return invalid({**error, "loc": error["loc"][1:]} for error in problem.errors)


def _of_model(problem: pydantic.ValidationError) -> Refusal:
    return invalid(dict(e) for e in problem.errors(include_url=False, include_input=False))


def invalid(problems: Iterable[Mapping[str, Any]]) -> Invalid:
    """pydantic's problems as sentences under the names of their fields."""
    fields: dict[str, list[Words]] = {}
    for problem in problems:
        sentence = sentence_for(problem)
        sentences = fields.setdefault(_name(problem["loc"]), [])
        if sentence not in sentences:
            sentences.append(sentence)
    return Invalid(fields=fields)


def _name(place: tuple[int | str, ...]) -> str:
    """`options.top_p`, `images`: a field of the body, or one of its options, and no deeper."""
    parts = [part for part in place if isinstance(part, str)]
    if len(parts) > 1 and parts[0] in OURS:
        parts = parts[1:]
    deep = 2 if parts[:1] == ["options"] else 1
    return ".".join(parts[:deep]) or "body"


def _away(problem: Exception) -> Refusal:
    log.warning("the database cannot be reached: %s", type(problem).__name__)
    return Unavailable(DATABASE_AWAY)


def _unforeseen(problem: Exception) -> Refusal:
    log.error("a call of the API failed", exc_info=problem)
    return Refusal()


TRANSLATIONS: dict[type[Exception], Callable[[Any], Refusal]] = {
    Refusal: lambda refusal: refusal,
    ValidationError: _of_parameters,
    pydantic.ValidationError: _of_model,
    HttpError: _of_ninja,
    Http404: lambda _: NotFound(),
    RequestDataTooBig: lambda _: TooLarge(),
    SuspiciousOperation: lambda _: Invalid(UNREADABLE),
    BadRequest: lambda _: Invalid(UNREADABLE),
    MultiPartParserError: lambda _: Invalid(UNREADABLE),
    UnreadablePostError: lambda _: Invalid(UNREADABLE),
    # A form where JSON is wanted: the look for its CSRF token has read it, and nobody can again.
    RawPostDataException: lambda _: Invalid(SEND_JSON),
    # A value that is one and that Postgres has no room for: the year 1 in a far time zone.
    DataError: lambda _: Invalid(),
    **dict.fromkeys(AWAY, _away),
    Exception: _unforeseen,
}
