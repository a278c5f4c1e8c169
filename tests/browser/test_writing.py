"""Writing: files, long pastes, messages that wait, drafts that stay, edits with what is attached."""

import re
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.test_axe import complaints
from tests.browser.test_line import Meddler
from tests.browser.window import Window
from tests.harness.people import Person
from tests.stub_provider import Model, pause

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


def text_file(name: str, text: str) -> Any:
    return {"name": name, "mimeType": "", "buffer": text.encode()}


def pick(window: Window, *files: Any) -> None:
    window.page.locator(".composer input[type=file]").set_input_files(list(files))


def waiting(window: Window) -> Locator:
    return window.page.locator(".queue li")


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


def begun(window: Window, model: Model) -> Any:
    """An answer is being written."""
    script = model.will_say("one ", pause, "two")
    window.go("/").ask(script.question)
    expect(window.answer_text).to_have_text(re.compile("one"))
    return script


def queue(window: Window, text: str) -> None:
    before = waiting(window).count()
    window.type(text)
    window.composer.press("Enter")
    expect(waiting(window)).to_have_count(before + 1)


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


def test_messages_wait_for_the_answer_and_go_out_in_order(adas: Window, model: Model) -> None:
    first = begun(adas, model)
    second, third = model.will_say("three"), model.will_say("four")
    queue(adas, "never mind")
    queue(adas, second.question)
    pick(adas, text_file("a.txt", "A"))
    expect(adas.attached.locator("progress:visible")).to_have_count(0)
    adas.type("later")
    adas.send_button.click()
    expect(waiting(adas).last).to_contain_text("a.txt")
    waiting(adas).first.get_by_role("button", name="Do not send it").click()
    adas.page.reload()
    expect(waiting(adas)).to_have_count(2)
    waiting(adas).last.get_by_role("button", name="Change it").click()
    expect(adas.composer).to_have_value("later")
    expect(adas.attached.locator("span")).to_have_text("a.txt")
    adas.type(third.question)
    adas.composer.press("Enter")
    expect(waiting(adas)).to_have_count(2)
    first.resume()
    expect(adas.answer_text).to_have_text("four")
    expect(adas.questions.locator(".body")).to_have_text(
        [first.question, second.question, third.question]
    )
    assert "A" in third.requests[-1].last_user_text
    expect(waiting(adas)).to_have_count(0)
    assert [len(one.requests) for one in (first, second, third)] == [1, 1, 1]


def test_after_a_stop_what_waits_is_asked_for(adas: Window, model: Model) -> None:
    begun(adas, model)
    second, third = model.will_say("three"), model.will_say("four")
    queue(adas, second.question)
    queue(adas, third.question)
    adas.page.keyboard.press("Escape")
    adas.is_idle()
    now = waiting(adas).first.get_by_role("button", name="Send now")
    expect(now).to_be_visible()
    expect(waiting(adas)).to_have_count(2)
    now.click()
    expect(adas.answer_text).to_have_text("four")
    expect(adas.questions).to_have_count(3)


def test_what_waits_goes_out_though_one_has_turned_elsewhere(adas: Window, model: Model) -> None:
    first = begun(adas, model)
    expect(adas.page).to_have_url(re.compile("/c/"))
    address = adas.page.url
    second = model.will_say("three")
    queue(adas, second.question)
    adas.go("/")
    expect(adas.page.locator("html[data-ready]")).to_be_attached()
    first.resume()
    second.wait_until_asked(timeout=30)
    expect(adas.questions).to_have_count(0)
    adas.go(address)
    expect(adas.answer_text).to_have_text("three")
    expect(adas.questions).to_have_count(2)
    expect(waiting(adas)).to_have_count(0)
    assert len(second.requests) == 1


def test_two_windows_share_what_waits_and_send_it_once(adas: Window, model: Model) -> None:
    first = begun(adas, model)
    expect(adas.page).to_have_url(re.compile("/c/"))
    other = Window(adas.page.context.new_page())
    other.go(adas.page.url)
    expect(other.answer_text).to_have_text(re.compile("one"))
    second, third = model.will_say("three"), model.will_say("four")
    queue(adas, second.question)
    expect(waiting(other)).to_have_count(1)
    queue(other, third.question)
    expect(waiting(adas)).to_have_count(2)
    first.resume()
    for window in (adas, other):
        expect(window.answer_text).to_have_text("four")
        expect(window.questions).to_have_count(3)
        expect(waiting(window)).to_have_count(0)
    assert [len(one.requests) for one in (second, third)] == [1, 1]
    other.complained()


