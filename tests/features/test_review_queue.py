"""The review queue: what waits, what comes of it, and what two reviewers at once see of each other."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from conversations import site
from conversations.models import (
    AuditEntry,
    Conversation,
    Decision,
    Feedback,
    Flag,
    Hold,
    Message,
    Note,
    Notice,
    Oversight,
    User,
)
from tests.features.admin_kit import TABLES, client_of, on_record

pytestmark = pytest.mark.django_db

QUEUE = f"{TABLES}case/"
WORDS = "where the treasure lies"
Spoken = Callable[..., Message]


@pytest.fixture
def spoken_of(owner: User) -> Spoken:
    """An answer of Ada's that she does not like."""

    def make(who: User = owner, **opinion: Any) -> Message:
        talk = Conversation.objects.create(owner=who, title="Mine")
        question = Message.objects.create(conversation=talk, role="user", text=WORDS)
        answer = Message.objects.create(
            conversation=talk, parent=question, role="assistant", text=WORDS, model="gpt-4.1-mini"
        )
        said = opinion or {"rating": "down", "reasons": ["wrong"], "comment": "Not so."}
        Feedback.objects.create(message=answer, user=who, **said)
        return answer

    return make


def page(answer: Message) -> str:
    return f"{QUEUE}{answer.pk}/change/"


def decide(who: User, answer: Message, outcome: str = "fine", **more: str) -> Any:
    body = {"outcome": outcome, "reason": "I looked.", "seen": "", **more}
    return client_of(who).post(f"{QUEUE}{answer.pk}/decide/", body)


def listed(who: User, query: str = "") -> list[Any]:
    answer = client_of(who).get(f"{QUEUE}?{query}")
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


def test_what_was_said_badly_waits_and_praise_does_not(
    rita: User, owner: User, spoken_of: Spoken
) -> None:
    down = spoken_of()
    report = spoken_of(report="harmful", reported_at=timezone.now())
    spoken_of(rating="up")
    mute = Message.objects.create(conversation=down.conversation, role="user", text=WORDS)
    marked = Message.objects.create(conversation=down.conversation, role="user", text=WORDS)
    Flag.objects.create(message=marked, source="pattern", pattern_name="Treasure")
    assert set(listed(rita)) == {down.pk, report.pk, marked.pk}
    assert mute.pk not in listed(rita, "state=all")
    assert listed(rita, "kind=report") == [report.pk]
    assert listed(rita, "kind=down") == [down.pk]
    assert listed(rita, "kind=mark") == [marked.pk]
    assert listed(rita, f"q={down.conversation_id}") == [marked.pk, down.pk]
    assert "3 wait" in client_of(rita).get("/admin/").content.decode()


def test_a_message_stands_there_once_with_all_that_was_said(
    rita: User, owner: User, spoken_of: Spoken
) -> None:
    answer = spoken_of(
        rating="down", report="hateful", reported_at=timezone.now(), report_comment="It swears."
    )
    Flag.objects.create(message=answer, source="pattern", pattern_name="Swearing")
    Flag.objects.create(message=answer, source="endpoint", categories={"hate": 0.9}, score=0.9)
    assert listed(rita) == [answer.pk]
    for path in (QUEUE, page(answer)):
        shown = client_of(rita).get(path).content.decode()
        for said in ("Hateful or insulting", "Thumb down", "It swears.", "Swearing", "hate", "ada"):
            assert said in shown, f"{said} at {path}"


def test_nobodys_words_are_shown_before_the_transcript_is_opened(
    rita: User, spoken_of: Spoken
) -> None:
    answer = spoken_of()
    for path in (QUEUE, page(answer), f"{QUEUE}?q=treasure"):
        shown = client_of(rita).get(path).content.decode()
        assert WORDS not in shown and "Mine" not in shown
    assert not AuditEntry.objects.filter(action="transcript.read").exists()


def test_a_decision_ends_the_case_and_stands_with_its_reason(rita: User, spoken_of: Spoken) -> None:
    answer = spoken_of()
    assert decide(rita, answer, "noted", reason="The model is old.").status_code == 302
    assert listed(rita) == [] and listed(rita, "state=decided") == [answer.pk]
    shown = client_of(rita).get(page(answer)).content.decode()
    assert "Noted" in shown and "The model is old." in shown and "rita" in shown
    entry = AuditEntry.objects.get(action="case.decide")
    assert (entry.actor, entry.owner, entry.reason) == ("rita", "ada", "The model is old.")
    assert entry.object_id == str(answer.conversation_id)
    assert entry.detail == {"message": str(answer.pk), "outcome": "noted"}
    words = (
        client_of(rita)
        .get(f"{TABLES}conversation/{answer.conversation_id}/change/")
        .content.decode()
    )
    assert "The model is old." in words


