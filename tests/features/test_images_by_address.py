"""Pictures of the web: named by their addresses, fetched by the site, and no more told of them than that."""

import secrets
from base64 import b64encode
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from conversations.api.pictures import NO_ADDRESSES, all_of
from conversations.attachments.fetching import download, fetch
from conversations.errors import Invalid, RateLimited
from conversations.models import Image, User
from tests.features.images_kit import person
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.harness.web import Web, answer, leads_to
from tests.stub_provider import Model


def shown(web: Web, *pieces: bytes) -> str:
    """An address, at which this is."""
    path = f"/{secrets.token_hex(8)}.png?signature=secret"
    web.gives({path: pieces})
    return f"http://{web.netloc}{path}"


def fetched(person: Person, *urls: str, files: Any = (), expect: int = 201) -> Any:
    form = [("image_url", (None, url)) for url in urls]
    return person.api("POST", "images", files=[*form, *files], expect=expect)


def test_a_picture_is_fetched_once_and_is_like_any_other(
    ada: Person, web: Web, ground: Ground
) -> None:
    url = shown(web, *answer(png(31, 17), Content_Type="text/html"))
    [item] = fetched(ada, f"{url}#part")["items"]
    assert (item["width"], item["height"], item["source"]) == (31, 17, url)
    assert ada.http.get(item["url"]).status_code == 200
    assert len([head for head in web.asked if url.partition(web.netloc)[2].encode() in head]) == 1
    assert ground.run(lambda: Image.objects.get(pk=item["id"]).source) == url


def test_a_form_of_addresses_alone_may_come_as_clients_send_it_of_themselves(
    ada: Person, web: Web, model: Model
) -> None:
    urls = [shown(web, *answer(png(width, 18))) for width in (31, 32)]
    answered = ada.http.post("/api/v1/images", data={"image_url": urls})
    assert [item["width"] for item in answered.json()["items"]] == [31, 32]
    asked = {"prompt": model.will_say("A line.").question, "image_url": urls[0], "wait": "true"}
    answered = ada.http.post("/api/v1/vision", data=asked)
    assert (answered.status_code, answered.json()["message"]["text"]) == (200, "A line.")


def test_a_question_that_is_asked_again_is_about_what_was_there_the_first_time(
    ada: Person, web: Web, model: Model
) -> None:
    url, other = (shown(web, *answer(png(width, 19))) for width in (31, 32))
    form = [("image_url", url), ("image_url", other), ("prompt", model.will_say("Two.").question)]
    parts = [("file", ("a.png", png(33, 19))), *((name, (None, said)) for name, said in form)]
    again: dict[str, Any] = {"files": parts, "headers": {"Idempotency-Key": secrets.token_hex(8)}}
    first = ada.http.post("/api/v1/vision", **again)
    assert first.status_code == 201
    web.gives({url.partition(web.netloc)[2]: answer(status="404 Not Found")})
    web.gives({other.partition(web.netloc)[2]: answer(png(34, 19))})
    asked = len(web.asked)
    second = ada.http.post("/api/v1/vision", **again)
    assert (second.status_code, second.json(), len(web.asked)) == (201, first.json(), asked)
    parts[1] = ("image_url", (None, shown(web, *answer(png(35, 19)))))
    assert ada.http.post("/api/v1/vision", **again).status_code == 409


def test_who_brings_the_same_picture_by_hand_brought_it_by_hand(ada: Person, web: Web) -> None:
    dot = png(30, 16)
    [there] = fetched(ada, shown(web, *answer(dot)))["items"]
    here = ada.upload(dot)
    assert here["id"] == there["id"] and here["source"] == ""


def test_files_and_addresses_keep_their_order(ada: Person, web: Web) -> None:
    over_there = shown(web, *answer(png(12, 5)))
    inline = f"data:image/png;base64,{b64encode(png(13, 5)).decode()}"
    sent = fetched(ada, over_there, inline, files=[("file", ("a.png", png(11, 5)))])
    assert [item["width"] for item in sent["items"]] == [11, 12, 13]
    assert [bool(item["source"]) for item in sent["items"]] == [False, True, False]


def test_a_question_may_name_a_picture(ada: Person, web: Web, model: Model) -> None:
    url = shown(web, *answer(png(14, 9)))
    script = model.will_say("A dot.")
    form = {"prompt": script.question, "wait": "true", "image_url": url}
    sent = ada.api("POST", "vision", files={name: (None, said) for name, said in form.items()})
    [image] = sent["user_message"]["images"]
    assert (image["width"], image["source"]) == (14, url)
    [picture] = script.request.images()
    assert picture == ada.http.get(image["url"]).content


def test_what_is_there_is_told_by_its_bytes(ada: Person, web: Web) -> None:
    page = shown(web, *answer(b"<!doctype html><p>Sign in", Content_Type="image/png"))
    error = fetched(ada, page, expect=415)["error"]
    assert "web page" in error["message"] and list(error["fields"]) == ["image_url"]
    large = shown(web, *answer(png(9, 9) + bytes(20 * 1024 * 1024)))
    assert fetched(ada, large, expect=413)["error"]["code"] == "too_large"


