"""An answer that was streamed looks as if it had come whole, wherever it was cut."""

import os
from collections.abc import Iterator
from itertools import islice

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.documents import HARD, installed, made_up
from tests.browser.reader import reader_page

# `READING=full` takes every document that is installed here, as it is: some minutes.
FULL = os.environ.get("READING") == "full"
DOCUMENTS, CHARACTERS, MADE_UP = (10_000, 200_000, 5_000) if FULL else (40, 1_500, 20)
EVERY_PLACE = 400  # a shorter text is also cut in two at each place

COMPARE = """
([texts, short]) => texts.flatMap((text) => {
  const whole = reader.whole(text);
  const all = Array.from({ length: text.length }, (_, at) => at);
  const ways = text.length > short ? [all] : [all, ...all.map((at) => [at])];
  const off = ways.find((cuts) => !whole.isEqualNode(reader.streamed(text, cuts)));
  if (!off) return [];
  return [{ text, off, whole: whole.innerHTML, streamed: reader.streamed(text, off).innerHTML }];
})
"""


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[Page]:
    page = reader_page(browser)
    yield page
    page.close()


def compare(reader: Page, texts: list[str]) -> None:
    different = reader.evaluate(COMPARE, [texts, EVERY_PLACE])
    assert not different, different[0]


def test_hard_cases(reader: Page) -> None:
    compare(reader, HARD)


def test_documents_as_people_write_them(reader: Page) -> None:
    texts = [text[:CHARACTERS] for text in islice(installed(), DOCUMENTS)]
    assert len(texts) >= 25
    for text in texts:
        compare(reader, [text])


def test_what_nobody_would_write(reader: Page) -> None:
    compare(reader, [made_up(seed) for seed in range(MADE_UP)])


def test_the_comparison_sees_a_difference(reader: Page) -> None:
    reader.evaluate("() => { window.right = reader.streamed; }")
    reader.evaluate("() => { reader.streamed = (text) => window.right(text + 'x', []); }")
    try:
        with pytest.raises(AssertionError):
            compare(reader, ["one *two*"])
    finally:
        reader.evaluate("() => { reader.streamed = window.right; }")


def test_a_long_answer_is_one_column_of_blocks(reader: Page) -> None:
    """Nothing of the site's sheets but the renderer's own says how its stretches look."""
    text = "\n\n".join(f"Paragraph {number} of a long answer." for number in range(60))
    lefts, gaps = reader.evaluate(
        """(text) => {
          const place = reader.whole(text);
          document.querySelector('#body').replaceChildren(...place.childNodes);
          // What is far from the reader is not laid out until it comes near, and has no places yet.
          for (const part of document.querySelectorAll('#body > *')) part.style.contentVisibility = 'visible';
          const boxes = [...document.querySelectorAll('#body p')].map((p) => p.getBoundingClientRect());
          const gaps = boxes.slice(1).map((box, at) => Math.round(box.top - boxes[at].bottom));
          return [[...new Set(boxes.map((box) => Math.round(box.left)))], [...new Set(gaps)]];
        }""",
        text,
    )
    assert len(lefts) == 1 and len(gaps) == 1, (lefts, gaps)


def test_long_code_stands_in_parts_and_is_one_text(reader: Page) -> None:
    """64 lines are a part: what is whole is not laid out again for what is written below it."""
    lines = [f"{number:03}{'  deeper' * (number % 3)}" for number in range(150)]
    inside = "\n".join(lines)
    for count in (63, 64, 65, 128, 129):
        compare(reader, ["```\n" + "\n".join(lines[:count]) + "\n```"])
    copied, heights, kept = reader.evaluate(
        """([text, more]) => {
          const growing = new reader.Growing(document.querySelector('#body'));
          growing.grow(text);
          const code = document.querySelector('#body code');
          const parts = () => [...code.children].map((part) => part.firstChild);
          const before = parts();
          growing.grow(text + more);
          const kept = before.length === 2 && before.every((node) => parts().includes(node));
          const height = () => code.parentNode.getBoundingClientRect().height;
          const inParts = height();
          getSelection().selectAllChildren(code);
          const copied = getSelection().toString();
          code.replaceChildren(code.textContent);
          return [copied, [inParts, height()], kept];
        }""",
        ["```\n" + inside, "x\ny"],
    )
    assert copied.rstrip("\n") == inside + "x\ny"
    assert heights[0] == pytest.approx(heights[1], abs=1), "no line more, none less"
    assert kept


def test_a_word_that_cannot_be_broken_ends_at_the_edge(reader: Page) -> None:
    over = reader.evaluate(
        """(marks) => {
          const notice = Object.assign(document.createElement('div'), { className: 'notice' });
          const said = Object.assign(document.createElement('span'), { textContent: marks });
          said.dataset.part = 'sentence';
          notice.append(said);
          document.querySelector('#body').after(notice);
          const over = notice.scrollWidth - notice.clientWidth;
          notice.remove();
          return over;
        }""",
        "\u0e49" * 600,  # one letter, with marks
    )
    assert over <= 0
