"""What a page costs before anything was kept: requests and bytes as they cross the wire."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, expect

from tests.browser.window import Window
from tests.harness.people import Person

MOST_REQUESTS = 15
# The chat page takes 110: what comes next had better come when it is first used (views/later.js).
MOST_BYTES = 120 * 1024


class Wire:
    """Every request of a page, and the bytes that came for it, head and body, compressed as they came."""

    def __init__(self, session: CDPSession) -> None:
        self.asked: list[str] = []
        self.bytes = 0.0
        session.on("Network.requestWillBeSent", self._asks)
        session.on("Network.loadingFinished", self._came)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _asks(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self.asked.append(event["request"]["url"])

    def _came(self, event: dict[str, Any]) -> None:
        self.bytes += event["encodedDataLength"]


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/settings/"])
def test_a_page_comes_in_few_requests_and_few_bytes(
    context: BrowserContext, ada: Person, path: str
) -> None:
    window = Window(context.new_page())
    if "login" not in path:
        window.sign_in_as(ada)
    wire = Wire(context.new_cdp_session(window.page))
    window.go(path)
    window.page.wait_for_load_state("networkidle")
    assert len(wire.asked) <= MOST_REQUESTS, "\n".join(wire.asked)
    assert 1024 < wire.bytes <= MOST_BYTES, f"{wire.bytes / 1024:.0f} KiB"


def test_what_was_said_is_there_without_any_script_and_what_is_typed_outlives_its_coming(
    context: BrowserContext, ada: Person
) -> None:
    asked = ada.ask("Is it there?").finish()
    window = Window(context.new_page())
    window.sign_in_as(ada)
    window.page.route("**/*.js", lambda route: route.abort())
    window.go(f"/c/{asked.conversation}/")
    expect(window.questions.last).to_contain_text("Is it there?")
    expect(window.answer_text).to_contain_text(asked.text)
    expect(window.page.get_by_role("alert")).to_contain_text("nothing can be sent")
    window.type("Nobody hears me.")
    window.page.unroute("**/*.js")
    window.page.get_by_role("link", name="Load it again").click()
    expect(window.page.locator("html[data-ready]")).to_be_attached()
    expect(window.composer).to_have_value("Nobody hears me.")
    expect(window.page.get_by_text("nothing can be sent")).to_be_hidden()
