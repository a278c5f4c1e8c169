"""Whose address counts: that of the peer, or the one that a trusted proxy vouches for."""

from ipaddress import ip_network
from typing import Any

import pytest

from chatsite import asgi, peers

PROXY = "10.0.0.1"


@pytest.fixture(autouse=True)
def one_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_networks", [ip_network(PROXY)])


CLIENTS = [
    ("192.0.2.7", "8.8.8.8", "192.0.2.7"),
    (PROXY, "8.8.8.8", "8.8.8.8"),
    (f"::ffff:{PROXY}", "8.8.8.8", "8.8.8.8"),
    (f"::ffff:{PROXY}", "::ffff:8.8.8.8", "8.8.8.8"),
    ("::ffff:192.0.2.7", "8.8.8.8", "192.0.2.7"),
    (PROXY, f"1.1.1.1, 8.8.8.8, ::ffff:{PROXY}", "8.8.8.8"),
    (PROXY, "8.8.8.8, nonsense", PROXY),
    ("2001:db8::1", "8.8.8.8", "2001:db8::1"),
    (PROXY, "1.1.1.1:80, 8.8.8.8:4711", "8.8.8.8"),
    (PROXY, "8.8.8.8, 2001:db8::1", "2001:db8::1"),
    (PROXY, "[2001:db8::1]:4711", "2001:db8::1"),
    (PROXY, "[2001:db8::1]", "2001:db8::1"),
    (PROXY, f"8.8.8.8, [::ffff:{PROXY}]:4711", "8.8.8.8"),
    (PROXY, "8.8.8.8:port", PROXY),
    (PROXY, "[]:1", PROXY),
]


@pytest.mark.parametrize(("peer", "forwarded", "counts"), CLIENTS)
def test_a_proxy_is_known_by_either_writing_of_its_address(
    peer: str, forwarded: str, counts: str
) -> None:
    scope = {
        "path": "/",
        "client": [peer, 1234],
        "headers": [(b"x-forwarded-for", forwarded.encode())],
    }
    assert asgi.settled(scope)["client"][0] == counts


def test_a_client_without_address_stays_one() -> None:
    assert asgi.settled({"path": "/", "client": None, "headers": []})["client"] is None


ASKED = {"client": ["127.0.0.1", 1], "host": "127.0.0.1:8000", "http_version": "1.1"}


def near(**more: object) -> bool:
    """Whether who asks like this is believed to be near; `said` are other headers."""
    asked: dict[str, Any] = {**ASKED, **more}
    said = {"host": asked.pop("host"), **asked.pop("said", {})}
    headers = [(name.encode(), value.encode()) for name, value in said.items() if value]
    return peers.is_near({**asked, "headers": headers})


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"client": ["::1", 1], "host": "[::1]:8000"},
        {"client": ["::ffff:127.0.0.1", 1], "host": "localhost:8000"},
        {"client": [PROXY, 1], "host": "10.0.0.9"},
        {"said": {"accept": "text/plain", "x-prometheus-scrape-timeout-seconds": "10"}},
    ],
)
def test_this_machine_and_a_proxy_on_its_own_account_are_near(asked: dict[str, Any]) -> None:
    assert near(**asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"client": ["192.0.2.7", 1]},
        {"client": ["::ffff:192.0.2.7", 1]},
        {"client": ["nonsense", 1]},
        {"client": None},
        {"http_version": "1.0"},
        {"host": "evil.example"},
        {"host": ""},
        {"host": "127.0.0.1.evil.example"},
        {"host": "\u00ff"},
        {"said": {"x-forwarded-for": "127.0.0.1"}},
        {"said": {"x-forwarded-proto": "http"}},
        {"said": {"x-original-forwarded-for": "127.0.0.1"}},
        {"said": {"forwarded": "for=127.0.0.1"}},
        {"said": {"cf-connecting-ip": "127.0.0.1"}},
        {"said": {"via": "1.1 x"}},
        {"client": [PROXY, 1], "said": {"x-forwarded-for": "8.8.8.8"}},
    ],
)
def test_who_speaks_for_somebody_else_is_not_near(asked: dict[str, Any]) -> None:
    assert not near(**asked)
