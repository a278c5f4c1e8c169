"""Pictures where they are looked at: in a message, on the whole screen, all of one's own."""

import re

from playwright.sync_api import Locator, Page, expect

from conversations.models import Blob, Image
from tests.browser.window import Window
from tests.harness.people import Person
from tests.harness.pictures import png
from tests.stub_provider import Model, says

SCALE = "image => new DOMMatrix(getComputedStyle(image).transform).a"


def test_a_picture_is_looked_at_closely_and_the_next_one_after_it(
    adas: Window, ada: Person, model: Model
) -> None:
    """By keyboard, by wheel, by button; and the page is as it was when that is over."""
    page = adas.page
    images = [ada.upload(png(1800, 1200)), ada.upload(png(300, 200))]
    of_the_web = Image.objects.filter(pk=images[1]["id"])
    ada.ground.run(lambda: of_the_web.update(source="https://pictures.example.org/gate.png"))
    ada.api("PATCH", f"images/{images[0]['id']}", json={"alt": "A gate at dusk"})
    question = model.will_answer(says("Both."), asked="Which one?", exactly=True)
    asked = ada.ask(question, images=[one["id"] for one in images]).finish()
    adas.go(f"/c/{asked.conversation}/")
    opener = page.get_by_role("link", name="A gate at dusk")
    opener.focus()
    page.keyboard.press("Enter")
    looking = page.locator("dialog.looking")
    expect(looking).to_have_accessible_name("A gate at dusk")
    expect(looking).to_contain_text("1 of 2")
    expect(looking).to_contain_text("1,800 × 1,200 pixels")
    picture = looking.get_by_role("group", name="Picture").locator("img")
    expect(picture).to_have_attribute("src", re.compile(rf"{images[0]['id']}/$"))

    near_and_far(page, looking, picture, images[0]["id"])

    with page.expect_download() as saved:
        looking.get_by_role("button", name="Download").click()
    assert saved.value.suggested_filename == "A gate at dusk.png"

    page.go_back()
    expect(looking).to_be_hidden()
    expect(opener).to_be_focused()
    expect(page).to_have_url(re.compile(f"/c/{asked.conversation}/$"))
    opener.click()
    expect(looking).to_be_visible()
    looking.get_by_role("button", name="Describe it").click()
    page.get_by_role("textbox", name="What is to be seen in it?").fill("The gate, closed")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(looking).to_have_accessible_name("The gate, closed")
    page.keyboard.press("Escape")
    expect(looking).to_be_hidden()
    opener = page.get_by_role("link", name="The gate, closed")
    expect(opener).to_be_focused()
    page.wait_for_function("() => history.state === null")

    opener.click()
    expect(looking).to_be_visible()
    page.reload()  # what stood over the page is gone, and so is its entry in the history
    page.wait_for_function("() => document.readyState === 'complete' && history.state === null")
    expect(looking).to_have_count(0)

    opener.click()
    looking.get_by_role("button", name="Go to the message").click()
    expect(adas.questions).to_be_focused()
    opener.click()
    looking.get_by_role("button", name="Use again").click()
    expect(adas.attached).to_have_count(1)
    expect(adas.composer).to_be_focused()


def near_and_far(page: Page, looking: Locator, picture: Locator, first: str) -> None:
    """By keys, by wheel, and on to the next picture and back."""
    stage = looking.get_by_role("group", name="Picture")
    page.keyboard.press("+")
    expect(picture).to_have_css("transform", scaled(1.5))
    page.keyboard.press("ArrowRight")  # it is moved now, and stays
    expect(looking).to_contain_text("1 of 2")
    page.keyboard.press("0")
    expect(picture).to_have_css("transform", scaled(1))
    stage.hover()
    page.mouse.wheel(0, -400)
    expect(picture).not_to_have_css("transform", scaled(1))
    assert scale(picture) > 1
    looking.get_by_role("button", name="Next picture").click()
    expect(looking).to_have_accessible_name("Picture 2")
    expect(looking).to_contain_text("2 of 2")
    expect(picture).to_have_css("transform", scaled(1))
    source = looking.get_by_role("link", name="From pictures.example.org")
    expect(source).to_have_attribute("href", "https://pictures.example.org/gate.png")
    page.keyboard.press("ArrowLeft")
    expect(looking).to_contain_text("1 of 2")
    expect(source).to_be_hidden()
    expect(picture).to_have_attribute("src", re.compile(rf"{first}/$"))


