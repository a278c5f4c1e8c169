"""Small screens, large letters, and other directions of writing."""

from playwright.sync_api import expect

from tests.browser.window import Window
from tests.harness.people import Person
from tests.stub_provider import Model, says

ROOM = "() => document.querySelector('.thread').clientHeight"
SIDEWAYS = "() => document.documentElement.scrollWidth - window.innerWidth"
# How high the page is when nothing in it scrolls by itself.
ON_ONE_SCROLL = "() => document.documentElement.scrollHeight"
INK = "() => getComputedStyle(document.documentElement).getPropertyValue('--ink')"
BOTH = "Left to right.\n\nمرحبا بالعالم\n\n```\ncode\n```\n"
# At which edge of its block a text stands.
SIDE = """selector => [...document.querySelectorAll(selector)].map(one => {
  const words = document.createRange();
  words.selectNodeContents(one);
  const [text, block] = [words.getBoundingClientRect(), one.getBoundingClientRect()];
  return text.left - block.left < block.right - text.right ? "left" : "right";
})"""


LISTED = (
    "1. مرحبا\n2. بالعالم\n\n> مرحبا\n\n| مرحبا | أ |\n|---|---|\n| أ | ب |\n\n1. Left\n2. Right\n"
)
# At which side of a block its numbers, its bar or its first column stand.
BEGINS = """selector => [...document.querySelectorAll(selector)].map(one =>
  getComputedStyle(one).direction)"""


def test_magnified_four_times_there_is_room_to_read_and_to_write(
    adas: Window, ada: Person, model: Model
) -> None:
    """1280 × 1024 at 400 %."""
    asked = ada.ask(model.will_answer(says(BOTH), asked="Both.")).finish()
    adas.page.set_viewport_size({"width": 320, "height": 256})
    adas.go(f"/c/{asked.conversation}/")
    expect(adas.composer).to_be_in_viewport(ratio=1)
    expect(adas.send_button).to_be_in_viewport(ratio=1)
    assert adas.page.evaluate(ROOM) > 100
    assert adas.page.evaluate(SIDEWAYS) <= 0
    adas.page.keyboard.press("Control+/")
    expect(adas.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert adas.page.evaluate("() => document.getElementById('shortcuts').scrollWidth") <= 300


def test_each_block_has_the_direction_of_its_words_and_code_has_its_own(
    adas: Window, ada: Person, model: Model
) -> None:
    asked = ada.ask(model.will_answer(says(BOTH), asked="Both.")).finish()
    adas.go(f"/c/{asked.conversation}/")
    expect(adas.answer_text.locator("p")).to_have_count(2)
    assert adas.page.evaluate(SIDE, ".answer .body p") == ["left", "right"]
    assert adas.page.evaluate(SIDE, ".answer .body pre") == ["left"]


def test_numbers_bars_and_columns_stand_where_the_words_begin(
    adas: Window, ada: Person, model: Model
) -> None:
    asked = ada.ask(model.will_answer(says(LISTED), asked="A list.")).finish()
    adas.go(f"/c/{asked.conversation}/")
    expect(adas.answer_text.locator("ol")).to_have_count(2)
    sides = adas.page.evaluate(BEGINS, ".answer .body :is(ol, blockquote, table)")
    assert sides == ["rtl", "rtl", "rtl", "ltr"]


def test_on_paper_stands_all_that_was_said_in_dark_ink(
    adas: Window, ada: Person, model: Model
) -> None:
    asked = ada.ask(model.will_answer(says(BOTH + "On and on.\n\n" * 60), asked="Both.")).finish()
    page = adas.page
    with page.add_init_script("localStorage.setItem('theme', 'dark')"):
        adas.go(f"/c/{asked.conversation}/")
    expect(adas.answer_text.locator("p")).to_have_count(62)
    page.emulate_media(media="print")
    expect(adas.composer).to_be_hidden()
    expect(page.locator(".shelf")).to_be_hidden()
    expect(page.locator(".message .tools:visible")).to_have_count(0)
    assert page.evaluate(ON_ONE_SCROLL) > 60 * 20
    assert page.evaluate(INK) == "#211f1b"
    page.emulate_media(media="screen", contrast="more")
    assert page.evaluate(INK) == "#ece8e0"
    assert page.evaluate(INK.replace("ink", "ink-soft")) == "#ece8e0"
