"""How little is left of a budget, over the field; and what becomes of a question that has no room."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from conversations.models import Budget, ProviderCall
from conversations.models.budgets import Measure, Scope
from tests.browser.window import Window
from tests.harness.database import Ground
from tests.harness.people import Person


@pytest.fixture
def budget(ada: Person, ground: Ground) -> Iterator[Budget]:
    """Of which nine tenths are spent, as her server knows by now."""
    call = ProviderCall(
        user=ada.user,
        provider="openai",
        model="gpt",
        outcome="ok",
        input_tokens=90,
        output_tokens=0,
    )
    mine = Budget(name="May", scope=Scope.PERSON, user=ada.user, measure=Measure.TOKENS, limit=100)
    ground.save(call)
    ground.save(mine)
    end = time.monotonic() + 60
    while not ada.api("GET", "budgets")["items"]:
        assert time.monotonic() < end, "the server has not heard of the budget"
    yield mine
    ground.run(mine.delete)


def test_what_is_left_is_said_once_and_a_question_without_room_is_kept(
    adas: Window, budget: Budget
) -> None:
    line = adas.page.locator(".budget")
    adas.go("/")
    expect(line).to_contain_text("Left of the budget “May”: 10 tokens. It renews: ")
    adas.type("A question that could take more than is left.")
    adas.send_button.click()
    refusal = adas.page.get_by_text("Your budget “May” has 10 tokens left, and this may take up to")
    expect(refusal).to_be_visible()
    expect(adas.page.get_by_text("A question that could take more than is left.")).to_be_visible()
    line.get_by_role("button", name="Put away").click()
    expect(line).to_be_hidden()
    adas.go("/").is_on_line()
    expect(line).to_be_hidden()
    adas.complained()
