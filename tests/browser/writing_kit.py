"""What a person does while they write: picks files, asks, lets a message wait."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.window import Window
from tests.stub_provider import Model, pause


def text_file(name: str, text: str) -> Any:
    return {"name": name, "mimeType": "", "buffer": text.encode()}


def pick(window: Window, *files: Any) -> None:
    window.page.locator(".composer input[type=file]").set_input_files(list(files))


def waiting(window: Window) -> Locator:
    return window.page.locator(".queue li")


def begun(window: Window, model: Model) -> Any:
    """An answer is being written."""
    script = model.will_say("one ", pause, "two")
    window.go("/").ask(script.question)
    expect(window.answer_text).to_have_text(re.compile("one"))
    return script


def queue(window: Window, text: str) -> None:
    before = waiting(window).count()
    window.type(text)
    window.composer.press("Enter")
    expect(waiting(window)).to_have_count(before + 1)
