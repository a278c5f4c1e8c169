"""Which frame is answered when: in the order of the questions, but a stop does not wait."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from conversations.models import SendLog
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.raw import RawSocket, masked
from tests.stub_provider import Model, pause

NOBODY = "01890000-0000-7000-8000-000000000000"


@contextmanager
def questions_wait(ground: Ground, person: Person, url: str) -> Iterator[None]:
    """Somebody else holds the row through which this person's questions go one by one."""
    table = SendLog._meta.db_table
    with psycopg.connect(url) as line:
        line.execute(f'SELECT 1 FROM "{table}" WHERE user_id = %s FOR UPDATE', [person.id])
        yield
        line.rollback()


def test_a_stop_and_a_ping_do_not_wait_behind_a_question(
    ada: Person, ground: Ground, server_database: str, model: Model
) -> None:
    asked = ada.start(model.will_say("one ", pause, "two"))
    asked.socket.wait_for_text(asked.run, 4)
    with questions_wait(ground, ada, server_database):
        second = model.will_say("later")
        asked.socket.send(
            {
                "type": "message.send",
                "id": "waits",
                "conversation": None,
                "parent": None,
                "text": second.question,
                "images": [],
                "options": {},
            }
        )
        assert asked.socket.lives()
        asked.stop()
        assert asked.finish().status == "stopped"
        assert not any(frame.get("id") == "waits" for frame in asked.socket.frames)
    assert asked.socket.answer_to("waits")["type"] == "ack"


def test_what_waits_is_answered_in_order(
    ada: Person, ground: Ground, server_database: str, model: Model
) -> None:
    """Bad frames too: whoever counts answers finds them where the questions were."""
    ada.ask(model.will_say("so that there is a row to wait for"))
    question = {"type": "message.send", "text": model.will_say("hm").question}
    with RawSocket(ada) as raw:
        assert raw.receive_frame()["type"] == "ready"
        with questions_wait(ground, ada, server_database):
            raw.send({**question, "id": "1"})
            raw.send({"type": "nonsense", "id": "2"})
            raw.send_raw(b"{")
            raw.send({"type": "conversation.open", "id": "3", "conversation": NOBODY})
            raw.send({"type": "conversation.close", "id": "4", "conversation": NOBODY})
        answers: list[str | None] = []
        while len(answers) < 5:
            frame = raw.receive_frame()
            if frame["type"] in ("ack", "error"):
                answers.append(frame["id"])
    assert answers == ["1", "2", None, "3", "4"]


def test_more_than_may_wait_is_a_flood(
    ada: Person, ground: Ground, server_database: str, model: Model
) -> None:
    ada.ask(model.will_say("so that there is a row to wait for"))
    question = {"type": "message.send", "text": model.will_say("hm").question, "id": "1"}
    close = masked(
        json.dumps({"type": "conversation.close", "id": "c", "conversation": NOBODY}).encode()
    )
    with RawSocket(ada) as raw, questions_wait(ground, ada, server_database):
        assert raw.receive_frame()["type"] == "ready"  # before it even a ping waits its turn
        raw.send(question)
        raw.line.sendall(close * 400)
        raw.send({"type": "ping", "id": "p"})
        frames: list[dict[str, object]] = []
        while not frames or frames[-1].get("id") != "p":
            frames.append(raw.receive_frame())
        assert [f["type"] for f in frames] == ["pong"]
        raw.line.sendall(close * 200)
        assert raw.until_gone() == ([], 4429)
