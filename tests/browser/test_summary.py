"""A summary of the earlier part: where it stands, what it says, and that it can be undone."""

from pathlib import Path

from playwright.sync_api import Locator, expect

from conversations.models import Message, Summary
from conversations.reading.summaries import digest
from conversations.runs import summarising
from tests.browser.test_looks import Looker
from tests.browser.window import Window
from tests.harness.people import Person
from tests.harness.talks import Talks

TEXT = "**About:** a wheel.\n\n- Facts: 28 inches\n- Wishes: short answers"


def summarised(person: Person, conversation: str, messages: int) -> None:
    """As if a model had been asked for it: open pages hear of it."""
    rows = person.ground.rows(Message, conversation=conversation)
    told = sorted(rows, key=lambda row: row.pk)[:messages]

    def tell() -> None:
        summary = Summary(
            conversation_id=told[0].conversation_id, until=told[-1], digest=digest(told[-1].pk),
            messages=len(told), text=TEXT, model="gpt-4o-mini",
        )  # fmt: skip
        summary.save()
        summarising.ring(summary, told[0].conversation.owner_id)

    person.ground.run(tell)


def line(window: Window) -> Locator:
    return window.page.locator(".summarised:not([hidden])")


def test_it_stands_where_it_ends_opens_and_is_undone_in_all_windows(
    adas: Window, ada: Person, screenshots: Path
) -> None:
    talk = str(Talks(ada).talk("one", "A wheel is round.", "two", "28 inches.", "three", "Yes.").pk)
    other = adas.beside()
    for window in (adas, other):
        window.go(f"/c/{talk}/").is_on_line()
        expect(window.answers).to_have_count(3)
        expect(line(window)).to_have_count(0)
    summarised(ada, talk, 2)
    summarised(ada, talk, 4)
    expect(line(adas)).to_have_count(1)
    opener = adas.answers.nth(1).locator(".summarised > summary")
    expect(opener).to_have_text("Earlier part summarised")
    expect(opener).to_be_visible()
    adas.page.reload()
    opener.focus()
    opener.press("Enter")
    expect(line(adas).get_by_role("listitem").first).to_have_text("Facts: 28 inches")
    for theme in ("light", "dark"):
        adas.page.emulate_media(color_scheme=theme)
        for width in (1280, 360):
            adas.page.set_viewport_size({"width": width, "height": 800})
            line(adas).scroll_into_view_if_needed()
            Looker(adas, screenshots, f"{width}-{theme}")("summary")
    line(adas).get_by_role("button", name="Have it read in full again").click()
    expect(line(adas)).to_have_count(0)
    expect(adas.page.locator(".thread")).to_be_focused()
    expect(line(other)).to_have_count(0)
    assert all(row.undone_at for row in ada.ground.rows(Summary, conversation=talk))
    other.complained()
