"""A transcript shows every branch, and nobody sees one without an entry in the audit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone, translation

from conversations.ids import uuid7
from conversations.models import (
    AuditEntry,
    Conversation,
    Message,
    Preferences,
    Summary,
    User,
)
from conversations.reading import branch
from conversations.reading.objects import message_object
from conversations.reading.summaries import digest
from conversations.review.transcript import TURNS_A_PAGE, branches
from tests.features.admin_kit import client_of

pytestmark = pytest.mark.django_db

SECRET = "where the treasure lies"


def address(conversation: Conversation) -> str:
    return f"/admin/conversations/conversation/{conversation.pk}/change/"


@pytest.fixture
def say() -> Callable[..., Message]:
    def say(talk: Conversation, parent: Message | None, text: str, **more: Any) -> Message:
        more = {"role": "assistant" if parent and parent.role == "user" else "user", **more}
        return Message.objects.create(conversation=talk, parent=parent, text=text, **more)

    return say


@pytest.fixture
def talk(owner: User, say: Callable[..., Message]) -> Conversation:
    talk = Conversation.objects.create(owner=owner, title="Mine", model="gpt-4.1-mini")
    question = say(talk, None, f"Tell me {SECRET} <script>alert(1)</script>")
    first, second = sorted([uuid7(), uuid7()])
    say(talk, question, "", id=first, status="failed", error_code="provider_error")
    answer = say(talk, question, "Under the tree.", id=second, cost_micros=1840, input_tokens=12)
    talk.active_message = answer
    talk.save()
    return talk


def test_an_answer_that_ends_while_it_is_read_is_read_whole(talk: Conversation) -> None:
    """Its row says that it streams, and when its journal is asked for the text that is sealed."""
    answer = Message.objects.create(conversation=talk, role="assistant", status="running", text="o")
    rows = Message.objects.filter(pk=answer.pk)
    [read] = branch.with_attachments(rows)
    rows.update(status="complete", text="one two", finish_reason="stop", input_tokens=3)
    branch.complete(talk, [read])
    told = message_object(read)
    assert (told["status"], told["text"], told["finish_reason"]) == ("complete", "one two", "stop")
    assert told["usage"]["input_tokens"] == 3


def test_it_has_what_the_model_was_told_before(root: User, owner: User, talk: Conversation) -> None:
    Preferences.objects.create(user=owner, system_prompt="Call me <b>Ada</b>.")
    Conversation.objects.filter(pk=talk.pk).update(system_prompt="Answer in rhyme.")
    page = client_of(root).get(address(talk)).content.decode()
    assert "Call me &lt;b&gt;Ada&lt;/b&gt;." in page and "Answer in rhyme." in page


def test_it_has_what_the_model_read_in_place_of_the_beginning(
    root: User, talk: Conversation
) -> None:
    answer = talk.active_message
    assert answer and answer.parent
    common = {"conversation": talk, "until": answer, "messages": 2, "model": "gpt-4o-mini"}
    made = Summary.objects.create(digest=digest(answer.pk), text="A map.", **common)
    page = client_of(root).get(address(talk)).content.decode()
    assert "in place of 2 messages" in page and "A map." in page
    Summary.objects.filter(pk=made.pk).update(digest="of something else")
    assert "A map." not in client_of(root).get(address(talk)).content.decode()


def test_the_active_branch_comes_first_and_other_versions_are_marked(
    root: User, talk: Conversation
) -> None:
    page = client_of(root).get(address(talk)).content.decode()
    assert (
        page.index("Under the tree.") < page.index("Another version") < page.index("provider_error")
    )
    assert "version 2 of 2" in page and "version 1 of 2" in page
    assert "$0.001840" in page


def test_how_an_answer_ended_is_told_in_ones_language(root: User, talk: Conversation) -> None:
    client = client_of(root)
    assert ">failed</span>" in client.get(address(talk)).content.decode()
    with translation.override("en"):  # what a request activates stays
        german = client.get(address(talk), headers={"accept-language": "de"}).content.decode()
    assert ">failed</span>" not in german and "desk-is-failed" in german


def test_words_are_shown_as_they_were_typed_and_never_run(root: User, talk: Conversation) -> None:
    page = client_of(root).get(address(talk)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize("who", ["root", "rita"])
def test_each_reading_is_on_record(
    who: str, talk: Conversation, owner: User, request: pytest.FixtureRequest
) -> None:
    reader: User = request.getfixturevalue(who)
    client = client_of(reader)
    for _ in range(2):
        assert client.get(address(talk)).status_code == 200
    entries = AuditEntry.objects.filter(action="transcript.read", actor_id=reader.pk)
    assert {(entry.object_id, entry.owner, entry.address) for entry in entries} == {
        (str(talk.pk), owner.username, "127.0.0.1")
    }
    assert len(entries) == 2
    assert SECRET not in str([entry.detail for entry in entries])


def test_reading_ones_own_is_on_record_too(root: User) -> None:
    own = Conversation.objects.create(owner=root)
    client_of(root).get(address(own))
    assert AuditEntry.objects.filter(action="transcript.read", owner_id=root.pk).count() == 1


def test_what_cannot_be_recorded_is_not_shown(
    root: User, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*args: object, **more: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("conversations.audit.record", no_room)
    client = client_of(root)
    client.raise_request_exception = False
    answer = client.get(address(talk))
    assert answer.status_code == 500
    assert SECRET not in answer.content.decode()


def test_staff_without_the_right_read_nothing_and_leave_no_record(talk: Conversation) -> None:
    clerk = User.objects.create(username="clerk", is_staff=True)
    answer = client_of(clerk).get(address(talk))
    assert answer.status_code == 403
    assert not AuditEntry.objects.filter(actor_id=clerk.pk).exists()


def test_nobody_else_gets_as_far_as_the_admin(owner: User, talk: Conversation) -> None:
    answer = client_of(owner).get(address(talk), follow=True)
    assert answer.status_code == 403
    assert SECRET not in answer.content.decode()
    stranger = client_of(None).get(address(talk), follow=True)
    assert stranger.redirect_chain[-1][0].startswith("/accounts/login/?next=")


def test_a_transcript_cannot_be_written_to(root: User, talk: Conversation) -> None:
    assert client_of(root).post(address(talk), {"title": "Yours"}).status_code == 403
    talk.refresh_from_db()
    assert talk.title == "Mine"


def test_no_list_shows_or_searches_a_persons_words(root: User, talk: Conversation) -> None:
    client = client_of(root)
    for table in ("conversation", "run", "providercall", "image", "auditentry", "user"):
        page = client.get(f"/admin/conversations/{table}/?q=treasure").content.decode()
        assert SECRET not in page
        assert str(talk.pk) not in page


@pytest.mark.parametrize(
    "probe",
    [
        "conversation/?system_prompt__contains=x",
        "conversation/?messages__text__contains=treasure",
        "conversation/?owner__password__startswith=pbkdf2",
        "run/?message__text__contains=treasure",
        "image/?blob__ocr_text__contains=x",
        "user/?password__startswith=pbkdf2",
    ],
)
def test_no_filter_in_the_address_guesses_at_what_is_not_shown(probe: str, rita: User) -> None:
    assert client_of(rita).get(f"/admin/conversations/{probe}").status_code == 400


def test_what_stood_beside_an_answer_stands_beside_it_here_too(
    root: User, talk: Conversation
) -> None:
    """What did not fit, who stood in, and what a model could not see."""
    assert talk.active_message
    Message.objects.filter(pk=talk.active_message.pk).update(
        left_out=3, instead_of="gpt-4o", model="gpt-4o-mini", sight="read", cached=True
    )
    later = timezone.now() + timedelta(hours=1)
    Conversation.objects.filter(pk=talk.pk).update(expires_at=later)
    page = client_of(root).get(address(talk)).content.decode()
    assert "3 earlier messages did not fit" in page and "could not answer;" in page
    assert "cannot see pictures" in page and "no provider was asked again" in page
    assert "<dt>Temporary</dt>" in page


def test_a_long_transcript_is_cut_into_pages_that_lose_nothing(
    root: User, owner: User, say: Callable[..., Message]
) -> None:
    talk = Conversation.objects.create(owner=owner)
    last: Message | None = None
    for number in range(TURNS_A_PAGE + 5):
        last = say(talk, last, f"line-{number}.")
    talk.active_message = last
    talk.save()
    client = client_of(root)
    pages = [client.get(f"{address(talk)}?page={page}").content.decode() for page in (1, 2)]
    assert "line-0." in pages[0] and f"line-{TURNS_A_PAGE}." not in pages[0]
    assert f"line-{TURNS_A_PAGE}." in pages[1] and f"line-{TURNS_A_PAGE + 4}." in pages[1]


def test_every_message_stands_in_exactly_one_branch_however_deep_they_nest() -> None:
    tree: dict[UUID, UUID | None] = {}
    old: UUID | None = None
    for _ in range(2000):
        # Two children each time, and the way always goes on below the older one.
        older, newer = uuid7(), uuid7()
        tree[older] = tree[newer] = old
        old = older
    ways = branches(tree, None)
    placed = [id for way in ways for id in way]
    assert sorted(placed) == sorted(tree)
    assert len(ways) > 1000


def test_the_number_of_queries_does_not_grow_with_the_conversation(
    root: User, owner: User, say: Callable[..., Message], django_assert_max_num_queries: Any
) -> None:
    talk = Conversation.objects.create(owner=owner)
    last: Message | None = None
    for number in range(60):
        last = say(talk, last, str(number))
    client = client_of(root)
    with django_assert_max_num_queries(24):
        assert client.get(address(talk)).status_code == 200
