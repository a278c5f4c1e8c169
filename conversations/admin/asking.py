"""What cannot be undone, or takes something from people, is asked once more, with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from conversations.admin.table import Table
from conversations.errors import Words
from conversations.models.audit import REASON
from conversations.text import clean

SAY_WHY = _("Say why: it is on record.")


@dataclass(frozen=True, slots=True)
class Question:
    """`action` is the name by which the list knows it; `told` says what happens, a paragraph each."""

    action: str
    title: Words
    told: Sequence[Words]


def reason_in(request: HttpRequest) -> str:
    return clean(request.POST.get("reason", "")).strip()[:REASON]


def is_answered(request: HttpRequest) -> bool:
    return "confirmed" in request.POST and bool(reason_in(request))


def asked(
    table: Table, request: HttpRequest, question: Question, rows: Sequence[Model]
) -> TemplateResponse:
    """The page between the list and the deed; again where no reason was given."""
    context: dict[str, Any] = {
        **table.admin_site.each_context(request),
        "title": question.title,
        "opts": table.opts,
        "question": question,
        "rows": rows,
        "box": ACTION_CHECKBOX_NAME,
        "longest": REASON,
        "wrong": SAY_WHY if "confirmed" in request.POST else "",
    }
    return TemplateResponse(request, "admin/asking.html", context)
