"""Pictures above the field: every way in, their order, what they take, and that nothing of it is lost."""

import re
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.window import Window
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model, Script, pause

# Files held over the page, and let go: at the sidebar, which is part of the whole.
HOLD = """
([type, files]) => {
  const data = new DataTransfer();
  const kind = { type: "image/png" };
  for (const [name, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name, kind));
  const at = document.querySelector(".shelf");
  at.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}
"""
# As a browser copies a picture out of a page, and a file manager several files.
PASTE = """
([texts, files]) => {
  const data = new DataTransfer();
  for (const [type, text] of Object.entries(texts)) data.setData(type, text);
  const kind = { type: "image/png" };
  for (const [name, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name, kind));
  const paste = { clipboardData: data, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new ClipboardEvent("paste", paste));
}
"""

# By how much the note stands above the composer, while it stands there: it goes by itself.
APART = """
() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  return box(".composer").top - box(".toast").bottom;
}
"""


def named(*names: str) -> list[Any]:
    """Pictures of different widths, so that their order can be told."""
    return [[name, list(png(40 + 20 * place, 40))] for place, name in enumerate(names)]


def picked(*names: str) -> list[Any]:
    return [
        {"name": name, "mimeType": "image/png", "buffer": bytes(content)}
        for name, content in named(*names)
    ]


def ready(window: Window, count: int) -> None:
    expect(window.page.locator(".composer figure[data-state=ready]")).to_have_count(count)


def faces(place: Locator | Page) -> Locator:
    return place.locator(".attached .face")


def names(*labels: str) -> list[re.Pattern[str]]:
    return [
        re.compile(f"^{re.escape(label)}, {place + 1} of") for place, label in enumerate(labels)
    ]


def in_order(place: Locator | Page, *labels: str) -> None:
    expect(faces(place)).to_have_count(len(labels))
    for face, label in zip(faces(place).all(), names(*labels), strict=True):
        expect(face).to_have_attribute("aria-label", label)


def widths(script: Script) -> list[int]:
    """Of the pictures that the model was sent."""
    return [Image.open(BytesIO(content)).width for content in script.request.images()]


def test_pictures_come_every_way_and_are_sent_in_the_order_that_one_gives_them(
    adas: Window, model: Model
) -> None:
    page = adas.go("/").page
    expect(page.locator("html[data-ready]")).to_be_attached()
    one, two, three, four = named("a.png", "b.png", "c.png", "d.png")
    veil = page.get_by_text("Drop pictures and text files here")
    page.evaluate(HOLD, ["dragover", [one]])
    expect(veil).to_be_visible()
    page.keyboard.press("Escape")
    expect(veil).to_be_hidden()
    page.evaluate(HOLD, ["dragover", [one]])
    page.evaluate(HOLD, ["drop", [one, two]])
    expect(veil).to_be_hidden()
    page.evaluate(PASTE, [{"text/html": "<img src=x>"}, [three]])
    page.evaluate(PASTE, [{"text/plain": "file:///home/ada/d.png"}, [four]])
    ready(adas, 4)
    page.evaluate(PASTE, [{}, [["again.png", one[1]]]])
    expect(
        page.get_by_role("status").filter(has_text="again.png is there already.")
    ).to_be_visible()
    assert page.evaluate(APART) >= 0
    in_order(page, "a.png", "b.png", "c.png", "d.png")

    faces(page).nth(1).focus()
    page.keyboard.press("ArrowLeft")
    in_order(page, "b.png", "a.png", "c.png", "d.png")
    expect(faces(page).first).to_be_focused()
    said = page.locator("[data-part=tray-said]")
    expect(said).to_have_text("b.png is at place 1 of 4 now.")
    faces(page).nth(3).click()
    page.get_by_role("menuitem", name="Move before").click()
    in_order(page, "b.png", "a.png", "d.png", "c.png")
    drag(page, faces(page).nth(3), faces(page).nth(0))
    in_order(page, "c.png", "b.png", "a.png", "d.png")
    expect(page.locator("#tray-menu")).to_be_hidden()  # a drag is no click
    page.reload()
    in_order(page, "c.png", "b.png", "a.png", "d.png")
    faces(page).nth(1).focus()
    page.keyboard.press("Delete")
    expect(faces(page).nth(1)).to_be_focused()
    script = model.will_say("Three dots.")
    adas.ask(script.question)
    expect(adas.answer_text).to_have_text("Three dots.")
    assert widths(script) == [80, 40, 100]

    adas.composer.press("ArrowUp")
    form = page.locator("form.edit")
    in_order(form, "Picture 1", "Picture 2", "Picture 3")
    faces(form).nth(2).focus()
    page.keyboard.press("Home")
    form.locator("figure").nth(2).get_by_role("button", name="Remove").click()
    form.locator("input[type=file]").set_input_files(picked("e.png"))
    expect(form.locator("figure[data-state=ready]")).to_have_count(3)
    again = model.will_say("Others.")
    form.locator("textarea").fill(again.question)
    form.locator("textarea").press("Enter")
    expect(adas.answer_text).to_have_text("Others.")
    assert widths(again) == [100, 80, 40]


