"""What every answer carries: a strict policy, private pages not kept, cookies as they should be."""

import re
import socket
import time

import httpx
import psutil
import pytest

from tests.harness.people import PASSWORD, PATIENCE, Person
from tests.harness.server import Server

PAGES = [
    "/",
    "/accounts/login/",
    "/accounts/signup/",
    "/admin/login/",
    "/no/such/page",
    "/api/v1/docs",
]


def directives(answer: httpx.Response) -> dict[str, list[str]]:
    policy = answer.headers["content-security-policy"]
    parts = [part.split() for part in policy.split(";") if part.strip()]
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_strict_policy(ada: Person, stranger: Person, path: str) -> None:
    for who in (ada, stranger):
        answer = who.http.get(path)
        policy = directives(answer)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert policy["default-src"] in (["'self'"], ["'none'"])
        assert set(policy["img-src"]) == {"'self'", "blob:", "data:"}
        assert policy["object-src"] == ["'none'"] and policy["base-uri"] in (["'none'"], ["'self'"])
        assert policy["frame-ancestors"] == ["'none'"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_admin_pages_have_the_same_policy(admin_user: Person) -> None:
    for path in ("/admin/", "/admin/conversations/conversation/", "/admin/conversations/user/"):
        answer = admin_user.http.get(path)
        assert answer.status_code == 200
        assert "unsafe" not in answer.headers["content-security-policy"]


def test_no_page_has_an_inline_handler_or_style_or_a_script_without_nonce(
    ada: Person, admin_user: Person
) -> None:
    pages = [ada.http.get(path) for path in PAGES] + [admin_user.http.get("/admin/")]
    for answer in pages:
        html = answer.text
        assert not re.search(r"<[a-z][^>]*\s(on[a-z]+|style)=", html), answer.url
        for script in re.findall(r"<script[^>]*>", html):
            assert "src=" in script or "nonce=" in script or "application/json" in script, script


def test_a_nonce_is_used_once(ada: Person) -> None:
    policies = {ada.http.get("/").headers["content-security-policy"] for _ in range(2)}
    nonces = {nonce for policy in policies for nonce in re.findall(r"'nonce-([^']+)'", policy)}
    assert len(nonces) in (0, 2)


def test_private_pages_are_not_kept(ada: Person) -> None:
    for path in ("/", "/api/v1/conversations", "/accounts/password/change/"):
        assert "no-store" in ada.http.get(path).headers["cache-control"], path


def test_cookies_are_lax_and_the_session_hidden_from_scripts(stranger: Person, ada: Person) -> None:
    answer = stranger.http.post("/accounts/login/", data={"login": ada.name, "password": PASSWORD})
    assert answer.status_code == 302, answer.text[:300]
    cookies = {c.split("=", 1)[0]: c for c in answer.headers.get_list("set-cookie")}
    assert "HttpOnly" in cookies["sessionid"] and "SameSite=Lax" in cookies["sessionid"]
    assert "Secure" not in cookies["sessionid"], "the public address is http"


def test_a_foreign_page_cannot_post(ada: Person) -> None:
    answer = ada.http.post(
        "/api/v1/conversations", json={}, headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403 and answer.json()["error"]["code"] == "csrf_failed"
    answer = ada.http.post("/api/v1/conversations", json={}, headers={"X-CSRFToken": "b" * 32})
    assert answer.status_code == 403 and answer.json()["error"]["code"] == "csrf_failed"


def test_an_unknown_host_is_refused(server: Server) -> None:
    said = {"Host": "evil.example"}
    answer = httpx.get(f"{server.origin}/accounts/login/", headers=said, timeout=PATIENCE)
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_whether_we_live_may_be_asked_by_any_name(server: Server, path: str) -> None:
    answer = httpx.get(
        f"{server.origin}{path}", headers={"Host": "10.20.30.40:8000"}, timeout=PATIENCE
    )
    assert answer.status_code == 200 and answer.json()["status"] == "ok"


def test_a_forged_forwarded_header_is_not_believed(server: Server) -> None:
    answer = httpx.get(
        f"{server.origin}/accounts/login/",
        headers={
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "8.8.8.8",
            "X-Forwarded-Host": "evil.example",
        },
        timeout=PATIENCE,
    )
    assert answer.status_code == 200 and "evil.example" not in answer.text


def memory(server: Server) -> int:
    assert server.process is not None
    size: int = psutil.Process(server.process.pid).memory_info().rss
    return size


def test_a_body_too_large_is_refused_before_it_is_held(server: Server) -> None:
    """300 MB to a page that is not there: Daphne alone would hold them all."""
    before = memory(server)
    answer, sent = flood(server, 300)
    assert b" 413 " in answer.split(b"\r\n", 1)[0] or answer == b""
    assert sent < 300 * 1024 * 1024
    time.sleep(0.2)
    assert memory(server) - before < 80 * 1024 * 1024


def flood(server: Server, megabytes: int) -> tuple[bytes, int]:
    """Send zeros, chunked, until refused; the answer and how many bytes went out."""
    host = f"Host: 127.0.0.1:{server.port}"
    head = f"POST /no/such/page HTTP/1.1\r\n{host}\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"100000\r\n" + bytes(0x100000) + b"\r\n"
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as line:
        line.sendall(head.encode())
        try:
            for _ in range(megabytes):
                line.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        try:
            return line.recv(65536), sent
        except OSError:
            return b"", sent


@pytest.mark.parametrize("wanted", ["h2c", "TLS/1.0", "nonsense"])
def test_a_wish_to_speak_something_else_costs_no_body(ada: Person, wanted: str) -> None:
    headers = {"Upgrade": wanted, "Connection": "Upgrade"}
    made = ada.api("POST", "conversations", json={"title": "Kept"}, headers=headers, expect=201)
    assert made["title"] == "Kept"
