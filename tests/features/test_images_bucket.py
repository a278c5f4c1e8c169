"""Pictures in a bucket: as private as on the disk, and its trouble is said."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from chatsite.env import Env, WrongVariable
from conversations.attachments import bucket as bucket_of_ours
from conversations.attachments import leaving, room, smaller
from conversations.attachments.accept import accept
from conversations.attachments.bucket import PrivateBucket
from conversations.attachments.images import stored_bytes
from conversations.attachments.room import NoRoom
from conversations.backup import pictures as backed_up
from conversations.chat import pictures
from conversations.errors import Unavailable
from conversations.models import Image, User
from conversations.web import stored
from tests.features.admin_kit import client_of
from tests.features.images_kit import fresh, person, upload
from tests.features.limits_kit import until
from tests.harness import bucket as server
from tests.harness.bucket import KEY, NAME, REGION, SECRET, Bucket
from tests.harness.pictures import png

pytestmark = pytest.mark.django_db
WAITS = (bucket_of_ours.DELETE_CONNECT_SECONDS, bucket_of_ours.DELETE_READ_SECONDS)


@pytest.fixture(scope="module")
def running() -> Iterator[Bucket]:
    with server.running() as bucket:
        yield bucket


@pytest.fixture
def bucket(running: Bucket, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """Where this site's pictures are from now on."""
    running.fails = running.before_put = None
    running.silent = False
    # A machine that is busy with other tests is no bucket that is away.
    monkeypatch.setattr(bucket_of_ours, "DELETE_READ_SECONDS", 20)
    monkeypatch.setattr(bucket_of_ours, "DELETE_SECONDS", 60.0)
    running.knows_many = True
    running.objects.clear()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    url = f"s3://{NAME}/site?endpoint={running.endpoint}&region={REGION}"
    options = Env({"CHATSITE_FILES_URL": url}).bucket("CHATSITE_FILES_URL")
    monkeypatch.setattr(default_storage, "_wrapped", PrivateBucket(**options))
    return running


@pytest.fixture
def ada() -> User:
    return person("ada")


@pytest.fixture
def image(bucket: Bucket, ada: User) -> Image:
    return accept(ada, [upload(fresh())])[0]


def name_in_site(key: str) -> str:
    return key.removeprefix("site/")


def test_a_picture_is_put_whole_shown_and_deleted(bucket: Bucket, ada: User, image: Image) -> None:
    names = (image.blob.name, image.blob.thumbnail_name)
    assert set(bucket.objects) == {f"site/{name}" for name in names}
    assert bucket.objects[f"site/{image.blob.name}"][0] == stored_bytes(image.blob.name)
    answer = client_of(ada).get(f"/images/{image.pk}/")
    assert len(answer.content) == image.blob.bytes
    assert answer["Content-Type"] == image.blob.content_type
    assert "Location" not in answer, "no address of the bucket goes out"
    pictures.delete(ada, image.pk)
    assert bucket.objects == {}


def test_the_same_picture_is_put_once(bucket: Bucket, ada: User, image: Image) -> None:
    bucket.asked.clear()
    content = fresh()
    accept(ada, [upload(content), upload(content)])
    accept(person("ben"), [upload(content)])
    assert bucket.asked.count("PUT") == 2  # the picture and its thumbnail


def test_nobody_else_gets_it(bucket: Bucket, image: Image) -> None:
    bucket.asked.clear()
    assert client_of(person("cleo")).get(f"/images/{image.pk}/").status_code == 404
    assert client_of(None).get(f"/images/{image.pk}/").status_code == 302
    assert bucket.asked == []
    with pytest.raises(ValueError, match="no address"):
        default_storage.url(image.blob.name)


