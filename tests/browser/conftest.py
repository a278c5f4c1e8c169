"""Chromium, and a window in it that does not forgive an error in the console."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from chatsite.embedded.chromium import ADVICE, program
from tests.browser.window import Window
from tests.harness.people import Person
from tests.harness.plugin import RESULTS
from tests.harness.server import Server

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
# A sentence that does not come fails its test; how soon it comes on a busy machine does not.
PATIENCE_MS = 15_000
SCREENSHOTS = RESULTS / "screenshots"


def chromium() -> str:
    found = program()
    if not found:
        pytest.fail(f"There is no Chromium on this machine. {ADVICE}")
    return found


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Not for the whole session: Playwright's loop in the main thread would disturb other tests."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=server.origin,
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
        locale="en",
        service_workers="block",
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.origin)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def window(context: BrowserContext) -> Iterator[Window]:
    """One window of a stranger; the test fails if its console complained."""
    window = Window(context.new_page())
    yield window
    window.complained()


@pytest.fixture
def adas(window: Window, ada: Person) -> Window:
    """The same window with Ada signed in."""
    window.sign_in_as(ada)
    return window


@pytest.fixture
def screenshots() -> Path:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
