"""What an answer looks like while it is written and when it is done."""

import re

from playwright.sync_api import Request, expect

from conversations.models import Message
from tests.browser.window import Window
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.stub_provider import Model, Think, pause

RICH = """Some **words**, $x^2$ and \\(y\\), H<sub>2</sub>O; $5 and $6[^1].

- [ ] to do
- [x] done

$$
\\int_0^1 x\\,dx = \\frac12
$$

| Part | Why |
|---|--:|
| one | 1 |

```python
def tension(pitch):
    return 2 * pitch  # newtons
```

```mermaid
flowchart TD
  A[Begin] --> B{Is it straight?}
  B -- yes --> C[Ride]
  B -- no --> D[Turn the nipple]
```

```mermaid
this is no diagram
```

A formula that is none: $\\nonsense{$ and one that is too much: $\\rule{9999em}{9999em}$

![a wheel](https://elsewhere.example/wheel.png) and [a link](https://elsewhere.example/).

[^1]: A note with *emphasis*.
"""
HEAVY = re.compile(r"katex|highlight|mermaid|/diagram/")


def test_everything_that_markdown_can_say(adas: Window, model: Model) -> None:
    asked: list[Request] = []
    page = adas.go("/").page
    page.on("request", lambda request: asked.append(request))
    adas.ask(model.will_say("Plain *words*.").question)
    expect(adas.answer_text.locator("em")).to_have_text("words")
    assert not [request for request in asked if HEAVY.search(request.url)], "before it is needed"
    adas.ask(model.will_say(RICH).question)
    body = adas.answer_text
    expect(body.locator(".formula .katex-html")).to_have_count(4)
    tall = "all => Math.max(...all.map((one) => one.getBoundingClientRect().height))"
    assert 100 < body.locator(".formula").evaluate_all(tall) < 250
    expect(body.locator(".formula.unread")).to_have_text("$\\nonsense{$")
    expect(body.locator(".hljs-keyword").first).to_have_text("def")
    expect(body.locator("input[type=checkbox]:disabled")).to_have_count(2)
    drawing = body.locator(".diagram img")
    expect(drawing).to_have_count(1)
    assert drawing.evaluate("image => image.decode().then(() => image.naturalWidth)") > 50
    assert (drawing.get_attribute("src") or "").startswith("data:image/svg+xml")
    expect(body.locator(".code", has_text="this is no diagram").locator("pre")).to_be_visible()
    links = body.get_by_role("link", name=re.compile("a wheel|a link"))
    expect(links).to_have_count(2)
    for link in links.all():
        assert (link.get_attribute("target"), link.get_attribute("rel")) == (
            "_blank",
            "noopener noreferrer",
        )
    assert body.locator("img:not(.diagram img)").count() == 0
    assert not [r.url for r in asked if "elsewhere.example" in r.url]


def test_a_diagram_has_its_source_and_a_note_its_way_back(adas: Window, model: Model) -> None:
    adas.go("/").ask(model.will_say(RICH).question)
    block = adas.answer_text.locator(".code", has=adas.page.locator(".diagram"))
    block.get_by_role("button", name="Source").click()
    expect(block.locator("pre")).to_contain_text("Is it straight?")
    expect(block.locator(".diagram")).to_be_hidden()
    with adas.copies("A[Begin]"):
        block.get_by_role("button", name="Copy").click()
    address = adas.page.url
    adas.answer_text.get_by_role("link", name="1", exact=True).click()
    back = adas.answer_text.get_by_role("link", name="Back to the text")
    expect(back).to_be_focused()
    back.click()
    expect(adas.answer_text.get_by_role("link", name="1", exact=True)).to_be_focused()
    assert adas.page.url == address, "no step in the history"


SELECT = """
body => {
  const range = document.createRange();
  range.setStart(body.querySelector('p').firstChild, 0);
  range.setEnd(body.querySelector('p').childNodes[2], 4);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  window.firstOfAll = body.querySelector('h2');
  window.paragraph = body.querySelector('p');
}
"""


def test_what_was_read_is_not_touched_and_what_was_selected_stays(
    adas: Window, model: Model
) -> None:
    script = model.will_say(
        "## One\n\nSome *words* here", pause, " and **more", pause, "** to come.\n\nEnd"
    )
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_contain_text("words here")
    adas.answer_text.evaluate(SELECT)
    before = adas.page.evaluate("() => getSelection().toString()")
    script.resume()
    expect(adas.answer_text.locator("strong")).to_have_text("more")
    assert "**" not in adas.answer_text.inner_text(), "half typed marks are not seen"
    assert adas.page.evaluate("() => getSelection().toString()") == before
    script.resume()
    expect(adas.answer_text).to_contain_text("End")
    assert adas.page.evaluate("() => getSelection().toString()") == before
    assert adas.page.evaluate("() => window.firstOfAll.isConnected && window.paragraph.isConnected")
    adas.is_idle()


