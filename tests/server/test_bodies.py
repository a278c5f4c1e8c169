"""Bodies from strangers, from people who say they are somebody, and from somebody."""

import io
import re
import socket

import httpx
import psutil
import pytest
from django.contrib.sessions.models import Session
from PIL import Image

from tests.harness.database import Ground
from tests.harness.people import PATIENCE, Person
from tests.harness.pictures import png
from tests.harness.server import Server

MB = 1024 * 1024


class Sender:
    """One request whose body is sent chunk by chunk, for as long as it is taken."""

    def __init__(self, server: Server, path: str, *headers: str) -> None:
        self.line = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: 127.0.0.1:{server.port}",
            "Transfer-Encoding: chunked",
            *headers,
        ]
        self.line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def pour(self, megabytes: int) -> bytes:
        """Send until refused; what was answered."""
        piece = b"100000\r\n" + bytes(MB) + b"\r\n"
        with self.line:
            try:
                for _ in range(megabytes):
                    self.line.sendall(piece)
            except OSError:
                pass
            try:
                return self.line.recv(65536)
            except OSError:
                return b""


def written(server: Server) -> int:
    """What the process has put into files so far."""
    assert server.process is not None
    count: int = psutil.Process(server.process.pid).io_counters().write_chars
    return count


CLAIMS = ["Cookie: sessionid=inventedinventedinvented", "Authorization: Bearer invented"]


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("path", ["/api/v1/images", "/api/v1/messages", "/accounts/login/"])
def test_a_claim_lifts_no_limit(server: Server, path: str, claim: str) -> None:
    before = written(server)
    answer = Sender(server, path, claim).pour(150)
    said = rb"401 .*not_logged_in" if path.startswith("/api/") else rb"413 .*too_large"
    assert re.match(rb"HTTP/1.1 " + said, answer, re.DOTALL), answer[:300]
    assert written(server) - before < 2 * MB


def test_a_body_that_ends_while_its_sender_is_looked_up_is_refused_too(server: Server) -> None:
    """Just past the limit, so that all of it has come before Postgres answers."""
    answer = httpx.post(
        f"{server.origin}/api/v1/messages",
        content=b"x" * 70_000,
        headers={"Cookie": "sessionid=inventedinventedinvented"},
        timeout=PATIENCE,
    )
    assert answer.status_code == 401 and answer.json()["error"]["code"] == "not_logged_in"


@pytest.mark.parametrize("size", [70_000, 5 * MB], ids=["has all come", "still comes"])
def test_a_bug_in_the_looking_up_of_a_sender_is_answered_and_logged(
    ada: Person, server: Server, ground: Ground, size: int
) -> None:
    before = server.log_bytes
    cookie = {"Cookie": f"sessionid={ada.session}"}
    with ground.without(Session):
        answer = httpx.post(
            f"{server.origin}/api/v1/messages",
            content=b"x" * size,
            headers=cookie,
            timeout=PATIENCE,
        )
    assert answer.status_code == 500 and answer.json()["error"]["code"] == "internal"
    assert "could not be looked up" in server.log_since(before)


def test_a_stranger_with_a_short_body_is_answered_by_the_page(server: Server) -> None:
    answer = httpx.post(f"{server.origin}/api/v1/messages", content=b"{}", timeout=PATIENCE)
    assert answer.status_code == 401


def test_a_large_picture_of_somebody_is_taken(ada: Person) -> None:
    out = io.BytesIO()
    Image.effect_noise((1500, 1500), 100).save(out, "PNG")
    assert len(out.getvalue()) > MB
    assert ada.upload(out.getvalue())["width"] == 1500


def test_each_body_of_one_connection_is_judged_by_itself(ada: Person, server: Server) -> None:
    """A client that keeps its connection: large and known, then large and a stranger."""
    with httpx.Client(base_url=server.origin, timeout=PATIENCE) as line:
        cookies = {"Cookie": f"sessionid={ada.session}; csrftoken={'a' * 32}"}
        trusted = {**cookies, "Origin": server.origin, "X-CSRFToken": "a" * 32}
        known = line.post("/api/v1/messages", content=b"x" * 300_000, headers=trusted)
        assert known.status_code == 400, known.text[:300]
        assert line.post("/api/v1/messages", content=b"x" * 300_000).status_code == 401


def test_a_body_that_was_announced_is_waited_for(ada: Person, server: Server) -> None:
    """`Expect: 100-continue`: asked for, then sent, then looked at."""
    body = b'{"text": "' + b" " * 200_000 + b'"}'
    head = [
        "POST /api/v1/messages HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Cookie: sessionid={ada.session}; csrftoken={'a' * 32}",
        f"Origin: {server.origin}",
        f"X-CSRFToken: {'a' * 32}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Expect: 100-continue",
        "Connection: close",
    ]
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as line:
        line.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        assert b" 100 " in line.recv(1000)
        line.sendall(body)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    assert re.match(rb"HTTP/1.1 400 ", answer) and b'"invalid"' in answer, answer[:500]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_offer_of_another_protocol_is_not_taken_up(server: Server, method: str) -> None:
    """A reader that could speak HTTP/2 says so; it is answered in HTTP/1.1, and at once."""
    answer = httpx.request(
        method,
        f"{server.origin}/accounts/login/",
        headers={"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AA"},
        timeout=PATIENCE,  # else nobody would ever answer
    )
    assert answer.status_code in (200, 403)


def test_a_picture_whose_body_lies_about_its_length_is_stored_by_nobody(
    ada: Person, server: Server
) -> None:
    body = multipart(png(60, 40))
    chunked = [b"Transfer-Encoding: chunked"]
    in_pieces = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    assert told(ada, server, [b"Content-Length: %d" % (len(body) // 2)], body) == 400
    assert told(ada, server, [b"Content-Length: -1"], body) == 400
    assert told(ada, server, [b"Content-Length: x"], body) == 400
    assert told(ada, server, [], body) == 400
    # One of two lengths would be believed by a proxy, the other by us.
    assert told(ada, server, [b"Content-Length: 5", *chunked], in_pieces) == 400
    # Who promises more and goes is answered by nobody.
    more = [b"Content-Length: %d" % (len(body) + 9)]
    assert told(ada, server, more, body, goes=True) is None
    assert ada.api("GET", "images")["items"] == []
    assert told(ada, server, chunked, in_pieces) == 201
    assert len(ada.api("GET", "images")["items"]) == 1


def multipart(picture: bytes) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    return head + picture + b"\r\n--x--\r\n"


def told(
    person: Person, server: Server, lengths: list[bytes], body: bytes, *, goes: bool = False
) -> int | None:
    """The status of an upload whose head has these lines about its length; None: the line was closed."""
    head = [
        "POST /api/v1/images HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Cookie: sessionid={person.session}; csrftoken={'a' * 32}",
        f"Origin: {server.origin}",
        f"X-CSRFToken: {'a' * 32}",
        "Content-Type: multipart/form-data; boundary=x",
        "Connection: close",
    ]
    lines = [*(line.encode() for line in head), *lengths]
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as line:
        line.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        if goes:
            line.shutdown(socket.SHUT_WR)
        answer = line.recv(65536)
    return int(answer.split(b" ", 2)[1]) if answer else None
