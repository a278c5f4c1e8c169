"""A picture of the web in the composer: pasted as an address, or asked for. The browser goes nowhere."""

from playwright.sync_api import expect

from tests.browser.test_tray import ready
from tests.browser.test_writing import PASTE
from tests.browser.window import Window
from tests.harness.pictures import png
from tests.harness.web import Web, answer
from tests.stub_provider import Model

FETCHED_BY_US = b"chatsite; pictures by address"


def test_an_address_becomes_a_picture_that_is_sent(adas: Window, web: Web, model: Model) -> None:
    web.gives({"/a.png": answer(png(60, 40)), "/b": answer(png(80, 40)), "/c": answer(b"words")})
    address = f"http://{web.netloc}"
    page = adas.go("/").page
    expect(page.locator("html[data-ready]")).to_be_attached()
    offer = page.get_by_role("button", name="Add the picture at this address")
    dialog = page.get_by_role("dialog", name="Picture from a link")

    adas.composer.evaluate(f"(field, text) => ({PASTE})([field, text])", "not an address.png")
    expect(offer).to_be_hidden()
    script = model.will_say("Two pictures.")
    adas.composer.fill(f"{script.question} {address}/a.png")
    adas.composer.evaluate(f"(field, text) => ({PASTE})([field, text])", f"{address}/a.png")
    offer.click()
    ready(adas, 1)
    expect(dialog).to_be_hidden()
    expect(offer).to_be_hidden()
    expect(adas.composer).to_have_value(script.question)

    page.get_by_role("button", name="Add pictures and text files").click()
    page.get_by_role("menuitem", name="Picture from a link").click()
    field = dialog.get_by_label("Address of the picture")
    expect(field).to_be_focused()
    field.fill(f"{address}/c")
    field.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("text, not a picture")
    adas.complaints = [one for one in adas.complaints if "415" not in one]
    field.fill(f"{address}/b")
    dialog.get_by_role("button", name="Add", exact=True).click()
    ready(adas, 2)
    expect(adas.composer).to_be_focused()

    adas.composer.press("Enter")
    expect(adas.answer_text).to_have_text("Two pictures.")
    assert len(script.request.images()) == 2
    mine = [head for head in web.asked if head.split(b" ")[1] in (b"/a.png", b"/b", b"/c")]
    assert len(mine) == 3 and all(FETCHED_BY_US in head for head in mine)
