"""One's pictures: which are listed, where they stand, and when they can be deleted for good."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings

from conversations.api import picture_shapes, shapes
from conversations.attachments.accept import accept
from conversations.models import Blob, Conversation, Image, Message, MessageImage
from conversations.reading import gallery
from tests.features.images_kit import fresh, person, upload
from tests.features.test_api_shapes import fits
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.stub_provider import Model


def listed(who: Person, **wanted: Any) -> list[str]:
    return [item["id"] for item in who.api("GET", "images", params=wanted)["items"]]


def sent(who: Person, model: Model, image: str, **fields: Any) -> str:
    """The id of a conversation that begins with the picture."""
    return who.ask(model.will_say("A dot."), images=[image], **fields).conversation


def stored(ground: Ground, image: str) -> list[str]:
    """The names of a picture's files."""
    blob = ground.run(lambda: Image.objects.select_related("blob").get(pk=image).blob)
    return [blob.name, blob.thumbnail_name]


def on_disk(names: list[str]) -> list[bool]:
    return [(settings.DATA_DIR / "files" / name).exists() for name in names]


def test_pictures_are_listed_with_where_they_stand(ada: Person, model: Model) -> None:
    first, second = ada.upload(fresh()), ada.upload(fresh())
    asked = ada.ask(model.will_say("A dot."), images=[first["id"]])
    page = ada.api("GET", "images")
    fits(page, shapes.Page[picture_shapes.Shown])
    question = ada.messages(asked.conversation)[0]
    title = ada.api("GET", f"conversations/{asked.conversation}")["title"]
    use = {"conversation": asked.conversation, "title": title, "message": question["id"]}
    assert page["items"] == [{**second, "uses": []}, {**first, "uses": [use]}]
    one = {**first, "uses": [use], "text": None}
    assert ada.api("GET", f"images/{first['id']}") == one
    fits(one, picture_shapes.Known)


def test_what_was_read_in_a_picture_is_told_with_it(ada: Person, ground: Ground) -> None:
    image = ada.upload(fresh())["id"]
    read = Blob.objects.filter(images=image)
    ground.run(lambda: read.update(ocr_text="No entry"))
    assert ada.api("GET", f"images/{image}")["text"] == "No entry"


def test_the_list_leads_from_page_to_page_newest_first(ada: Person) -> None:
    ids = [ada.upload(fresh())["id"] for _ in range(3)]
    first = ada.api("GET", "images", params={"limit": 2})
    second = ada.api("GET", "images", params={"limit": 2, "cursor": first["next"]})
    assert [item["id"] for item in (*first["items"], *second["items"])] == ids[::-1]
    assert second["next"] is None


def test_a_picture_that_stands_in_several_messages_is_listed_once(
    ada: Person, model: Model
) -> None:
    old, image = ada.upload(fresh())["id"], ada.upload(fresh())["id"]
    talks = [sent(ada, model, image) for _ in range(3)]
    page = ada.api("GET", "images", params={"limit": 2})
    assert [item["id"] for item in page["items"]] == [image, old]
    assert page["next"] is None
    assert [use["conversation"] for use in page["items"][0]["uses"]] == talks[::-1]


@pytest.mark.django_db
def test_of_many_places_the_newest_are_told_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "USES", 3)
    ada = person("ada")
    [image] = accept(ada, [upload(fresh())])
    talk = Conversation.objects.create(owner=ada, title="Dots")
    asked = [Message.objects.create(conversation=talk, role="user") for _ in range(3)]
    for message, position in [(asked[0], 0), (asked[1], 0), (asked[2], 0), (asked[2], 1)]:
        MessageImage.objects.create(message=message, image=image, position=position)
    [told], following = gallery.page(ada)
    assert [use["message"] for use in told["uses"]] == [str(one.pk) for one in asked[:0:-1]]
    assert following is None


@pytest.mark.parametrize("wanted", [{"cursor": "x"}, {"limit": "0"}, {"limit": "201"}])
def test_a_place_that_is_none_is_said(ada: Person, wanted: dict[str, str]) -> None:
    assert ada.api("GET", "images", params=wanted, expect=400)["error"]["code"] == "invalid"


def test_nobody_sees_the_pictures_of_another(ada: Person, cleo: Person) -> None:
    image = ada.upload(fresh())["id"]
    assert listed(cleo) == []
    for method in ("GET", "DELETE"):
        cleo.api(method, f"images/{image}", expect=404)
    assert listed(ada) == [image]


