"""Readers that do not read, writers that do not stop, peers that are gone without a word."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from django.contrib.sessions.models import Session

from conversations.models import Message
from tests.harness.database import Ground
from tests.harness.people import PATIENCE, Person
from tests.harness.raw import RawSocket, masked
from tests.harness.server import Server
from tests.server.conftest import Spare
from tests.stub_provider import Model, deltas, pause

MB = 1024 * 1024
PIECE = 64 * 1024


def memory(server: Server) -> int:
    assert server.process is not None
    size: int = psutil.Process(server.process.pid).memory_info().rss
    return size


def wait_until_closed(server: Server, raw: RawSocket, seconds: float) -> None:
    """Until the server has let go of this connection."""
    assert server.process is not None
    process, ours = psutil.Process(server.process.pid), raw.port
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ours not in {c.raddr.port for c in process.net_connections("tcp") if c.raddr}:
            return
        time.sleep(0.1)
    raise AssertionError(f"The connection was still held after {seconds} s.")


@contextmanager
def does_not_read(person: Person, conversations: list[str]) -> Iterator[RawSocket]:
    with RawSocket(person) as raw:
        for at, conversation in enumerate(conversations):
            raw.send({"type": "conversation.open", "id": str(at), "conversation": conversation})
        time.sleep(0.5)  # opened; the acks wait unread
        yield raw


def test_who_does_not_read_is_closed_and_the_run_goes_on(
    ada: Person, spare: Spare, ground: Ground, model: Model
) -> None:
    """Six answers of 3 MB that ten tabs do not read: unbounded, they would be 180 MB."""
    server = spare()  # its memory is its own, not what other tests have left of it
    ada = ada.at(server)
    places = [ada.api("POST", "conversations", json={}, expect=201)["id"] for _ in range(6)]
    for _ in range(3):  # what such an answer costs by itself is not counted
        ada.ask(model.will_say(*deltas("é" * (3 * MB // 2), PIECE)))
    before = memory(server)
    deaf = [RawSocket(ada) for _ in range(10)]
    for raw in deaf:
        for place in places:
            raw.send({"type": "conversation.open", "id": place, "conversation": place})
    time.sleep(0.5)  # opened; the acks wait unread
    for place in places:
        asked = ada.ask(model.will_say(*deltas("é" * (3 * MB // 2), PIECE)), conversation=place)
        assert asked.status == "complete" and asked.text == "é" * (3 * MB // 2)
        assert ground.row(Message, pk=asked.answer_id).text == asked.text
    assert memory(server) - before < 80 * MB  # what waits, and what the heap keeps of it
    late = [raw.until_gone() for raw in deaf]
    assert [code for _, code in late] == [4408] * 10
    assert all(frames[0]["type"] == "ready" for frames, _ in late)
    for raw in deaf:
        raw.line.close()


def test_after_4408_the_rest_is_read_again(ada: Person, model: Model) -> None:
    place = ada.api("POST", "conversations", json={}, expect=201)["id"]
    text = "0123456789" * 2 * MB
    script = model.will_say(*deltas(text, PIECE), pause, "end")
    with does_not_read(ada, [place]) as raw:
        # Over HTTP: a socket of our own would have to read as fast as it comes.
        fields = {"conversation": place, "text": script.question}
        run = ada.api("POST", "messages", json=fields, expect=201)["run"]["id"]
        script.wait_until_paused()
        time.sleep(0.5)
        frames, code = raw.until_gone()
    assert code == 4408
    held = "".join(str(f["text"]) for f in frames if f["type"] == "run.delta")
    assert held == text[: len(held)]
    back = ada.socket()
    back.open(place, {run: {"text": len(held), "reasoning": 0}})
    script.resume()
    back.until("run.finished", run=run)
    assert held + back.text(run, len(held)) == text + "end"


def test_who_reads_slowly_gets_everything(ada: Person, model: Model) -> None:
    """Between full and empty nothing is lost or out of order."""
    place = ada.api("POST", "conversations", json={}, expect=201)["id"]
    text = "".join(f"{n:07d} " for n in range(3 * MB // 8))
    with does_not_read(ada, [place]) as raw:
        asked = ada.ask(model.will_say(*deltas(text, 1000)), conversation=place)
        read = ""
        while len(read) < len(text):
            frame = raw.receive_frame()
            if frame.get("type") == "run.delta":
                assert frame["at"] == len(read)
                read += frame["text"]
        assert read == text == asked.text
        raw.send({"type": "ping", "id": "still"})
        while raw.receive_frame().get("id") != "still":
            pass


def test_a_flood_of_frames_is_closed_with_4429(ada: Person, server: Server) -> None:
    before = memory(server)
    with RawSocket(ada) as raw:
        assert not raw.pour(masked(b'{"type":"ping","id":"p"}') * 100, times=5000)
        frames, code = raw.until_gone()
        assert code == 4429
        assert len(frames) < 3000
        wait_until_closed(server, raw, PATIENCE)
    assert memory(server) - before < 40 * MB


def test_a_flood_of_bytes_is_closed_with_4429(ada: Person, server: Server) -> None:
    before = memory(server)
    frame = masked(b"x" * (4 * MB - 100))
    with RawSocket(ada) as raw:
        assert not raw.pour(frame, times=1000)  # at 10 MB a second it is a flood after a minute
        frames, code = raw.until_gone()
        assert code == 4429
        assert {f.get("code") for f in frames} == {None, "too_large"}
    assert memory(server) - before < 60 * MB


def test_a_flood_that_came_before_its_person_was_known_takes_nobodys_place(
    ada: Person, spare: Spare, ground: Ground
) -> None:
    narrow = spare(CHATSITE_USER_SOCKETS="1")
    here = ada.at(narrow)
    with ground.locked(Session):
        raw = RawSocket(here)
        raw.pour(masked(b'{"type":"ping","id":"p"}') * 1000, times=1)  # half of it is too much
        assert raw.until_gone() == ([], 4429)
    with raw:
        assert here.socket().lives()


def test_400_bad_frames_get_400_errors_and_fill_no_log(ada: Person, server: Server) -> None:
    before = server.log_bytes
    with RawSocket(ada) as raw:
        assert raw.receive_frame()["type"] == "ready"
        raw.line.sendall(masked(b"{") * 400 + masked(b'{"type":"ping","id":"last"}'))
        answers = [raw.receive_frame() for _ in range(401)]
    assert [a["type"] for a in answers] == ["error"] * 400 + ["pong"]
    assert {a["code"] for a in answers[:400]} == {"invalid_frame"}
    assert server.log_bytes - before < 500


def test_frames_of_4_mib_are_refused_in_band_many_times(ada: Person, server: Server) -> None:
    before = memory(server)
    socket = ada.socket()
    for _ in range(20):
        socket.send_raw("x" * (4 * MB - 100))
    assert socket.lives()
    assert [f["code"] for f in socket.frames if f["type"] == "error"] == ["too_large"] * 20
    assert memory(server) - before < 60 * MB


def test_a_frame_of_100_mb_gets_1009_and_is_not_held(ada: Person, server: Server) -> None:
    before = memory(server)
    frame = masked(b"x" * 100 * MB)
    with RawSocket(ada) as raw:
        raw.pour(frame, times=1)
        assert raw.until_gone()[1] == 1009
    assert memory(server) - before < 40 * MB
