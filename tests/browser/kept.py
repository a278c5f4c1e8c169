"""One page for many tests.

A new page is a new process of Chromium, which starts, and compiles all that our pages load: three times
what it costs to load a page where another of the site was before (0152). So one page stays, and is as good
as new after each test: nothing is kept in it, held back from it, or shown otherwise than at first.
"""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Error, Page, ViewportSize

from tests.browser.window import Window

SIZE: ViewportSize = {"width": 1280, "height": 800}
# Of our origin, or Chromium would begin another process for what comes next; and nothing happens on it.
QUIET = "/healthz"


class Kept:
    def __init__(self, new_context: Callable[[], BrowserContext], origin: str) -> None:
        self.new_context, self.origin = new_context, origin
        self._page: Page | None = None
        self._window: Window | None = None

    def window(self) -> Window:
        """For the test that begins now."""
        self._page = self._page or self.new_context().new_page()
        self._window = Window(self._page)
        return self._window

    def clean(self) -> None:
        """After a test. A page that one cannot have as it was is given up."""
        try:
            if self._page and self._window:
                self._window.leave()
                quieten(self._page)
                forget(self._page, self.origin)
                show_as_at_first(self._page)
        except Error:
            self.close()

    def close(self) -> None:
        if self._page:
            self._page.context.close()
        self._page = None


def quieten(page: Page) -> None:
    """No other page, nothing between this one and the site, and nothing of ours on it."""
    for another in page.context.pages:
        if another is not page:
            another.close()
    page.unroute_all()
    page.context.unroute_all()
    page.goto(QUIET)


def forget(page: Page, origin: str) -> None:
    page.evaluate("() => sessionStorage.clear()")
    chromium = page.context.new_cdp_session(page)
    chromium.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    chromium.detach()
    page.context.clear_cookies()


def show_as_at_first(page: Page) -> None:
    page.emulate_media(media="null", color_scheme="null", contrast="null")
    page.set_viewport_size(SIZE)
    page.mouse.move(0, 0)
