"""What a person changes about a conversation, its model and themselves, in a real browser."""

import re

from playwright.sync_api import Locator, Response, expect

from conversations.models import Conversation
from tests.browser.window import Window
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.stub_provider import Model, pause, says


def sheet(window: Window) -> Locator:
    window.page.get_by_role("button", name="This conversation").click()
    found = window.page.get_by_role("dialog", name="This conversation")
    expect(found).to_be_visible()
    return found


def test_a_conversation_is_set_up_before_its_first_message_and_changed_after(
    adas: Window, ada: Person, model: Model
) -> None:
    script = model.will_say("Arr.")
    own = adas.page.locator("[data-part=setup][data-own]")
    first = sheet(adas.go("/"))
    first.get_by_label("Instructions").fill("Speak like a pirate.")
    first.get_by_label("Temperature").fill("0.3")
    expect(first.get_by_text("Both at once")).to_be_hidden()
    first.get_by_label("top_p").fill("0.9")
    expect(first.get_by_text("Both at once")).to_be_visible()
    first.get_by_label("top_p").fill("3")
    first.get_by_role("button", name="Save").click()
    expect(first).to_be_visible()  # the browser points at what is out of range
    first.get_by_label("top_p").fill("")
    first.get_by_role("button", name="Save").click()
    expect(first).to_be_hidden()
    adas.page.reload()
    expect(own).to_be_visible()
    adas.ask(script.question)
    expect(adas.answer_text).to_have_text("Arr.")
    [request] = script.requests
    assert request.said()[0][1].startswith("Speak like a pirate.")
    assert request.parameters["temperature"] == 0.3
    adas.page.wait_for_url(re.compile("/c/"))
    again = sheet(adas)
    expect(again.get_by_label("Temperature")).to_have_value("0.3")
    again.get_by_role("button", name="Reset").click()
    again.get_by_role("button", name="Save").click()
    expect(own).to_have_count(0)
    [stored] = ada.api("GET", "conversations")["items"]
    assert (stored["system_prompt"], stored["options"]) == ("", {})
    expect(sheet(adas.go("/")).get_by_label("Instructions")).to_have_value("")


def keeps_the_model(response: Response) -> bool:
    """The page also tells the time zone there."""
    request = response.request
    return request.url.endswith("/api/v1/me") and '"model"' in (request.post_data or "")


def test_the_model_that_was_chosen_last_answers_next_and_one_that_is_gone_says_so(
    adas: Window, ada: Person, model: Model, ground: Ground
) -> None:
    picker = adas.go("/").page.get_by_role("combobox", name="Model")
    with adas.page.expect_response(keeps_the_model):
        picker.select_option("gpt-5-mini")
    opened = sheet(adas)
    expect(opened.get_by_label("How long it thinks")).to_be_visible()
    expect(opened.get_by_label("Temperature")).to_be_hidden()
    expect(picker).to_have_value("gpt-5-mini")
    expect(adas.go("/").page.get_by_role("combobox", name="Model")).to_have_value("gpt-5-mini")
    first, second = model.will_say("One."), model.will_say("Two.")
    asked = ada.ask(first)
    adas.go(f"/c/{asked.conversation}/")
    expect(picker).to_have_value("gpt-4.1-mini")
    ada.api("PATCH", f"conversations/{asked.conversation}", json={"model": "gpt-5-mini"})
    expect(picker).to_have_value("gpt-5-mini")  # as if chosen in another tab
    expect(picker).to_have_attribute("title", re.compile("thinks first"))
    mine = Conversation.objects.filter(pk=asked.conversation)
    ground.run(lambda: mine.update(model="gpt-1"))
    adas.go(f"/c/{asked.conversation}/")
    gone = adas.page.get_by_text(
        "The model “gpt-1” is not available any more. GPT-4.1 mini answers"
    )
    expect(gone).to_be_visible()
    adas.ask(second.question)
    expect(adas.answer_text).to_have_text("Two.")
    expect(gone).to_be_hidden()