def test_all_of_ones_pictures_lead_to_where_they_stand_or_go(
    lenient: Window, ada: Person, model: Model
) -> None:
    """Found again, used again, and deleted where no message shows them. Of the one that is shown
    somewhere the browser says in its console that it was refused."""
    lenient.sign_in_as(ada)
    page = lenient.page
    sent, *loose = [ada.upload(png(200 + nth, 150)) for nth in range(3)]
    question = model.will_answer(says("A gate."), asked="What is behind it?", exactly=True)
    asked = ada.ask(question, images=[sent["id"]]).finish()
    lenient.go("/").page.locator("button.account").click()
    page.get_by_role("menuitem", name="Pictures").click()
    tiles, looking = page.locator(".tile"), page.locator("dialog.looking")
    expect(tiles).to_have_count(3)

    tiles.last.get_by_role("link").click()
    expect(looking).to_contain_text("3 of 3")
    looking.get_by_role("button", name="Go to the message").click()
    expect(page).to_have_url(re.compile(f"/c/{asked.conversation}/#m-"))
    expect(lenient.questions).to_be_focused()

    page.go_back()
    tiles.first.get_by_role("link").click()
    looking.get_by_role("button", name="Use again").click()
    expect(page).to_have_url(re.compile("/$"))
    expect(lenient.attached).to_have_count(1)

    lenient.go("/pictures/")
    expect(tiles).to_have_count(3)
    for tile in tiles.all():
        tile.get_by_role("checkbox").check()
    expect(page.get_by_text("3 pictures chosen")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    said = page.get_by_role("status").filter(has_text="2 pictures deleted. ")
    expect(said).to_contain_text("This picture is shown in")
    page.set_viewport_size({"width": 600, "height": 300})
    page.evaluate("() => scrollTo(0, 0)")
    expect(said).to_be_in_viewport()  # and not below all the pictures
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(tiles).to_have_count(1)
    expect(tiles.get_by_role("link")).to_be_focused()
    tiles.get_by_role("checkbox").uncheck()
    expect(said).to_be_hidden()
    assert ada.api("GET", f"images/{sent['id']}")["uses"]
    for one in loose:
        ada.api("GET", f"images/{one['id']}", expect=404)


def scaled(by: float) -> re.Pattern[str]:
    return re.compile(rf"^matrix\({by:g}, 0, 0, {by:g}, ")


def scale(picture: Locator) -> float:
    return round(float(picture.evaluate(SCALE)), 3)


def test_a_picture_that_did_not_come_says_so_and_comes_when_it_is_asked_again(
    lenient: Window, ada: Person, model: Model
) -> None:
    """The browser's own complaints about what it did not get are what this is about."""
    lenient.sign_in_as(ada)
    lost, gone, blocked = (ada.upload(png(400 - nth, 300)) for nth in range(3))
    question = model.will_answer(says("All."), asked="Are they there?", exactly=True)
    asked = ada.ask(question, images=[one["id"] for one in (lost, gone, blocked)]).finish()
    blob = Blob.objects.filter(images=blocked["id"])
    ada.ground.run(lambda: blob.update(blocked=True))
    page = lenient.page
    page.route(f"**{lost['thumbnail_url']}", lambda route: route.abort())
    page.route(f"**{gone['thumbnail_url']}", lambda route: route.fulfill(status=404))
    lenient.go(f"/c/{asked.conversation}/")
    first, second, third = page.locator(".pictures a").all()
    expect(first).to_contain_text("Press to ask again.", use_inner_text=True)
    expect(second).to_have_text("This picture is not here (any more).", use_inner_text=True)
    expect(third).to_have_text("This picture is blocked on this site.", use_inner_text=True)
    second.click()
    third.click()
    expect(page.locator("dialog.looking")).to_have_count(0)
    page.unroute(f"**{lost['thumbnail_url']}")
    first.click()
    expect(first).to_have_text("", use_inner_text=True)
    first.click()
    expect(page.locator("dialog.looking")).to_contain_text("1 of 3")
