"""How little is left of a budget, over the field; and what becomes of a question that has no room."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

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
    end = time.monotonic() + 20
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
    _pictured(adas)
    adas.type("A question that could take more than is left.")
    adas.send_button.click()
    refusal = adas.page.get_by_text("Your budget “May” has 10 tokens left, and this may take up to")
    expect(refusal).to_be_visible()
    expect(adas.page.get_by_text("A question that could take more than is left.")).to_be_visible()
    _pictured(adas, "refused")
    line.get_by_role("button", name="Put away").click()
    expect(line).to_be_hidden()
    adas.go("/")
    adas.is_on_line()
    expect(line).to_be_hidden()
    adas.complained()


def _pictured(adas: Window, name: str = "line") -> None:
    place = os.environ.get("BUDGET_PICTURES")
    for scheme in ("light", "dark") if place else ():
        for width in (1280, 360):
            adas.page.set_viewport_size({"width": width, "height": 720})
            adas.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            adas.page.screenshot(path=str(Path(place or "") / f"{name}-{scheme}-{width}.png"))
    adas.page.set_viewport_size({"width": 1280, "height": 720})