def test_all_of_a_call_or_none_and_the_one_is_named(ada: Person, web: Web, ground: Ground) -> None:
    good, gone = shown(web, *answer(png(8, 5))), shown(web, *answer(status="404 Not Found"))
    error = fetched(ada, good, gone, good, expect=400)["error"]
    assert error["message"].startswith("Picture 2 of 3: ") and "404" in error["message"]
    assert ground.run(lambda: Image.objects.filter(owner=ada.user).count()) == 0


def test_our_own_networks_are_not_there(ada: Person) -> None:
    """Many numbers and names: tests/pure/test_fetching*.py."""
    urls = ["http://127.0.0.1/", "http://no-such-name.invalid/a", "http://169.254.169.254/latest/"]
    error = fetched(ada, *urls, expect=400)["error"]
    assert error["message"] == f"Picture 1 of 3: {download.UNREACHABLE}"


def test_nor_when_the_web_leads_there_and_the_log_has_no_address(ada: Person, web: Web) -> None:
    before = ada.server.log_bytes
    fetched(ada, shown(web, *answer(png(7, 4))))
    error = fetched(ada, shown(web, *leads_to("http://127.0.0.1/?signature=1")), expect=400)[
        "error"
    ]
    assert error["message"] == str(download.UNREACHABLE)
    assert list(error["fields"]) == ["image_url"]
    said = ada.server.log_since(before)
    assert "signature" not in said and f"user {ada.id} asked for a picture" in said


@pytest.mark.parametrize(
    "bad", ["x", "http://a@127.0.0.1/", "http://127.1/", "h\x00ttp://a/", "https://a/" + "a" * 9999]
)
def test_odd_addresses_are_refused_with_a_reason(ada: Person, bad: str) -> None:
    error = fetched(ada, bad, expect=400)["error"]
    assert error["code"] == "invalid" and list(error["fields"]) == ["image_url"]


def test_no_picture_and_eleven_are_refused_before_anything_is_asked_for(
    ada: Person, web: Web
) -> None:
    assert fetched(ada, "", expect=400)["error"]["fields"]["file"]
    before = len(web.asked)
    eleven = [shown(web, *answer(png(3, 3)))] * 11
    assert "At most 10" in fetched(ada, *eleven, expect=400)["error"]["message"]
    assert len(web.asked) == before


@pytest.mark.django_db
def test_each_address_counts_as_a_message(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.USER_REQUESTS_PER_MINUTE = 3
    asked: list[str] = []
    monkeypatch.setattr(
        fetch, "in_transaction", transaction.atomic(lambda work, *given: work(*given))
    )
    monkeypatch.setattr(fetch, "download", lambda url, *more: asked.append(url))
    user = User.objects.create(username="ada")
    with fetch.fetched(user, {0: "a", 1: "b"}, of=2):
        assert sorted(asked) == ["a", "b"]
    with pytest.raises(RateLimited), fetch.fetched(user, {0: "c", 1: "d"}, of=2):
        pass
    assert len(asked) == 2
    with fetch.fetched(user, {0: "e"}, of=1):
        assert asked[-1] == "e"


@pytest.mark.django_db
def test_a_site_that_takes_no_addresses_says_so_and_offers_none(settings: Any) -> None:
    ada, browser = person("ada"), Client()
    browser.force_login(ada)
    assert b'id="linked"' in browser.get("/").content
    settings.IMAGE_URLS = "off"
    with pytest.raises(Invalid) as found:
        all_of(ada, [], ["https://example.org/a.png"])
    assert found.value.args[0] is NO_ADDRESSES
    page = browser.get("/").content
    assert b"linked" not in page and b"link-offer" not in page


@pytest.mark.parametrize("took", [0.25, 3.75])
def test_what_is_not_there_is_told_on_the_full_second(
    monkeypatch: pytest.MonkeyPatch, took: float
) -> None:
    """How long it took would tell which names our own servers of names know."""
    clock, slept = iter([10.0, 10.0 + took] * 2), list[float]()
    time = SimpleNamespace(monotonic=lambda: next(clock), sleep=slept.append)
    monkeypatch.setattr(fetch, "time", time)
    with pytest.raises(download.Unreachable), fetch._evenly(User()):
        raise download.Unreachable
    assert slept == [pytest.approx(1 - took % 1)]
    with pytest.raises(Invalid), fetch._evenly(User()):
        raise Invalid
    assert len(slept) == 1


def test_one_person_leaves_places_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "QUEUE_SECONDS", 0.01)
    ada, ben = User(), User()
    mine = fetch._places_of(ada)
    for _ in range(fetch.AT_ONCE_FOR_ONE):
        assert mine.acquire(timeout=60)
    with pytest.raises(RateLimited), fetch._place(fetch._places_of(ada), RateLimited()):
        pass
    with fetch._place(fetch._places_of(ben), RateLimited()):
        assert fetch.AT_ONCE > 2 * fetch.AT_ONCE_FOR_ONE
