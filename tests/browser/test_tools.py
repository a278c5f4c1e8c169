"""What stands under a message: thumbs, reports, quoting, deleting, another model."""

import pytest
from playwright.sync_api import Locator, expect

from conversations.models import Feedback, Message
from tests.browser.window import Window
from tests.features.test_redaction import redact
from tests.harness.database import Ground
from tests.harness.people import People
from tests.stub_provider import Model, Script, says


@pytest.fixture
def asked(adas: Window, model: Model) -> Script:
    script = model.will_answer(says("The wall is of **granite**.\n\nAnd old."), says("Of slate."))
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_contain_text("granite")
    adas.is_idle()
    return script


def tool(message: Locator, name: str) -> Locator:
    return message.get_by_role("button", name=name, exact=True)


def chosen(window: Window, message: Locator, name: str) -> None:
    tool(message, "More").click()
    window.page.get_by_role("menuitem", name=name).click()


def test_an_answer_whose_question_was_removed_is_not_asked_for_again(
    adas: Window, asked: Script, people: People, ground: Ground
) -> None:
    again = tool(adas.answers.last, "Try again")
    expect(again).to_be_visible()
    sam = people.new("sam", is_staff=True, is_superuser=True)
    redact(ground, sam, adas.questions.last.get_attribute("data-message") or "")
    expect(adas.questions.last).to_contain_text("Removed by an administrator")
    expect(again).to_be_hidden()
    adas.page.reload()
    expect(tool(adas.answers.last, "Copy")).to_be_visible()
    expect(again).to_be_hidden()


def test_a_thumb_with_its_reasons_is_there_after_a_reload(
    adas: Window, asked: Script, ground: Ground
) -> None:
    page = adas.page
    thumb = tool(adas.answers.last, "Bad answer")
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")
    form = page.get_by_role("dialog", name="Why?")
    form.get_by_text("Not correct").click()
    form.get_by_role("textbox").fill("It is of slate.")
    form.get_by_role("button", name="Send").click()
    expect(form).to_be_hidden()
    expect(thumb).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Thank you")).to_be_visible()
    page.reload()
    thumb = tool(adas.answers.last, "Bad answer")
    expect(thumb).to_have_attribute("aria-pressed", "true")
    answer = adas.answers.last.get_attribute("data-message")
    row = ground.row(Feedback, message_id=answer)
    assert (row.rating, row.reasons, row.comment) == ("down", ["wrong"], "It is of slate.")
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "false")
    tool(adas.answers.last, "Good answer").click()
    expect(form.get_by_text("Not correct")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    expect(tool(adas.answers.last, "Good answer")).to_have_attribute("aria-pressed", "true")


def test_an_answer_is_reported_and_the_report_withdrawn(
    adas: Window, asked: Script, ground: Ground
) -> None:
    chosen(adas, adas.answers.last, "Report…")
    dialog = adas.page.get_by_role("dialog", name="Report this answer")
    dialog.get_by_label("Somebody’s private data").check()
    dialog.get_by_role("textbox").fill("My address is in it.")
    dialog.get_by_role("button", name="Send").click()
    expect(adas.page.get_by_role("status").filter(has_text="report was sent")).to_be_visible()
    answer = adas.answers.last.get_attribute("data-message")
    row = ground.row(Feedback, message_id=answer)
    assert (row.report, row.report_comment) == ("private", "My address is in it.")
    chosen(adas, adas.answers.last, "Report…")
    expect(dialog.get_by_label("Somebody’s private data")).to_be_checked()
    dialog.get_by_role("button", name="Withdraw it").click()
    expect(adas.page.get_by_role("status").filter(has_text="withdrawn")).to_be_visible()
    assert ground.rows(Feedback, message_id=answer) == []


def test_words_are_quoted_whole_or_as_they_were_selected(adas: Window, asked: Script) -> None:
    adas.type("I wonder:")
    chosen(adas, adas.answers.last, "Quote")
    expect(adas.composer).to_have_value(
        "I wonder:\n\n> The wall is of **granite**.\n>\n> And old.\n\n"
    )
    expect(adas.composer).to_be_focused()
    adas.type("")
    adas.answer_text.locator("strong").dblclick()
    adas.page.locator("button.quote").click()
    expect(adas.composer).to_have_value("> granite\n\n")
    expect(adas.page.locator("button.quote")).to_be_hidden()
    adas.answer_text.locator("strong").dblclick()
    expect(adas.page.locator("button.quote")).to_be_visible()
    adas.page.keyboard.press("Escape")
    expect(adas.page.locator("button.quote")).to_be_hidden()


def test_a_message_is_deleted_with_what_followed_and_other_tabs_follow(
    adas: Window, asked: Script, model: Model, ground: Ground
) -> None:
    more = model.will_say("A second answer.")
    adas.ask(more.question)
    expect(adas.answer_text).to_have_text("A second answer.")
    adas.is_idle()
    other = adas.beside()
    other.go(adas.page.url)
    expect(other.questions).to_have_count(2)
    dialog = adas.page.get_by_role("dialog", name="Delete this message?")
    chosen(adas, adas.questions.last, "Delete…")
    dialog.get_by_role("button", name="Cancel").click()
    expect(adas.questions).to_have_count(2)
    chosen(adas, adas.questions.last, "Delete…")
    dialog.get_by_role("button", name="Delete").click()
    for window in (adas, other):
        expect(window.questions).to_have_count(1)
        expect(window.answer_text).to_contain_text("granite")
    assert adas.page.evaluate("() => document.activeElement !== document.body")
    assert ground.rows(Message, text="A second answer.") == []
    chosen(adas, adas.questions.last, "Delete…")
    dialog.get_by_role("button", name="Delete").click()
    for window in (adas, other):
        expect(window.questions).to_have_count(0)
        expect(window.page.get_by_text("What is on your mind?")).to_be_visible()
    other.complained()


def test_another_model_tries_and_stays_chosen(adas: Window, asked: Script) -> None:
    tool(adas.answers.last, "Try again with another model").click()
    menu = adas.page.get_by_role("menu", name="Try again with another model")
    wanted = menu.get_by_role("menuitem").last
    name = wanted.inner_text().strip()
    wanted.click()
    expect(adas.answer_text).to_have_text("Of slate.")
    picked = adas.page.get_by_role("combobox", name="Model")
    expect(picked.locator("option:checked")).to_have_text(name)
    expect(adas.answers.last.locator(".versions")).to_contain_text("2/2")
    expect(adas.answers.last.locator(".who")).to_have_text(name)
