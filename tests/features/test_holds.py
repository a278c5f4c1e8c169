"""What is on legal hold stays, whoever wants it gone and by whatever way."""

import itertools
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations import access, holds
from conversations.accounts.erase import erase
from conversations.attachments import text_files
from conversations.chat import everything, organise, pictures, pruning, set_aside
from conversations.errors import Conflict, NotFound
from conversations.models import (
    Conversation,
    Hold,
    Image,
    Message,
    MessageFile,
    TextFile,
    User,
)
from conversations.models.conversation import too_late
from conversations.reading import gallery
from conversations.runs import sweep
from tests.features.admin_kit import TABLES, administrator, client_of, end_holds, made

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=400)
A_WHILE_AGO = timezone.now() - timedelta(days=1)


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
    found = made(owner)
    Image.objects.update(created_at=LONG_AGO)
    return found


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
    refuses(Group.objects.filter(holds=hold))
    assert holds.keeps_some_of(owner)
    owner.groups.clear()
    assert not holds.keeps_some_of(owner)


def test_others_are_not_kept(hold: Hold, talk: Conversation) -> None:
    ben = User.objects.create(username="ben")
    other = Conversation.objects.create(owner=ben)
    assert holds.is_held(talk) and not holds.is_held(other)
    assert not holds.keeps_some_of(ben)
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


# Every way of destruction ------------------------------------------------------------------------


def everything_of(talk: Conversation) -> tuple[set[Any], set[Any]]:
    """What there is, wherever it stands by now."""
    owner = talk.owner_id
    messages = Message.objects.filter(conversation__owner=owner).values_list("pk", flat=True)
    return set(messages), set(Image.objects.filter(owner=owner).values_list("pk", flat=True))


def sweep_to_the_end() -> None:
    while sweep.some_conversations():
        pass
    while sweep.some_pictures():
        pass


def test_its_owner_deletes_it(hold: Hold, owner: User, talk: Conversation) -> None:
    """Gone for them, and there until the hold is ended."""
    before = everything_of(talk)
    organise.delete(owner, talk.pk)
    Conversation.objects.update(deleted_at=A_WHILE_AGO)
    sweep_to_the_end()
    with pytest.raises(NotFound):
        access.conversation_for(owner, talk.pk)
    assert everything_of(talk) == before
    ended(hold)
    sweep_to_the_end()
    assert everything_of(talk) == (set(), set())


def test_its_time_is_over(hold: Hold, talk: Conversation) -> None:
    before = everything_of(talk)
    Conversation.objects.update(expires_at=LONG_AGO)
    sweep_to_the_end()
    assert everything_of(talk) == before


def test_its_owner_deletes_everything(hold: Hold, owner: User, talk: Conversation) -> None:
    before = everything_of(talk)
    everything.delete(owner)
    sweep_to_the_end()
    assert not access.conversations_for(owner).exists()
    assert everything_of(talk) == before
    ended(hold)
    sweep_to_the_end()
    assert everything_of(talk) == (set(), set())


def test_its_owner_deletes_a_message(hold: Hold, owner: User, talk: Conversation) -> None:
    """With all below it, its pictures and its runs: no door shows it, and the hold on one conversation is
    on what was in it."""
    before = everything_of(talk)
    question = talk.messages.get(role="user")
    pruning._prune(owner, question.pk)
    assert not talk.messages.exists() and not talk.runs.exists()
    for gone in before[0]:
        with pytest.raises(NotFound):
            access.message_for(owner, gone)
    sweep_to_the_end()
    assert everything_of(talk) == before
    assert talk.owner.runs.exists()
    end_holds(client_of(administrator()), hold)
    sweep_to_the_end()
    assert everything_of(talk) == (set(), set())


def test_it_is_erased(hold: Hold, owner: User, talk: Conversation) -> None:
    before = everything_of(talk)
    with pytest.raises(Conflict):
        erase(owner)
    page = client_of(administrator()).post(f"{TABLES}user/{owner.pk}/delete/", {"post": "yes"})
    assert b"kept by a legal hold" in page.content
    assert everything_of(talk) == before
    ended(hold)
    erase(owner)
    assert everything_of(talk) == (set(), set())


def test_staff_deletes_it(hold: Hold, owner: User, talk: Conversation) -> None:
    client, before = client_of(administrator()), everything_of(talk)
    page = client.post(f"{TABLES}conversation/{talk.pk}/delete/", {"post": "yes"})
    assert b"kept by a legal hold" in page.content
    assert everything_of(talk) == before