@pytest.mark.parametrize("what", ["opinion", "flag"])
def test_something_new_opens_it_again(what: str, rita: User, spoken_of: Spoken) -> None:
    answer = spoken_of()
    decide(rita, answer)
    later = timezone.now() + timedelta(seconds=1)
    if what == "flag":
        Flag.objects.create(message=answer, source="pattern", pattern_name="New", at=later)
    else:
        Feedback.objects.filter(message=answer).update(comment="Still not.", updated_at=later)
    assert listed(rita) == [answer.pk]
    assert "open again" in client_of(rita).get(QUEUE).content.decode()


def test_the_second_of_two_is_told_what_the_first_decided(
    rita: User, root: User, spoken_of: Spoken
) -> None:
    answer = spoken_of()
    decide(root, answer, "noted", reason="Sam has seen it.")
    late = decide(rita, answer, "fine", reason="Rita thinks <not>.")
    assert late.status_code == 409
    shown = late.content.decode()
    assert "Sam has seen it." in shown and "decided this meanwhile" in shown
    assert "Rita thinks &lt;not&gt;." in shown, "what she typed is lost"
    assert [one.outcome for one in Decision.objects.all()] == ["noted"]
    seen = re.findall(r'name="seen" value="([^"]+)"', shown)[0]
    assert decide(rita, answer, "fine", seen=seen).status_code == 302
    assert Decision.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": ""},
        {"outcome": "burn"},
        {"reason": ""},
        {"reason": " \n "},
        {"reason": "\0"},
        {"reason": "x" * 501},
        {"seen": "nonsense"},
    ],
    ids=lambda wrong: str(wrong)[:20],
)
def test_a_decision_that_is_none_changes_nothing(
    wrong: dict[str, str], rita: User, spoken_of: Spoken
) -> None:
    answer = spoken_of()
    got = decide(rita, answer, **wrong)
    if "seen" in wrong:  # nobody has decided yet: there is nothing to have missed
        assert got.status_code == 302
        return
    assert 400 <= got.status_code < 500
    assert "desk-error" in got.content.decode()
    assert not Decision.objects.exists() and not on_record().exists()


def test_one_goes_through_the_queue_from_case_to_case(rita: User, spoken_of: Spoken) -> None:
    old, middle, new = (spoken_of() for _ in range(3))
    shown = client_of(rita).get(page(middle)).content.decode()
    assert re.search(f'rel="prev"[^>]*href="{page(new)}"', shown)
    assert re.search(f'rel="next"[^>]*href="{page(old)}"', shown)
    assert decide(rita, middle)["Location"] == page(old)
    assert decide(rita, old)["Location"] == page(new)
    assert decide(rita, new)["Location"] == QUEUE


# What acts --------------------------------------------------------------------------------------


def test_a_reviewer_is_offered_words_alone(rita: User, spoken_of: Spoken) -> None:
    answer = spoken_of()
    shown = client_of(rita).get(page(answer)).content.decode()
    offered = re.findall(r'name="outcome" value="(\w+)"', shown)
    assert offered == ["fine", "noted", "warned"]
    for outcome in ("deleted", "deactivated", "hidden"):
        assert decide(rita, answer, outcome).status_code == 403
    assert Conversation.objects.exists() and not Decision.objects.exists()


def test_an_administrator_deletes_the_conversation(root: User, spoken_of: Spoken) -> None:
    answer, other = spoken_of(), spoken_of()
    assert decide(root, answer, "deleted", reason="Against the law.")["Location"] == page(other)
    assert not Conversation.objects.filter(pk=answer.conversation_id).exists()
    told = AuditEntry.objects.filter(object_id=str(answer.conversation_id))
    assert set(told.values_list("action", flat=True)) >= {"case.decide", "conversation.delete"}
    assert set(told.values_list("reason", flat=True)) == {"Against the law."}


def test_an_administrator_removes_the_words(root: User, owner: User, spoken_of: Spoken) -> None:
    answer = spoken_of()
    assert decide(root, answer, "hidden", reason="A name in it.").status_code == 302
    answer.refresh_from_db()
    assert answer.redacted_at and WORDS not in answer.text
    assert Decision.objects.get().outcome == "hidden"
    told = on_record().values_list("action", "reason")
    assert set(told) == {("case.decide", "A name in it."), ("message.redact", "A name in it.")}
    shown = client_of(root).get(page(answer)).content.decode()
    assert 'value="hidden"' not in shown


@pytest.mark.parametrize("outcome", ["hidden", "deleted"])
def test_what_is_on_hold_stays(outcome: str, root: User, owner: User, spoken_of: Spoken) -> None:
    answer = spoken_of()
    Hold.objects.create(person=owner, reason="A court asked.")
    assert decide(root, answer, outcome).status_code == 403
    answer.refresh_from_db()
    assert answer.text == WORDS and not Decision.objects.exists()


def test_an_administrator_deactivates_the_person_but_never_themselves(
    root: User, owner: User, spoken_of: Spoken
) -> None:
    assert decide(root, spoken_of(), "deactivated", reason="Twice now.").status_code == 302
    owner.refresh_from_db()
    assert not owner.is_active
    mine = spoken_of(root)
    assert decide(root, mine, "deactivated").status_code == 403
    root.refresh_from_db()
    assert root.is_active


