"""Pictures are fetched from where their address says, and from nowhere that nobody checked."""

import itertools
import ssl
import time
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import httpcore2
import pytest

from conversations.attachments.fetching import download as fetching
from conversations.attachments.fetching import network
from conversations.attachments.fetching.download import Unreachable, download
from conversations.attachments.fetching.network import Guard
from conversations.errors import Invalid, TooLarge
from tests.contracts.certificates import self_signed
from tests.harness.pictures import png
from tests.harness.web import Web, answer, leads_to

PUBLIC, ANOTHER, INSIDE = "93.184.216.34", "8.8.8.8", "10.0.0.7"
DOT = png(3, 3)


class Wires(httpcore2.NetworkBackend):
    """Every number of the world is this machine; where it was gone to is kept."""

    def __init__(self, web: Web, dead: Sequence[str] = ()) -> None:
        self.web, self.dead = web, dead
        self.gone_to: list[tuple[str, int]] = []

    def connect_tcp(self, host: str, port: int, *more: Any, **others: Any) -> Any:
        self.gone_to.append((host, port))
        if host in self.dead:
            raise httpcore2.ConnectError
        return httpcore2.SyncBackend().connect_tcp("127.0.0.1", self.web.port, 10)


class Names:
    """What servers of names answer, each time the next; the last for ever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers = {name: list(said) for name, said in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        said = self.answers.get(host.partition(".")[0])
        if said is None:
            raise OSError("no such name")
        return said.pop(0) if len(said) > 1 else said[0]


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as running:
        yield running.gives({"/a.png": answer(DOT)})


@pytest.fixture
def wires(web: Web) -> Wires:
    return Wires(web)


@pytest.fixture
def guard(wires: Wires) -> Guard:
    names = Names(web=[[PUBLIC]], other=[[ANOTHER]], inside=[[INSIDE]])
    return Guard(resolve=names, below=wires)


def got(text: str, guard: Guard) -> bytes:
    into = BytesIO()
    download(text, into, guard)
    return into.getvalue()


def refusal(text: str, guard: Guard) -> Invalid:
    with pytest.raises(Invalid) as found:
        got(text, guard)
    assert list(found.value.fields) == ["image_url"]
    return found.value


def test_a_picture_is_asked_for_plainly_and_at_the_number_that_was_checked(
    web: Web, wires: Wires, guard: Guard
) -> None:
    assert got("http://WEB.test/a.png#whole", guard) == DOT
    assert wires.gone_to == [(PUBLIC, 80)]
    [head] = web.asked
    lines = head.decode().split("\r\n")
    assert lines[0] == "GET /a.png HTTP/1.1"
    names = {line.partition(":")[0].lower(): line.partition(": ")[2] for line in lines[1:] if line}
    assert names.keys() == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert names["host"] == "web.test"
    assert names["accept-encoding"] == "identity"


def test_a_name_is_asked_for_once_so_that_no_second_answer_helps(web: Web, wires: Wires) -> None:
    """DNS rebinding: the second answer would be ours."""
    names = Names(web=[[PUBLIC], [INSIDE]])
    guard = Guard(resolve=names, below=wires)
    assert got("http://web.test/a.png", guard) == DOT
    assert names.asked == ["web.test"]
    assert isinstance(refusal("http://web.test/a.png", guard), Unreachable)
    assert wires.gone_to == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "numbers", [[INSIDE], [PUBLIC, INSIDE], ["::1", PUBLIC], ["fe80::1%lo"], ["::ffff:127.0.0.1"]]
)
def test_one_number_of_ours_is_enough_to_go_to_none(wires: Wires, numbers: list[str]) -> None:
    found = refusal("https://web.test/a.png", Guard(resolve=Names(web=[numbers]), below=wires))
    assert isinstance(found, Unreachable) and found.inside
    assert not wires.gone_to


def test_whoever_asks_for_our_neighbours_learns_nothing(web: Web) -> None:
    """Not there, not answering, and none of the web's: one sentence."""
    names = Names(web=[[PUBLIC]], inside=[[INSIDE]], empty=[[]])
    guard = Guard(resolve=names, below=Wires(web, dead=[PUBLIC]))
    asked = ("web.test", "inside.test", "unknown.test", "empty.test", "127.0.0.1", "[::1]")
    said = {str(refusal(f"http://{host}/a.png", guard)) for host in asked}
    assert said == {str(fetching.UNREACHABLE)}


