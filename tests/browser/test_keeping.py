"""A conversation is shared, read by a stranger, taken along, and the link is withdrawn."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.window import Window
from tests.features.exports_kit import node, plain, talk, zipped
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model, says, words

ANSWER = """A **heron** stands still.

```python
birds = 1
```

| bird | legs |
|---|---|
| heron | 2 |
"""


def test_a_link_is_made_read_by_a_stranger_and_withdrawn(
    adas: Window, ada: Person, ben: Person, model: Model,
    browser: Browser, screenshots: Path,
) -> None:  # fmt: skip
    image = ada.upload(png(300, 200))
    talk = ada.ask(model.will_answer(says(words(ANSWER))), images=[image["id"]])
    page = adas.go(f"/c/{talk.conversation}/").page
    open_menu(page, "Share")
    dialog = page.get_by_role("dialog", name="Share this conversation")
    dialog.get_by_label("With pictures and files").check()
    dialog.get_by_role("button", name="Make the link").click()
    address = dialog.get_by_role("textbox", name="Link")
    expect(address).to_have_value(re.compile(r"/share/[\w-]{43}/$"))
    expect(address).to_be_focused()
    link = address.input_value()
    with adas.copies(link):
        dialog.get_by_role("button", name="Copy").click()
    for width, scheme in ((1280, "light"), (360, "dark")):
        look(page, screenshots / f"share-dialog-{width}-{scheme}.png", width, scheme)
    page.set_viewport_size({"width": 1280, "height": 800})

    may = ["clipboard-read", "clipboard-write"]
    stranger = Window(browser.new_context(locale="en", permissions=may).new_page())
    reading = stranger.page
    reading.goto(link)
    expect(reading.locator(".answer strong")).to_have_text("heron")
    expect(reading.locator(".code code")).to_contain_text("birds = 1")
    expect(reading.locator(".answer table")).to_be_visible()
    with stranger.copies("birds = 1"):
        reading.locator(".code").get_by_role("button", name="Copy").click()
    expect(reading.locator(".own .pictures img")).to_have_js_property("complete", True)
    assert reading.locator(".own .pictures img").evaluate("image => image.naturalWidth") > 0
    reading.locator(".own .pictures a").click()
    expect(reading.locator("dialog.looking")).to_contain_text("1 of 1")
    reading.keyboard.press("Escape")
    for width in (1280, 360):
        for scheme in ("light", "dark"):
            look(reading, screenshots / f"shared-{width}-{scheme}.png", width, scheme)
    stranger.sign_in_as(ben)
    reading.goto(link)
    reading.get_by_role("button", name="Continue in a copy").click()
    expect(reading).to_have_url(re.compile("/c/"))
    expect(stranger.answers).to_have_count(1)
    stranger.ask(model.will_say("Two of them.").question)
    expect(stranger.answer_text).to_have_text("Two of them.")

    page.bring_to_front()
    dialog.get_by_role("button", name="Withdraw").click()
    expect(dialog.get_by_role("button", name="Make the link")).to_be_focused()
    stranger.complained()
    reading.goto(link)  # of the 404 that comes now the console does complain
    expect(reading.get_by_role("heading", name="This link leads nowhere")).to_be_visible()
    reading.context.close()


def test_conversations_are_taken_along_from_the_menu_and_from_the_settings(
    adas: Window, ada: Person, model: Model, screenshots: Path
) -> None:
    talk = ada.ask(model.will_say("Two."))
    ada.api("POST", "shares", json={"conversation": talk.conversation}, expect=201)
    page = adas.go(f"/c/{talk.conversation}/").page
    with page.expect_download() as markdown:
        open_menu(page, "Export as Markdown")
    assert "Two." in Path(markdown.value.path()).read_text()
    page.goto("/settings/")
    with page.expect_download() as archive:
        page.get_by_role("link", name="Everything").click()
    assert archive.value.suggested_filename.startswith("chatsite-everything-")
    expect(page.get_by_text("All conversations are written")).to_be_visible()
    links = page.locator("[data-controller=links]")
    expect(links.get_by_role("listitem")).to_have_count(1)
    for width, scheme in ((1280, "dark"), (360, "light")):
        links.scroll_into_view_if_needed()
        look(page, screenshots / f"keeping-{width}-{scheme}.png", width, scheme)
    links.get_by_role("button", name="Withdraw").click()
    expect(links.get_by_text("You share nothing.")).to_be_visible()
    assert ada.api("GET", "shares")["items"] == []


def test_an_export_is_brought_along_and_what_was_left_out_is_said(
    adas: Window, ada: Person, tmp_path: Path, screenshots: Path
) -> None:
    tool = node("t", "a", "tool", "42")
    export = tmp_path / "export.zip"
    export.write_bytes(zipped({"conversations.json": [plain("c1"), talk(*whole(), tool, id="c2")]}))
    page = adas.go("/settings/").page
    part = page.locator("[data-controller=imports]")
    part.locator("input[type=file]").set_input_files(export)
    part.get_by_role("button", name="Import", exact=True).click()
    expect(part.get_by_role("status")).to_contain_text("2 conversations imported · 4 messages")
    expect(part.get_by_role("listitem")).to_have_text(
        "1 step of a tool (search, code and the like)."
    )
    for width, scheme in ((1280, "light"), (360, "dark")):
        part.scroll_into_view_if_needed()
        look(page, screenshots / f"import-{width}-{scheme}.png", width, scheme)
    part.locator("input[type=file]").set_input_files(export)
    part.get_by_role("button", name="Import", exact=True).click()
    expect(part.get_by_role("status")).to_contain_text("2 were here already")
    many = tmp_path / "conversations.json"
    many.write_text(json.dumps([plain(f"m{number}") for number in range(2000)]))
    part.locator("input[type=file]").set_input_files(many)
    part.get_by_role("button", name="Import", exact=True).click()
    expect(part.get_by_role("status")).not_to_contain_text(re.compile("here already|On its way"))
    part.get_by_role("button", name="Stop the import").click()
    expect(part.get_by_role("status")).to_contain_text("Stopped. The same file brings the rest.")
    expect(part.get_by_role("button", name="Stop the import")).to_be_hidden()
    broken = tmp_path / "photo.zip"
    broken.write_bytes(b"no zip")
    part.locator("input[type=file]").set_input_files(broken)
    part.get_by_role("button", name="Import", exact=True).click()
    expect(part.get_by_role("alert")).to_contain_text("This is not a list of conversations")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/")
    expect(page.get_by_role("link", name="About herons").nth(1)).to_be_visible()


def whole() -> list[dict[str, Any]]:
    return [node("q", None, "user", "How many?"), node("a", "q", "assistant", "Many.")]


def open_menu(page: Page, item: str) -> None:
    page.locator("header.bar").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name=item).click()


def look(page: Page, path: Path, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.screenshot(path=path)
    wide = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1], f"{path.name} is {wide[0]} px wide on a screen of {wide[1]}"
