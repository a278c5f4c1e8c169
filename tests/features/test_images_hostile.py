"""Hostile pictures at the door of the API: refused in words of ours, while everybody else goes on."""

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from tests.features.images_kit import fresh
from tests.harness.people import Person
from tests.pure.hostile import CASES, TAKEN
from tests.stub_provider import Model, pause

# Of each family some, of which most are refused by their header and a few need the decoder.
REFUSED = [case for case in CASES if TAKEN not in case.ends]
SENT = REFUSED[:: len(REFUSED) // 20][:20]
CODES = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large", 415: "unsupported_image"}


def test_twenty_at_once_are_refused_and_an_answer_goes_on(ada: Person, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script)
    assert len(SENT) == 20
    contents = [case.content() for case in SENT]
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda content: sent(ada, content), contents))
    for case, (status, code) in zip(SENT, answers, strict=True):
        assert CODES.get(status) == code, case
    script.resume()
    assert asked.finish().text == "one two"
    assert ada.upload(fresh())["width"] == 60


def sent(person: Person, content: bytes) -> tuple[int, str]:
    files = {"file": ("photo.jpg", content, "image/jpeg")}
    answer = person.http.post("/api/v1/images", files=files)
    return answer.status_code, answer.json()["error"]["code"]
