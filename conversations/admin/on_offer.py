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
HELPER_AWAY = _("ready; {model}, chosen to help it, is not on offer")
WITHDRAWN = _("withdrawn")
SWITCHED_OFF = _("switched off")
NOT_CONNECTED = _("not connected")
NOT_THERE = _("its server does not have it")
NEITHER_THERE = _("neither of its models is ready")
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
    return _in_the_way(provider) or trouble_with(provider) or State(str(READY), "good")


def _in_the_way(provider: Provider) -> State | None:
    """Why nothing of it is on offer, as far as that is for administrators to change."""
    if not provider.is_enabled:
        return State(str(SWITCHED_OFF), "quiet")
    if provider.kind == ProviderKind.AUTO:
        return None  # it chooses among the models of others
    try:
        endpoint = endpoints.endpoint_of(provider)
    except Invalid as problem:
        return State(str(problem), "bad")
    return None if endpoint else State(str(NOT_CONNECTED), "quiet")


def state_of_model(model: LanguageModel) -> State:
    """Ready means: those whom it is for can choose it."""
    if not model.is_enabled:
        return State(str(WITHDRAWN), "quiet")
    if entry := catalogue.known().entries.get(model.slug):
        away = catalogue.helpers_away(entry.model)
        return (
            State(HELPER_AWAY.format(model=away[0]), "warn") if away else State(str(READY), "good")
        )
    is_choice = model.provider.kind == ProviderKind.AUTO
    missing = NEITHER_THERE if is_choice else NOT_THERE
    return _in_the_way(model.provider) or State(str(missing), "quiet")
