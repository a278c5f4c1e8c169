"""Who is at the other end of a connection, and whether they speak for themselves."""

import re
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from chatsite.env import is_loopback

# What proxies say of who is behind them, by whatever name: X-Forwarded-For, Forwarded, Via, X-Real-IP …
OF_PROXIES = re.compile(rb"forwarded|^via$|-ip$")
WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5}")
_networks = [ip_network(text, strict=False) for text in settings.TRUSTED_PROXIES]


def plain(address: str) -> str:
    """A socket that listens on `::` sees 10.0.0.1 as ::ffff:10.0.0.1; raises ValueError for neither."""
    found = ip_address(address)
    return str(getattr(found, "ipv4_mapped", None) or found)


def said_by_a_proxy(address: str) -> str:
    """As `plain`. Some say the port, too (Azure's gateway): `192.0.2.7:4711`, `[2001:db8::1]:4711`."""
    with_port = WITH_PORT.fullmatch(address)
    return plain(with_port[1] or with_port[2] if with_port else address)


def is_trusted_proxy(address: str) -> bool:
    try:
        found = ip_address(plain(address))
    except ValueError:
        return False
    return any(found in network for network in _networks)


def is_near(scope: dict[str, Any]) -> bool:
    """Whether this machine or a trusted proxy asks, and nobody behind it.

    Where a proxy stands on the same machine everybody's peer is loopback: who names somebody else asks
    for them. nginx names nobody unless it is told to, but it speaks HTTP/1.0 then. And a page of a
    stranger may have its own name lead to 127.0.0.1, so that we have to be called by one of ours.
    """
    names = [name for name, _ in scope["headers"]]
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return (
        _is_known(scope.get("client"))
        and not any(OF_PROXIES.search(name) for name in names)
        and scope.get("http_version") != "1.0"
        and bool(hosts)
        and all(_is_ours(host.decode("latin1")) for host in hosts)
    )


def _is_known(client: Any) -> bool:
    try:
        address = plain(client[0]) if client else ""
    except ValueError:
        return False
    return is_loopback(address) or is_trusted_proxy(address)


def _is_ours(host: str) -> bool:
    """An address is no name that could lead anywhere."""
    name, _port = split_domain_port(host)
    try:
        return bool(ip_address(name.strip("[]")))
    except ValueError:
        return validate_host(name, settings.ALLOWED_HOSTS)
