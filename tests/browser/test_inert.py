"""Whatever a model, a person, a title or a name carries is words: it runs nothing, asks for nothing, covers
nothing; also with the Content-Security-Policy off, and also when only half of it has been said.

`INERT=full` takes every payload there is, else some of each kind.
"""

import os
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from conversations.models import Conversation, Feedback, Message
from tests.browser import payloads
from tests.browser.inert import Inert, kinds
from tests.harness.database import Ground
from tests.harness.people import Person
from tests.harness.server import Server

IS_FULL = os.environ.get("INERT") == "full"
WORDS = payloads.everything() if IS_FULL else payloads.sample()
PARTS = 12 if IS_FULL else 5
STAFF = ".desk-text, .desk-error, .desk-opinion, td.field-said, td.field-which, th.field-name a"
PAGE = 24  # messages of one conversation: all of them come with its page
Open = Callable[..., Inert]


@pytest.fixture
def unguarded(browser: Browser, server: Server) -> Iterator[Open]:
    """Opens a window of a person without CSP; with `scripts=False` it shows what the server wrote, and with
    `policy=True` the CSP is on."""
    contexts = []

    def open(person: Person, *, scripts: bool = True, policy: bool = False) -> Inert:
        context = browser.new_context(
            base_url=server.origin,
            bypass_csp=not policy,
            java_script_enabled=scripts,
            service_workers="block",
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        for name, value in person.cookies.items():
            context.add_cookies([{"name": name, "value": value, "url": server.origin}])
        return Inert(context, server.origin, has_policy=policy)

    yield open
    for context in contexts:
        context.close()


def said(person: Person, ground: Ground, words: list[str]) -> list[str]:
    """Conversations in which all of these words were said, asked, thought and titles."""

    def keep() -> list[str]:
        pages = [words[at : at + PAGE] for at in range(0, len(words), PAGE)]
        return [_conversation(person, page) for page in pages]

    return ground.run(keep)


def _conversation(person: Person, words: list[str]) -> str:
    clean = [word.replace("\x00", "") for word in words]
    talk = Conversation.objects.create(owner_id=person.id, title=clean[0][:200], model="m")
    above = None
    for number, text in enumerate(clean):
        above = Message.objects.create(conversation=talk, parent=above, role="user", text=text)
        above = Message.objects.create(
            conversation=talk, parent=above, role="assistant", text=text, reasoning=text,
            model=text[:100], status="failed" if number % 4 == 0 else "complete",
            error_code="provider_error" if number % 4 == 0 else "",
            error_message=text if number % 4 == 0 else "",
        )  # fmt: skip
    for title in clean[1:]:
        Conversation.objects.create(owner_id=person.id, title=title[:200], model=title[:100])
    talk.active_message = above
    talk.save()
    return str(talk.pk)


@pytest.fixture
def listening(ada: Person, ground: Ground, unguarded: Open) -> Inert:
    """A window on a conversation, whose server the test plays."""
    [talk] = said(ada, ground, ["plain"])
    return unguarded(ada).opened(f"/c/{talk}/")


def test_what_is_said_is_inert(listening: Inert) -> None:
    listening.whole(WORDS)
    listening.is_inert()


@pytest.mark.timeout(900)
def test_what_is_half_said_is_inert(listening: Inert) -> None:
    listening.halves(WORDS, PARTS)
    listening.is_inert()


def test_a_diagram_reaches_nothing_from_where_it_is_drawn(
    ada: Person, ground: Ground, unguarded: Open
) -> None:
    """Its frame stands on its policy alone, so here the policy is on."""
    [talk] = said(ada, ground, ["plain"])
    window = unguarded(ada, policy=True).opened(f"/c/{talk}/")
    drawing = "```mermaid\ngraph TD\n A-->B\n```"
    window.whole([drawing, *payloads.DIAGRAMS])
    # Its frame has 20 seconds to come and 10 to draw, one drawing after the other: a slow one is given up.
    expect(window.page.locator(".diagram img").first).to_be_attached(timeout=120_000)
    window.look()
    window.is_inert()


def test_titles_are_inert(listening: Inert) -> None:
    listening.titles([words[:200] for words in WORDS])
    listening.is_inert()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("scripts", [True, False])
def test_what_the_server_wrote_is_inert(
    scripts: bool, ada: Person, ground: Ground, unguarded: Open
) -> None:
    window = unguarded(ada, scripts=scripts)
    for talk in said(ada, ground, WORDS):
        window.go(f"/c/{talk}/")
        if scripts:
            window.look()
    window.is_inert()


def test_what_is_shared_is_inert(
    ada: Person, stranger: Person, ground: Ground, unguarded: Open
) -> None:
    window = unguarded(stranger)
    for talk in said(ada, ground, WORDS):
        share = ada.api("POST", "shares", json={"conversation": talk}, expect=201)
        window.go(urlsplit(share["url"]).path)
        window.page.wait_for_function("() => !document.querySelector('[data-raw]')")
        window.look(".body, .who b, h1")
    window.is_inert()


def test_what_is_found_is_inert(ada: Person, ground: Ground, unguarded: Open) -> None:
    talk, *_ = said(ada, ground, WORDS)
    window = unguarded(ada).opened(f"/c/{talk}/")
    for words in ("hit", "evil", "x"):
        window.page.keyboard.press("Control+k")
        window.page.locator("#palette input").fill(words)
        expect(window.page.locator("#palette mark").first).to_be_visible()
        window.look("#palette [data-part=text], #palette [data-part=title]")
        window.page.keyboard.press("Escape")
    window.is_inert()


def test_what_staff_look_at_is_inert(
    ada: Person, admin_user: Person, ground: Ground, unguarded: Open
) -> None:
    talks = said(ada, ground, WORDS)

    def judge() -> None:
        answers = Message.objects.filter(conversation_id__in=talks, role="assistant")
        Feedback.objects.bulk_create(
            Feedback(message=answer, user_id=ada.id, rating="down", comment=answer.text)
            for answer in answers
        )

    ground.run(judge)
    window = unguarded(admin_user)
    pages = [f"conversation/{talk}/change/" for talk in talks] + ["conversation/", "feedback/"]
    for page in pages:
        window.go(f"/admin/conversations/{page}")
        window.look(STAFF)
    window.is_inert()


def test_the_watch_sees_what_is_not_inert(listening: Inert) -> None:
    """The same words put into the page as HTML: were nothing found now, the tests above would say nothing."""
    staying = [words for words in payloads.TAGS if "refresh" not in words]
    listening.page.evaluate(
        "words => document.querySelector('.answer .body')"
        ".replaceChildren(...words.map(text => document.createRange().createContextualFragment(text)))",
        staying + payloads.STYLES + payloads.CLOBBERS,
    )
    wanted = {"ran", "asked", "carries", "onerror", "name", "acts", "fixed", "covered", "href"}
    end = time.monotonic() + 60
    while not wanted <= kinds(listening.found):  # what is asked for, and fails, takes its time
        assert time.monotonic() < end, wanted - kinds(listening.found)
        listening.look()
