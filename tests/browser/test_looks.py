"""Pictures of the real pages for a developer to look at; and no page may scroll sideways."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.window import Window
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model, pause, says, words

ANSWER = """Yes. The rim is straight and only two spokes have lost tension.

### What you need

| Part | Why |
|---|---|
| Spoke key | fits the nipples |
| Two spokes | in case one is cracked |

```python
def tension(pitch_hz, length_m):
    return 0.0062 * (2 * length_m * pitch_hz) ** 2
```

Start with the spoke on the **left**."""

Scheme = Literal["light", "dark"]


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits(
    window: Window,
    ada: Person,
    model: Model,
    screenshots: Path,
    width: int,
    scheme: Scheme,
) -> None:
    page = window.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    look = Looker(window, screenshots, f"{width}-{scheme}")
    window.go("/accounts/login/")
    look("sign-in")
    window.go("/accounts/signup/")
    look("sign-up")
    window.sign_in_as(ada)
    window.go("/")
    expect(window.composer).to_be_visible()
    look("new")
    image = ada.upload(png(300, 200))
    # By its exact words: a marker in the question would be in the picture too.
    first = model.will_answer(says(words(ANSWER)), asked="Is the wheel worth it?", exactly=True)
    asked = ada.ask(first, images=[image["id"]])
    window.go(f"/c/{asked.conversation}/")
    expect(window.answer_text).to_contain_text("Start with the spoke")
    look("conversation")
    slowly = says(words("Take it slowly, and turn a quarter"), pause, " at a time.")
    script = model.will_answer(slowly, asked="How do I begin?", exactly=True)
    window.ask(script.question)
    expect(window.answer_text).to_contain_text("turn a quarter")
    look("streaming")
    script.resume()
    window.is_idle()


class Looker:
    """Takes a screenshot, and measures that nothing is wider than the screen."""

    def __init__(self, window: Window, folder: Path, suffix: str) -> None:
        self.window, self.folder, self.suffix = window, folder, suffix

    def __call__(self, name: str) -> None:
        page = self.window.page
        page.screenshot(path=self.folder / f"{name}-{self.suffix}.png")
        wide = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], f"{name} is {wide[0]} px wide on a screen of {wide[1]}"


def test_the_admin_has_its_pictures_too(
    window: Window, admin_user: Person, screenshots: Path
) -> None:
    window.sign_in_as(admin_user)
    for name, path in [
        ("admin", "/admin/"),
        ("admin-conversations", "/admin/conversations/conversation/"),
    ]:
        window.go(path)
        window.page.screenshot(path=screenshots / f"{name}-1280-light.png")
