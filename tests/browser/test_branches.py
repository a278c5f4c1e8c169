"""Edit, try again, continue, and turning between versions, by hand and by keyboard, in two windows."""

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, expect

from conversations.runs.prompt import GO_ON
from tests.browser.test_looks import Looker
from tests.browser.window import Window
from tests.harness.people import Person
from tests.stub_provider import Model, cut, fails, pause, says, words


def tool(message: Locator, name: str) -> Locator:
    """A button under a message: it shows itself when one points there."""
    message.hover()
    return message.get_by_role("button", name=name, exact=True)


def editor(window: Window) -> Locator:
    return window.page.get_by_role("textbox", name="Edit the message")


def test_a_question_is_edited_in_its_place(adas: Window, model: Model) -> None:
    first = model.will_say("cold")
    adas.go("/").ask(first.question)
    expect(adas.answer_text).to_have_text("cold")
    second = model.will_say("warm")
    tool(adas.questions.last, "Edit").click()
    expect(editor(adas)).to_be_focused()
    expect(editor(adas)).to_have_value(first.question)
    editor(adas).fill(second.question)
    editor(adas).press("Enter")
    expect(adas.answer_text).to_have_text("warm")
    expect(adas.questions).to_have_count(1)
    expect(adas.questions.last.locator(".body")).to_have_text(second.question)
    expect(adas.questions.last.locator(".versions")).to_contain_text("2/2")
    adas.is_idle()
    adas.page.reload()
    expect(adas.answer_text).to_have_text("warm")


