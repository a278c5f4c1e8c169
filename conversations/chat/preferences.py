"""How a person likes it: what may be chosen, and keeping what was."""

from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field

from conversations.chat.questions import Clean, Closed
from conversations.models import Preferences, User
from conversations.provider import catalogue

# Read by the model with every question: room for a page and a half, not for a book.
INSTRUCTIONS_CHARACTERS = 8_000
NO_ZONE = _("This time zone is not known here.")


# The rest of the IANA list are offsets and old names: understood, and not offered.
CONTINENTS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # which reads a tree of files


@cache
def places() -> tuple[str, ...]:
    """The time zones to choose from."""
    return (*sorted(name for name in _zones() if name.split("/")[0] in CONTINENTS), "UTC")


def _known_zone(name: str) -> str:
    if name and name not in _zones():
        raise ValueError(NO_ZONE)
    return name


class Wishes(Closed):
    """What may be changed; what is absent stays."""

    system_prompt: Annotated[Clean, Field(max_length=INSTRUCTIONS_CHARACTERS)] = ""
    time_zone: Annotated[Clean, Field(max_length=64), AfterValidator(_known_zone)] = ""
    language: Literal["", "en", "de"] = ""
    model: Annotated[Clean, Field(max_length=100)] = ""

    def given(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


def change(user: User, wishes: Wishes) -> Preferences:
    """Raises ModelUnavailable when a model is wished for that is not there."""
    given = wishes.given()
    if given.get("model"):
        catalogue.model_for(user, given["model"])
    kept, _ = Preferences.objects.update_or_create(user=user, defaults=given)
    return kept
