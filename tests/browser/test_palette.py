"""Ctrl+K: search over everything, and what one can do, by keyboard and on a phone."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_axe import complaints
from tests.browser.window import Window
from tests.harness.people import Person
from tests.harness.talks import Talks
from tests.stub_provider import Model, pause


@pytest.fixture
def talks(ada: Person) -> Talks:
    return Talks(ada)


def opened(page: Page) -> Page:
    page.wait_for_load_state()  # before the scripts run, the keys are the browser's
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search conversations")).to_be_focused()
    return page


def options(page: Page, **how: Any) -> Locator:
    """Beside those of the model's picker."""
    return page.locator("#palette").get_by_role("option", **how)


def test_a_word_is_typed_and_enter_opens_the_message_that_has_it(
    adas: Window, talks: Talks, screenshots: Path
) -> None:
    texts = [text for n in range(30) for text in (f"question {n}", f"answer {n}")]
    texts[2:4] = ["Where do puffins <b>nest</b>?", "Puffins nest in burrows on islands."]
    sea = talks.talk(*texts, title="Birds of the sea")
    talks.talk("Nothing of the kind.", title="Something else")
    page = opened(adas.go("/").page)
    expect(options(page, name="Something else")).to_be_visible()
    page.keyboard.type("puffin")
    rows = options(page)
    expect(rows).to_have_count(3)
    expect(rows.locator("mark")).to_have_text(["Puffins", "puffins"])
    expect(rows.filter(has_text="<b>nest</b>")).to_have_count(1)
    expect(page.get_by_text("1 conversation found")).to_have_count(1)
    page.screenshot(path=screenshots / "palette-1280.png")
    assert not complaints(page, "what was found")
    page.keyboard.press("ArrowDown")
    expect(options(page, selected=True)).to_contain_text("burrows")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/c/{sea.pk}/#m-[0-9a-f-]{{36}}$"))
    expect(page.locator(".message.answer", has_text="burrows")).to_be_in_viewport()


def test_escape_closes_the_palette_and_stops_nothing(adas: Window, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_have_text(re.compile("one"))
    page = opened(adas.page)
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(adas.stop_button).to_be_visible()
    script.resume()
    expect(adas.answer_text).to_have_text("one two")


def test_what_one_can_do_is_chosen_by_its_name(adas: Window) -> None:
    page = opened(adas.go("/").page)
    page.keyboard.type("dark")
    expect(options(page, selected=True)).to_have_text("Appearance: dark")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_on_a_phone_it_fills_the_screen_and_filters_are_buttons(
    adas: Window, talks: Talks, screenshots: Path
) -> None:
    talks.talk("see `code`", "here:\n```\nprint(1)\n```", title="How to print")
    talks.talk("print without", title="On printing")
    page = adas.page
    page.set_viewport_size({"width": 360, "height": 700})
    adas.go("/")
    page.get_by_role("button", name="Show the list").click()
    page.get_by_role("button", name="Search", exact=True).click()
    page.keyboard.type("print")
    expect(page.locator(".of-conversation")).to_have_count(2)
    page.get_by_role("button", name="Code", exact=True).click()
    expect(page.locator(".of-conversation")).to_have_count(1)
    expect(page.get_by_role("button", name="Code", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    box = page.locator("dialog[open]").bounding_box()
    assert box and (box["x"], box["width"]) == (0, 360) and box["height"] == 700
    page.screenshot(path=screenshots / "palette-360.png")
    page.keyboard.type("zzz")
    expect(page.get_by_text("Nothing was found.")).to_be_visible()


def test_another_branch_is_opened_at_its_message(adas: Window, ada: Person, model: Model) -> None:
    first = ada.ask(model.will_say("a pelican on a post"))
    edit = model.will_say("a cormorant")
    edited = ada.sockets[0].call("message.edit", message=first.question_id, text=edit.question)
    ada.sockets[0].until("run.finished", run=edited["run"]["id"])
    page = adas.go(f"/c/{first.conversation}/").page
    expect(adas.answer_text).to_have_text("a cormorant")
    opened(page).keyboard.type("pelican")
    expect(options(page)).to_have_count(2)
    page.keyboard.press("Enter")
    expect(adas.answer_text).to_have_text("a pelican on a post")
    expect(page.locator("#palette")).to_be_hidden()
