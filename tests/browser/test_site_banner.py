"""What the administrator says to all comes into a page that is open, and goes when it is put away."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from conversations.models import SiteSettings
from tests.browser.window import Window
from tests.harness.database import Ground
from tests.harness.people import Person


@pytest.fixture
def settle(ground: Ground, nothing_settled: None) -> Any:
    def settle(**values: Any) -> None:
        ground.run(lambda: SiteSettings.objects.update_or_create(defaults=values))

    return settle


def is_above(one: Locator, other: Locator) -> bool:
    first, second = one.bounding_box(), other.bounding_box()
    assert first and second
    return first["y"] + first["height"] <= second["y"]


def test_the_banner_comes_and_is_put_away_until_it_changes(
    window: Window, ada: Person, settle: Any
) -> None:
    window.sign_in_as(ada)
    window.go("/")
    page, banner = window.page, window.page.get_by_label("Notice of this site")
    page.fill("#message", "half a sentence")
    settle(name="Harbour", banner="Down at noon, see https://status.example.org.")
    expect(banner.get_by_role("status")).to_have_text(
        "Down at noon, see https://status.example.org."
    )
    expect(banner.get_by_role("link")).to_have_attribute("href", "https://status.example.org")
    expect(page).to_have_title("New conversation · Harbour")
    with page.expect_response("**/banner/away/"):
        banner.get_by_role("button", name="Put away").click()
    expect(banner).to_be_hidden()
    expect(page.locator("#message")).to_have_value("half a sentence")
    page.reload()
    expect(page.locator(".brand").first).to_have_text("Harbour")
    expect(page.locator("aside.banner")).to_be_hidden()
    settle(banner="Up again.", banner_tone="warning")
    expect(banner.get_by_role("status")).to_have_text("Up again.")
    because = "A strange answer goes round"
    settle(banner="", stopped_at=timezone.now(), stopped_because=because)
    said = f"The administrators have stopped this site: {because}. Nothing is answered for now."
    stopped = page.locator(".site-stopped")
    expect(stopped).to_have_text(said)
    page.reload()
    expect(stopped).to_have_text(said)
    page.set_viewport_size({"width": 360, "height": 500})
    assert is_above(stopped, page.locator(".thread"))
    settle(banner="And at noon it is down.")
    expect(banner).to_be_visible()
    assert is_above(banner, stopped) and is_above(stopped, page.locator(".thread"))
    settle(stopped_at=None, stopped_because="")
    expect(stopped).to_be_hidden()
