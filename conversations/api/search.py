"""Finding again what was said."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from conversations.api.answers import said
from conversations.api.searching import one_of_few
from conversations.api.shapes import Results
from conversations.api.signed_in import caller
from conversations.chat.questions import Clean
from conversations.db import in_transaction
from conversations.reading import search

router = Router(tags=["conversations"])


class Asked(BaseModel):
    q: Annotated[Clean, Field(max_length=1000)] = ""
    limit: Annotated[int, Field(ge=1, le=search.MOST)] = search.CONVERSATIONS


@router.get("/search", response=Results, summary="Search what was said")
def find(request: HttpRequest, wanted: Query[Asked]) -> HttpResponse:
    """The conversations that fit best, by their titles and by what was said in them, on every branch.

    Words and parts of words, all of them to be there; `"words in a row"`, `-without`, `model:gpt-4o`,
    `before:2026-03-15`, `after:2026` (a day, a month or a year), `has:image`, `has:file`, `has:code`,
    `has:link`, `in:title`, `in:archive`, `in:Work` (a folder). Nothing that can be typed is an error: a
    filter that says nothing is named in `ignored`. To read around a match, ask its conversation's messages
    with `through`.
    """
    user = caller(request)
    with one_of_few(user):
        return said(in_transaction(search.search, user, wanted.q, wanted.limit))