def drag(page: Page, what: Locator, to: Locator) -> None:
    """With a mouse, to the near half of another one."""
    start, end = what.bounding_box(), to.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 30, start["y"] + 30)
    page.mouse.down()
    page.mouse.move(end["x"] + 40, end["y"] + 30, steps=4)
    page.mouse.move(end["x"] + 10, end["y"] + 30)
    expect(page.locator("figure[data-lifted]")).to_have_count(1)
    page.mouse.up()


def test_what_does_not_arrive_says_why_and_nothing_else_is_lost(adas: Window, model: Model) -> None:
    page = adas.go("/").page
    expect(page.locator("html[data-ready]")).to_be_attached()
    field = page.locator(".composer input[type=file]").first
    page.route("**/api/v1/images", lambda route: None)  # never answered
    field.set_input_files(picked(*[f"{number}.png" for number in range(11)]))
    alert = page.get_by_role("alert").filter(has_text="At most 10 pictures")
    expect(alert).to_be_visible()
    expect(faces(page)).to_have_count(10)
    faces(page).last.focus()
    for _ in range(10):
        page.keyboard.press("Backspace")
    expect(adas.composer).to_be_focused()
    page.unroute("**/api/v1/images")
    field.set_input_files(picked("0.png", "1.png"))
    ready(adas, 2)

    page.route("**/api/v1/images", lambda route: route.abort(), times=1)
    field.set_input_files(picked("late.png"))
    again = page.get_by_role("button", name="Try again", exact=True)
    expect(again).to_be_visible()
    expect(faces(page).last).to_have_attribute(
        "aria-label", re.compile("late.png, 3 of 3: The upload")
    )
    adas.complaints = [one for one in adas.complaints if "ERR_FAILED" not in one]
    again.click()
    ready(adas, 3)

    none: list[Any] = [{"mimeType": "image/png", "buffer": b"no picture"} for _ in range(2)]
    field.set_input_files([none[0] | {"name": "no.png"}, none[1] | {"name": "nor.png"}])
    both = re.compile(r"no\.png, nor\.png: |nor\.png, no\.png: ")
    expect(page.get_by_role("alert").filter(has_text=both)).to_be_visible()
    adas.complaints = [one for one in adas.complaints if "415" not in one]

    page.route("**/api/v1/images", lambda route: None, times=2)  # never answered
    field.set_input_files(picked("x.png"))
    adas.attached.last.get_by_role("button", name="Remove x.png").click()
    field.set_input_files(picked("y.png"))
    adas.type("wait for it")
    adas.composer.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="still on its way")).to_be_visible()
    page.evaluate("() => addEventListener('submit', () => localStorage.setItem('went', ''))")
    page.reload()
    assert page.evaluate("() => localStorage.getItem('went')") is None  # without its picture
    expect(page.get_by_text("y.png was not uploaded. Choose it again.")).to_be_visible()
    in_order(page, "0.png", "1.png", "late.png")
    expect(adas.composer).to_have_value("wait for it")


