"""Messages that wait for the answer before them, and go out in order and once."""

import re

from playwright.sync_api import expect

from tests.browser.window import Window
from tests.browser.writing_kit import begun, pick, queue, text_file, waiting
from tests.harness.people import Person, sign_in
from tests.stub_provider import Model


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
    second.wait_until_asked()
    expect(adas.questions).to_have_count(0)
    adas.go(address)
    expect(adas.answer_text).to_have_text("three")
    expect(adas.questions).to_have_count(2)
    expect(waiting(adas)).to_have_count(0)
    assert len(second.requests) == 1


def test_two_windows_share_what_waits_and_send_it_once(adas: Window, model: Model) -> None:
    first = begun(adas, model)
    expect(adas.page).to_have_url(re.compile("/c/"))
    other = adas.beside()
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


def test_signing_out_elsewhere_leaves_what_was_typed_and_what_waits(
    lenient: Window, ada: Person, model: Model
) -> None:
    lenient.sign_in_as(ada)
    first = begun(lenient, model)
    expect(lenient.page).to_have_url(re.compile("/c/"))
    second = model.will_say("three")
    queue(lenient, second.question)
    lenient.type("half a thought")
    address = lenient.page.url
    elsewhere = ada.http.post("/accounts/logout/")
    assert elsewhere.status_code == 302
    lenient.page.wait_for_url(re.compile("/accounts/login/"))
    first.resume()
    ada.session = ada.ground.run(lambda: _signed_in_again(ada))
    lenient.sign_in_as(ada)
    lenient.go(address)
    expect(lenient.composer).to_have_value("half a thought")
    expect(lenient.answer_text).to_have_text("three")
    expect(lenient.questions).to_have_count(2)


def _signed_in_again(ada: Person) -> str:
    assert ada.user
    return sign_in(ada.user)


def test_what_a_closed_window_could_not_send_is_sent_by_the_next(
    adas: Window, model: Model
) -> None:
    asked = model.will_say("hello")
    adas.go("/").ask(asked.question)
    expect(adas.answer_text).to_have_text("hello")
    address = adas.page.url
    away = adas.beside()
    away.page.route_web_socket(re.compile("/ws/v1/"), lambda line: line.close())
    away.go(address)
    script = model.will_say("at last")
    away.ask(script.question)
    expect(away.questions.last.locator(".notice")).to_contain_text("Not sent yet")
    # A tab that a busy browser closes is not always asked first; one that goes elsewhere is.
    away.go("/healthz").page.close()
    assert not script.requests
    adas.page.reload()
    expect(adas.answer_text).to_have_text("at last")
    expect(adas.questions).to_have_count(2)
    assert len(script.requests) == 1