def test_the_systems_own_names_of_this_machine_are_refused(web: Web) -> None:
    for host in ("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "LOCALHOST."):
        assert isinstance(refusal(f"http://{host}/a.png", Guard()), Unreachable)
    refusal(f"http://127.0.0.1:{web.port}/a.png", Guard())
    assert not web.asked


def test_another_number_of_a_name_is_tried(web: Web) -> None:
    wires = Wires(web, dead=["1.1.1.1"])
    guard = Guard(resolve=Names(web=[["1.1.1.1", PUBLIC]]), below=wires)
    assert got("http://web.test/a.png", guard) == DOT
    assert wires.gone_to == [("1.1.1.1", 80), (PUBLIC, 80)]


def test_a_host_of_the_administrator_may_be_anywhere(web: Web) -> None:
    named = web.netloc
    assert got(f"http://{named}/a.png", Guard([named])) == DOT
    refusal(f"http://127.0.0.1:{web.port}/a.png", Guard(["127.0.0.1"]))
    assert b"Host: " + named.encode() in web.asked[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_it_is_followed_where_it_leads(web: Web, wires: Wires, guard: Guard, status: int) -> None:
    web.gives({"/to": leads_to("http://other.test/a.png", status)})
    assert got("http://web.test/to", guard) == DOT
    assert wires.gone_to == [(PUBLIC, 80), (ANOTHER, 80)]
    assert b"Host: other.test" in web.asked[1]


@pytest.mark.parametrize(
    "where",
    [
        "http://inside.test/a.png", "//inside.test/a.png", "http://127.0.0.1/a.png",
        "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://169.254.169.254/latest/",
        "file:///etc/passwd", "http://user@other.test/a.png", "http://other.test:22/a.png",
        "gopher://other.test/", "\\\\inside.test\\a", "http://unknown.test/",
    ],
)  # fmt: skip
def test_each_step_of_a_redirect_is_looked_at(
    web: Web, wires: Wires, guard: Guard, where: str
) -> None:
    web.gives({"/to": leads_to(where)})
    assert isinstance(refusal("http://web.test/to", guard), Unreachable)
    assert wires.gone_to == [(PUBLIC, 80)]


def test_a_ring_of_redirects_ends(web: Web, wires: Wires, guard: Guard) -> None:
    web.gives({"/to": leads_to("/to")})
    assert refusal("http://web.test/to", guard).args[0] is fetching.TOO_OFTEN
    assert len(web.asked) == 6
    hops: dict[str, list[bytes]] = {f"/{n}": leads_to(f"/{n + 1}") for n in range(5)}
    web.gives({**hops, "/5": answer(DOT)})
    assert got("http://web.test/0", guard) == DOT


def test_other_ports_are_not_asked(wires: Wires, guard: Guard) -> None:
    for port in (22, 25, 6379, 8080):
        assert refusal(f"http://web.test:{port}/", guard).args[0] is fetching.UNUSUAL_PORT
    assert not wires.gone_to


@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        (answer(status="404 Not Found"), fetching.STATUS),
        (answer(status="206 Partial Content"), fetching.STATUS),
        (answer(status="401 No", WWW_Authenticate="Basic"), fetching.STATUS),
        (answer(status="302 Found"), fetching.STATUS),
        (answer(DOT, Content_Encoding="gzip"), fetching.PACKED),
        (answer(DOT, Content_Encoding="identity, br"), fetching.PACKED),
        (answer(DOT, Content_Length=str(len(DOT) + 1)), fetching.BROKE_OFF),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000], fetching.BROKE_OFF),
        ([b"SSH-2.0-OpenSSH_9.6\r\n\r\n"], fetching.BROKE_OFF),
        ([b"HTTP/1.1 101 Up\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"], fetching.BROKE_OFF),
        ([], fetching.BROKE_OFF),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_no_picture_is_said(
    web: Web, guard: Guard, pieces: list[bytes], sentence: object
) -> None:
    web.gives({"/x": pieces})
    assert refusal("http://web.test/x", guard).args[0] is sentence


