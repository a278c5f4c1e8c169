"""The first page, by hand: sign up, ask, watch, stop, come back, show a picture, leave."""

import re
import secrets

from playwright.sync_api import expect

from tests.browser.window import Window
from tests.harness.people import PASSWORD, Person
from tests.harness.pictures import png
from tests.stub_provider import Model, pause


def test_a_stranger_signs_up_asks_and_signs_out(window: Window, model: Model) -> None:
    name = f"dora-{secrets.token_hex(4)}"
    page = window.go("/").page
    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.get_by_role("link", name=re.compile("sign up|create", re.IGNORECASE)).first.click()
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=email]").fill(f"{name}@example.org")
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("main button[type=submit], form button[type=submit]").last.click()
    expect(window.composer).to_be_visible()
    window.ask(model.will_say("Welcome.").question)
    expect(window.answer_text).to_have_text("Welcome.")
    expect(page).to_have_url(re.compile(r"/c/[0-9a-f-]{36}/$"))
    sign_out(window)
    window.go("/")
    expect(page).to_have_url(re.compile("/accounts/login/"))


def sign_out(window: Window) -> None:
    window.go("/accounts/logout/")
    window.page.get_by_role(
        "button", name=re.compile("sign out|log out", re.IGNORECASE)
    ).last.click()
    window.page.wait_for_url(re.compile("/accounts/login/"))


def test_who_has_an_account_signs_in_by_name_or_by_email(window: Window, ada: Person) -> None:
    assert ada.user
    for login in (ada.name, ada.user.email):
        page = window.go("/accounts/login/").page
        page.locator("input[name=login]").fill(login)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=password]").press("Enter")
        expect(window.composer).to_be_visible()
        sign_out(window)


def test_the_answer_grows_over_several_paints_before_it_ends(adas: Window, model: Model) -> None:
    """Each word is seen before the model says the next one, however slow the machine is."""
    script = model.will_say("one ", pause, "two ", pause, "three ", pause, "four ", pause, "five")
    adas.go("/").watch_paints()
    adas.ask(script.question)
    for word in ("one", "two", "three", "four"):
        expect(adas.answer_text).to_have_text(re.compile(rf"{word}\s*$"))
        expect(adas.stop_button).to_be_visible()
        adas.is_painted()
        script.resume()
    expect(adas.answer_text).to_have_text("one two three four five")
    adas.is_idle()
    lengths = [length for length in adas.paints() if length]
    assert len(lengths) >= 4, lengths
    assert lengths == sorted(lengths), "text on the screen never shrinks"


def test_stop_keeps_what_was_said(adas: Window, model: Model) -> None:
    script = model.will_say("as far as ", pause, "here")
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_have_text(re.compile("as far as"))
    adas.stop_button.click()
    script.request.wait_until_closed()
    adas.is_idle()
    expect(adas.answers.last).to_contain_text(re.compile("stopped", re.IGNORECASE))
    adas.page.reload()
    expect(adas.answer_text).to_contain_text("as far as")
    expect(adas.answers.last).to_contain_text(re.compile("stopped", re.IGNORECASE))


def test_escape_stops_too(adas: Window, model: Model) -> None:
    script = model.will_say("as far as ", pause, "here")
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_have_text(re.compile("as far as"))
    adas.page.keyboard.press("Escape")
    script.request.wait_until_closed()
    adas.is_idle()


def test_a_reload_in_the_middle_finds_the_answer_still_growing(adas: Window, model: Model) -> None:
    script = model.will_say("one ", "two ", pause, "three")
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_have_text(re.compile("one two"))
    adas.page.reload()
    expect(adas.answer_text).to_have_text(re.compile("one two"))
    expect(adas.stop_button).to_be_visible()
    script.resume()
    expect(adas.answer_text).to_have_text("one two three")
    expect(adas.answers).to_have_count(1)
    adas.is_idle()


def test_a_closed_window_loses_nothing(adas: Window, ada: Person, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_have_text(re.compile("one"))
    expect(adas.page).to_have_url(re.compile("/c/"))
    address = adas.page.url
    adas.page.close()
    script.resume()
    again = Window(adas.page.context.new_page())
    again.go(address)
    expect(again.answer_text).to_have_text("one two")
    again.complained()


def test_a_second_window_grows_with_the_first(adas: Window, model: Model) -> None:
    first = model.will_say("hello")
    adas.go("/").ask(first.question)
    expect(adas.answer_text).to_have_text("hello")
    other = adas.beside()
    other.go(adas.page.url)
    script = model.will_say("one ", pause, "two")
    adas.ask(script.question)
    expect(other.questions).to_have_count(2)
    expect(other.answer_text).to_have_text(re.compile("one"))
    script.resume()
    expect(other.answer_text).to_have_text("one two")
    other.complained()


def test_a_picture_is_picked_from_a_file(adas: Window, model: Model) -> None:
    script = model.will_say("a rectangle", asked="What is this?")
    adas.go("/").page.locator("input[type=file]").first.set_input_files(
        {"name": "wheel.png", "mimeType": "image/png", "buffer": png(400, 300)}
    )
    expect(adas.attached).to_have_count(1)
    adas.ask(script.question)
    expect(adas.answer_text).to_have_text("a rectangle")
    assert len(script.request.images()) == 1
    expect(adas.questions.last.locator("img")).to_have_count(1)
    expect(adas.attached).to_have_count(0)
    adas.page.reload()
    picture = adas.questions.last.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


PASTE = """
async bytes => {
  const file = new File([new Uint8Array(bytes)], 'pasted.png', {type: 'image/png'});
  const item = new ClipboardItem({'image/png': file});
  await navigator.clipboard.write([item]);
}
"""


def test_a_picture_is_pasted(adas: Window, model: Model) -> None:
    script = model.will_say("a rectangle", asked="And this?")
    adas.go("/").page.evaluate(PASTE, list(png(60, 50)))
    adas.composer.focus()
    adas.page.keyboard.press("Control+V")
    expect(adas.attached).to_have_count(1)
    adas.ask(script.question)
    expect(adas.answer_text).to_have_text("a rectangle")
    assert len(script.request.images()) == 1


def test_a_failed_answer_says_why_in_words(adas: Window, model: Model) -> None:
    script = model.will_fail(401)
    adas.go("/").ask(script.question)
    expect(adas.answers.last).to_contain_text(re.compile("key|administrator", re.IGNORECASE))
    adas.is_idle()


def test_markup_from_the_model_is_text_and_never_a_door(adas: Window, model: Model) -> None:
    evil = (
        "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> "
        "[a](javascript:alert(1))"
    )
    adas.go("/").ask(model.will_say(evil, " end").question)
    expect(adas.answer_text).to_contain_text("end")
    assert "owned" not in adas.page.title()
    assert adas.answers.last.locator("script, img[onerror], a[href^='javascript:']").count() == 0


def test_shift_enter_breaks_the_line_and_enter_sends(adas: Window, model: Model) -> None:
    script = model.will_say("two lines", asked="first\nsecond")
    first, second = script.question.split("\n")
    adas.go("/").type(first)
    adas.composer.press("Shift+Enter")
    adas.composer.press_sequentially(second)
    adas.composer.press("Enter")
    expect(adas.answer_text).to_have_text("two lines")
    assert script.request.last_user_text == script.question
