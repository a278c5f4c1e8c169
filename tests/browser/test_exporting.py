"""An export of the ledger from its list: what it says before, meanwhile and after."""

import json
from pathlib import Path

from playwright.sync_api import expect

from conversations.models import ProviderCall, User
from tests.browser.window import Window
from tests.harness.database import Ground
from tests.harness.people import People, Person


def calls(owner: User) -> None:
    for number in range(3):
        ProviderCall.objects.create(
            user=owner, provider="openai", model="gpt-4.1-mini", outcome="ok", input_tokens=number
        )


def test_a_list_is_taken_along_as_its_filters_leave_it(
    window: Window, people: People, ada: Person, ground: Ground
) -> None:
    owner = ada.user
    assert owner is not None
    ground.run(lambda: calls(owner))
    window.sign_in_as(people.new("sam", is_staff=True, is_superuser=True))
    page = window.page
    window.go(f"/admin/conversations/providercall/?person={ada.id}")
    page.get_by_role("link", name="Export", exact=True).click()
    expect(page.get_by_text(ada.name)).to_be_visible()
    page.get_by_label("JSON Lines").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    *rows, last = map(json.loads, Path(download.value.path()).read_text().splitlines())
    assert last == {"complete": True, "rows": 3} and {row["user_id"] for row in rows} == {ada.id}
    expect(page.get_by_role("status")).to_have_text("Complete, 3 in all.")
    expect(page.get_by_role("button", name="Stop the export")).to_be_hidden()
    expect(page.get_by_role("button", name="Download")).to_be_enabled()
