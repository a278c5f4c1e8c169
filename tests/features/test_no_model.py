"""Nothing is on offer: whoever comes is told, and what was said can be read all the same."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest

from conversations.models import LanguageModel, User
from conversations.provider import catalogue
from tests.features.admin_kit import client_of, made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing() -> Iterator[None]:
    LanguageModel.objects.update(is_enabled=False)
    catalogue.forget()
    yield
    catalogue.forget()


def test_a_conversation_opens_and_the_page_says_that_nobody_answers(owner: User) -> None:
    talk = made(owner)
    client = client_of(owner)
    for address in ("/", f"/c/{talk.pk}/", "/settings/"):
        page = client.get(address)
        assert page.status_code == HTTPStatus.OK, address
    page = client.get(f"/c/{talk.pk}/")
    assert "No model is available to you at the moment." in page.content.decode()
    assert "Words" in page.content.decode()
    assert client.get("/api/v1/models").json()["items"] == []