def test_a_word_more_touches_nothing_but_its_paragraph(adas: Window, model: Model) -> None:
    """Or each frame costs more the longer the answer is: a browser that is told what it knows finds the
    styles anew of all that is inside."""
    page = adas.go("/").page
    words = [f" and{number}" for number in range(40)]
    script = model.will_say("First.\n\nSecond", pause, *words, pause, ".")
    adas.ask(script.question)
    last = adas.answer_text.locator("p").last
    expect(last).to_have_text("Second")
    page.evaluate(
        """() => {
          window.touched = new Set();
          const near = (node) => (node.nodeType === 1 ? node : node.parentElement);
          new MutationObserver((records) => {
            for (const { target, attributeName } of records) {
              if (target.nodeName === 'P' && target.closest('.answer .body')) continue;
              window.touched.add(`${near(target).outerHTML.slice(0, 80)} ${attributeName}`);
            }
          }).observe(document.querySelector('.desk'),
            { subtree: true, childList: true, attributes: true });
        }"""
    )
    script.resume()
    expect(last).to_contain_text("and39")
    assert not page.evaluate("() => [...window.touched].join()")
    script.resume()
    expect(last).to_have_text(re.compile(r"and39\.$"))


def test_thinking_and_calls_of_tools_fold_away(
    adas: Window, ada: Person, ground: Ground, model: Model
) -> None:
    script = model.will_say(Think("First *this*, then that."), "Four.")
    adas.go("/").ask(script.question)
    expect(adas.answer_text).to_have_text("Four.")
    adas.is_idle()
    answer = ground.row(Message, pk=adas.answers.last.get_attribute("data-message"))
    call = {"id": "c1", "at": 0, "name": "calculator", "arguments": '{"sum":"2+2"}'}
    answer.tool_calls = [
        {**call, "status": "done", "result": "<b>4</b>"},
        {**call, "id": "c2", "status": "running"},
    ]
    ground.save(answer)
    adas.page.reload()
    thought = adas.answers.last.locator("[data-part=thought]")
    expect(thought).to_be_hidden()
    adas.answers.last.get_by_text("What it thought").click()
    expect(thought.locator("em")).to_have_text("this")
    lines = adas.answers.last.locator(".call")
    expect(lines).to_have_count(2)
    expect(lines.last).to_contain_text("is at work")
    expect(lines.first.locator("pre").first).to_be_hidden()
    lines.first.get_by_text("calculator").click()
    expect(lines.first.locator("pre").first).to_have_text('{\n  "sum": "2+2"\n}')
    expect(lines.first.locator("pre").last).to_have_text("<b>4</b>")


def test_what_is_known_of_an_answer_is_a_click_away(adas: Window, model: Model) -> None:
    adas.go("/").ask(model.will_say("Yes.").question)
    adas.is_idle()
    button = adas.answers.last.get_by_role("button", name=re.compile("tokens"))
    button.click()
    card = adas.page.get_by_role("dialog", name="About this answer")
    expect(card).to_be_visible()
    for name in ("Model", "When", "Took", "Tokens read", "Tokens written"):
        expect(card.get_by_text(name, exact=True)).to_be_visible()
    expect(card).to_contain_text(re.compile(r"\d s"))
    adas.page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_staff_read_what_was_read(
    window: Window, ada: Person, admin_user: Person, model: Model
) -> None:
    asked = ada.ask(model.will_say(Think("Some *thought*."), RICH))
    window.sign_in_as(admin_user)
    window.go(f"/admin/conversations/conversation/{asked.conversation}/change/")
    said = window.page.locator(".desk-assistant > .desk-text")
    expect(said.locator(".formula .katex-html")).to_have_count(4)
    expect(said.locator(".hljs-keyword").first).to_have_text("def")
    expect(said.locator(".diagram img")).to_have_count(1)
    expect(said.get_by_role("button", name="Copy").first).to_be_visible()
    window.page.get_by_text("Reasoning", exact=True).click()
    expect(window.page.locator(".desk-aside em")).to_have_text("thought")
