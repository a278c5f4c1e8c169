"""A window in which nothing that people or models say may run, load, lead away or cover the page.

The Content-Security-Policy is off: what renders has to hold by itself. Chromium tells of requests,
dialogs and navigations; `inert.js` in the page tells of the rest.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Dialog, Page, Route

SCRIPT = Path(__file__).with_name("inert.js").read_text(encoding="utf-8")
# Where words of others stand; beside them stand buttons of ours.
SAID = (
    ".column :is(.body, [data-part=thought], [data-part=model], [data-part=sentence], [data-part=name]), "
    ".entry a, .bar h1"
)
DRAWING = "/diagram"
# What a page of ours asks for by itself.
OURS = (
    "/static/",
    "/api/v1/",
    "/c/",
    "/admin/",
    "/favicon.ico",
    "/manifest",
    "/sw.js",
    "/offline/",
    DRAWING,
)
BATCH = 12


class Inert:
    """A page, and everything that hostile words did on it."""

    def __init__(self, context: BrowserContext, origin: str, *, has_policy: bool = False) -> None:
        self.origin, self.has_policy = origin, has_policy
        self.found: list[str] = []
        self.address = ""
        context.route("**/*", self._asked)
        context.on("page", lambda page: self._opened(page))
        self.page = context.new_page()
        self.page.add_init_script(SCRIPT)
        self.page.on("dialog", self._asked_something)
        self.page.on(
            "framenavigated", lambda frame: self._went(frame.url, frame == self.page.main_frame)
        )

    def go(self, path: str) -> "Inert":
        self.address = path
        self.page.goto(path)
        self.address = urlsplit(self.page.url).path
        return self

    def opened(self, path: str) -> "Inert":
        """The chat page, once it listens to the server that we play."""
        self.go(path)
        self.page.wait_for_function("() => window.inert.opened")
        return self

    def whole(self, words: list[str]) -> None:
        for batch in batches(words):
            self._play("whole", batch)

    def halves(self, words: list[str], parts: int) -> None:
        for batch in batches(words):
            self._play("halves", batch, parts)

    def titles(self, words: list[str]) -> None:
        for batch in batches(words):
            self._play("titles", batch)

    def look(self, places: str = SAID) -> None:
        self.page.evaluate("() => window.inert.settled()")
        self.found += self.page.evaluate("places => window.inert.look(places)", places)

    def _play(self, what: str, words: list[str], *more: int) -> None:
        self.page.evaluate("([what, ...all]) => window.inert[what](...all)", [what, words, *more])
        self.look()

    def _asked(self, route: Route) -> None:
        url = route.request.url
        if self._is_kept_in(route):
            return route.abort()
        if not url.startswith(self.origin + "/"):
            self.found.append(f"asked {url}")
            return route.abort()
        path = url.removeprefix(self.origin)
        if path != self.address and (not path.startswith(OURS) or path.endswith("/x")):
            self.found.append(f"asked for {path}")
            return route.abort()
        return route.continue_()

    def _is_kept_in(self, route: Route) -> bool:
        """Where diagrams are drawn a policy of its own keeps all in; here it is off like every other."""
        request = route.request
        if self.has_policy or DRAWING not in request.frame.url:
            return False
        return not request.url.startswith(
            (f"{self.origin}{DRAWING}/", f"{self.origin}/static/")
        ) or (request.url.endswith("/x"))

    def _asked_something(self, dialog: Dialog) -> None:
        self.found.append("dialog")
        dialog.dismiss()

    def _opened(self, page: Page) -> None:
        if page != getattr(self, "page", page):
            self.found.append(f"opened {page.url}")

    def _went(self, url: str, is_main: bool) -> None:
        is_ours = url.startswith(self.origin) and urlsplit(url).path == self.address
        if (is_main and not is_ours) or (not is_main and DRAWING not in url):
            self.found.append(f"went to {url}")

    def is_inert(self) -> None:
        some = sorted(set(self.found))
        assert not some, f"{len(some)} leaks:\n" + "\n".join(some[:40])


def batches(words: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(words), BATCH):
        yield words[start : start + BATCH]


def kinds(found: Iterable[str]) -> set[str]:
    """The first words of what was found."""
    return {one.split(":")[0].split(" ")[0].split("=")[0] for one in found}
