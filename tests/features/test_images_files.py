"""The bytes of a picture go to who may see it, and are asked for anew each time."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.test import Client

from conversations.attachments.accept import accept
from conversations.attachments.images import image_object, stored_bytes
from conversations.models import AuditEntry, Conversation, Image, Message, MessageImage, User
from tests.features.images_kit import fresh, person, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return person("ada")


@pytest.fixture
def image(ada: User) -> Image:
    return accept(ada, [upload(fresh())])[0]


def browser(user: User | None = None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def urls(image: Image) -> list[str]:
    return [str(image_object(image)[name]) for name in ("url", "thumbnail_url")]


def sent(image: Image) -> None:
    """The picture stands in a question of its owner."""
    talk = Conversation.objects.create(owner=image.owner, title="Mine", model="a-model")
    question = Message.objects.create(conversation=talk, role="user", text="What is this?")
    MessageImage.objects.create(message=question, image=image, position=0)


def reviewer() -> User:
    rita = person("rita", is_staff=True)
    rita.user_permissions.add(Permission.objects.get(codename="view_message"))
    return rita


def test_the_owner_sees_picture_and_thumbnail(ada: User, image: Image) -> None:
    names = (image.blob.name, image.blob.thumbnail_name)
    types = (image.blob.content_type, "image/webp")
    for url, name, content_type in zip(urls(image), names, types, strict=True):
        answer = browser(ada).get(url)
        assert answer.content == stored_bytes(name)
        assert answer["Content-Type"] == content_type


def test_a_picture_can_do_nothing_and_is_kept_by_nobody_else(ada: User, image: Image) -> None:
    for url in urls(image):
        answer = browser(ada).get(url)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Cache-Control"] == "private, no-cache"
        assert answer["Content-Disposition"].startswith('inline; filename="')
        assert "default-src 'none'; sandbox" in answer["Content-Security-Policy"]


def test_a_browser_that_has_it_is_told_so_but_asked_who_it_is(ada: User, image: Image) -> None:
    for url in urls(image):
        client = browser(ada)
        etag = client.get(url)["ETag"]
        again = client.get(url, HTTP_IF_NONE_MATCH=etag)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        assert again["Cache-Control"] == "private, no-cache"
        assert client.get(url, HTTP_IF_NONE_MATCH='"another"').status_code == 200
        assert (
            browser(person(f"cleo{len(url)}")).get(url, HTTP_IF_NONE_MATCH=etag).status_code == 404
        )


def test_somebody_elses_and_missing_pictures_look_the_same(image: Image) -> None:
    cleo = browser(person("cleo"))
    for url in urls(image):
        assert cleo.get(url).status_code == 404
    assert cleo.get(f"/images/{uuid4()}/").status_code == 404


def test_the_same_picture_of_another_person_is_still_not_hers(image: Image) -> None:
    ben = person("ben")
    own = Image.objects.create(owner=ben, blob=image.blob)
    assert browser(ben).get(urls(own)[0]).status_code == 200
    assert browser(ben).get(urls(image)[0]).status_code == 404


def test_a_stranger_is_sent_to_sign_in(image: Image) -> None:
    for url in urls(image):
        answer = browser().get(url)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")


def test_a_deactivated_owner_is_a_stranger(ada: User, image: Image) -> None:
    client = browser(ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert client.get(urls(image)[0]).status_code == 302


def test_reviewers_see_what_was_sent_and_nothing_else(image: Image) -> None:
    rita = browser(reviewer())
    assert rita.get(urls(image)[0]).status_code == 404
    sent(image)
    for url in urls(image):
        assert rita.get(url).status_code == 200


def test_a_picture_that_staff_open_is_on_record_each_time(ada: User, image: Image) -> None:
    sent(image)
    rita = reviewer()
    whole, thumbnail = urls(image)
    etag = browser(rita).get(whole)["ETag"]
    browser(rita).get(
        whole, HTTP_IF_NONE_MATCH=etag
    )  # shown from the browser's copy: seen all the same
    browser(rita).head(whole)
    browser(rita).get(thumbnail)
    entries = AuditEntry.objects.filter(action="image.read", object_id=str(image.pk))
    assert [(one.actor, one.owner, one.address) for one in entries] == [
        ("rita", "ada", "127.0.0.1")
    ] * 2


def test_looking_at_ones_own_picture_is_nobodys_business(image: Image) -> None:
    sent(image)
    image.owner.is_staff = image.owner.is_superuser = True
    image.owner.save()
    assert browser(image.owner).get(urls(image)[0]).status_code == 200
    assert not AuditEntry.objects.filter(object_id=str(image.pk)).exists()


def test_what_cannot_be_recorded_is_not_shown(
    image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*args: object, **more: object) -> None:
        raise OSError("no room")

    sent(image)
    monkeypatch.setattr("conversations.audit.record", no_room)
    client = browser(reviewer())
    client.raise_request_exception = False
    assert client.get(urls(image)[0]).status_code == 500


def test_staff_without_the_right_see_nothing(image: Image) -> None:
    sent(image)
    assert browser(person("stan", is_staff=True)).get(urls(image)[0]).status_code == 404


def test_nothing_can_be_posted_there(ada: User, image: Image) -> None:
    for url in urls(image):
        assert browser(ada).post(url).status_code == 405
        assert browser(ada).head(url).status_code == 200


def test_a_file_that_is_gone_is_not_found(ada: User, image: Image) -> None:
    default_storage.delete(image.blob.name)
    assert browser(ada).get(urls(image)[0]).status_code == 404
    assert browser(ada).get(urls(image)[1]).status_code == 200


def test_a_proxy_is_told_where_it_lies_once_somebody_may_see_it(
    ada: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ACCEL", "/stored/")
    names = (image.blob.name, image.blob.thumbnail_name)
    for url, name in zip(urls(image), names, strict=True):
        answer = browser(ada).get(url)
        assert answer["X-Accel-Redirect"] == f"/stored/{name}"
        assert answer.content == b""
        assert answer["Content-Disposition"].startswith("inline")
        for other in (browser(), browser(person(f"cleo{len(url)}"))):
            assert "X-Accel-Redirect" not in other.get(url)


def test_no_two_people_share_a_copy_and_nobody_gets_a_part(ada: User, image: Image) -> None:
    for url in urls(image):
        answer = browser(ada).get(url, headers={"range": "bytes=0-9"})
        assert answer.status_code == 200
        assert answer["Accept-Ranges"] == "none"
        assert "Cookie" in answer["Vary"]
        assert "Cookie" in browser(ada).get(url, HTTP_IF_NONE_MATCH=answer["ETag"])["Vary"]
