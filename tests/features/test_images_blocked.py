"""A blocked picture is shown to nobody, read by no model, and taken in from nobody again."""

from base64 import b64decode
from http import HTTPStatus
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image as Picture

from conversations.attachments import blocking, passing_on, storage
from conversations.attachments.accept import accept
from conversations.attachments.images import data_url, image_object, picture_of, sign, stored_bytes
from conversations.errors import NotAllowed
from conversations.models import AuditEntry, Blob, BlockedPicture, Image, User
from tests.features.admin_kit import TABLES, client_of, made, reviewer
from tests.features.images_kit import fresh, person, upload
from tests.pure.pictures import saved

pytestmark = pytest.mark.django_db

ACTION = {"action": "block", "index": "0", "confirmed": "yes"}


@pytest.fixture
def ada() -> User:
    return person("ada")


@pytest.fixture
def root() -> User:
    return person("sam", is_staff=True, is_superuser=True)


def photo() -> bytes:
    """What is made of it has other bytes."""
    return saved(Picture.open(BytesIO(fresh())).convert("RGB"), "JPEG", quality=60)


def sent(owner: User, content: bytes) -> Image:
    """Uploaded, and standing in a question."""
    [image] = accept(owner, [upload(content)])
    place = made(owner).messages.get(role="user").pictures.get()
    place.image = image
    place.save()
    return image


def blocked_at_the_desk(root: User, *images: Image) -> Client:
    client = client_of(root)
    chosen = {"_selected_action": [str(image.pk) for image in images]}
    answer = client.post(f"{TABLES}image/", {**ACTION, **chosen})
    assert answer.status_code == HTTPStatus.FOUND
    return client


def test_whoever_has_it_sees_a_sign(ada: User, root: User) -> None:
    content = photo()
    mine, [bens] = sent(ada, content), accept(ben := person("ben"), [upload(content)])
    etag = client_of(ada).get(f"/images/{mine.pk}/")["ETag"]
    blocked_at_the_desk(root, mine)
    for owner, image in ((ada, mine), (ben, bens), (root, mine)):
        for url in (f"/images/{image.pk}/", f"/images/{image.pk}/thumbnail/"):
            answer = client_of(owner).get(url, headers={"if-none-match": etag})
            assert (answer.status_code, answer.content) == (HTTPStatus.GONE, sign())
            assert answer["Content-Type"] == "image/png"
            assert answer["Cache-Control"] == "private, no-cache"
    assert client_of(person("cleo")).get(f"/images/{mine.pk}/").status_code == HTTPStatus.NOT_FOUND
    mine.blob.refresh_from_db()
    assert image_object(mine)["blocked"] is True


def test_a_model_gets_the_sign_and_not_a_word_that_was_read(ada: User, root: User) -> None:
    image = sent(ada, photo())
    Blob.objects.filter(pk=image.blob_id).update(ocr_text="PRIVATE")
    blocked_at_the_desk(root, image)
    blob = Blob.objects.get(pk=image.blob_id)
    assert b64decode(data_url(blob).partition(",")[2]) == sign()
    assert blob.ocr_text == ""


def test_its_address_is_not_passed_on_either(ada: User, root: User) -> None:
    image = sent(ada, photo())
    Image.objects.filter(pk=image.pk).update(source="https://example.org/a.jpg")
    assert passing_on.addresses(ada.pk, [image.blob])
    blocked_at_the_desk(root, image)
    assert not passing_on.addresses(ada.pk, [image.blob])


def test_nobody_brings_it_again_in_either_form(ada: User, root: User) -> None:
    content = photo()
    image = sent(ada, content)
    made_ready = stored_bytes(image.blob.name)
    assert made_ready != content
    blocked_at_the_desk(root, image)
    cleo = person("cleo")
    for again in (content, made_ready):
        with pytest.raises(NotAllowed, match=r"^Picture 2 of 2: .*blocked") as refusal:
            accept(cleo, [upload(photo()), upload(again)])
        assert refusal.value.fields
    assert not Image.objects.filter(owner=cleo).exists()


