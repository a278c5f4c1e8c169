"""The chat page as a person uses it: by what is written on it."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Response, WebSocket, expect

from tests.harness.people import Person

LISTEN = """
document.addEventListener('securitypolicyviolation', event => {
  const where = `${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`;
  console.error(`CSP: ${event.violatedDirective} ${where}`);
});
"""
# The site's worker would answer what a test means to catch; it has tests of its own.
BLOCKED = "Service Worker registration blocked by Playwright"
# How long the newest answer is at each paint.
WATCH = """
() => {
  window.__paints = [];
  const look = now => {
    const answers = document.querySelectorAll('.message.answer');
    const last = answers[answers.length - 1];
    const length = last ? last.querySelector('.body').textContent.trim().length : 0;
    const seen = window.__paints;
    if (!seen.length || seen[seen.length - 1] !== length) seen.push(length);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""


class Window:
    """A page and everything that went wrong on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.lines = 0
        self._listening = page.add_init_script(LISTEN)
        page.on("console", self._heard)
        page.on("pageerror", self._threw)
        page.on("response", self._answered)
        page.on("websocket", self._called)

    def leave(self) -> None:
        """What happens on the page from now on is another's."""
        self._listening.close()
        self.page.remove_listener("console", self._heard)
        self.page.remove_listener("pageerror", self._threw)
        self.page.remove_listener("response", self._answered)
        self.page.remove_listener("websocket", self._called)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and message.text != BLOCKED:
            self.complaints.append(
                f"{message.type}: {message.text} ({message.location.get('url')})"
            )

    def _threw(self, error: Error) -> None:
        self.complaints.append(f"exception: {error}")

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.lines = 0  # another document, which has none yet
        if response.status >= 500 or (response.status == 404 and "/static/" in response.url):
            self.complaints.append(f"{response.status} {response.url}")

    def _called(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._told)

    def _told(self, frame: str | bytes) -> None:
        self.lines += '"ready"' in str(frame)[:40]

    def until(self, holds: Callable[[], object], otherwise: str, seconds: float = 60) -> None:
        """Wait for what `expect` cannot ask the page for."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, otherwise
            self.page.wait_for_timeout(20)

    def is_on_line(self) -> None:
        """What others do from now on is told to this page: its socket has been welcomed."""
        self.until(lambda: self.lines, "The page never got a line.")

    @contextmanager
    def copies(self, words: str) -> Iterator[None]:
        """They arrive in the clipboard some time after the click; that a button says so is soon over."""
        self.page.evaluate("() => navigator.clipboard.writeText('')")
        yield
        read = "() => navigator.clipboard.readText()"
        self.until(lambda: words in self.page.evaluate(read), f"{words!r} was not copied.")

    def complained(self) -> None:
        assert not self.complaints, "The console complained:\n" + "\n".join(self.complaints)

    def sign_in_as(self, person: Person) -> None:
        """Carry the person's session into this window; the sign-in form has a test of its own."""
        origin = person.server.origin
        cookies: list[Any] = [
            {"name": n, "value": v, "url": origin} for n, v in person.cookies.items()
        ]
        self.page.context.add_cookies(cookies)

    def beside(self) -> "Window":
        """Another window of the same person. A tab would put this one into the background, where it is
        painted once in seconds, and each click waits for two paints."""
        with self.page.context.expect_page() as opened:
            self.page.evaluate("() => void window.open('about:blank', '', 'popup,noopener')")
        return Window(opened.value)

    def go(self, path: str) -> "Window":
        self.page.goto(path)
        return self

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message", exact=True)

    @property
    def send_button(self) -> Locator:
        return self.page.get_by_role("button", name="Send", exact=True)

    @property
    def stop_button(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("^Stop"))

    @property
    def questions(self) -> Locator:
        return self.page.locator(".message.own")

    @property
    def answers(self) -> Locator:
        return self.page.locator(".message.answer")

    @property
    def answer_text(self) -> Locator:
        return self.answers.last.locator(".body")

    @property
    def attached(self) -> Locator:
        return self.page.locator(".composer .attached figure")

    def type(self, text: str) -> None:
        self.composer.fill(text)

    def ask(self, text: str) -> None:
        """Type a question and press Enter; it appears at once."""
        self.page.wait_for_load_state()  # before the scripts run, Enter only breaks the line
        before = self.questions.count()
        self.type(text)
        self.composer.press("Enter")
        expect(self.questions).to_have_count(before + 1)

    def watch_paints(self) -> None:
        self.page.evaluate(WATCH)

    def is_painted(self) -> None:
        """What the page has now was on the screen."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
        )

    def paints(self) -> list[int]:
        """The lengths that the newest answer had at different paints, in order."""
        return list(self.page.evaluate("() => window.__paints"))

    def is_idle(self) -> None:
        """The answer is done: nothing to stop."""
        expect(self.stop_button).to_be_hidden()
