"""axe-core finds nothing to complain of, on any page, whatever is open on it.

`make test` looks at the light page on a phone and the dark one on a desktop, and into what opens on it;
AXE=full at all four, and each time at all of the page.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.window import Window
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model, says

HERE = [("light", 360), ("dark", 1280)]
EVERYWHERE = [(scheme, width) for scheme in ("light", "dark") for width in (360, 1280)]
IS_FULL = os.environ.get("AXE") == "full"
LOOKS = EVERYWHERE if IS_FULL else HERE
ANSWER = """Yes, and here is **why**:

1. The rim is straight.
2. - [x] Two spokes are loose.

| Part | Why |
|---|---|
| Spoke key | fits |

```python
def tension(pitch): return 0.0062 * pitch ** 2
```

$$E = mc^2$$

> Start on the left. See [this](https://example.org).
"""
PUBLIC = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/nothing/",
    "/offline/",
]
PRIVATE = [
    "/settings/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
]
OPENED = "() => [...document.querySelectorAll('{kind}')].map((one) => one.id)"


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_axe_finds_nothing(
    lenient: Window, ada: Person, model: Model, scheme: Any, width: int
) -> None:
    page = lenient.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    found: list[str] = []
    for path in PUBLIC:
        lenient.go(path)
        found += complaints(page, path)
    lenient.sign_in_as(ada)
    for path in [*PRIVATE, "/"]:
        lenient.go(path)
        found += complaints(page, path)
    image = ada.upload(png(80, 60))["id"]
    question = model.will_answer(says(ANSWER), asked="Is it worth it?")
    asked = ada.ask(question, images=[image]).finish()
    lenient.go(f"/c/{asked.conversation}/")
    expect(lenient.answer_text.locator("table")).to_be_visible()
    found += complaints(page, "a conversation")
    for name, state in opened(page):
        within = None if IS_FULL else f"[id='{name}']"
        found += complaints(page, f"a conversation with {name} {state}", within)
    page.locator(".pictures a").click()
    expect(page.locator("dialog.looking .stage[data-state=here]")).to_be_visible()
    found += complaints(page, "a picture on the whole screen")
    lenient.go("/pictures/")
    page.locator(".tile").get_by_role("checkbox").check()
    found += complaints(page, "all pictures, one of them chosen")
    link = ada.api("POST", "shares", json={"conversation": asked.conversation}, expect=201)["url"]
    lenient.go(link)
    expect(page.locator(".answer table")).to_be_visible()
    found += complaints(page, "a shared conversation")
    assert not found, "\n".join(found)


def opened(page: Page) -> Iterator[tuple[str, str]]:
    """Each menu and dialog of the page, one after the other, open."""
    for kind, show, hide in [
        ("[popover][id]", "showPopover", "hidePopover"),
        ("dialog[id]", "showModal", "close"),
    ]:
        for id in page.evaluate(OPENED.format(kind=kind)):
            page.evaluate(f"id => document.getElementById(id).{show}()", id)
            yield id, "open"
            page.evaluate(f"id => document.getElementById(id).{hide}()", id)


def complaints(page: Page, where: str, within: str | None = None) -> list[str]:
    """What axe holds against the page as it is now, or against a part of it, a line each."""
    # Half a megabyte, which a page is to read once.
    script = "" if page.evaluate("() => 'axe' in window") else AXE_SCRIPT
    violations = Axe(script).run(page, within).response["violations"]
    return [
        f"{where}: {one['id']}: {one['help']}: {node['html'][:200]}"
        for one in violations
        for node in one["nodes"]
    ]


def test_axe_would_find_something(lenient: Window) -> None:
    page = lenient.page
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><img src=/x><button></button>")
    assert {line.split(": ")[1] for line in complaints(page, "here")} == {
        "image-alt",
        "button-name",
    }