def test_what_comes_to_the_same_picture_is_that_picture(
    ada: User, root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other bytes, of which we would make what is blocked: told when it is made ready, and ever after."""
    content, other = photo(), photo()
    image = sent(ada, content)
    [alike] = accept(ada, [upload(other)])
    Blob.objects.filter(pk=alike.blob_id).update(name=image.blob.name)
    blocked_at_the_desk(root, image)
    alike.blob.refresh_from_db()
    assert alike.blob.blocked
    with pytest.raises(NotAllowed):
        accept(person("cleo"), [upload(other)])
    stored = BlockedPicture.objects.get().stored
    monkeypatch.setattr(storage, "digest", lambda path: stored)
    with pytest.raises(NotAllowed):
        accept(person("dan"), [upload(photo())])


def test_a_block_is_on_record_and_can_be_lifted(ada: User, root: User) -> None:
    content = photo()
    image = sent(ada, content)
    client = blocked_at_the_desk(root, image)
    blocked_at_the_desk(root, image)  # once is as good as twice
    row = BlockedPicture.objects.get()
    entry = AuditEntry.objects.filter(action="image.block").first()
    assert entry and (entry.actor, entry.owner, entry.object_id) == ("sam", "ada", str(image.pk))
    client.post(f"{TABLES}blockedpicture/{row.pk}/delete/", {"post": "yes"})
    assert AuditEntry.objects.filter(action="blockedpicture.delete").exists()
    blob = Blob.objects.get(pk=image.blob_id)
    assert (blob.blocked, blob.ocr_text) == (False, None)
    assert picture_of(blob)[0] == stored_bytes(blob.name)
    accept(person("cleo"), [upload(content)])


def test_to_lift_one_of_two_blocks_shows_nothing(ada: User) -> None:
    image = sent(ada, photo())
    first = blocking.block(image.blob)
    second = BlockedPicture.objects.create(sha256=first.stored)
    blocking.lift([first])
    assert Blob.objects.get(pk=image.blob_id).blocked
    blocking.lift([second])
    assert not Blob.objects.get(pk=image.blob_id).blocked


def test_to_lift_a_block_costs_the_same_however_many_there_are(ada: User) -> None:
    row = blocking.block(sent(ada, photo()).blob)
    some = [BlockedPicture(sha256=f"{number:064}", stored="") for number in range(50)]
    BlockedPicture.objects.bulk_create(some)
    with CaptureQueriesContext(connection) as asked:
        blocking.lift([row])
    assert max(len(query["sql"]) for query in asked) < 2000
    assert not Blob.objects.filter(blocked=True).exists()


def test_a_picture_is_blocked_by_its_digest_alone(ada: User, root: User) -> None:
    image, client = sent(ada, photo()), client_of(root)
    add = f"{TABLES}blockedpicture/add/"
    wrong = client.post(add, {"sha256": "not one", "note": ""})
    assert "no SHA-256" in wrong.content.decode()
    client.post(add, {"sha256": image.blob.sha256.upper(), "note": "A list."})
    assert Blob.objects.get(pk=image.blob_id).blocked
    assert AuditEntry.objects.filter(action="blockedpicture.add").exists()
    never = accept(ada, [upload(photo())])[0]
    client.post(add, {"sha256": "0" * 64, "note": ""})
    assert not Blob.objects.get(pk=never.blob_id).blocked


def test_who_only_reviews_blocks_nothing(ada: User, root: User) -> None:
    image, rita = sent(ada, photo()), reviewer()
    page = client_of(rita).get(f"{TABLES}image/").content.decode()
    assert "Block these pictures" not in page
    client_of(rita).post(f"{TABLES}image/", {**ACTION, "_selected_action": [str(image.pk)]})
    assert not BlockedPicture.objects.exists()
    assert "Block these pictures" in client_of(root).get(f"{TABLES}image/").content.decode()


def test_a_picture_that_was_never_sent_is_not_for_staff_to_block(ada: User, root: User) -> None:
    [unsent] = accept(ada, [upload(photo())])
    sent(ada, photo())
    client = blocked_at_the_desk(root, unsent)
    assert not BlockedPicture.objects.exists()
    assert "Nothing was blocked" in client.get(f"{TABLES}image/").content.decode()


def test_a_row_leads_to_the_transcripts_that_show_the_picture(ada: User, root: User) -> None:
    image = sent(ada, photo())
    use = image.uses.get()
    address = reverse("admin:conversations_conversation_change", args=[use.message.conversation_id])
    for page in (f"{TABLES}image/", f"{TABLES}image/{image.pk}/change/"):
        with CaptureQueriesContext(connection) as asked:
            shown = client_of(root).get(page).content.decode()
        assert f"{address}?message={use.message_id}" in shown
        words = '"conversations_message"."text"'
        assert not [query for query in asked if words in query["sql"]], "nobody reads them there"


def test_who_blocks_is_asked_once_more_and_may_say_why(ada: User, root: User) -> None:
    image = sent(ada, photo())
    client, table = client_of(root), f"{TABLES}image/"
    chosen = {"action": "block", "index": "0", "_selected_action": str(image.pk)}
    page = client.post(table, chosen).content.decode()
    assert f'value="{image.pk}"' in page and 'name="confirmed"' in page
    assert not BlockedPicture.objects.exists()
    client.post(table, {**chosen, "confirmed": "yes", "note": " Not\0 here." + "." * 300})
    assert BlockedPicture.objects.get().note == ("Not here." + "." * 300)[:200]
