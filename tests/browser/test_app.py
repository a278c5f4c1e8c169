"""The site as an app: what it shows without a line, and that it keeps nothing of anybody."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.window import Window
from tests.harness.people import Person
from tests.harness.server import Server

KEPT = """async () => {
  const kept = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) kept.push(new URL(request.url).pathname);
  return kept.sort();
}"""

# Not by `wait_for_function`, which evaluates words again and again: the policy of our pages forbids that.
CONTROLLED = """() => new Promise((done) => {
  if (navigator.serviceWorker.controller) done();
  else navigator.serviceWorker.addEventListener("controllerchange", () => done());
})"""


@pytest.fixture
def page(browser: Browser, server: Server, ada: Person) -> Iterator[Page]:
    """Ada's, in a browser that lets the site's worker work."""
    context = browser.new_context(base_url=server.origin, service_workers="allow", locale="de-DE")
    page = context.new_page()
    Window(page).sign_in_as(ada)
    page.goto("/")
    page.evaluate(CONTROLLED)
    yield page
    context.close()


def test_without_a_line_there_is_a_page_that_says_so_in_ones_language(page: Page) -> None:
    page.context.set_offline(True)
    page.goto("/settings/")
    expect(page.get_by_role("heading")).to_have_text("Keine Verbindung")
    expect(page.get_by_role("link", name="Erneut versuchen")).to_be_visible()
    assert page.evaluate("document.styleSheets.length") == 1
    page.context.set_offline(False)
    page.get_by_role("link", name="Erneut versuchen").click()
    expect(page).to_have_title("Einstellungen · Chatsite")


def test_the_worker_keeps_nothing_but_that_page(page: Page, ada: Person) -> None:
    asked = ada.ask("A secret.").finish()
    page.goto(f"/c/{asked.conversation}/")
    expect(page.locator(".message.own")).to_have_count(1)
    page.evaluate("fetch('/api/v1/conversations').then((answer) => answer.text())")
    kept = page.evaluate(KEPT)
    assert (
        len(kept) == 3 and kept[0] == "/offline/" and all("/static/" in path for path in kept[1:])
    )


def test_the_manifest_names_icons_of_the_sizes_it_says(ada: Person) -> None:
    manifest = ada.http.get("/manifest.webmanifest").json()
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == (
        "Chatsite",
        "/",
        "standalone",
    )
    for icon in manifest["icons"]:
        answer = ada.http.get(icon["src"])
        assert answer.headers["Content-Type"] == icon["type"]
        if icon["type"] == "image/png":
            size = Image.open(BytesIO(answer.content)).size
            assert icon["sizes"] == "{}x{}".format(*size)
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
