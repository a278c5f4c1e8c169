"""Pictures are asked about by one click."""

from playwright.sync_api import Page, expect

from conversations.reading.picture_questions import USUAL
from tests.browser.test_tray import faces, in_order, picked, ready
from tests.browser.window import Window
from tests.features.sight_kit import BLIND, asker, blind_one, picture
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.stub_provider import Model, says

__all__ = ["asker", "blind_one"]

READ = "# Bill\n\nTotal *7.95*"


def test_a_question_is_one_click_away_and_its_answer_is_used(adas: Window, model: Model) -> None:
    page = adas.go("/").page
    expect(page.locator("html[data-ready]")).to_be_attached()
    asking = page.get_by_role("group", name="Ask about the pictures")
    choose = page.locator(".composer input[type=file]").first
    choose.set_input_files(picked("a.png"))
    expect(asking.get_by_role("button", name="Describe")).to_be_visible()
    expect(asking.get_by_role("button", name="Compare")).to_have_count(0)
    cut_out_a_corner(page)
    ready(adas, 2)
    in_order(page, "a.png", "Part of a.png")
    expect(asking.get_by_role("button", name="Compare")).to_be_visible()
    adas.type("Wait")
    expect(asking).to_be_hidden()
    adas.type("")
    asking.get_by_role("button", name="Describe").click(modifiers=["Shift"])
    expect(adas.composer).to_have_value(USUAL["Describe"])
    expect(adas.composer).to_be_focused()
    adas.type("")

    script = model.will_answer(says(READ), asked=USUAL["Read the text"], exactly=True)
    asking.get_by_role("button", name="Read the text").click()
    expect(adas.answer_text).to_contain_text("Total 7.95")
    assert len(script.request.images()) == 2
    expect(asking).to_be_hidden()

    side_by_side(page)
    opened_as_text(adas)

    page.locator(".pictures a").first.click()
    page.get_by_role("button", name="Ask about it").click()
    describe = page.get_by_role("group", name="Ask about it").get_by_role("button").first
    expect(describe).to_be_focused()
    again = model.will_answer(says("A dot."), asked=USUAL["Describe"], exactly=True)
    describe.click()
    expect(adas.answer_text).to_have_text("A dot.")
    expect(page.locator(".looking")).to_be_hidden()
    expect(page.get_by_role("button", name="Open as text")).to_have_count(1)
    assert len(again.request.messages) > len(script.request.messages)

    alone = model.will_answer(says('"A small dot."'), asked=USUAL["Write alt text"], exactly=True)
    page.locator(".pictures a").first.click()
    page.get_by_role("button", name="Cut out a part").click()
    page.get_by_role("button", name="Put it into the message").click()
    expect(page.locator(".looking[open]")).to_have_count(0)
    ready(adas, 1)
    asking.get_by_role("button", name="Write alt text").click()
    page.get_by_role("button", name="Keep with the picture").click()
    expect(page.get_by_text("Kept with the picture.")).to_be_visible()
    expect(page.locator(".pictures img").last).to_have_attribute("alt", "A small dot.")
    assert alone.request.messages


def side_by_side(page: Page) -> None:
    """With one zoom for both, and swapped."""
    page.locator(".message.own").get_by_role("button", name="Side by side").click()
    first, second = (
        page.get_by_label(f"{which} picture").locator("img") for which in ("First", "Second")
    )
    expect(page.locator(".comparing .stage[data-state=here]")).to_have_count(2)
    for one, width in ((first, 40), (second, 19)):
        expect(one).to_have_js_property("naturalWidth", width)
    page.get_by_role("group", name="Second picture").focus()
    page.keyboard.press("+")
    scales = [
        one.evaluate("one => one.style.transform.split('scale')[1]") for one in (first, second)
    ]
    assert scales == ["(1.5)", "(1.5)"]
    page.get_by_role("button", name="Swap them").click()
    expect(page.locator(".comparing .stage[data-state=here]")).to_have_count(2)
    expect(first).to_have_js_property("naturalWidth", 19)
    page.go_back()
    expect(page.locator(".comparing")).to_be_hidden()


def opened_as_text(adas: Window) -> None:
    """Edited, kept over a reload, taken back, downloaded, and put into the message."""
    page = adas.page
    page.get_by_role("button", name="Open as text").click()
    dialog = page.get_by_role("dialog", name="Text")
    field = dialog.get_by_role("textbox")
    expect(field).to_be_focused()
    expect(field).to_have_value(READ)
    field.fill("Total 8")
    page.keyboard.press("Escape")
    page.reload()
    page.get_by_role("button", name="Open as text").click()
    expect(field).to_have_value("Total 8")
    dialog.get_by_role("button", name="As it was").click()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.endswith(".md")
    assert download.value.path().read_text() == READ
    dialog.get_by_role("button", name="Put it into the message").click()
    expect(adas.composer).to_have_value(READ)
    adas.type("")


def test_of_a_model_that_cannot_see_what_was_read_opens(
    adas: Window, asker: Person, model: Model, ground: Ground
) -> None:
    bill = picture(ground, asker, "Bread 4.75\nTotal 7.95")
    options = {"text": model.will_say("Seven euros!").question, "options": {"model": BLIND}}
    sent = asker.api(
        "POST", "messages", json={**options, "images": [bill], "asks": "text"} | {"wait": True}
    )
    page = adas.go(f"/c/{sent['conversation']['id']}/").page
    page.get_by_role("button", name="Open as text").click()
    dialog = page.get_by_role("dialog", name="Text")
    expect(dialog.get_by_role("textbox")).to_have_value("Bread 4.75\nTotal 7.95")
    expect(dialog.get_by_text("which the model did not see")).to_be_visible()
    expect(dialog.get_by_text("The answer stays as it is")).to_be_hidden()


def cut_out_a_corner(page: Page) -> None:
    """By dragging a box, and then by a key."""
    faces(page).first.click()
    page.get_by_role("menuitem", name="Cut out a part").click()
    dialog = page.get_by_role("dialog", name="Cut out a part")
    expect(dialog.get_by_text("24 × 24 pixels")).to_be_visible()
    place = dialog.locator("img").bounding_box()
    assert place
    dialog.get_by_role("group", name="The part").press("Shift+ArrowUp")
    middle = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.move(place["x"] - 20, place["y"] - 20)
    page.mouse.down()
    page.mouse.move(*middle)
    page.mouse.up()
    expect(dialog.get_by_text("20 × 20 pixels")).to_be_visible()
    page.keyboard.press("Shift+ArrowLeft")
    expect(dialog.get_by_text("19 × 20 pixels")).to_be_visible()
    dialog.get_by_role("button", name="Put it into the message").click()