def test_who_may_change_people_deactivates_nobody_above_them(
    rita: User, root: User, spoken_of: Spoken
) -> None:
    rita.user_permissions.add(Permission.objects.get(codename="change_user"))
    assert decide(rita, spoken_of(root), "deactivated").status_code == 403
    assert decide(rita, spoken_of(), "deactivated").status_code == 302


def test_the_person_is_told_and_not_by_whom(rita: User, owner: User, spoken_of: Spoken) -> None:
    decide(rita, spoken_of(), "warned", reason="Please do not ask for this.")
    notice = Notice.objects.get(owner=owner)
    assert (notice.about, notice.reason) == ("warned", "Please do not ask for this.")


# Notes ------------------------------------------------------------------------------------------


def test_notes_stand_beside_what_they_are_about(rita: User, root: User, spoken_of: Spoken) -> None:
    answer = spoken_of()
    talk = f"{TABLES}conversation/{answer.conversation_id}/"
    client = client_of(rita)
    client.post(f"{talk}note/", {"text": "About all.\r\nReally."})
    client.post(f"{talk}note/", {"text": "About <this>.", "message": str(answer.pk)})
    for reader in (rita, root):
        shown = client_of(reader).get(f"{talk}change/").content.decode()
        assert "About all.<br>Really." in shown and "About &lt;this&gt;." in shown
        assert "About &lt;this&gt;." in client_of(reader).get(page(answer)).content.decode()
    assert AuditEntry.objects.filter(action="note.add", owner="ada").count() == 2
    assert "About" not in str(AuditEntry.objects.values_list("detail", "reason"))


@pytest.mark.parametrize(
    "wrong",
    [{"text": ""}, {"text": "x" * 4001}, {"message": "x"}],
    ids=lambda wrong: str(wrong)[:20],
)
def test_a_note_that_is_none_is_not_kept(
    wrong: dict[str, str], rita: User, spoken_of: Spoken
) -> None:
    answer, other = spoken_of(), spoken_of()
    talk = f"{TABLES}conversation/{answer.conversation_id}/note/"
    client_of(rita).post(talk, {"text": "About it.", **wrong})
    client_of(rita).post(talk, {"text": "About it.", "message": str(other.pk)})
    assert not Note.objects.exists()


# Who ------------------------------------------------------------------------------------------


def test_what_its_owner_deleted_waits_no_longer(rita: User, spoken_of: Spoken) -> None:
    answer = spoken_of()
    Conversation.objects.update(deleted_at=timezone.now())
    assert listed(rita, "state=all") == []
    assert client_of(rita).get(page(answer)).status_code == 404
    assert decide(rita, answer).status_code == 404


def test_a_reviewer_of_one_class_has_its_cases_alone(
    rita: User, owner: User, spoken_of: Spoken
) -> None:
    cleo = User.objects.create(username="cleo")
    theirs, anothers = spoken_of(), spoken_of(cleo)
    nine_b = Group.objects.create(name="9b")
    owner.groups.add(nine_b)
    Oversight.objects.create(reviewers=Group.objects.get(name="Reviewers"), people=nine_b)
    assert listed(rita, "state=all") == [theirs.pk]
    assert "1 waits" in client_of(rita).get("/admin/").content.decode()
    assert client_of(rita).get(page(anothers)).status_code == 404
    assert decide(rita, anothers).status_code == 404
    note = f"{TABLES}conversation/{anothers.conversation_id}/note/"
    assert client_of(rita).post(note, {"text": "x"}).status_code == 404
    assert (
        "rel="
        not in client_of(rita)
        .get(page(theirs))
        .content.decode()
        .split("desk-facts")[0]
        .split("desk-beside")[1]
    )
    assert not Note.objects.exists() and not Decision.objects.exists()


def test_staff_without_the_right_decides_and_notes_nothing(spoken_of: Spoken) -> None:
    answer = spoken_of()
    clerk = User.objects.create(username="clerk", is_staff=True)
    views = Permission.objects.filter(codename__in=["view_case", "view_conversation"])
    clerk.user_permissions.set(views)
    assert 'id="decide"' not in client_of(clerk).get(page(answer)).content.decode()
    assert decide(clerk, answer).status_code == 403
    note = f"{TABLES}conversation/{answer.conversation_id}/note/"
    assert client_of(clerk).post(note, {"text": "x"}).status_code == 403
    assert not Note.objects.exists() and not Decision.objects.exists()


def test_the_queue_asks_as_often_for_thirty_cases_as_for_one(
    rita: User, spoken_of: Spoken, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        Flag.objects.create(message=spoken_of(), source="pattern", pattern_name="x")
    client = client_of(rita)
    site.now()
    with django_assert_max_num_queries(14):
        assert len(client.get(QUEUE).context["cl"].result_list) == 30