def test_escape_leaves_everything_as_it_was(adas: Window, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_have_text(re.compile("one"))
    tool(adas.questions.last, "Edit").click()
    editor(adas).fill("something else")
    editor(adas).press("Escape")
    expect(editor(adas)).to_have_count(0)
    expect(adas.questions.last.locator(".body")).to_have_text(script.question)
    script.resume()
    expect(adas.answer_text).to_have_text("one two")


def test_the_up_arrow_edits_the_last_question(adas: Window, model: Model) -> None:
    script = model.will_say("cold")
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_have_text("cold")
    adas.composer.press("ArrowUp")
    expect(editor(adas)).to_be_focused()
    editor(adas).press("Escape")
    expect(adas.composer).to_be_focused()
    adas.type("not empty")
    adas.composer.press("ArrowUp")
    expect(editor(adas)).to_have_count(0)


def test_an_edit_while_it_streams_is_seen_in_both_windows(adas: Window, model: Model) -> None:
    first = model.will_say("old ", pause, "never")
    adas.go("/").ask(first.question)
    expect(adas.answer_text).to_have_text(re.compile("old"))
    expect(adas.page).to_have_url(re.compile("/c/"))
    other = adas.beside()
    other.go(adas.page.url)
    expect(other.answer_text).to_have_text(re.compile("old"))
    second = model.will_say("new ", pause, "er")
    tool(adas.questions.last, "Edit").click()
    editor(adas).fill(second.question)
    editor(adas).press("Enter")
    first.request.wait_until_closed()
    for window in (adas, other):
        expect(window.answer_text).to_have_text(re.compile("^new"))
    second.resume()
    for window in (adas, other):
        expect(window.answer_text).to_have_text("new er")
        expect(window.questions).to_have_count(1)
        window.is_idle()
    other.complained()


def test_another_try_and_back_by_the_arrows(adas: Window, model: Model) -> None:
    script = model.will_answer(says("first"), says("second"), says("third"))
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_have_text("first")
    other = adas.beside()
    other.go(adas.page.url)
    for wanted in ("second", "third"):
        tool(adas.answers.last, "Try again").click()
        expect(adas.answer_text).to_have_text(wanted)
        adas.is_idle()
    versions = adas.answers.last.locator(".versions")
    expect(versions).to_contain_text("3/3")
    expect(other.answer_text).to_have_text("third")
    tool(adas.answers.last, "Previous version").click()
    expect(adas.answer_text).to_have_text("second")
    expect(adas.answers).to_have_count(1)
    expect(other.answer_text).to_have_text("second")
    # The focus stays on the arrow, so that a keyboard can go on.
    expect(tool(adas.answers.last, "Previous version")).to_be_focused()
    adas.page.keyboard.press("Enter")
    expect(adas.answer_text).to_have_text("first")
    expect(tool(adas.answers.last, "Next version")).to_be_focused()
    expect(adas.answers.last.locator(".versions")).to_contain_text("1/3")
    tool(adas.answers.last, "Bad answer").click()
    expect(tool(other.answers.last, "Bad answer")).to_have_attribute("aria-pressed", "true")
    other.complained()


def turned_back(window: Window, model: Model) -> None:
    """Two questions, the first of them put differently, and the page back at how it was put first."""
    window.go("/").ask(model.will_say("one").question)
    expect(window.answer_text).to_have_text("one")
    window.is_idle()
    window.ask(model.will_say("two").question)
    expect(window.answer_text).to_have_text("two")
    tool(window.questions.first, "Edit").click()
    editor(window).fill(model.will_say("other").question)
    editor(window).press("Enter")
    expect(window.answer_text).to_have_text("other")
    expect(window.answers).to_have_count(1)
    window.is_idle()
    tool(window.questions.first, "Previous version").click()


def test_turning_a_question_brings_its_whole_branch_back(adas: Window, model: Model) -> None:
    turned_back(adas, model)
    expect(adas.answers).to_have_count(2)
    expect(adas.answer_text).to_have_text("two")


def test_what_is_asked_after_a_turn_goes_under_it(adas: Window, model: Model) -> None:
    turned_back(adas, model)
    expect(adas.answer_text).to_have_text("two")
    adas.ask(model.will_say("three").question)
    expect(adas.answers).to_have_count(3)
    expect(adas.answer_text).to_have_text("three")


def test_a_stopped_answer_goes_on_and_never_shrinks(adas: Window, model: Model) -> None:
    script = model.will_say(words("one two three four five "), pause, "never")
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_have_text(re.compile("five"))
    adas.stop_button.click()
    expect(adas.answers.last).to_contain_text(re.compile("stopped"))
    more = model.will_answer(says("four five six", pause, " seven"), asked=GO_ON, exactly=True)
    adas.watch_paints()
    adas.answers.last.get_by_role("button", name="Continue").click()
    expect(adas.answer_text).to_have_text("one two three four five six")
    expect(adas.answers.last.locator(".notice")).to_be_hidden()
    more.resume()
    expect(adas.answer_text).to_have_text("one two three four five six seven")
    adas.is_idle()
    lengths = adas.paints()
    assert lengths == sorted(lengths), "text on the screen never shrinks"
    expect(adas.answers).to_have_count(1)


def test_a_failed_answer_is_tried_again_by_its_button(adas: Window, model: Model) -> None:
    script = model.will_answer(fails(400), says("better"))
    adas.go("/").ask(script.question)
    notice = adas.answers.last.locator(".notice")
    expect(notice.get_by_role("button", name="Continue")).to_be_hidden()
    notice.get_by_role("button", name="Try again").click()
    expect(adas.answer_text).to_have_text("better")
    expect(adas.answers.last.locator(".versions")).to_contain_text("2/2")
    tool(adas.answers.last, "Previous version").click()
    expect(notice).to_be_visible()
    tool(adas.answers.last, "Next version").click()
    expect(adas.answer_text).to_have_text("better")


def test_an_edit_keeps_its_picture(adas: Window, ada: Person, model: Model) -> None:
    from tests.harness.pictures import png

    image = ada.upload(png(60, 40))
    asked = ada.ask(model.will_say("a rectangle"), images=[image["id"]])
    adas.go(f"/c/{asked.conversation}/")
    script = model.will_say("still one")
    tool(adas.questions.last, "Edit").click()
    editor(adas).fill(script.question)
    editor(adas).press("Enter")
    expect(adas.answer_text).to_have_text("still one")
    expect(adas.questions.last.locator("img")).to_have_count(1)
    assert len(script.request.images()) == 1


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_versions_and_the_field_fit(
    window: Window,
    ada: Person,
    model: Model,
    screenshots: Path,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    window.page.emulate_media(color_scheme=scheme)
    window.page.set_viewport_size({"width": width, "height": 800})
    window.sign_in_as(ada)
    look = Looker(window, screenshots, f"{width}-{scheme}")
    text = "Is the front wheel worth it, or shall I look for another one at the market?"
    first = says(words("It is worth it: the rim is straight, and only two spokes"), cut)
    second = says(words("Look for another one. A wheel like this is not dear, and then "), cut)
    script = model.will_answer(first, second, asked=text, exactly=True)
    window.go("/").ask(script.question)
    expect(window.answers.last.locator(".notice")).to_be_visible()
    window.answers.last.get_by_role("button", name="Try again").last.click()
    expect(window.answers.last.locator(".versions")).to_contain_text("2/2")
    expect(window.answers.last.locator(".notice")).to_be_visible()
    window.answers.last.hover()
    look("versions")
    tool(window.questions.last, "Edit").click()
    look("editing")
