"""The renderer alone on a page, without a site behind it: fast, and in bulk."""

import json
import mimetypes
from typing import Any

from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, Route

from chatsite.static_storage import LATER, LIBRARIES
from tests.harness.plugin import ROOT

ORIGIN = "http://reader.test"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<script type="importmap">{map}</script>
<link rel="stylesheet" href="/static/css/site.css"></head>
<body><main class="column"><div class="answer message"><div class="body prose" id="body"></div></div></main>
{templates}</body></html>"""
# `whole`, `streamed` and `Growing` are at hand in every script of a test.
PRELUDE = """
async () => {
  const { Growing } = await import('/static/js/views/growing.js');
  const { allDone } = await import('/static/js/views/later.js');
  const body = () => document.createElement('div');
  window.reader = {
    Growing, allDone,
    whole(text) {
      const place = body();
      new Growing(place, { scope: 'one' }).end(text);
      return place;
    },
    streamed(text, cuts) {
      const place = body();
      const growing = new Growing(place, { scope: 'one' });
      for (const cut of cuts) growing.grow(text.slice(0, cut));
      growing.end(text);
      return place;
    },
  };
}
"""


def reader_page(browser: Browser) -> Page:
    page = browser.new_page(base_url=ORIGIN, viewport={"width": 1280, "height": 800})
    page.route("**/*", _answer)
    page.goto("/")
    page.evaluate(PRELUDE)
    return page


def _answer(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN)
    if path == "/":
        return route.fulfill(body=_page(), content_type="text/html")
    file = ROOT / path.removeprefix("/")
    if not path.startswith("/static/") or not file.is_file():
        return route.abort()
    kind = "text/javascript" if file.suffix == ".mjs" else mimetypes.guess_type(file.name)[0]
    return route.fulfill(body=file.read_bytes(), content_type=kind or "text/plain")


def _page() -> str:
    found: dict[str, Any] = {"imports": {k: f"/static/{v}" for k, v in (LIBRARIES | LATER).items()}}
    templates = render_to_string("parts/code_block.html")
    return PAGE.format(map=json.dumps(found), templates=templates)
