"""Writing: files, long pastes, drafts that stay, edits with what is attached."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_axe import complaints
from tests.browser.window import Window
from tests.browser.writing_kit import begun, pick, queue, text_file
from tests.stub_provider import Model

PASTE = """
([element, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  const began = performance.now();
  element.dispatchEvent(paste);
  return performance.now() - began;
}
"""
DROP = """
files => {
  const data = new DataTransfer();
  for (const [name, text] of files) data.items.add(new File([text], name));
  const at = document.querySelector(".shelf");
  for (const type of ["dragenter", "dragover", "drop"])
    at.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}
"""


def files_of(message: Locator) -> Locator:
    return message.locator(".files .file span")


def read(window: Window, chip: Locator) -> str:
    """What the dialog shows of a file."""
    chip.click()
    dialog = window.page.locator("dialog.file-view")
    expect(dialog.locator("pre")).not_to_be_empty()
    said = dialog.locator("pre").inner_text()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    return said


def test_files_are_picked_dropped_read_sent_and_kept_by_an_edit(adas: Window, model: Model) -> None:
    page = adas.go("/").page
    expect(page.locator("html[data-ready]")).to_be_attached()
    pick(adas, text_file("a.csv", "1,2\n"))
    page.evaluate(DROP, [["b.md", "# B\n"], ["c.txt", "C"], ["no.bin", "a\0b"]])
    expect(page.get_by_role("alert")).to_contain_text("no.bin: This is not a text file")
    adas.complaints = [one for one in adas.complaints if "400" not in one]
    expect(adas.attached).to_have_count(3)
    expect(page.locator(".attached progress:visible")).to_have_count(0)
    assert read(adas, adas.attached.first.locator(".open")) == "1,2\n"
    adas.attached.last.get_by_role("button", name="Remove").click()
    first = model.will_say("Two files.")
    adas.ask(first.question)
    expect(adas.answer_text).to_have_text("Two files.")
    expect(files_of(adas.questions.last)).to_have_text(["a.csv", "b.md"])
    assert first.requests[-1].last_user_text.startswith(
        'Attached file 1 of 2, "a.csv":\n```\n1,2\n'
    )
    page.reload()
    expect(files_of(adas.questions.last)).to_have_text(["a.csv", "b.md"])
    assert read(adas, adas.questions.last.locator(".file").last) == "# B\n"

    adas.composer.press("ArrowUp")
    form = page.locator("form.edit")
    form.locator("figure").first.get_by_role("button", name="Remove").click()
    form.locator("input[type=file]").set_input_files([text_file("d.txt", "D")])
    expect(form.locator("figure[data-state=ready]")).to_have_count(2)
    second = model.will_say("Others.")
    form.locator("textarea").fill(second.question)
    page.route("**/api/v1/files", lambda route: None, times=1)
    form.locator("input[type=file]").set_input_files([text_file("e.txt", "E")])
    expect(form.locator("figure")).to_have_count(3)
    page.reload()
    expect(form.get_by_text("e.txt was not uploaded. Choose it again.")).to_be_visible()
    expect(form.locator("textarea")).to_have_value(second.question)
    expect(form.locator("figure span")).to_have_text(["b.md", "d.txt"])
    form.locator("textarea").press("Enter")
    expect(adas.answer_text).to_have_text("Others.")
    expect(files_of(adas.questions.last)).to_have_text(["b.md", "d.txt"])
    page.reload()
    expect(adas.answer_text).to_have_text("Others.")
    expect(form).to_have_count(0)


def test_a_long_paste_becomes_a_file_at_once_and_may_go_back(adas: Window, model: Model) -> None:
    page = adas.go("/").page
    expect(page.locator("html[data-ready]")).to_be_attached()
    lines = "".join(f"line {number} of a long paste\n" for number in range(20_000))
    field = adas.composer.element_handle()
    milliseconds = page.evaluate(PASTE, [field, lines])
    assert milliseconds < 1000, milliseconds
    expect(adas.attached.locator("span")).to_have_text("Pasted text.txt")
    assert adas.composer.input_value() == ""
    page.evaluate(PASTE, [field, "short " * 2000])
    expect(adas.attached).to_have_count(2)
    adas.attached.last.get_by_role("button", name="Put it into the message").click()
    expect(adas.attached).to_have_count(1)
    assert adas.composer.input_value() == "short " * 2000
    expect(adas.attached.locator("progress:visible")).to_have_count(0)
    adas.type("")
    script = model.will_say("Long.")
    adas.ask(script.question)
    expect(adas.answer_text).to_have_text("Long.")
    assert lines in script.requests[-1].last_user_text


def test_each_window_keeps_its_own_draft_and_a_closed_one_leaves_it(
    adas: Window, model: Model
) -> None:
    adas.go("/").ask(model.will_say("hello").question)
    expect(adas.answer_text).to_have_text("hello")
    expect(adas.page).to_have_url(re.compile("/c/"))
    adas.type("the first")
    pick(adas, text_file("a.txt", "A"))
    expect(adas.page.locator("figure[data-state=ready]")).to_be_visible()
    other = adas.beside()
    other.go(adas.page.url)
    expect(other.composer).to_have_value("")
    other.type("the second")
    for window, text in ((adas, "the first"), (other, "the second")):
        window.page.reload()
        expect(window.composer).to_have_value(text)
    expect(adas.attached.locator("span")).to_have_text("a.txt")
    address = adas.page.url
    context = adas.page.context
    adas.page.goto("/healthz")
    again = Window(context.new_page())
    again.go(address)
    expect(again.composer).to_have_value("the first")
    expect(again.attached.locator("span")).to_have_text("a.txt")
    for window in (other, again):
        window.complained()


def test_an_upload_that_broke_off_is_tried_again(adas: Window, model: Model) -> None:
    page: Page = adas.go("/").page
    page.route("**/api/v1/files", lambda route: route.fulfill(status=429, json=BUSY), times=1)
    pick(adas, text_file("a.txt", "A"))
    expect(adas.attached).to_have_attribute("data-state", "failed")
    adas.type("Read it.")
    adas.composer.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("did not arrive")
    assert adas.questions.count() == 0
    adas.attached.get_by_role("button", name="Try again").click()
    expect(adas.attached).to_have_attribute("data-state", "ready")
    # One that is on its way still is lost with the page, and that is said, once.
    page.route("**/api/v1/files", lambda route: None, times=1)
    pick(adas, text_file("b.txt", "B"))
    expect(adas.attached).to_have_count(2)
    page.reload()
    expect(page.get_by_role("alert")).to_have_text("b.txt was not uploaded. Choose it again.")
    expect(adas.attached.locator("span").first).to_have_text("a.txt")
    expect(adas.composer).to_have_value("Read it.")
    page.reload()
    expect(adas.attached).to_have_count(1)
    expect(page.get_by_role("alert")).to_be_hidden()
    adas.complaints = [one for one in adas.complaints if "429" not in one]


BUSY = {"error": {"code": "rate_limited", "message": "Too much at once."}}


def test_a_hidden_tab_says_in_its_title_that_the_answer_is_there(
    adas: Window, model: Model
) -> None:
    with adas.page.add_init_script(NOTE):
        adas.go("/settings/")
        adas.page.get_by_label(re.compile("Tell me when an answer is ready")).check()
        script = begun(adas, model)
    adas.page.evaluate(HIDE, True)
    script.resume()
    expect(adas.answer_text).to_have_text("one two")
    expect(adas.page).to_have_title(re.compile("^● "))
    assert adas.page.evaluate("window.notes") == ["The answer is ready."]
    adas.page.evaluate(HIDE, False)
    expect(adas.page).to_have_title(re.compile("^[^●]"))


# A headless browser shows no notification; what would be shown is written down.
NOTE = """
window.notes = [];
window.Notification = class {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, { body }) { window.notes.push(body); }
};
"""
HIDE = """
hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


def test_axe_finds_nothing_while_one_writes(adas: Window, model: Model) -> None:
    """Phone, dark: with files, with what waits, with an edit and with a file that is read."""
    page = adas.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    begun(adas, model)
    queue(adas, "And then?")
    pick(adas, text_file("a.csv", "1,2\n"))
    page.evaluate(PASTE, [adas.composer.element_handle(), "short " * 2000])
    expect(page.locator(".composer figure[data-state=ready]")).to_have_count(2)
    found = complaints(page, "writing")
    page.keyboard.press("Escape")
    adas.is_idle()
    found += complaints(page, "what waits after a stop")
    adas.attached.first.locator(".open").click()
    found += complaints(page, "a file that is read")
    page.keyboard.press("Escape")
    adas.questions.first.hover()
    adas.questions.first.get_by_role("button", name="Edit", exact=True).click()
    found += complaints(page, "an edit")
    assert not found, "\n".join(found)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
