"""Each door by which a run begins says where the question came from, and is counted there."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from conversations.models import RateCount, RateLimit
from conversations.models.limits import Whom
from tests.features.limits_kit import until
from tests.harness.database import Ground
from tests.harness.people import Asked, Person
from tests.harness.pictures import png
from tests.stub_provider import Model, cut

DOORS = (
    "message.send", "message.edit", "message.regenerate", "message.continue", "POST messages",
    "POST edits", "POST vision",
)  # fmt: skip


@pytest.fixture
def last_counted(ground: Ground, ada: Person) -> Iterator[Callable[[], datetime | None]]:
    """When a question from this machine was counted last. More are allowed than all tests send."""
    row = RateLimit(whom=Whom.ADDRESS, network="127.0.0.0/8", messages=10_000)
    ground.run(row.save)

    def last() -> datetime | None:
        return next((row.at for row in ground.rows(RateCount, key="address:127.0.0.1")), None)

    before = last()
    # The server has heard of it once a question is counted.
    until(lambda: ada.api("POST", "messages", json={"text": "Hi"}, expect=201) and last() != before)
    yield last
    ground.run(row.delete)


def _begin(ada: Person, asked: Asked, door: str, text: str) -> None:
    socket, question = asked.socket, asked.question_id
    if door == "message.send":
        ada.start(text, socket=socket)
    elif door == "message.edit":
        socket.call("message.edit", message=question, text=text)
    elif door == "message.regenerate":
        socket.call("message.regenerate", message=asked.answer_id)
    elif door == "message.continue":
        socket.call("message.continue", message=asked.answer_id)
    elif door == "POST vision":
        picture = {"file": ("a.png", png(20, 10))}
        data = {"prompt": text}
        assert ada.http.post("/api/v1/vision", data=data, files=picture).status_code == 201
    elif door == "POST messages":
        ada.api("POST", "messages", json={"text": text}, expect=201)
    else:
        ada.api("POST", "edits", json={"message": question, "text": text}, expect=201)


def test_every_door_says_where_a_question_came_from(
    ada: Person, model: Model, last_counted: Callable[[], datetime | None]
) -> None:
    for door in DOORS:
        asked = ada.ask(model.will_say("Two.", cut))
        before = last_counted()
        _begin(ada, asked, door, model.will_say("Three.").question)
        assert last_counted() != before, f"{door} keeps to itself where it is"
