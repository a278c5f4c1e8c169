"""What a change of the catalogue means for people: told at once to whoever made it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import State
from conversations.admin.table import OnRecord
from conversations.admin.trouble import trouble_with
from conversations.errors import Invalid, ModelUnavailable
from conversations.models import LanguageModel, Provider
from conversations.models.catalogue import ProviderKind
from conversations.provider import catalogue, endpoints
from conversations.provider.interface import Model

READY = _("ready")
WITHDRAWN = _("withdrawn")
SWITCHED_OFF = _("switched off")
NOT_CONNECTED = _("not connected")
NONE_LEFT = _(
    "No model is on offer now: nobody can ask anything. Enable one whose provider is ready."
)
ANOTHER_USUAL = _("New conversations begin with {model} now.")


class OfTheCatalogue(OnRecord):
    """A table whose changes are told."""

    def changeform_view(self, request: HttpRequest, *args: Any, **more: Any) -> Any:
        with telling(request):
            return super().changeform_view(request, *args, **more)

    def changelist_view(self, request: HttpRequest, *args: Any, **more: Any) -> Any:
        with telling(request):
            return super().changelist_view(request, *args, **more)

    def delete_view(self, request: HttpRequest, *args: Any, **more: Any) -> Any:
        with telling(request):
            return super().delete_view(request, *args, **more)


@contextmanager
def telling(request: HttpRequest) -> Iterator[None]:
    """Around a page that may change the catalogue, its transaction included."""
    if request.method != "POST":
        yield
        return
    before = _usual()
    yield
    after = _usual()
    is_news = (
        before is not None or "action" not in request.POST
    )  # a test of something changes nothing
    if after is None:
        if is_news:
            messages.warning(request, NONE_LEFT)
    elif before is None or before.id != after.id:
        messages.info(request, ANOTHER_USUAL.format(model=after.name))


def _usual() -> Model | None:
    try:
        return catalogue.default_model()
    except ModelUnavailable:
        return None


def state_of_provider(provider: Provider) -> State:
    """Whether it can be asked, and what is in the way."""
    if not provider.is_enabled:
        return State(str(SWITCHED_OFF), "quiet")
    if provider.kind == ProviderKind.AUTO:
        return State(str(READY), "good")  # it chooses among the models of others
    try:
        endpoint = endpoints.endpoint_of(provider)
    except Invalid as problem:
        return State(str(problem), "bad")
    if endpoint is None:
        return State(str(NOT_CONNECTED), "quiet")
    return trouble_with(provider) or State(str(READY), "good")


def state_of_model(model: LanguageModel) -> State:
    """Ready means: those whom it is for can choose it."""
    if not model.is_enabled:
        return State(str(WITHDRAWN), "quiet")
    if model.slug in catalogue.known().entries:
        return State(str(READY), "good")
    return state_of_provider(model.provider)
