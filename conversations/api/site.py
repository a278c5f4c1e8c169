"""`/api/v1/`, put together: one router a subject."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI

from conversations.api import (
    budgets,
    conversations,
    description,
    exports,
    files,
    folders,
    images,
    imports,
    me,
    messages,
    models,
    picture_questions,
    prompts,
    reckoning,
    refusals,
    runs,
    search,
    shares,
    usage,
    vision,
)
from conversations.api.answers import wrong_method
from conversations.api.bodies import CleanParser
from conversations.api.signed_in import SignedIn

View = Callable[..., HttpResponseBase]


class Site(NinjaAPI):
    """ninja, except that a wrong method, too, is told in the one form of all errors."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        patterns = super()._get_urls()
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = _in_our_form(pattern.callback)
        return patterns


def _in_our_form(view: View) -> View:
    @wraps(view)
    def door(request: HttpRequest, *args: Any, **parameters: Any) -> HttpResponseBase:
        response = view(request, *args, **parameters)
        if isinstance(response, HttpResponseNotAllowed):
            return wrong_method(request.method or "", response["Allow"].split(", "))
        return response

    return door


v1 = Site(
    title="chatsite",
    version="1",
    description="Everything the page does, for programs.",
    urls_namespace="api-v1",
    auth=[SignedIn()],
    parser=CleanParser(),
    openapi_url=None,
    docs_url=None,
)
refusals.speak_for(v1)
for subject in (
    me,
    models,
    conversations,
    search,
    folders,
    messages,
    reckoning,  # before an image whose id would be `tokens`
    images,
    files,
    vision,
    picture_questions,
    runs,
    prompts,
    shares,
    exports,
    imports,
    usage,
    budgets,
):
    v1.add_router("", subject.router)
v1.add_router("", description.described(v1))