def test_a_wrong_key_and_a_server_in_trouble_are_said_and_store_nothing(
    bucket: Bucket, ada: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.fails = HTTPStatus.INTERNAL_SERVER_ERROR
    with pytest.raises(Unavailable, match="store of pictures"):
        accept(ada, [upload(fresh())])
    answer = client_of(ada).get(f"/images/{image.pk}/")
    assert answer.status_code == 503 and answer["Retry-After"], "it may be there again in a moment"
    bucket.fails = None
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another secret")
    options = {"bucket_name": NAME, "endpoint_url": bucket.endpoint, "region_name": REGION}
    monkeypatch.setattr(default_storage, "_wrapped", PrivateBucket(**options))
    with pytest.raises(Unavailable):
        accept(ada, [upload(fresh())])
    assert Image.objects.count() == 1


def test_nobody_waits_for_files_while_a_slow_bucket_takes_some(
    bucket: Bucket, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who deletes a picture has to have all files alone; and behind them every other upload would wait."""
    done: list[str] = []
    bucket.before_put = lambda: done.append("put")
    monkeypatch.setattr(leaving, "hold_files", lambda: done.append("held"))
    image = accept(ada, [upload(png(40, 600))])[0]
    assert done == ["put", "put", "held"]
    assert smaller.copy_of(image.blob, side=512) and done[3:] == ["put", "held"]


def test_files_that_went_before_their_row_came_are_put_again(
    bucket: Bucket, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's last copy of the same picture was deleted in just that moment."""
    held = leaving.hold_files

    def taken_first() -> None:
        bucket.objects.clear()
        held()

    monkeypatch.setattr(leaving, "hold_files", taken_first)
    image = accept(ada, [upload(fresh())])[0]
    assert set(bucket.objects) == {f"site/{image.blob.name}", f"site/{image.blob.thumbnail_name}"}
    assert len(stored_bytes(image.blob.name)) == image.blob.bytes


def test_who_looks_at_a_picture_holds_no_connection_while_a_slow_bucket_sends_it(
    bucket: Bucket, ada: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty who look would else be all that the site can do."""
    bucket.asked.clear()
    asked_when_given: list[list[str]] = []
    given = lambda: asked_when_given.append(list(bucket.asked))  # noqa: E731
    monkeypatch.setattr(stored, "give_back_connection", given)
    assert client_of(ada).get(f"/images/{image.pk}/").status_code == 200
    assert asked_when_given == [[]] and bucket.asked == ["GET"]


def test_files_of_who_is_refused_at_the_last_moment_go_again(
    bucket: Bucket, ada: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last room went to another upload of theirs, or it was blocked, while the bucket took it."""
    before = set(bucket.objects)

    def refused(*_: object) -> None:
        raise NoRoom(room.NO_ROOM)

    monkeypatch.setattr(room, "take", refused)
    with pytest.raises(NoRoom):
        accept(ada, [upload(fresh())])
    assert set(bucket.objects) == before


@pytest.mark.parametrize("knows_many", [True, False])
def test_many_pictures_go_by_one_request_if_the_server_knows_it(
    bucket: Bucket, ada: User, knows_many: bool
) -> None:
    """All uploads wait for whoever deletes: a request for each file were minutes."""
    images = accept(ada, [upload(png(40, side)) for side in (600, 601, 602)])
    smaller.copy_of(images[0].blob, side=512)
    assert len(bucket.objects) == 7
    bucket.knows_many = knows_many
    bucket.asked.clear()
    leaving.forget([image.pk for image in images], before=timezone.now() + timedelta(seconds=1))
    assert bucket.objects == {} and bucket.asked.count("POST") == 1
    assert (bucket.asked.count("DELETE") > 0) is not knows_many


def test_whoever_deletes_waits_for_no_silent_bucket_and_the_sweep_takes_the_rest(
    bucket: Bucket, ada: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = accept(ada, [upload(fresh())])[0]
    monkeypatch.setattr(bucket_of_ours, "DELETE_READ_SECONDS", 0.2)
    monkeypatch.setattr(bucket_of_ours, "LEFT_ALONE_SECONDS", 3600.0)
    bucket.silent = True
    bucket.asked.clear()
    pictures.delete(ada, image.pk)
    pictures.delete(ada, other.pk)
    until(lambda: bucket.asked == ["POST"])  # once, and then it is left alone for a while
    assert not Image.objects.exists() and len(bucket.objects) == 4
    bucket.silent = False
    monkeypatch.setattr(default_storage, "_left_alone_until", 0.0)
    monkeypatch.setattr(bucket_of_ours, "DELETE_READ_SECONDS", 20)
    monkeypatch.delattr(default_storage._wrapped, "_hasty_client")  # type: ignore[attr-defined]
    assert leaving.delete_files(list(map(name_in_site, bucket.objects)))
    assert bucket.objects == {}


@pytest.mark.parametrize("why", ["refuses", "is not there", "has no time"])
def test_a_bucket_in_trouble_keeps_nobody_from_deleting(
    why: str, bucket: Bucket, ada: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why == "refuses":
        bucket.fails = HTTPStatus.INTERNAL_SERVER_ERROR
    elif why == "has no time":
        bucket.knows_many = False
        monkeypatch.setattr(bucket_of_ours, "DELETE_SECONDS", -1.0)
    else:
        nowhere = {"bucket_name": NAME, "endpoint_url": "http://127.0.0.1:9", "region_name": REGION}
        monkeypatch.setattr(default_storage, "_wrapped", PrivateBucket(**nowhere))
    pictures.delete(ada, image.pk)
    assert not Image.objects.exists()
    assert len(bucket.objects) == 2, "the sweep comes for them"


def test_nobody_waits_as_long_to_delete_as_to_store(bucket: Bucket) -> None:
    asks = default_storage._hasty_client.meta.config  # type: ignore[attr-defined]
    assert (asks.connect_timeout, asks.read_timeout) == (WAITS[0], 20)
    assert sum(WAITS) <= 5
    assert asks.retries["total_max_attempts"] == 1
    assert asks.s3["addressing_style"] == "path" and asks.signature_version == "s3v4"


def test_a_picture_that_is_gone_is_not_found(bucket: Bucket, ada: User, image: Image) -> None:
    del bucket.objects[f"site/{image.blob.name}"]
    assert client_of(ada).get(f"/images/{image.pk}/").status_code == 404
    with pytest.raises(Unavailable, match="missing"):
        stored_bytes(image.blob.name)


def test_what_is_left_there_is_swept(bucket: Bucket, image: Image) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2)
    for key in ("site/ab/nobody.jpg", "another/folder.jpg", f"site/{image.blob.name}"):
        bucket.objects[key] = (bucket.objects.get(key, (b"", long_ago))[0], long_ago)
    bucket.asked.clear()
    out = StringIO()
    call_command("sweep_files", stdout=out)
    assert bucket.asked.count("HEAD") == 3, (
        "how old the one is, and whether the other two are there"
    )
    assert "Files that no row names: 1 deleted." in out.getvalue()
    assert "Pictures without their files: 0." in out.getvalue()
    assert "another/folder.jpg" in bucket.objects, "what others keep in the same bucket"


@pytest.mark.parametrize(
    "url", ["https://bucket", "s3://", "s3://b?endpoint=ftp://x", "s3://b?acl=public", "s3://k:s@b"]
)
def test_an_address_that_is_none_stops_the_start(url: str) -> None:
    with pytest.raises(WrongVariable):
        Env({"CHATSITE_FILES_URL": url}).bucket("CHATSITE_FILES_URL")


def test_a_backup_reads_the_bucket_and_a_restore_writes_to_it(bucket: Bucket, image: Image) -> None:
    content = backed_up.read(image.blob.name)
    assert content == bucket.objects[f"site/{image.blob.name}"][0]
    bucket.objects.clear()
    assert backed_up.read(image.blob.name) is None
    backed_up.store(image.blob.name, content)
    assert bucket.objects[f"site/{image.blob.name}"][0] == content