def test_what_was_said_for_a_while_is_not_listed(ada: Person, model: Model) -> None:
    image = ada.upload(fresh())["id"]
    talk = sent(ada, model, image, temporary=True)
    assert listed(ada) == []
    [use] = ada.api("GET", f"images/{image}")["uses"]
    assert use["conversation"] == talk
    ada.api("PATCH", f"conversations/{talk}", json={"temporary": False})
    assert listed(ada) == [image]


def test_what_was_deleted_is_not_listed_until_it_is_taken_back(ada: Person, model: Model) -> None:
    image = ada.upload(fresh())["id"]
    talk = sent(ada, model, image)
    ada.api("DELETE", f"conversations/{talk}", expect=204)
    assert listed(ada) == []
    ada.api("GET", f"images/{image}", expect=404)
    ada.api("DELETE", f"images/{image}", expect=404)
    ada.api("POST", f"conversations/{talk}/restore")
    assert listed(ada) == [image]


def test_a_picture_that_nothing_shows_is_deleted_for_good(ada: Person, ground: Ground) -> None:
    item = ada.upload(fresh())
    names = stored(ground, item["id"])
    assert on_disk(names) == [True, True]
    ada.api("DELETE", f"images/{item['id']}", expect=204)
    assert on_disk(names) == [False, False]
    assert not ground.run(lambda: Blob.objects.filter(name=names[0]).exists())
    assert ada.http.get(item["url"]).status_code == 404
    ada.api("DELETE", f"images/{item['id']}", expect=404)


def test_a_picture_that_is_shown_stays_and_it_is_said_where(ada: Person, model: Model) -> None:
    item = ada.upload(fresh())
    talk = sent(ada, model, item["id"])
    title = ada.api("PATCH", f"conversations/{talk}", json={"title": "Dots"})["title"]
    said = ada.api("DELETE", f"images/{item['id']}", expect=409)["error"]
    assert f"“{title}”" in said["message"]
    assert ada.http.get(item["url"]).status_code == 200
    ada.ask(model.will_say("Again."), images=[item["id"]], conversation=talk)
    said = ada.api("DELETE", f"images/{item['id']}", expect=409)["error"]
    assert "2 messages" in said["message"]


def test_the_same_picture_of_another_person_keeps_its_bytes(
    ada: Person, ben: Person, ground: Ground
) -> None:
    content = fresh()
    mine, bens = ada.upload(content), ben.upload(content)
    names = stored(ground, mine["id"])
    ada.api("DELETE", f"images/{mine['id']}", expect=204)
    assert ben.http.get(bens["url"]).status_code == 200
    ben.api("DELETE", f"images/{bens['id']}", expect=204)
    assert on_disk(names) == [False, False]


def test_a_picture_that_was_deleted_cannot_be_sent(ada: Person, ground: Ground) -> None:
    image = ada.upload(fresh())["id"]
    ada.api("DELETE", f"images/{image}", expect=204)
    asked = {"text": "What is this?", "images": [image]}
    assert ada.api("POST", "messages", json=asked, expect=404)["error"]["code"] == "not_found"
    assert not ground.run(lambda: Image.objects.filter(pk=image).exists())
    asked["images"] = [ada.upload(fresh())["id"], image, ada.upload(fresh())["id"]]
    error = ada.api("POST", "messages", json=asked, expect=404)["error"]
    assert "Picture 2 of 3" in error["message"], "who sent them knows which to take out"


def test_deleted_sent_and_stored_again_at_once_leaves_nothing_half(
    ada: Person, model: Model
) -> None:
    """Whoever comes first: no server error, and no picture without its bytes."""
    for _ in range(4):
        content, script = fresh(), model.will_say("A dot.")
        image = ada.upload(content)["id"]
        asked = {"text": script.question, "images": [image]}
        file = {"file": ("a.png", content, "image/png")}
        calls: list[tuple[str, str, dict[str, Any]]] = [
            ("DELETE", f"/api/v1/images/{image}", {}),
            ("POST", "/api/v1/messages", {"json": asked}),
            ("POST", "/api/v1/images", {"files": file}),
        ]
        with ThreadPoolExecutor(3) as threads:
            answers = list(threads.map(lambda one: ada.http.request(*one[:2], **one[2]), calls))
        deleted, sent, again = (answer.status_code for answer in answers)
        assert (deleted, sent) in {(204, 404), (409, 201)}
        assert again in {201, 503}
        for item in ada.api("GET", "images")["items"]:
            assert ada.http.get(item["url"]).status_code == 200
            assert ada.http.get(item["thumbnail_url"]).status_code == 200
