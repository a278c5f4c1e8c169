"""CHATSITE_SHARING: whoever has the link, people of this site, nobody."""

from typing import Any

import pytest
from django.test import Client

from conversations.chat import sharing
from conversations.errors import NotAllowed
from conversations.ids import hashed
from conversations.models import Conversation, Message, Share, User
from tests.features.images_kit import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return person("odile")


@pytest.fixture
def path(owner: User) -> str:
    talk = Conversation.objects.create(owner=owner, title="Herons")
    leaf = Message.objects.create(conversation=talk, role="user", text="What did it do?")
    Conversation.objects.filter(pk=talk.pk).update(active_message=leaf)
    link = sharing.Link(conversation=str(talk.pk))
    return f"/share/{sharing.token_of(sharing.make(owner, link, address=None))}/"


def test_among_its_own_people_a_stranger_is_asked_to_sign_in(path: str, settings: Any) -> None:
    settings.SHARING = "signed_in"
    browser = Client()
    answer = browser.get(path)
    assert answer.headers["location"] == f"/accounts/login/?next={path}"
    assert answer.headers["x-robots-tag"].startswith("noindex")
    browser.force_login(person("rosa"))
    assert browser.get(path).status_code == 200


def test_where_sharing_is_off_no_link_opens_and_none_is_made(
    path: str, owner: User, settings: Any
) -> None:
    settings.SHARING = "off"
    assert Client().get(path).status_code == 404
    link = sharing.Link(conversation=str(Conversation.objects.get().pk))
    with pytest.raises(NotAllowed):
        sharing.make(owner, link, address=None)


def test_the_table_does_not_hold_what_opens_a_link(path: str, settings: Any) -> None:
    share = Share.objects.get()
    token = path.split("/")[2]
    assert token not in str(Share.objects.values())
    assert share.token_hash == hashed(token)
    settings.SECRET_KEY = "another"
    assert sharing.address_of(share) is None, "a link was shown that opens nothing"
    assert Client().get(path).status_code == 200, "the link itself goes on"