def test_what_another_window_is_sending_is_not_overtaken(adas: Window, model: Model) -> None:
    """That window has taken it from the queue, and the server has not heard of it yet."""
    first = begun(adas, model)
    expect(adas.page).to_have_url(re.compile("/c/"))
    script = model.will_say("three")
    queue(adas, script.question)
    adas.page.evaluate(
        """() => {
          const user = Object.keys(localStorage).find((key) => key.startsWith('queue:')).split(':')[1];
          const conversation = location.pathname.split('/')[2];
          localStorage.setItem('tab:other', JSON.stringify(Date.now()));
          const entry = { id: 'before', user, conversation, tab: 'other', at: Date.now() };
          window.theirs = `outbox:${user}:before`;
          localStorage.setItem(window.theirs, JSON.stringify(entry));
        }"""
    )
    first.resume()
    expect(adas.answer_text).to_have_text("one two")
    adas.is_idle()
    adas.page.wait_for_timeout(700)  # in which it must not go out
    expect(waiting(adas)).to_have_count(1)
    assert not script.requests
    adas.page.evaluate("() => localStorage.removeItem(window.theirs)")
    expect(adas.answer_text).to_have_text("three")


def test_who_was_slower_waits_instead_of_being_refused(
    adas: Window, ada: Person, model: Model
) -> None:
    """This window has not heard that another program asks in the same conversation."""
    meddler = Meddler(adas)
    adas.go("/").ask(model.will_say("cold").question)
    expect(adas.answer_text).to_have_text("cold")
    meddler.deaf_to = {"message.created", "run.started", "run.delta", "conversation.updated"}
    theirs, mine = model.will_say("one ", pause, "two"), model.will_say("three")
    conversation = adas.page.url.rstrip("/").rsplit("/", 1)[-1]
    asked = ada.start(theirs, conversation=conversation)
    theirs.wait_until_paused()
    adas.type(mine.question)
    adas.composer.press("Enter")
    expect(waiting(adas)).to_have_count(1)
    expect(adas.page.locator(".own .notice:visible")).to_have_count(0)
    meddler.deaf_to = set()
    theirs.resume()
    asked.finish()
    expect(adas.answer_text).to_have_text("three")
    expect(adas.questions).to_have_count(3)
    sends = [frame["id"] for frame in meddler.sent if frame["type"] == "message.send"]
    assert len(set(sends)) == 2 and len(mine.requests) == 1


def test_each_window_keeps_its_own_draft_and_a_closed_one_leaves_it(
    adas: Window, model: Model
) -> None:
    adas.go("/").ask(model.will_say("hello").question)
    expect(adas.answer_text).to_have_text("hello")
    expect(adas.page).to_have_url(re.compile("/c/"))
    adas.type("the first")
    pick(adas, text_file("a.txt", "A"))
    expect(adas.page.locator("figure[data-state=ready]")).to_be_visible()
    other = Window(adas.page.context.new_page())
    other.go(adas.page.url)
    expect(other.composer).to_have_value("")
    other.type("the second")
    for window, text in ((adas, "the first"), (other, "the second")):
        window.page.reload()
        expect(window.composer).to_have_value(text)
    expect(adas.attached.locator("span")).to_have_text("a.txt")
    address = adas.page.url
    context = adas.page.context
    adas.page.goto("about:blank")
    again = Window(context.new_page())
    again.go(address)
    expect(again.composer).to_have_value("the first")
    expect(again.attached.locator("span")).to_have_text("a.txt")
    for window in (other, again):
        window.complained()


def test_signing_out_elsewhere_leaves_what_was_typed_and_what_waits(
    context: BrowserContext, ada: Person, model: Model
) -> None:
    window = Window(context.new_page())  # its console may speak of the 401
    window.sign_in_as(ada)
    first = begun(window, model)
    expect(window.page).to_have_url(re.compile("/c/"))
    second = model.will_say("three")
    queue(window, second.question)
    window.type("half a thought")
    address = window.page.url
    elsewhere = ada.http.post("/accounts/logout/")
    assert elsewhere.status_code == 302
    window.page.wait_for_url(re.compile("/accounts/login/"))
    first.resume()
    ada.session = ada.ground.run(lambda: _signed_in_again(ada))
    window.sign_in_as(ada)
    window.go(address)
    expect(window.composer).to_have_value("half a thought")
    expect(window.answer_text).to_have_text("three")
    expect(window.questions).to_have_count(2)


def _signed_in_again(ada: Person) -> str:
    from tests.harness.people import sign_in

    assert ada.user
    return sign_in(ada.user)


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
    adas.page.add_init_script(NOTE)
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


def test_what_a_closed_window_could_not_send_is_sent_by_the_next(
    adas: Window, model: Model
) -> None:
    asked = model.will_say("hello")
    adas.go("/").ask(asked.question)
    expect(adas.answer_text).to_have_text("hello")
    address = adas.page.url
    away = Window(adas.page.context.new_page())
    away.page.route_web_socket(re.compile("/ws/v1/"), lambda line: line.close())
    away.go(address)
    script = model.will_say("at last")
    away.ask(script.question)
    expect(away.questions.last.locator(".notice")).to_contain_text("Not sent yet")
    away.page.close()
    assert not script.requests
    adas.page.reload()
    expect(adas.answer_text).to_have_text("at last")
    expect(adas.questions).to_have_count(2)
    assert len(script.requests) == 1


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