def test_the_first_browser_tells_the_time_zone(adas: Window, ada: Person) -> None:
    with adas.page.expect_response("**/api/v1/me"):
        adas.go("/")
    zone = adas.page.evaluate("() => Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert ada.api("GET", "me")["preferences"]["time_zone"] == zone


MANAGE = re.compile("Manage saved prompts")
LETTER = "Write to {{whom}} in {{how many:two}} sentences. Be kind to {{whom}}."


def test_a_slash_fetches_a_saved_prompt_and_asks_for_its_blanks(
    adas: Window, ada: Person, model: Model
) -> None:
    for name, text in (("letter", LETTER), ("newsletter", "All the news."), ("agenda", "A list.")):
        ada.api("POST", "prompts", json={"name": name, "text": text}, expect=201)
    adas.go("/").page.wait_for_load_state()
    options = adas.page.get_by_role("listbox", name="Saved prompts").get_by_role("option")
    mine = options.filter(has_text=re.compile("^/(letter|newsletter|agenda) "))
    adas.composer.press_sequentially("Hello /")
    expect(options).to_have_count(0)  # not at the start of a line
    adas.composer.fill("Hello\n")
    adas.composer.press_sequentially("/")
    expect(mine).to_have_count(3)
    adas.composer.press_sequentially("let")
    expect(mine).to_have_count(2)
    expect(options).to_have_text([re.compile("^/letter "), re.compile("^/newsletter "), MANAGE])
    expect(options.first).to_have_attribute("aria-selected", "true")
    adas.composer.press("Escape")
    expect(options.first).to_be_hidden()
    adas.composer.fill("Hello\n")
    adas.composer.press_sequentially("/let")
    expect(mine).to_have_count(2)
    adas.composer.press("ArrowDown")
    adas.composer.press("ArrowUp")
    adas.composer.press("Enter")
    blanks = adas.page.get_by_role("dialog", name="Fill in the blanks")
    expect(blanks.get_by_role("textbox")).to_have_count(2)
    expect(blanks.get_by_label("how many")).to_have_value("two")
    blanks.get_by_label("whom").fill("Ben")
    blanks.get_by_label("whom").press("Enter")
    filled = "Hello\nWrite to Ben in two sentences. Be kind to Ben."
    expect(adas.composer).to_have_value(filled)
    expect(adas.composer).to_be_focused()
    expect(adas.questions).to_have_count(0)
    script = model.will_answer(says("Dear Ben."), asked=filled, exactly=True)
    adas.composer.press("Enter")
    expect(adas.answer_text).to_have_text("Dear Ben.")
    assert script.requests


def test_the_end_of_the_list_leads_to_where_prompts_are_written(adas: Window) -> None:
    adas.go("/").page.wait_for_load_state()
    adas.composer.fill("Hello\n")
    adas.composer.press_sequentially("/")
    manage = adas.page.get_by_role("listbox", name="Saved prompts").get_by_role("option")
    expect(manage).to_have_text(MANAGE)
    expect(manage).to_have_attribute("aria-selected", "false")  # an Enter is meant for the message
    adas.composer.press_sequentially("etc")
    expect(manage).to_be_hidden()
    adas.composer.fill("Hello\n")
    adas.composer.press_sequentially("/")
    expect(manage).to_be_visible()
    adas.composer.press("ArrowUp")
    expect(manage).to_have_attribute("aria-selected", "true")
    adas.composer.press("Enter")
    expect(adas.page).to_have_url(re.compile("/settings/#prompts$"))
    expect(adas.go("/").composer).to_have_value("Hello\n")


def test_escape_closes_the_list_of_prompts_and_does_not_stop_the_answer(
    adas: Window, ada: Person, model: Model
) -> None:
    ada.api("POST", "prompts", json={"name": "agenda", "text": "A list."}, expect=201)
    script = model.will_say("one", pause, " two")
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_contain_text("one")
    adas.composer.press_sequentially("/ag")
    listed = adas.page.get_by_role("option", name="/agenda")
    expect(listed).to_be_visible()
    adas.composer.press("Escape")
    expect(listed).to_be_hidden()
    script.resume()
    expect(adas.answer_text).to_have_text("one two")
    adas.composer.fill("")
    adas.composer.press_sequentially("/ag")
    expect(listed).to_be_visible()
    adas.composer.press("Home")  # before the slash: it is about nothing there
    expect(listed).to_be_hidden()
    adas.composer.press("End")
    expect(listed).to_be_visible()
    adas.composer.press("Tab")
    expect(adas.composer).to_have_value("A list.")


def test_the_setting_for_notifications_says_what_the_browser_wants(adas: Window) -> None:
    with adas.page.add_init_script(UNDECIDED):
        adas.go("/settings/")
    box = adas.page.get_by_label(re.compile("Tell me when an answer is ready"))
    asks = adas.page.get_by_text("The browser will ask whether it may")
    expect(asks).to_be_visible()
    box.click()
    expect(adas.page.get_by_text("Press the sign beside the address above")).to_be_visible()
    expect(asks).to_be_hidden()
    expect(box).not_to_be_checked()


# A browser that has not been asked yet, and whose person then says no.
UNDECIDED = """
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (Notification.permission = "denied"); }
};
"""
