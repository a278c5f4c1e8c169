"""CHATSITE_IMAGE_URLS=pass: some vendors get the address of a picture, for a while."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from conversations.attachments import passing_on
from conversations.attachments.accept import accept
from conversations.attachments.images import data_url
from conversations.ids import uuid7
from conversations.models import Image, User
from conversations.models.conversation import Role
from conversations.provider.interface import Endpoint, Model, Request
from conversations.runs import prompt
from conversations.runs.start import Script, Ticket, Turn
from tests.features.images_kit import fresh, person, upload

pytestmark = pytest.mark.django_db
URL = "https://pictures.example/a.png?b=c"


def model(kind: str) -> Model:
    endpoint = Endpoint("x", kind, "", 1, 1, 1, 1)
    return Model("m", "M", "x", 1000, 1000, endpoint=endpoint)


@pytest.fixture
def ada() -> User:
    return person("ada")


@pytest.fixture
def image(ada: User) -> Image:
    [image] = accept(ada, [upload(fresh())])
    Image.objects.update(source=URL)
    return image


def passed(image: Image) -> dict[UUID, str]:
    return passing_on.addresses(image.owner_id, [image.blob])


@pytest.mark.parametrize(
    ("wish", "kind", "is_done"),
    [
        ("pass", "openai", True),
        ("pass", "azure", True),
        ("pass", "compatible", False),
        ("pass", "builtin", False),
        ("fetch", "openai", False),
        ("off", "openai", False),
    ],
)
def test_only_vendors_that_can_and_where_it_was_said(
    settings: Any, wish: str, kind: str, is_done: bool
) -> None:
    settings.IMAGE_URLS = wish
    assert passing_on.is_done_for(model(kind)) is is_done
    assert not passing_on.is_done_for(replace(model(kind), endpoint=None))


def test_the_vendor_gets_the_address_and_of_the_others_the_bytes(ada: User, image: Image) -> None:
    [other] = accept(ada, [upload(fresh())])
    named = [{"url": one.blob, "detail": "auto"} for one in (image, other)]
    said = [{"role": "user", "content": [{"type": "image_url", "image_url": one} for one in named]}]
    [message] = prompt._with_pictures(said, passed(image), model("openai"))
    urls = [part["image_url"]["url"] for part in message["content"]]
    assert urls == [URL, data_url(other.blob)]


def test_the_bytes_are_at_hand_for_a_vendor_that_cannot_fetch_it(
    image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    sees = replace(model("openai"), capabilities=frozenset({"vision"}), context_window=9_000)
    turn = Turn(Role.USER, "What is it?", (image.blob,), "auto")
    script = Script(sees, "", [turn], {})
    ticket = Ticket(uuid7(), uuid7(), uuid7(), uuid7(), "m", script=script)

    def request(passed: dict[UUID, str]) -> Request:
        async def passed_on(owner: UUID, script: Script) -> dict[UUID, str]:
            return passed

        monkeypatch.setattr(prompt, "_passed_on", passed_on)
        return asyncio.run(prompt.request_for(ticket))

    asked, plain = request({image.blob_id: URL}), request({})
    assert asked.messages[-1]["content"][1]["image_url"]["url"] == URL
    assert asked.in_bytes and asked.in_bytes() == plain.messages
    assert plain.in_bytes is None


def test_not_for_long_and_not_what_is_somebody_elses(image: Image) -> None:
    assert passed(image) == {image.blob_id: URL}
    assert passing_on.addresses(person("ben").pk, [image.blob]) == {}
    Image.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert passed(image) == {}


@pytest.mark.parametrize(
    "source",
    [
        "", "http://pictures.example/a.png", "https://pictures.example/" + "a" * 1_975,
        "https://wiki.test/a.png", "https://files.test:444/a.png",
    ],
)  # fmt: skip
def test_not_what_a_vendor_cannot_reach(settings: Any, image: Image, source: str) -> None:
    settings.IMAGE_HOSTS = ["wiki.test", "files.test:444"]
    assert passed(image)
    Image.objects.update(source=source)
    assert passed(image) == {}
