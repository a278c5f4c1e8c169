"""A model that cannot see, on offer, and pictures in which something was read before."""

import time
from collections.abc import Iterator

import pytest

from conversations.models import Blob, LanguageModel, Provider
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.harness.server import Server
from tests.stub_provider import Stub

BLIND = "blind-one"


@pytest.fixture(scope="module")
def blind_one(ground: Ground, stub: Stub, server: Server) -> Iterator[None]:
    provider = Provider(name="blind-server", kind="compatible", base_url=stub.base_url)
    ground.save(provider)
    sizes = {"context_window": 8_000, "max_output_tokens": 500}
    ground.save(LanguageModel(slug=BLIND, name="Blind", provider=provider, **sizes))
    yield
    ground.run(provider.delete)


@pytest.fixture
def asker(ada: Person, blind_one: None) -> Person:
    end = time.monotonic() + 60
    while BLIND not in [model["id"] for model in ada.api("GET", "models")["items"]]:
        assert time.monotonic() < end, "the model is not on offer"
        time.sleep(0.05)
    return ada


def picture(ground: Ground, person: Person, text: str) -> str:
    """One in which `text` was read before."""
    image = person.upload(png(40, 30))
    blobs = Blob.objects.filter(images__pk=image["id"])
    ground.run(lambda: blobs.update(ocr_text=text))
    return str(image["id"])
