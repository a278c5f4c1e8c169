"""Postgres is away: everybody is told in words, the log stays readable, and it heals by itself."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest

from tests.harness.database import drop_database, fresh_database, shut_database
from tests.harness.server import Server

NAME = f"chatsite_away_{os.getpid()}"
COOKIES = {"sessionid": "s" * 32, "csrftoken": "c" * 32}
# Two are promised; the rest is what a busy machine takes.
RECOVERY_SECONDS = 2 + 28

PAGES = ("/", "/settings/", "/admin/", "/accounts/password/change/")
SIGN_IN = "/accounts/login/"
API = "/api/v1/conversations"


@dataclass
class Site:
    """A server of its own, whose database can be shut."""

    server: Server
    url: str

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.server.origin}{path}", cookies=COOKIES, timeout=30)

    def post(self, path: str, **form: str) -> httpx.Response:
        headers = {"Origin": self.server.origin, "X-CSRFToken": COOKIES["csrftoken"]}
        address = f"{self.server.origin}{path}"
        return httpx.post(address, data=form, cookies=COOKIES, headers=headers, timeout=30)


@pytest.fixture(scope="module")
def site(server_env: dict[str, str]) -> Iterator[Site]:
    url = fresh_database(NAME)
    env = {**server_env, "DATABASE_URL": url}
    server = Server("database-away", env).start()
    site = Site(server, url)
    yield site
    shut_database(NAME, shut=False)
    server.stop()
    drop_database(NAME)


@pytest.fixture(scope="module")
def told(site: Site) -> dict[str, httpx.Response]:
    """What people get meanwhile, all at once: each waits some seconds for the database."""
    shut_database(NAME)
    with ThreadPoolExecutor() as visitors:
        asked = {path: visitors.submit(site.get, path) for path in (*PAGES, API)}
        form = {"login": "ada", "password": "a-quiet-harbour-41"}
        asked[SIGN_IN] = visitors.submit(site.post, SIGN_IN, **form)
        return {path: answer.result() for path, answer in asked.items()}


@pytest.mark.parametrize("path", [*PAGES, SIGN_IN])
def test_a_page_says_that_the_database_is_away(told: dict[str, httpx.Response], path: str) -> None:
    answer = told[path]
    assert answer.status_code == 503 and answer.headers["content-type"].startswith("text/html")
    assert "database cannot be reached" in answer.text and "Retry-After" in answer.headers


def test_the_api_says_it_in_its_own_form(told: dict[str, httpx.Response]) -> None:
    assert told[API].status_code == 503
    assert told[API].json()["error"]["code"] == "unavailable"


@pytest.mark.usefixtures("told")
def test_the_log_says_it_in_lines(site: Site) -> None:
    said = site.server.log_since(0)
    assert "Service Unavailable: /settings/" in said and "Traceback" not in said


@pytest.mark.usefixtures("told")
def test_it_heals_without_a_restart(site: Site) -> None:
    assert site.get("/").status_code == 503
    shut_database(NAME, shut=False)
    end = time.monotonic() + RECOVERY_SECONDS
    while (answer := site.get("/")).status_code == 503 and time.monotonic() < end:
        time.sleep(0.1)
    assert answer.status_code == 302, "a stranger's session: away to the sign-in"