def test_bytes_are_counted_whatever_is_said_of_them(
    web: Web, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 1_000_000)
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    pages = {
        "/endless": itertools.chain([endless], itertools.repeat(chunk)),
        "/large": answer(bytes(1_000_001)),
        "/fits": answer(bytes(1_000_000)),
    }
    web.gives(pages)
    for path in ("/endless", "/large"):
        into = BytesIO()
        with pytest.raises(TooLarge) as found:
            download(f"http://web.test{path}", into, guard)
        assert list(found.value.fields) == ["image_url"]
        assert len(into.getvalue()) <= 1_000_000
    assert len(got("http://web.test/fits", guard)) == 1_000_000


def test_floods_of_nothing_end_early(
    web: Web, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many small things keep a thread busy, which then keeps all others from their work."""
    monkeypatch.setattr(fetching, "MOST_PIECES", 500)
    monkeypatch.setattr(fetching, "HEAD_BYTES", 100_000)
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" * 100
    crumbs = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 1000
    web.gives({"/hints": itertools.repeat(interim), "/crumbs": [crumbs, b"0\r\n\r\n"]})
    assert refusal("http://web.test/hints", guard).args[0] is fetching.BROKE_OFF
    assert refusal("http://web.test/crumbs", guard).args[0] is fetching.TOO_SLOW


def drops(*first: bytes) -> Iterator[bytes]:
    """A byte now and then, for ever: no wait is long."""
    yield from first
    while True:
        time.sleep(0.02)
        yield b"x"


@pytest.mark.parametrize(
    "first", [[b"HTTP/1.1 200 OK\r\nX: "], [b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"]]
)
def test_a_server_that_drips_is_left(
    web: Web, guard: Guard, monkeypatch: pytest.MonkeyPatch, first: list[bytes]
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    web.gives({"/slow": drops(*first)})
    assert refusal("http://web.test/slow", guard).args[0] is fetching.TOO_SLOW


def test_redirects_have_no_time_of_their_own(
    web: Web, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that takes a little for each step would else have it six times over."""
    monkeypatch.setattr(fetching, "SECONDS", 0.3)

    def late(piece: list[bytes]) -> Iterator[bytes]:
        time.sleep(0.2)
        yield from piece

    web.gives({"/1": late(leads_to("/2")), "/2": late(leads_to("/3")), "/3": late(answer(DOT))})
    assert refusal("http://web.test/1", guard).args[0] is fetching.TOO_SLOW


def test_a_silent_server_and_a_silent_server_of_names_are_left(
    web: Web, wires: Wires, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(network, "NAME_SECONDS", 0.1)

    def silence() -> Iterator[bytes]:
        time.sleep(1)
        yield b""

    def no_answer(host: str, port: int) -> Sequence[str]:
        time.sleep(1)
        return [PUBLIC]

    web.gives({"/silent": silence()})
    assert refusal("http://web.test/silent", guard).args[0] is fetching.TOO_SLOW
    assert isinstance(refusal("http://web.test/a.png", Guard(resolve=no_answer)), Unreachable)


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "certificate.pem"))


def test_a_certificate_is_checked_for_the_name_and_not_for_the_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = self_signed(tmp_path, "web.test")
    names = Names(web=[[PUBLIC]], other=[[PUBLIC]])
    with Web(context).gives(
        {"/a.png": answer(DOT), "/to": leads_to("http://web.test/a.png")}
    ) as web:
        wires = Wires(web)
        guard = Guard(resolve=names, below=wires)
        unknown = refusal("https://web.test/a.png", guard)
        assert unknown.args[0] is fetching.NO_CERTIFICATE
        monkeypatch.setattr(fetching, "_certificates", lambda: trusting(tmp_path))
        assert got("https://web.test/a.png", guard) == DOT
        assert wires.gone_to[-1] == (PUBLIC, 443)
        assert refusal("https://other.test/a.png", guard).args[0] is fetching.NO_CERTIFICATE
        open_road = refusal("https://web.test/to", guard)
        assert open_road.args[0] is fetching.INTO_THE_OPEN


def test_no_proxy_of_the_environment_and_no_netrc_is_used(
    web: Web, wires: Wires, guard: Guard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine web.test login ada password secret")
    monkeypatch.setenv("NETRC", str(netrc))
    web.gives({"/cookie": answer(status="302 Found", Location="/a.png", Set_Cookie="a=b")})
    assert got("http://web.test/cookie", guard) == DOT
    assert wires.gone_to == [(PUBLIC, 80)] * 2
    assert not any(b"Cookie" in head or b"Authorization" in head for head in web.asked)
