"""Hasty hands: a click twice, a dialog closed while it asks, another wish while something is on its way."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.window import Window
from tests.harness.people import Asked, Person
from tests.harness.pictures import png
from tests.stub_provider import Model, pause, says

CODE = "Look:\n\n```python\nprint('the last')\n```\n"
# What a button says from now on, also what it says for a moment only.
SAID = """button => {
  const label = button.querySelector('[data-part=label]');
  window.said = [];
  new MutationObserver(() => window.said.push(label.textContent)).observe(label, { childList: true });
}"""
REFUSED = {"error": {"code": "rate_limited", "message": "Not so fast."}}


def asked(ada: Person, model: Model, question: str) -> Asked:
    return ada.ask(model.will_answer(says(CODE), asked=question)).finish()


def opened(window: Window, path: str) -> None:
    window.go(path)
    expect(window.answer_text.locator("pre")).to_be_visible()


def twice(button: Locator, is_open: Callable[[], Locator]) -> None:
    button.click()
    expect(is_open()).to_be_visible()
    button.click()
    expect(is_open()).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")


def said(page: Page) -> list[str]:
    return list(page.evaluate("() => window.said"))


def test_a_second_click_closes_what_the_first_has_opened(
    adas: Window, ada: Person, model: Model
) -> None:
    page = adas.page
    opened(adas, f"/c/{asked(ada, model, 'Code, please.').conversation}/")
    more = page.locator(".bar").get_by_role("button", name="More")
    twice(more, lambda: page.get_by_role("menu", name="Conversation"))
    facts = adas.answers.last.locator("button.facts")
    twice(facts, lambda: page.get_by_role("dialog", name="About this answer"))
    copy = adas.answer_text.locator("[data-part=copy]")
    copy.evaluate(SAID)
    copy.click()
    adas.until(lambda: "Copied" in said(page), "The button does not say so.")
    copy.click()
    adas.until(
        lambda: said(page).count("Copied") == 2 and said(page)[-1] == "Copy",
        "The button does not say so again, or for good.",
    )


def test_who_goes_to_a_place_on_the_page_stays_on_it(
    adas: Window, ada: Person, model: Model
) -> None:
    page, talk = adas.page, asked(ada, model, "Code, please.")
    opened(adas, f"/c/{talk.conversation}/")
    page.evaluate("() => (window.isTheSame = true)")
    page.get_by_role("link", name="To the message field").press("Enter")
    expect(adas.composer).to_be_focused()
    page.evaluate("id => (location.hash = `#m-${id}`)", talk.question_id)
    expect(adas.questions.first).to_be_focused()
    page.go_back()
    expect(page).to_have_url(re.compile("#message$"))
    assert page.evaluate("() => window.isTheSame")


def test_what_went_wrong_is_said_while_a_message_is_edited_and_a_remark_is_kept(
    adas: Window, ada: Person, model: Model
) -> None:
    page = adas.page
    opened(adas, f"/c/{asked(ada, model, 'Code, please.').conversation}/")
    adas.questions.last.get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_role("textbox", name="Edit the message")).to_be_visible()
    with page.expect_response("**/feedback"):
        adas.answers.last.get_by_role("button", name="Bad answer").click()
    why = page.get_by_role("dialog", name="Why?")
    why.get_by_role("textbox").fill("It prints nothing.")
    page.route("**/feedback", lambda route: route.fulfill(status=429, json=REFUSED), times=1)
    why.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").filter(has_text="Not so fast.")).to_be_visible()
    expect(why.get_by_role("textbox")).to_have_value("It prints nothing.")
    why.get_by_role("button", name="Send").click()
    expect(why).to_be_hidden()
    adas.composer.fill("and on")
    expect(page.get_by_role("alert").filter(has_text="Not so fast.")).to_be_hidden()
    adas.complaints = [one for one in adas.complaints if "429" not in one]


def test_a_dialog_shows_the_link_of_its_own_conversation(
    adas: Window, ada: Person, model: Model
) -> None:
    page, first = adas.page, asked(ada, model, "The first.")
    second = asked(ada, model, "The second.")
    ada.api("POST", "shares", json={"conversation": first.conversation}, expect=201)
    waiting: list[Route] = []
    page.route(f"**/shares?conversation={first.conversation}", lambda route: waiting.append(route))
    opened(adas, f"/c/{second.conversation}/")
    dialog = page.get_by_role("dialog", name="Share this conversation")
    for talk in (first, second):
        entry = page.locator(f".entry[data-conversation='{talk.conversation}']")
        entry.hover()
        entry.get_by_role("button", name="More").click()
        with page.expect_request(re.compile(r"/shares\?")):
            page.get_by_role("menuitem", name="Share").click()
        if talk is first:
            dialog.get_by_role("button", name="Close").click()
    adas.until(lambda: waiting, "Nobody asked whether there is a link.")
    with page.expect_response(re.compile(first.conversation)):
        waiting[0].continue_()
    dialog.get_by_role("button", name="Make the link").click()
    expect(dialog.get_by_text("It shows all that stands here now.")).to_be_visible()
    assert {one["conversation"] for one in ada.api("GET", "shares")["items"]} == {
        first.conversation,
        second.conversation,
    }


def test_a_link_is_made_once_by_whoever_is_faster_than_the_line(
    adas: Window, ada: Person, model: Model
) -> None:
    page, talk = adas.page, asked(ada, model, "The only one.")
    waiting: list[Route] = []
    page.route("**/shares?conversation=*", lambda route: waiting.append(route))
    opened(adas, f"/c/{talk.conversation}/")
    entry = page.locator(f".entry[data-conversation='{talk.conversation}']")
    entry.hover()
    entry.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share this conversation")
    dialog.get_by_label("With my name").check()
    dialog.get_by_role("button", name="Make the link").dblclick()
    adas.until(lambda: waiting, "Nobody asked whether there is a link.")
    waiting[0].continue_()
    expect(dialog.get_by_role("textbox", name="Link")).to_have_value(re.compile("/share/"))
    [link] = ada.api("GET", "shares")["items"]
    assert link["name"] is True


def test_two_clicks_in_the_archive_are_one(adas: Window, ada: Person, model: Model) -> None:
    page = adas.page
    for number in range(3):
        made = ada.api("POST", "conversations", json={"title": f"Old {number}"}, expect=201)
        ada.api("PATCH", f"conversations/{made['id']}", json={"archived": True})
    page.route(
        re.compile(r"conversations\?archived=true"),
        lambda route: route.continue_(url=f"{route.request.url}&limit=2"),
    )
    adas.go("/").page.locator("button.account").click()
    page.get_by_role("menuitem", name="Archive").click()
    archive = page.get_by_role("dialog", name="Archive")
    expect(archive.locator(".entry")).to_have_count(2)
    archive.get_by_role("button", name="Show older ones").dblclick()
    expect(archive.get_by_role("button", name="Show older ones")).to_be_hidden()
    expect(archive.locator(".entry")).to_have_count(3)
    archive.locator(".entry").first.get_by_role("button", name="Delete").dblclick()
    expect(archive.locator(".entry")).to_have_count(2)
    archive.get_by_role("button", name="Undo").click()
    expect(archive.locator(".entry")).to_have_count(2)  # its first page
    page.keyboard.press("Escape")
    expect(archive).to_be_hidden()
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


def test_a_second_click_is_not_for_what_came_under_the_pointer(adas: Window, ada: Person) -> None:
    for number in range(20):  # more than the dialog has room for: it stays as high as it is
        made = ada.api("POST", "conversations", json={"title": f"Old {number}"}, expect=201)
        ada.api("PATCH", f"conversations/{made['id']}", json={"archived": True})
    page = adas.go("/").page
    page.locator("button.account").click()
    page.get_by_role("menuitem", name="Archive").click()
    entries = page.get_by_role("dialog", name="Archive").locator(".entry")
    expect(entries).to_have_count(20)
    entries.first.get_by_role("button", name="Delete").click()
    expect(entries).to_have_count(19)
    # The pointer is where it was, above the next one, and this is the end of a double click.
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    assert entries.count() == 19 and entries.first.get_attribute("data-leaving") is None
    entries.first.get_by_role("button", name="Delete").click()
    expect(entries).to_have_count(18)


def test_a_message_does_not_go_out_without_the_picture_that_was_refused(adas: Window) -> None:
    page, text = adas.page, "Which bird is this?"
    waiting: list[Route] = []
    page.route("**/api/v1/images", lambda route: waiting.append(route))
    adas.go("/").type("Mine.")
    page.get_by_role("button", name=re.compile("landlord")).click()
    expect(adas.composer).to_have_value(re.compile(r"^Mine\.\n\nWrite a short"))
    page.get_by_role("button", name=re.compile("bicycle")).click()
    expect(adas.composer).to_have_value(re.compile(r"bicycle"))
    adas.type(text)
    picture: Any = {"name": "bird.png", "mimeType": "image/png", "buffer": png(20, 20)}
    page.locator(".composer input[type=file]").set_input_files(picture)
    expect(adas.attached).to_have_count(1)
    expect(page.locator("html[data-ready]")).to_be_attached()
    adas.composer.press("Enter")
    expect(page.get_by_text("A file is still on its way.")).to_be_visible()
    refused = {"error": {"code": "unsupported_image", "message": "This is no picture."}}
    adas.until(lambda: waiting, "The picture was not sent.")
    waiting[0].fulfill(status=415, json=refused)
    expect(page.get_by_text("This is no picture.")).to_be_visible()
    expect(adas.composer).to_have_value(text)
    expect(adas.questions).to_have_count(0)
    adas.complaints = [one for one in adas.complaints if "415" not in one]


def test_esc_closes_the_list_of_models_and_stops_no_answer(adas: Window, model: Model) -> None:
    script = model.will_answer(says("One ", pause, "two."))
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_contain_text("One")
    picker = adas.page.get_by_role("combobox", name="Model")
    picker.press("Enter")
    expect(adas.page.locator(".picker select:open")).to_be_visible()
    adas.page.keyboard.press("Escape")
    expect(adas.page.locator(".picker select:open")).to_have_count(0)
    script.resume()
    expect(adas.answer_text).to_have_text("One two.")


def test_what_was_typed_outlives_the_conversation_that_is_deleted_elsewhere(
    adas: Window, ada: Person, model: Model
) -> None:
    talk = asked(ada, model, "Code, please.")
    opened(adas, f"/c/{talk.conversation}/")
    adas.type("Half a thought")
    ada.api("DELETE", f"conversations/{talk.conversation}", expect=204)
    expect(adas.page).to_have_url(re.compile("/$"))
    expect(adas.page.locator(".empty")).to_be_visible()
    expect(adas.composer).to_have_value("Half a thought")
