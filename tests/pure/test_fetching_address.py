"""An address is read once, and strictly: what two readers could read differently is refused."""

from ipaddress import ip_address

import pytest

from conversations.attachments.fetching.address import CREDENTIALS, onward, read
from conversations.attachments.fetching.network import Guard
from conversations.attachments.fetching.public import is_public
from conversations.errors import Invalid

READ = {
    "https://example.org/a.png": "https://example.org/a.png",
    "  https://example.org/a.png\n": "https://example.org/a.png",
    "HTTPS://EXAMPLE.org/A.png": "https://example.org/A.png",
    "https://example.org": "https://example.org/",
    "https://example.org?x=1": "https://example.org/?x=1",
    "https://example.org./a.png": "https://example.org/a.png",
    "https://example.org:443/a.png": "https://example.org/a.png",
    "http://example.org:443/a.png": "http://example.org:443/a.png",
    "https://example.org:/a.png": "https://example.org/a.png",
    "https://example.org/a.png#whole": "https://example.org/a.png",
    "https://example.org/a b.png": "https://example.org/a%20b.png",
    "https://example.org/a%20b.png?c=%C3%A9": "https://example.org/a%20b.png?c=%C3%A9",
    "https://example.org/ä?ö=[1]": "https://example.org/%C3%A4?%C3%B6=%5B1%5D",
    "https://bücher.example/a.png": "https://xn--bcher-kva.example/a.png",
    "http://a\u200bb.example/": "http://ab.example/",  # as browsers read it
    "https://some_bucket.s3.amazonaws.com/a": "https://some_bucket.s3.amazonaws.com/a",
    "http://127.0.0.1/": "http://127.0.0.1/",
    "http://１２７。０.0.１/": "http://127.0.0.1/",
    "http://[::1]:80/": "http://[::1]/",
    "http://[0:0::FFFF:127.0.0.1]/": "http://[::ffff:7f00:1]/",
    "http://example.org/@b/c:d": "http://example.org/@b/c:d",
    "http://example.org#@inside.test/": "http://example.org/",
    "http://example.org?@inside.test/": "http://example.org/?@inside.test/",
}
REFUSED = [
    "", "a.png", "/a.png", "//example.org/a.png", "https:", "https://", "https:///a.png",
    "https:example.org/a.png", "ftp://example.org/a.png", "file:///etc/passwd", "gopher://x/",
    "javascript:alert(1)", "unix:///run/x.sock", "data:image/png;base64,eA==",
    "http://user@example.org/", "http://user:word@example.org/", "http://@example.org/",
    "http://example.org@127.0.0.1/", "http://127.0.0.1@example.org/", "http://a@b@c/",
    "http://example.org\\@127.0.0.1/", "http:\\\\127.0.0.1/", "https://example.org/a\\b",
    "http://2130706433/", "http://017700000001/", "http://0x7f000001/", "http://0x7f.1/",
    "http://127.1/", "http://0177.0.0.1/", "http://127.0.0.01/", "http://1.2.3.4.5/",
    "http://256.1.1.1/", "http://1.2.3/", "http://0/", "http://0x/", "http://example.0x7f/",
    "http://%31%32%37.0.0.1/", "http://exa%6dple.org/", "http://[::1/", "http://::1/",
    "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[::1]x/", "http://[1.2.3.4]/",
    "http://[v1.x]/", "http://[]/", "http://example.org:0/", "http://example.org:65536/",
    "http://example.org:99999999/", "http://example.org:-1/", "http://example.org:+80/",
    "http://example.org:８０/", "http://example.org:80:80/", "http://exam ple.org/",
    "http://example.org\t/", "http://exam\nple.org/a", "https://example.org/a\r\nHost: b",
    "https://example.org/\x00", "https://example.org/\x7f", "http://example..org/", "http://.org/",
    "http://-example.org/", "http://example-.org/", "http://..../", "http://*.example.org/",
    "http://a;b.example/", "http://a,b/", "http://$HOME/", "http://" + "a" * 64 + ".org/",
    "http://" + "a." * 130 + "org/", "http://\u2100.example/",
    "https://example.org/\ud800", "http://\ud800/", "https://example.org/" + "a" * 4_000,
    "http://" + "ä" * 3_000, "x" * 10_000,
]  # fmt: skip
OF_THE_WEB = [
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "9.255.255.255", "11.0.0.0", "100.63.255.255",
    "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "223.255.255.255", "2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4001:82a::200e",
    "2001:4860:4860::8888", "64:ff9b::8.8.8.8",
]  # fmt: skip
NONE_OF_THE_WEB = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
    "100.127.255.255", "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::2", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8",
    "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8",
    "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1",
    "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3fff::1", "5f00::1",
    "4000::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1",
    "ff02::1", "ff0e::1",
]  # fmt: skip


@pytest.mark.parametrize("written", READ, ids=repr)
def test_an_address_is_written_as_it_is_used(written: str) -> None:
    assert str(read(written)) == READ[written]


@pytest.mark.parametrize("written", REFUSED, ids=lambda text: repr(text)[:40])
def test_what_is_odd_is_refused(written: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(written)
    assert list(refusal.value.fields) == ["image_url"]


def test_who_writes_a_password_is_told_to_leave_it_out() -> None:
    with pytest.raises(Invalid) as refusal:
        read("https://ada:secret@example.org/a.png")
    assert refusal.value.args[0] is CREDENTIALS


@pytest.mark.parametrize("number", OF_THE_WEB)
def test_these_are_of_the_web(number: str) -> None:
    assert is_public(ip_address(number))


@pytest.mark.parametrize("number", NONE_OF_THE_WEB)
def test_these_are_none_of_the_webs(number: str) -> None:
    assert not is_public(ip_address(number))


def test_a_redirect_is_read_as_strictly() -> None:
    here = read("https://example.org/a/b.png?c")
    assert str(onward(here, "../d.png")) == "https://example.org/d.png"
    assert str(onward(here, "//other.test/x")) == "https://other.test/x"
    for where in (
        "http://user@127.0.0.1/",
        "http://127.1/",
        "file:///etc/passwd",
        "http://[",
        "\\\\x",
    ):
        with pytest.raises(Invalid):
            onward(here, where)


def test_ports_and_hosts_are_those_of_the_web_or_the_administrators() -> None:
    guard = Guard(["inside.test", "pictures.test:8080", "[fd00::1]:81", "[fd00::2]"])
    assert all(guard.allows("example.org", port) for port in (80, 443))
    assert guard.allows("pictures.test", 8080) and guard.allows("fd00::1", 81)
    for host, port in [("inside.test", 8080), ("pictures.test", 81), ("fd00::2", 81), ("x", 22)]:
        assert not guard.allows(host, port)
