"""Through the review queue by keyboard, and what its owner reads of it."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group
from django.db.models import Model
from django.utils import timezone
from playwright.sync_api import expect

from conversations.models import Conversation, Feedback, Message, Notice, Oversight, User
from tests.browser.window import Window
from tests.harness.database import Ground
from tests.harness.people import Person


def reported(owner: User, number: int) -> Message:
    talk = Conversation.objects.create(owner=owner, title=f"Talk {number}")
    question = Message.objects.create(conversation=talk, role="user", text="And now?")
    answer = Message.objects.create(
        conversation=talk, parent=question, role="assistant", text=f"Answer {number}."
    )
    Conversation.objects.filter(pk=talk.pk).update(active_message=answer)
    Feedback.objects.create(
        message=answer,
        user=owner,
        report="harmful",
        reported_at=timezone.now(),
        report_comment=f"Bad {number}",
    )
    return answer


def looks_after(reader: User, person: User) -> list[Model]:
    """In the order in which it can go."""
    pairs = [(reader, Group()), (person, Group())]
    for who, group in pairs:
        group.name = f"with {who.username}"
        group.save()
        who.groups.add(group)
    groups = [group for _, group in pairs]
    return [Oversight.objects.create(reviewers=groups[0], people=groups[1]), *groups]


@pytest.fixture
def rita(reviewer: Person, ada: Person, ground: Ground) -> Iterator[Person]:
    """What others than Ada said is not hers to see: other tests leave reports behind."""
    owner, user = ada.user, reviewer.user
    assert owner is not None and user is not None
    rows = ground.run(lambda: looks_after(user, owner))
    yield reviewer
    ground.run(lambda: [row.delete() for row in rows])


def test_cases_are_decided_one_after_the_other_by_keyboard(
    window: Window, ada: Person, rita: Person, ground: Ground
) -> None:
    owner = ada.user
    assert owner is not None
    ground.run(lambda: [reported(owner, number) for number in (1, 2)])
    window.sign_in_as(rita)
    page = window.page
    window.go("/admin/")
    page.get_by_role("link", name="Review queue").first.click()
    page.get_by_role("link", name=re.compile(r"^\d{4}-")).first.click()
    expect(page.get_by_text("“Bad 2”")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("“Bad 1”")).to_be_visible()
    page.get_by_label("Person told").check()
    page.get_by_label("Reason").fill("Please do not.")
    page.get_by_label("Reason").press("ArrowLeft")  # in a field it moves the caret
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Decided. 1 case waits.")).to_be_visible()
    expect(page.get_by_text("“Bad 2”")).to_be_visible()
    page.get_by_role("link", name="Read it in the transcript").click()
    expect(page.get_by_text("Answer 2.")).to_be_visible()


def test_a_notice_goes_with_a_word(window: Window, ada: Person, ground: Ground) -> None:
    owner = ada.user
    assert owner is not None
    ground.run(lambda: Notice.objects.create(owner=owner, about="warned", reason="Please do not."))
    window.sign_in_as(ada)
    window.go("/")
    notice = window.page.get_by_text("Please do not.")
    expect(notice).to_be_in_viewport()
    window.page.locator(".notice", has=notice).get_by_role("button", name="OK").click()
    expect(notice).to_be_hidden()
    window.page.reload()
    expect(window.page.get_by_role("textbox").first).to_be_visible()
    expect(notice).to_have_count(0)
