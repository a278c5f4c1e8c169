"""How full a conversation is, what was not read of it, and what its model takes, in a real browser."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from conversations.models import LanguageModel, Provider
from tests.browser.window import Window
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.talks import Talks
from tests.stub_provider import Model, Stub, says

# 300 of it are for the answer.
WINDOW = 2_000
SAID = "The quick brown fox jumps over the lazy dog. "  # ten tokens
READ = {"prompt_tokens": 800, "completion_tokens": 50, "total_tokens": 850}


@pytest.fixture
def tiny(ada: Person, ground: Ground, stub: Stub, server: Server) -> Iterator[str]:
    """A model that reads little, of a second provider."""
    provider = Provider(name="tiny-server", kind="compatible", base_url=stub.base_url)
    row = LanguageModel(
        slug="tiny", name="Tiny", provider=provider, context_window=WINDOW, max_output_tokens=300,
        tokenizer="o200k_base", abilities=["reasoning", "stream_usage"], efforts=["none", "high"],
        description="Forgets soon.",
    )  # fmt: skip
    ground.save(provider)
    ground.save(row)
    yield row.slug
    ground.run(provider.delete)


@pytest.fixture
def reader(ada: Person, adas: Window, tiny: str) -> Person:
    """Ada, once her server has heard of it."""
    end = time.monotonic() + 60
    while tiny not in [model["id"] for model in ada.api("GET", "models")["items"]]:
        assert time.monotonic() < end, "the model is not on offer"
        adas.page.wait_for_timeout(50)
    return ada


def test_the_meter_fills_with_answers_and_while_one_types(
    adas: Window, reader: Person, model: Model
) -> None:
    ring = adas.page.get_by_role("button", name=re.compile("of the model's window in use"))
    adas.go("/").page.get_by_role("combobox", name="Model").select_option("tiny")
    expect(ring).to_have_count(0)  # nothing was said yet
    script = model.will_answer(says("Yes.", usage=READ))
    adas.ask(script.question)
    expect(ring).to_have_accessible_name("50% of the model's window in use")  # 850 of 1,700
    expect(ring).to_have_attribute("data-level", "")
    adas.type("x" * 2_000)
    expect(ring).to_have_attribute("data-level", "nearly")
    adas.type("x" * 4_000)
    expect(ring).to_have_attribute("data-level", "full")
    adas.type("")
    expect(ring).to_have_accessible_name("50% of the model's window in use")
    ring.click()
    card = adas.page.get_by_role("dialog", name="How full it is")
    expect(card).to_be_focused()
    expect(card.locator("dd").nth(1)).to_have_text("2,000 tokens")
    expect(card.get_by_text(re.compile(r"^850 of 1,700 \(50%\)$"))).to_be_visible()
    adas.page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(ring).to_be_focused()
    adas.page.reload()
    expect(ring).to_have_accessible_name("50% of the model's window in use")
    adas.page.get_by_role("combobox", name="Model").select_option("gpt-4o")
    expect(ring).to_have_accessible_name("1% of the model's window in use")
    ring.click()
    expect(card.locator("dt").last).to_have_text("The next message costs about")
    expect(card.locator("dd").last).to_have_text("$0.0026")  # 850 read, 50 written


def test_what_was_not_read_is_said_above_the_answer(
    adas: Window, reader: Person, model: Model
) -> None:
    texts = [f"{turn}: " + SAID * 10 for turn in range(40)]
    talk = Talks(reader).talk(*texts, model="tiny")
    adas.go(f"/c/{talk.pk}/").ask(model.will_say("Yes.").question)
    expect(adas.answer_text).to_have_text("Yes.")
    said = re.compile(r"^\d\d earlier messages did not fit and were not read\.")
    expect(adas.answers.last.get_by_text(said)).to_be_visible()
    expect(adas.page.get_by_text("did not fit")).to_have_count(1)
    adas.answers.last.get_by_role("button", name="Why?").click()
    card = adas.page.get_by_role("dialog", name="How full it is")
    expect(card.get_by_text(re.compile(r"^\d\d messages$"))).to_be_visible()
    expect(card.get_by_text("the oldest first")).to_be_visible()


def test_a_question_that_is_too_long_can_be_changed_where_that_is_said(
    adas: Window, reader: Person, model: Model
) -> None:
    asked = reader.ask(SAID * 400, options={"model": "tiny"})
    adas.go(f"/c/{asked.conversation}/")
    notice = adas.answers.last.locator(".notice")
    expect(notice.get_by_role("button", name="Another model")).to_be_visible()
    expect(notice.get_by_role("button", name="Try again")).to_be_hidden()
    notice.get_by_role("button", name="Edit the question").click()
    field = adas.page.get_by_role("textbox", name="Edit the message")
    expect(field).to_have_value(re.compile("^The quick brown fox"))
    shorter = model.will_say("Better.")
    field.fill(shorter.question)
    field.press("Enter")
    expect(adas.answer_text).to_have_text("Better.")
    expect(adas.answers.last.get_by_text("did not fit")).to_be_hidden()


def test_the_sheet_has_what_the_model_takes(adas: Window, reader: Person) -> None:
    picker = adas.go("/").page.get_by_role("combobox", name="Model")
    expect(picker.locator("optgroup")).to_have_count(2)
    expect(picker.locator("option", has_text="Tiny")).to_have_attribute(
        "data-hint", re.compile("^Forgets soon.\n")
    )
    picker.select_option("tiny")
    adas.page.get_by_role("button", name="This conversation").click()
    sheet = adas.page.get_by_role("dialog", name="This conversation")
    expect(sheet.get_by_text("Forgets soon.")).to_be_visible()
    expect(sheet.get_by_label("Temperature")).to_be_hidden()
    expect(sheet.get_by_label("top_p")).to_be_hidden()
    thinks = sheet.get_by_label("How long it thinks")
    expect(thinks.locator("option")).to_have_text(["as usual", "not at all", "long"])
    thinks.select_option("high")
    sheet.get_by_label("How much it says").select_option("low")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_be_hidden()
    picker.select_option("gpt-4o")
    adas.page.get_by_role("button", name="This conversation").click()
    expect(sheet.get_by_label("Temperature")).to_be_visible()
    expect(thinks).to_be_hidden()
    expect(sheet.get_by_label("How much it says")).to_have_value("low")  # kept for another model
