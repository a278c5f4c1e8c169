"""The page on a bad line: what is refused keeps its words, what is lost on the way is asked for."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, WebSocketRoute, expect

from tests.browser.window import Window
from tests.browser.writing_kit import waiting
from tests.harness.people import Person
from tests.stub_provider import Model, Script, pause, words

Frame = dict[str, Any]
AWAY = "The database cannot be reached at the moment. Nothing was lost; try again shortly."


class Meddler:
    """Sits between the page and the server. Frames of the page are kept in `sent`."""

    def __init__(self, window: Window) -> None:
        self.sent: list[Frame] = []
        self.refuse: set[str] = set()
        self.deaf_to: set[str] = set()
        self.swallow = 0
        self.limits: dict[str, int] = {}
        self.is_ready = False
        window.page.route_web_socket(re.compile("/ws/v1/"), self.connect)

    def connect(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def from_page(data: str | bytes) -> None:
            frame = json.loads(data)
            self.sent.append(frame)
            if frame["type"] in self.refuse:
                error = {"type": "error", "id": frame["id"], "code": "internal", "message": AWAY}
                page.send(json.dumps(error))
            else:
                server.send(data)

        def from_server(data: str | bytes) -> None:
            frame = json.loads(data)
            type = frame["type"]
            if type == "ready":
                frame["limits"].update(self.limits)
                page.send(json.dumps(frame))
                self.is_ready = True
            elif self.swallow and type == "run.delta":
                self.swallow -= 1
            elif type not in self.deaf_to:
                page.send(data)

        page.on_message(from_page)
        server.on_message(from_server)

    def has_left(self, count: int, window: Window) -> None:
        """To swallow: what it was to before has come."""
        window.until(lambda: self.swallow == count, "A delta never came.")

    def kinds(self) -> list[str]:
        return [frame["type"] for frame in self.sent]


@pytest.fixture
def lenient(context: BrowserContext) -> Window:
    """On a page of its own: whose line was meddled with once stays so."""
    return Window(context.new_page())


def begun(window: Window, script: Script) -> Meddler:
    """The first word of an answer is there, and what comes now can be meddled with."""
    meddler = Meddler(window)
    window.go("/").ask(script.question)
    expect(window.answer_text).to_have_text(re.compile("one"))
    return meddler


def edit(window: Window, text: str) -> None:
    """The last question, put differently."""
    window.composer.press("ArrowUp")
    editor = window.page.get_by_role("textbox", name="Edit the message")
    editor.fill(text)
    editor.press("Enter")


def test_a_refused_question_keeps_its_words_and_is_sent_again(adas: Window, model: Model) -> None:
    meddler = Meddler(adas)
    meddler.refuse = {"message.send"}
    script = model.will_say("at last")
    adas.go("/").ask(script.question)
    notice = adas.questions.last.locator(".notice")
    expect(notice).to_contain_text(AWAY)
    expect(adas.questions.last.locator(".body")).to_have_text(script.question)
    adas.page.reload()
    expect(adas.questions.last.locator(".body")).to_have_text(script.question)
    meddler.refuse = set()
    notice.get_by_role("button", name="Try again").click()
    expect(adas.answer_text).to_have_text("at last")
    sends = [frame["id"] for frame in meddler.sent if frame["type"] == "message.send"]
    assert len(sends) == 2 and len(set(sends)) == 1
    expect(adas.questions).to_have_count(1)


def test_a_question_too_long_for_a_frame_goes_by_http(adas: Window, model: Model) -> None:
    meddler = Meddler(adas)
    script = model.will_say("a long ", pause, "question")
    adas.go("/").ask(f"{'é' * 150_000} {script.question}")
    expect(adas.answer_text).to_have_text("a long ")
    script.resume()
    expect(adas.answer_text).to_have_text("a long question")
    adas.is_idle()
    expect(adas.questions).to_have_count(1)
    assert "message.send" not in meddler.kinds() and len(script.requests) == 1


def test_a_text_longer_than_the_limit_is_told_of_before_it_is_sent_and_kept(adas: Window) -> None:
    """Chromium takes a minute to lay out 4 MiB; the page is told that 1 KiB is the most."""
    meddler = Meddler(adas)
    meddler.limits = {"text_bytes": 1024}
    text = "é" * 513
    adas.go("/").type(text)
    expect(adas.page.locator("html[data-ready]")).to_be_attached()
    adas.until(lambda: meddler.is_ready, "The page never got a line.")
    adas.composer.press("Enter")
    expect(adas.page.get_by_role("alert")).to_contain_text("This is too long")
    assert adas.composer.input_value() == text
    assert adas.questions.count() == 0 and "message.send" not in meddler.kinds()


def test_an_edit_too_long_for_a_frame_goes_by_http(adas: Window, model: Model) -> None:
    meddler = Meddler(adas)
    adas.go("/").ask(model.will_say("cold").question)
    expect(adas.answer_text).to_have_text("cold")
    adas.is_idle()
    script = model.will_say("warm ", pause, "er")
    edit(adas, f"{'é' * 150_000} {script.question}")
    expect(adas.answer_text).to_have_text("warm ")
    script.resume()
    expect(adas.answer_text).to_have_text("warm er")
    adas.is_idle()
    expect(adas.questions).to_have_count(1)
    expect(adas.questions.last.locator(".versions")).to_contain_text("2/2")
    assert "message.edit" not in meddler.kinds() and len(script.requests) == 1


def test_a_refused_edit_keeps_its_words_beside_what_was_there(adas: Window, model: Model) -> None:
    meddler = Meddler(adas)
    adas.go("/").ask(model.will_say("cold").question)
    expect(adas.answer_text).to_have_text("cold")
    adas.is_idle()
    meddler.refuse = {"message.edit"}
    script = model.will_say("warm")
    edit(adas, script.question)
    expect(adas.questions).to_have_count(2)
    expect(adas.questions.last.locator(".notice")).to_contain_text(AWAY)
    expect(adas.answer_text).to_have_text("cold")
    meddler.refuse = set()
    adas.questions.last.get_by_role("button", name="Try again").click()
    expect(adas.answer_text).to_have_text("warm")
    expect(adas.questions).to_have_count(1)


def test_a_delta_that_was_lost_is_asked_for_without_a_storm(adas: Window, model: Model) -> None:
    """The model waits between words, or several of them come in one delta."""
    rest = words("four five six", 0.05)
    script = model.will_say("one ", pause, "two ", pause, "three ", pause, rest, pause, " end")
    meddler = begun(adas, script)
    meddler.swallow = 2
    for left in (1, 0):
        script.resume()
        meddler.has_left(left, adas)
    script.resume()
    expect(adas.answer_text).to_have_text("one two three four five six")
    script.resume()
    expect(adas.answer_text).to_have_text("one two three four five six end")
    assert 1 <= meddler.kinds().count("conversation.open") <= 3


def test_a_last_delta_that_was_lost_is_noticed_at_the_end(adas: Window, model: Model) -> None:
    script = model.will_say("one ", pause, "two")
    meddler = begun(adas, script)
    meddler.swallow = 1
    script.resume()
    expect(adas.answer_text).to_have_text("one two")
    adas.is_idle()


def test_a_server_that_cannot_answer_now_is_asked_again(
    lenient: Window, ada: Person, model: Model
) -> None:
    lenient.sign_in_as(ada)
    script = model.will_say("one ", pause, "two")
    asked = ada.start(script)
    meddler = Meddler(lenient)
    meddler.refuse = {"conversation.open"}
    lenient.go(f"/c/{asked.conversation}/")
    expect(lenient.page.get_by_role("alert")).to_contain_text(AWAY)
    meddler.refuse = set()
    expect(lenient.answer_text).to_have_text("one ")
    away = {"error": {"code": "unavailable", "message": AWAY}}
    lenient.page.route("**/messages", lambda route: route.fulfill(status=503, json=away), times=1)
    script.resume()
    asked.finish()
    meddler.deaf_to = {"message.created", "run.started"}
    again = model.will_say("else")
    asked.socket.call("message.edit", message=asked.question_id, text=again.question)
    expect(lenient.answer_text).to_have_text("else")
    lenient.is_idle()


def test_who_was_slower_waits_instead_of_being_refused(
    adas: Window, ada: Person, model: Model
) -> None:
    """This window has not heard that another program asks in the same conversation."""
    meddler = Meddler(adas)
    adas.go("/").ask(model.will_say("cold").question)
    expect(adas.answer_text).to_have_text("cold")
    adas.is_idle()  # else the other program is the one that is refused
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
