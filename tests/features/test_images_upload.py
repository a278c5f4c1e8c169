"""Pictures over HTTP: uploaded, looked at, and sent to a model that sees."""

from base64 import b64decode
from io import BytesIO
from typing import Any

from PIL import Image

from tests.features.images_kit import fresh
from tests.harness.people import Person
from tests.pure.pictures import PLACE, bomb, corners, noted, quarters, saved
from tests.stub_provider import Model


def files(*contents: bytes) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("file", ("a.png", content, "image/png")) for content in contents]


def test_an_uploaded_picture_can_be_looked_at(ada: Person) -> None:
    item = ada.upload(saved(quarters(600, 300), "JPEG", exif=noted(6)))
    assert (item["width"], item["height"], item["content_type"]) == (300, 600, "image/jpeg")
    answer = ada.http.get(item["url"])
    assert answer.headers["content-type"] == "image/jpeg"
    assert len(answer.content) == item["bytes"]
    assert PLACE not in answer.content
    assert corners(Image.open(BytesIO(answer.content))) == ["blue", "red", "white", "green"]
    assert ada.http.get(item["thumbnail_url"]).headers["content-type"] == "image/webp"


def test_somebody_elses_picture_is_not_there(ada: Person, cleo: Person, stranger: Person) -> None:
    item = ada.upload(fresh())
    for url in (item["url"], item["thumbnail_url"]):
        assert cleo.http.get(url).status_code == 404
        assert stranger.http.get(url).status_code == 302


def test_nobody_sends_the_picture_of_another(ada: Person, cleo: Person, model: Model) -> None:
    adas, own = ada.upload(fresh())["id"], cleo.upload(fresh())["id"]
    asked = {"text": "What is this?", "images": [own, adas]}
    assert "2 of 2" in cleo.api("POST", "messages", json=asked, expect=404)["error"]["message"]
    mine = cleo.ask(model.will_say("A dot."), images=[own])
    edit = {"message": mine.question_id, "text": "And this?", "images": [adas]}
    cleo.api("POST", "edits", json=edit, expect=404)
    assert len(cleo.messages(mine.conversation)) == 2
    ada.api("DELETE", f"images/{adas}", expect=204)


def test_several_pictures_come_back_in_order_and_the_same_one_is_one(ada: Person) -> None:
    first, second = fresh(), fresh()
    sent = files(first, second, first)
    items = ada.api("POST", "images", files=sent, expect=201)["items"]
    assert items[0] == items[2] != items[1]


def test_refusals_have_a_code_and_name_the_file(ada: Person) -> None:
    def refusal(status: int, *contents: bytes) -> Any:
        return ada.api("POST", "images", files=files(*contents), expect=status)["error"]

    svg = refusal(415, b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert svg["code"] == "unsupported_image"
    assert "SVG" in svg["message"]
    assert refusal(413, bomb())["code"] == "too_large"
    assert refusal(413, fresh() + bytes(20 * 1024 * 1024))["code"] == "too_large"
    assert refusal(400, *[fresh() for _ in range(11)])["code"] == "invalid"
    assert refusal(415, fresh(), b"")["message"].startswith("Picture 2 of 2: ")


def test_the_model_gets_the_stored_pictures_in_order(ada: Person, model: Model) -> None:
    items = [ada.upload(saved(quarters(size, 40), "JPEG", exif=noted(1))) for size in (80, 120)]
    script = model.will_say("Two pictures.")
    asked = ada.ask(script, images=[item["id"] for item in items])
    assert asked.status == "complete"
    *_, question = script.request.messages
    pictures = [part["image_url"] for part in question["content"] if part["type"] == "image_url"]
    for picture, item in zip(pictures, items, strict=True):
        head, _, encoded = picture["url"].partition(",")
        assert head == "data:image/jpeg;base64"
        assert b64decode(encoded) == ada.http.get(item["url"]).content
        assert picture["detail"] == "auto"
