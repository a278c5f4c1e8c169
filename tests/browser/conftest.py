"""Chromium, and a window in it that does not forgive an error in the console."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from chatsite.embedded.chromium import ADVICE, program
from tests.browser.kept import SIZE, Kept
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
# A sentence that does not come fails its test; how soon it comes on a busy machine does not. Nor for a page,
# which has twice as long.
PATIENCE_MS = 30_000
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


def new_context(browser: Browser, server: Server) -> BrowserContext:
    context = browser.new_context(
        base_url=server.origin,
        viewport=SIZE,
        reduced_motion="reduce",
        locale="en",
        service_workers="block",
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.origin)
    context.set_default_timeout(2 * PATIENCE_MS)
    return context


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """For a test that does to its page what could not be undone."""
    context = new_context(browser, server)
    yield context
    context.close()


@pytest.fixture(scope="package")
def kept(browser: Browser, server: Server) -> Iterator[Kept]:
    kept = Kept(partial(new_context, browser, server), server.origin)
    yield kept
    kept.close()


@pytest.fixture
def lenient(kept: Kept) -> Iterator[Window]:
    """One window of a stranger, whose console may complain."""
    yield kept.window()
    kept.clean()


@pytest.fixture
def window(lenient: Window) -> Iterator[Window]:
    """The same; the test fails if its console complained."""
    yield lenient
    lenient.complained()


@pytest.fixture
def adas(window: Window, ada: Person) -> Window:
    """The same window with Ada signed in."""
    window.sign_in_as(ada)
    return window


@pytest.fixture
def screenshots() -> Path:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
