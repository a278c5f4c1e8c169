"""What is on legal hold stays, whoever wants it gone and by whatever way."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations import holds
from conversations.models import Conversation, Hold, Image, Message, TextFile, User
from tests.features.admin_kit import made

pytestmark = pytest.mark.django_db


def on_person(person: User) -> Hold:
    return Hold.objects.create(person=person, reason="Case 7", by="sam")


def on_group(person: User) -> Hold:
    group = Group.objects.create(name="Finance")
    person.groups.add(group)
    return Hold.objects.create(group=group, reason="Case 7", by="sam")


def on_conversation(person: User) -> Hold:
    return Hold.objects.create(conversation=person.conversations.get(), reason="Case 7", by="sam")


def ended(hold: Hold) -> None:
    Hold.objects.filter(pk=hold.pk).update(ended_at=timezone.now(), ended_by="sam")


@pytest.fixture
def talk(owner: User) -> Conversation:
    return made(owner)


@pytest.fixture(params=[on_person, on_group, on_conversation])
def hold(request: pytest.FixtureRequest, owner: User, talk: Conversation) -> Hold:
    put: Any = request.param
    found: Hold = put(owner)
    return found


def refuses(rows: Any) -> None:
    with pytest.raises(IntegrityError, match="a legal hold keeps this"), transaction.atomic():
        rows._raw_delete(rows.db)


# What forgot to ask ------------------------------------------------------------------------------


def test_postgres_itself_refuses(hold: Hold, talk: Conversation) -> None:
    """A shell, a cascade, a bug: the constraint that a picture is in use is not what keeps it."""
    refuses(Message.objects.filter(conversation=talk, parent__isnull=False))
    refuses(Conversation.objects.filter(pk=talk.pk))
    ended(hold)
    assert Message.objects.filter(conversation=talk, parent__isnull=False).delete()[0]


@pytest.mark.parametrize("put", [on_person, on_group])
def test_of_a_person_everything_is_kept(put: Any, owner: User) -> None:
    put(owner)
    blob = made(owner).messages.get(role="user").pictures.get().image.blob
    blob.pk, blob.sha256 = None, "f" * 64
    blob.save(force_insert=True)
    Image.objects.create(owner=owner, blob=blob)
    TextFile.objects.create(owner=owner, name="a.txt", text="a", bytes=1, sha256="a" * 64)
    refuses(Image.objects.filter(owner=owner, uses=None))
    refuses(TextFile.objects.filter(owner=owner))
    refuses(User.objects.filter(pk=owner.pk))


def test_a_group_on_hold_stays_and_who_leaves_it_is_free(owner: User) -> None:
    hold = on_group(owner)
    refuses(Group.objects.filter(pk=hold.group_id))
    assert holds.holds_of(owner)
    owner.groups.clear()
    assert not holds.holds_of(owner)


def test_others_are_not_kept(hold: Hold, talk: Conversation) -> None:
    ben = User.objects.create(username="ben")
    other = Conversation.objects.create(owner=ben)
    assert holds.is_held(talk) and not holds.is_held(other)
    assert not holds.holds_of(ben)
    ben.delete()


@pytest.mark.parametrize(
    "wrong",
    [{}, {"person": True, "group": True}, {"person": True, "reason": ""}],
    ids=["on nothing", "on two", "without a reason"],
)
def test_a_hold_is_on_one_thing_and_says_why(wrong: dict[str, Any], owner: User) -> None:
    group = Group.objects.create(name="Finance")
    values: dict[str, Any] = {"reason": "Case 7", **wrong}
    values |= {"person": owner} if wrong.get("person") else {}
    values |= {"group": group} if wrong.get("group") else {}
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(**values)