def test_what_the_browser_cannot_show_is_shown_as_the_server_made_it(adas: Window) -> None:
    """A TIFF here, a HEIC in most browsers: its place is never empty again once it was there."""
    page = adas.go("/").page
    expect(page.locator("html[data-ready]")).to_be_attached()
    scan = BytesIO()
    Image.new("RGB", (30, 30), "teal").save(scan, "TIFF")
    files = [{"name": "scan.tiff", "mimeType": "image/tiff", "buffer": scan.getvalue()}]
    page.locator(".composer input[type=file]").first.set_input_files([*files, *picked("a.png")])
    ready(adas, 2)
    picture = adas.attached.filter(has=page.get_by_role("button", name="Remove scan.tiff"))
    shown = picture.locator("img[src*='/thumbnail/']")
    expect(shown).to_be_visible()
    expect(picture).to_have_attribute("title", "scan.tiff")
    faces(page).first.focus()
    for key in ("ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        assert shown.is_visible()  # what could not be shown is not tried again


def test_what_pictures_take_is_said_before_they_are_sent(
    adas: Window, ada: Person, model: Model
) -> None:
    page = adas.go("/").page
    expect(page.locator("html[data-ready]")).to_be_attached()
    page.locator("[data-part=model]").first.select_option("gpt-4o")
    page.locator(".composer input[type=file]").first.set_input_files(picked("a.png", "b.png"))
    detail = page.get_by_label("Detail")
    expect(detail.locator("option")).to_have_text(
        ["Auto · 510 tokens · $0.0013", "Low · 170 tokens · $0.0004", "High · 510 tokens · $0.0013"]
    )
    detail.select_option("low")
    script = model.will_say("Two dots.")
    adas.ask(script.question)
    expect(adas.answer_text).to_have_text("Two dots.")
    expect(detail).to_be_hidden()
    assert "'detail': 'low'" in str(script.request.messages)
    [talk] = ada.api("GET", "conversations")["items"]
    assert talk["options"] == {"detail": "low"}

    page.reload()
    full = page.get_by_role("button", name=re.compile("window in use"))
    full.click()
    used = page.locator("#meter dd").filter(has_text=" of ")
    expect(used).to_contain_text(re.compile(r"^\d+ of"))
    full.click()
    page.locator(".composer input[type=file]").first.set_input_files(picked("c.png"))
    expect(detail).to_have_value("low")
    ready(adas, 1)
    expect(detail.locator("option:checked")).to_contain_text("85 tokens")
    full.click()
    expect(used).to_contain_text(re.compile(r"^about 1\d\d of"))  # 18 were used before
    page.keyboard.press("Escape")
    faces(page).first.click()
    page.get_by_role("menuitem", name="Describe it").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("A small dot")
    page.get_by_role("button", name="Save").click()
    expect(adas.attached.first).to_have_attribute("title", "A small dot")


def test_what_pictures_take_is_asked_again_by_who_wants_to_know_and_by_no_token(
    adas: Window, model: Model
) -> None:
    """A page that cannot be told must not ask a server in trouble with every token of an answer."""
    page = adas.go("/").page
    expect(page.locator("html[data-ready]")).to_be_attached()
    page.locator("[data-part=model]").first.select_option("gpt-4o")
    asked: list[str] = []

    def refuses(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route("**/images/tokens?*", refuses)
    script = model.will_say("Dots: ", pause, *(f"{number} " for number in range(40)))
    adas.ask(script.question)
    expect(adas.answer_text).to_have_text("Dots:")
    page.locator(".composer input[type=file]").first.set_input_files(picked("a.png"))
    ready(adas, 1)
    expect(page.get_by_label("Detail").locator("option").first).to_have_text("Auto")
    script.resume()
    expect(adas.answer_text).to_contain_text("39")
    assert len(asked) == 1
    page.unroute("**/images/tokens?*")
    page.get_by_label("Detail").focus()
    expect(page.get_by_label("Detail").locator("option").first).to_contain_text("tokens")
    adas.complaints = [one for one in adas.complaints if "ERR_FAILED" not in one]
