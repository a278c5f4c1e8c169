"""Pictures are asked about by one click."""

from playwright.sync_api import expect

from conversations.reading.picture_questions import USUAL
from tests.browser.test_tray import picked, ready
from tests.browser.window import Window
from tests.stub_provider import Model, says

READ = "# Bill\n\nTotal *7.95*"


def test_a_question_is_one_click_away_and_its_answer_is_used(adas: Window, model: Model) -> None:
    page = adas.go("/").page
    expect(page.locator("html[data-ready]")).to_be_attached()
    asking = page.get_by_role("group", name="Ask about the pictures")
    choose = page.locator(".composer input[type=file]").first
    choose.set_input_files(picked("a.png"))
    expect(asking.get_by_role("button", name="Describe")).to_be_visible()
    expect(asking.get_by_role("button", name="Compare")).to_have_count(0)
    choose.set_input_files(picked("a.png", "b.png")[1:])
    ready(adas, 2)
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

    page.locator(".pictures a").first.click()
    page.get_by_role("button", name="Ask about it").click()
    describe = page.get_by_role("group", name="Ask about it").get_by_role("button").first
    expect(describe).to_be_focused()
    again = model.will_answer(says("A dot."), asked=USUAL["Describe"], exactly=True)
    describe.click()
    expect(adas.answer_text).to_have_text("A dot.")
    expect(page.locator(".looking")).to_be_hidden()
    assert len(again.request.messages) > len(script.request.messages)
