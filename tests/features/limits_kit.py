"""Providers that allow only so much, and waiting for what happens beside."""

import secrets
import time
from collections.abc import Callable

from conversations.models import LanguageModel, Provider
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.stub_provider import Stub

PATIENCE = 60


def entered(person: Person, ground: Ground, stub: Stub, **limits: int) -> Provider:
    """A provider with a model of the same name, which the person's server offers by now."""
    name = f"limited-{secrets.token_hex(4)}"
    provider = Provider(name=name, kind="compatible", base_url=stub.base_url, **limits)
    model = LanguageModel(
        slug=name, name=name, provider=provider, context_window=8_000, max_output_tokens=500,
        abilities=["stream_usage"],
    )  # fmt: skip
    ground.save(provider)
    ground.save(model)
    until(lambda: name in [one["id"] for one in person.api("GET", "models")["items"]])
    return provider


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)
