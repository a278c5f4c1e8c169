"""Whose address counts: that of the peer, or the one that a trusted proxy vouches for."""

from ipaddress import ip_network

import pytest

from chatsite import asgi

PROXY = "10.0.0.1"


@pytest.fixture(autouse=True)
def one_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "_networks", [ip_network(PROXY)])


CLIENTS = [
    ("192.0.2.7", "8.8.8.8", "192.0.2.7"),
    (PROXY, "8.8.8.8", "8.8.8.8"),
    (f"::ffff:{PROXY}", "8.8.8.8", "8.8.8.8"),
    (f"::ffff:{PROXY}", "::ffff:8.8.8.8", "8.8.8.8"),
    ("::ffff:192.0.2.7", "8.8.8.8", "192.0.2.7"),
    (PROXY, f"1.1.1.1, 8.8.8.8, ::ffff:{PROXY}", "8.8.8.8"),
    (PROXY, "8.8.8.8, nonsense", PROXY),
    ("2001:db8::1", "8.8.8.8", "2001:db8::1"),
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
