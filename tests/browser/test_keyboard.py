"""The page by keyboard alone."""

import re

from playwright.sync_api import expect

from tests.browser.window import Window
from tests.harness.people import Person
from tests.stub_provider import Model, says

CODE = "Look:\n\n```python\nprint('the last')\n```\n"


def test_the_shortcuts_are_listed_and_do_what_the_list_says(
    adas: Window, ada: Person, model: Model
) -> None:
    page, keys = adas.page, adas.page.keyboard
    asked = ada.ask(model.will_answer(says(CODE), asked="Code, please.")).finish()
    adas.go(f"/c/{asked.conversation}/")
    expect(page.locator(".answer pre")).to_be_visible()
    page.locator(".thread").focus()
    keys.press("Shift+?")
    listed = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(listed).to_be_visible()
    keys.press("Escape")
    expect(listed).to_be_hidden()
    expect(page.locator(".thread")).to_be_focused()
    keys.press("Shift+Escape")
    expect(adas.composer).to_be_focused()
    keys.press("?")
    expect(adas.composer).to_have_value("?")
    with adas.copies("print('the last')"):
        keys.press("Control+Shift+;")
    shelf = page.locator("#shelf")
    expect(shelf).to_be_visible()
    keys.press("Control+Shift+S")
    expect(shelf).to_be_hidden()
    keys.press("Control+Shift+O")
    expect(page).to_have_url(re.compile("/$"))


def test_a_link_leads_past_the_list_to_where_one_writes(adas: Window) -> None:
    adas.go("/")
    expect(adas.composer).to_be_focused()
    skip = adas.page.get_by_role("link", name="To the message field")
    expect(skip).not_to_be_in_viewport()
    skip.focus()
    expect(skip).to_be_in_viewport()
    adas.page.keyboard.press("Enter")
    expect(adas.composer).to_be_focused()


def test_the_focus_goes_into_what_opens_and_stays_near_what_goes(
    adas: Window, ada: Person, model: Model
) -> None:
    page, keys = adas.page, adas.page.keyboard
    asked = ada.ask(model.will_answer(says(CODE), asked="Code, please.")).finish()
    ada.api("POST", "folders", json={"name": "Old"}, expect=201)
    adas.go(f"/c/{asked.conversation}/")
    facts = adas.answers.last.locator("button.facts")
    facts.press("Enter")
    expect(page.get_by_role("dialog", name="About this answer")).to_be_focused()
    keys.press("Escape")
    expect(facts).to_be_focused()
    page.locator(".folder h2").get_by_role("button", name="More").press("Enter")
    page.get_by_role("menuitem", name="Delete the folder").press("Enter")
    page.get_by_role("dialog", name="Delete this folder?").get_by_role(
        "button", name="Delete"
    ).press("Enter")
    expect(page.locator(".folder")).to_have_count(0)
    expect(page.get_by_role("button", name="New folder")).to_be_focused()