@pytest.fixture
def unsent(owner: User, talk: Conversation) -> Image:
    blob = talk.messages.get(role="user").pictures.get().image.blob
    blob.pk, blob.sha256 = None, "f" * 64
    blob.save(force_insert=True)
    return Image.objects.create(owner=owner, blob=blob, created_at=LONG_AGO)


def test_pictures_that_were_never_sent_are_kept_with_their_person(
    owner: User, talk: Conversation, unsent: Image
) -> None:
    hold, before = on_person(owner), everything_of(talk)[1]
    sweep_to_the_end()
    assert everything_of(talk)[1] == before
    pictures.delete(owner, unsent.pk)
    everything.delete(owner)
    sweep_to_the_end()
    assert everything_of(talk)[1] == before
    assert gallery.page(owner)[0] == []
    ended(hold)
    sweep_to_the_end()
    assert everything_of(talk) == (set(), set())


def test_files_that_were_never_sent_are_kept_with_their_person(owner: User) -> None:
    file = TextFile.objects.create(
        owner=owner, name="a.txt", text="a", bytes=1, sha256="a" * 64, created_at=LONG_AGO
    )
    hold = on_person(owner)
    text_files.forget_unused([file.pk], before=timezone.now())
    assert access.files_of(owner).get() == file
    everything.delete(owner)
    assert not access.files_of(owner).exists()
    sweep_to_the_end()
    assert TextFile.objects.filter(pk=file.pk).exists()
    ended(hold)
    sweep_to_the_end()
    assert not TextFile.objects.filter(pk=file.pk).exists()


@pytest.mark.parametrize("way", ["conversation", "message", "everything"])
def test_what_its_owner_deleted_has_no_door_left_though_it_is_kept(
    way: str, hold: Hold, owner: User, talk: Conversation
) -> None:
    """Neither a picture nor a file by its address or id, in a new question, nor in what is taken along."""
    question = talk.messages.get(role="user")
    image = question.pictures.get().image
    file = TextFile.objects.create(owner=owner, name="a.txt", text="a", bytes=1, sha256="a" * 64)
    MessageFile.objects.create(message=question, file=file, position=0)
    Image.objects.update(created_at=timezone.now())  # brought a moment ago
    assert access.image_for(owner, image.pk) == image
    assert access.files_for(owner, [str(file.pk)]) == [file]
    if way == "conversation":
        organise.delete(owner, talk.pk)
    elif way == "message":
        pruning._prune(owner, question.pk)
    else:
        everything.delete(owner)
    sweep_to_the_end()
    assert (
        Image.objects.filter(pk=image.pk).exists() and TextFile.objects.filter(pk=file.pk).exists()
    )
    client = client_of(owner)
    for address in (f"images/{image.pk}", f"images/{image.pk}/thumbnail", f"files/{file.pk}"):
        assert client.get(f"/{address}/").status_code == HTTPStatus.NOT_FOUND
    for ask in (access.image_for, lambda who, id: access.images_for(who, [str(id)])):
        with pytest.raises(NotFound):
            ask(owner, image.pk)
    with pytest.raises(NotFound):
        access.files_for(owner, [str(file.pk)])
    assert not access.pictures_of(owner).exists() and not access.files_of(owner).exists()


def test_what_takes_long_to_be_set_aside_has_no_door_left_either(
    owner: User, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine, or of a long branch, seconds go by between the first row and the last."""
    on_conversation(owner)
    question = talk.messages.get(role="user")
    file = TextFile.objects.create(owner=owner, name="a.txt", text="a", bytes=1, sha256="a" * 64)
    MessageFile.objects.create(message=question, file=file, position=0)
    Image.objects.update(created_at=timezone.now())
    moments = itertools.count()
    monkeypatch.setattr(
        set_aside, "too_late", lambda: too_late() + timedelta(seconds=5 * next(moments))
    )
    pruning._prune(owner, question.pk)
    assert not access.files_of(owner).exists()
    assert not access.pictures_of(owner).exists()


def test_what_is_brought_again_is_there_again(owner: User, talk: Conversation) -> None:
    on_person(owner)
    image = talk.messages.get(role="user").pictures.get().image
    organise.delete(owner, talk.pk)
    assert not access.pictures_of(owner).exists()
    Image.objects.filter(pk=image.pk).update(created_at=timezone.now())
    assert access.image_for(owner, image.pk) == image
