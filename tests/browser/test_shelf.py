"""The sidebar, by hand: renamed, pinned, put into folders, archived, deleted and taken back."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.window import Window
from tests.harness.people import Person
from tests.stub_provider import Model, pause


def talk(person: Person, title: str, **fields: Any) -> str:
    made = person.api("POST", "conversations", json={"title": title, **fields}, expect=201)
    return str(made["id"])


def entry(page: Page, title: str) -> Locator:
    return page.locator(".shelf .entry").filter(has_text=title)


def group(page: Page, heading: str) -> Locator:
    head = page.get_by_role("heading", name=heading)
    return page.locator(".shelf .group").filter(has=head)


def menu(page: Page, of: Locator, item: str) -> None:
    of.hover()
    of.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def test_a_title_is_changed_where_it_stands(adas: Window, ada: Person) -> None:
    id = talk(ada, "Before")
    page = adas.go("/").page
    link = entry(page, "Before").get_by_role("link")
    link.focus()
    page.keyboard.press("F2")
    field = page.get_by_role("textbox", name="New title")
    field.fill("Never mind")
    field.press("Escape")
    expect(link).to_be_focused()
    expect(entry(page, "Before")).to_be_visible()
    menu(page, entry(page, "Before"), "Rename")
    expect(field).to_have_value("Before")
    field.fill("<b>After</b>")
    field.press("Enter")
    expect(entry(page, "<b>After</b>").get_by_role("link")).to_be_focused()
    page.reload()
    expect(entry(page, "<b>After</b>")).to_be_visible()
    ada.api("PATCH", f"conversations/{id}", json={"title": "From elsewhere"})
    expect(entry(page, "From elsewhere")).to_be_visible()


def test_folders_are_filled_by_menu_and_by_drag_and_stay_folded(adas: Window, ada: Person) -> None:
    for title in ("Radiator", "Bicycle", "Letter"):
        talk(ada, title)
    page = adas.go("/").page
    menu(page, entry(page, "Radiator"), "Move to a folder")
    page.get_by_role("menuitem", name="New folder", exact=True).click()
    page.get_by_role("textbox", name="Name of the folder").fill("House")
    page.keyboard.press("Enter")
    house = group(page, "House")
    expect(house.locator(".entry")).to_have_text(["Radiator"])
    entry(page, "Bicycle").drag_to(house)
    expect(house.locator(".entry")).to_have_count(2)
    menu(page, entry(page, "Letter"), "Move to a folder")
    page.get_by_role("menuitemradio", name="House").press("Enter")
    expect(house.locator(".entry")).to_have_count(3)
    expect(entry(page, "Letter").get_by_role("button", name="More")).to_be_focused()
    entry(page, "Letter").drag_to(house.get_by_role("heading"))
    menu(page, entry(page, "Letter"), "Pin")
    expect(group(page, "Pinned").locator(".entry")).to_have_text(["Letter"])
    expect(house.locator(".entry")).to_have_count(2)
    with page.expect_response("**/api/v1/folders/*"):
        house.get_by_role("button", name="House").click()
    expect(entry(page, "Bicycle")).to_be_hidden()
    page.reload()
    expect(group(page, "House").get_by_role("button", name="House")).to_have_attribute(
        "aria-expanded", "false"
    )
    expect(entry(page, "Bicycle")).to_be_hidden()
    menu(page, house.get_by_role("heading"), "Delete the folder")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(house).to_have_count(0)
    expect(group(page, "Today").locator(".entry")).to_have_count(2)


def test_what_is_deleted_is_gone_on_every_tab_and_comes_back(
    adas: Window, ada: Person, model: Model
) -> None:
    adas.go("/").ask(model.will_say("keep me").question)
    expect(adas.answer_text).to_have_text("keep me")
    page, address = adas.page, adas.page.url
    other = adas.beside()
    other.go("/")
    expect(other.page.locator(".shelf .entry")).to_have_count(1)
    menu(page, page.locator(".shelf .entry"), "Delete")
    expect(page.locator(".shelf .entry")).to_have_count(0)
    expect(other.page.locator(".shelf .entry")).to_have_count(0)
    expect(page).not_to_have_url(address)
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(address)
    expect(adas.answer_text).to_have_text("keep me")
    expect(other.page.locator(".shelf .entry")).to_have_count(1)
    other.complained()


def test_the_archive_takes_and_gives_back(adas: Window, ada: Person) -> None:
    for title in ("Stays", "Goes"):
        talk(ada, title)
    page = adas.go("/").page
    menu(page, entry(page, "Goes"), "Archive")
    expect(entry(page, "Goes")).to_have_count(0)
    page.get_by_role("button", name=ada.name).click()
    page.get_by_role("menuitem", name="Archive", exact=True).click()
    archive = page.get_by_role("dialog", name="Archive")
    archive.get_by_role("button", name="Take out of the archive").click()
    expect(archive.get_by_text("Nothing is in the archive.")).to_be_visible()
    archive.get_by_role("button", name="Close").click()
    expect(page.locator(".shelf .entry")).to_have_count(2)


def test_a_temporary_conversation_stands_in_no_list_until_it_is_kept(
    adas: Window, model: Model
) -> None:
    page = adas.go("/").page
    page.get_by_role("button", name="Temporary conversation").click()
    adas.ask(model.will_say("for now").question)
    expect(adas.answer_text).to_have_text("for now")
    note = page.get_by_text("Temporary: it stands in no list")
    expect(note).to_be_visible()
    expect(page.locator(".shelf .entry")).to_have_count(0)
    page.reload()
    expect(note).to_be_visible()
    expect(adas.answer_text).to_have_text("for now")
    expect(page.locator(".shelf .entry")).to_have_count(0)
    page.get_by_role("button", name="Keep it").click()
    expect(note).to_be_hidden()
    expect(page.locator(".shelf .entry")).to_have_count(1)


def test_what_a_window_waits_for_is_the_line_of_the_page_that_it_shows(adas: Window) -> None:
    adas.go("/").is_on_line()
    adas.go("/healthz")
    assert not adas.lines


def test_the_list_says_where_an_answer_is_under_way_and_where_one_ended_unseen(
    adas: Window, ada: Person, model: Model
) -> None:
    script = model.will_say("one ", pause, "two", asked="Elsewhere")
    adas.go("/").is_on_line()
    asked = ada.start(script)
    sign = entry(adas.page, "Elsewhere").locator("[data-part=live]")
    expect(sign).to_have_text("being answered: ")
    adas.page.reload()
    expect(sign).to_have_text("being answered: ")
    script.resume()
    asked.finish()
    expect(sign).to_have_text("answered: ")
    adas.page.reload()
    expect(sign).to_have_text("answered: ")
    entry(adas.page, "Elsewhere").get_by_role("link").click()
    expect(adas.answer_text).to_have_text("one two")
    expect(sign).to_be_hidden()
    adas.go("/")
    expect(entry(adas.page, "Elsewhere")).to_be_visible()
    expect(sign).to_be_hidden()
