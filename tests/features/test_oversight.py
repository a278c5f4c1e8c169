"""Who looks after class 9b sees class 9b and nothing else, by whatever door."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model, ProtectedError
from django.test import Client, RequestFactory
from django.utils import timezone

from conversations.access import image_shown_to
from conversations.admin.site import desk
from conversations.admin.table import UNSAID, Table
from conversations.errors import NotFound
from conversations.models import (
    AuditEntry,
    Budget,
    Case,
    Conversation,
    Feedback,
    Flag,
    Folder,
    Hold,
    Image,
    ImportJob,
    Invitation,
    Message,
    MessageFile,
    Oversight,
    ProviderCall,
    RateLimit,
    Run,
    Share,
    TextFile,
    User,
)
from tests.features.admin_kit import TABLES, administrator, client_of, end_holds, made

pytestmark = pytest.mark.django_db


# A row of each table that shows whose it is, made anew for a person. A table that says that its rows are
# somebody's and has no line here fails below.
ROWS: dict[type[Model], Callable[[User], Model]] = {
    AuditEntry: lambda who: AuditEntry.objects.create(actor="x", action="x", owner_id=who.pk),
    Budget: lambda who: Budget.objects.create(name="Hers", scope="person", user=who, limit=1),
    Case: lambda who: Case.objects.get(feedback__user=who),
    Conversation: lambda who: Conversation.objects.get(owner=who),
    Feedback: lambda who: Feedback.objects.get(user=who),
    Flag: lambda who: Flag.objects.create(
        message=Message.objects.get(conversation__owner=who, role="user"), source="pattern"
    ),
    Folder: lambda who: Folder.objects.get(owner=who),
    Hold: lambda who: Hold.objects.create(person=who, reason="A court asked."),
    Image: lambda who: Image.objects.get(owner=who),
    Invitation: lambda who: Invitation.objects.create(
        used_by=who, token_hash=who.pk.hex, expires_at=timezone.now()
    ),
    ImportJob: lambda who: ImportJob.objects.create(owner=who, boot=who.pk, file_bytes=1),
    ProviderCall: lambda who: ProviderCall.objects.get(user=who),
    RateLimit: lambda who: RateLimit.objects.create(user=who, whom="person", messages=5),
    Run: lambda who: Run.objects.get(user=who),
    Share: lambda who: Share.objects.get(owner=who),
    User: lambda who: who,
}


def tables() -> dict[type[Model], "ModelAdmin[Any]"]:
    return dict(desk._registry)


def of_people() -> list[type[Model]]:
    return [model for model, table in tables().items() if isinstance(table, Table) and table.person]


@pytest.fixture
def nine_b(rita: User, owner: User) -> Group:
    """Rita looks after class 9b; Ada is in it."""
    nine_b = Group.objects.create(name="9b")
    owner.groups.add(nine_b)
    teachers = Group.objects.create(name="Teachers of 9b")
    rita.groups.add(teachers)
    Oversight.objects.create(reviewers=teachers, people=nine_b)
    return nine_b


@pytest.fixture
def cleo() -> User:
    """She is in another class."""
    cleo = User.objects.create(username="cleo", email="cleo@example.org")
    cleo.groups.add(Group.objects.create(name="9c"))
    return cleo


@pytest.fixture
def may_everything(rita: User) -> None:
    """All that a group can be given: what she does not see she does not see with any right."""
    rita.user_permissions.set(Permission.objects.all())


def test_each_table_has_said_whose_its_rows_are() -> None:
    silent = [
        model.__name__
        for model, table in tables().items()
        if not isinstance(table, Table) or table.person == UNSAID
    ]
    assert silent == [], "say whose the rows are: `person` in conversations/admin/table.py"


def test_a_table_that_has_not_said_it_shows_nothing_to_who_sees_some(
    rita: User, owner: User, nine_b: Group, root: User
) -> None:
    made(owner)
    silent = type("Silent", (Table,), {})(Conversation, desk)
    seen = {}
    for reader in (rita, root):
        request = RequestFactory().get("/")
        request.user = reader
        seen[reader] = silent.get_queryset(request).exists()
    assert seen == {rita: False, root: True}


def test_a_table_that_leads_to_a_person_is_somebodys() -> None:
    """`None` is for what belongs to the site: nobody's name stands in it but that of who made it."""
    makers = {"created_by", "used_by", "by", "changed_by"}
    for model, table in tables().items():
        ways = {field.name for field in model._meta.fields if field.related_model is User}
        if ways - makers and model.__name__ != "SavedPrompt":  # those of all, which are shown alone
            assert getattr(table, "person", None), f"{model.__name__} is said to be nobody's"


def test_each_table_of_people_has_a_row_here() -> None:
    assert {model.__name__ for model in of_people()} == {model.__name__ for model in ROWS}


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_a_reviewer_sees_whom_they_look_after_and_nobody_else(
    model: type[Model], rita: User, owner: User, cleo: User, nine_b: Group, may_everything: None
) -> None:
    for person in (owner, cleo):
        made(person)
    theirs, anothers = ROWS[model](owner), ROWS[model](cleo)
    client = client_of(rita)
    found = (
        {"found"} if isinstance(theirs.pk, UUID) else set()
    )  # what has no such id is searched by name
    assert shown(client, theirs) >= {"list", "page", "history"} | found
    assert shown(client, anothers) == set()


def shown(client: Client, row: Model) -> set[str]:
    """At which of its doors a row is there."""
    table = f"{TABLES}{row._meta.model_name}/"
    pages = {
        "list": table,
        "found": f"{table}?q={row.pk}",
        "page": f"{table}{row.pk}/change/",
        "history": f"{table}{row.pk}/history/",
    }
    there = set()
    for name, path in pages.items():
        answer = client.get(path)
        lists = name in ("list", "found")
        if answer.status_code == HTTPStatus.OK and (not lists or _stands_in(answer, row)):
            there.add(name)
    return there


def _stands_in(answer: Any, row: Model) -> bool:
    return row.pk in [one.pk for one in answer.context["cl"].result_list]


def test_forged_posts_reach_nobody_else(
    rita: User, owner: User, cleo: User, nine_b: Group, may_everything: None
) -> None:
    made(cleo)
    User.objects.filter(pk=rita.pk).update(is_staff=True)
    client = client_of(rita)
    for model, row_of in ROWS.items():
        row = row_of(cleo)
        table = f"{TABLES}{model._meta.model_name}/"
        forged = {"post": "yes", "_save": "Save", "username": "evil", "confirmed": "yes"}
        client.post(f"{table}{row.pk}/delete/", forged)
        client.post(f"{table}{row.pk}/change/", forged)
        chosen = {**forged, "action": "delete_selected", "_selected_action": str(row.pk)}
        client.post(table, chosen)
        client.post(table, {**chosen, "action": "block"})
        assert model._default_manager.filter(pk=row.pk).exists()
    password = f"{TABLES}user/{cleo.pk}/password/"
    answer = client.post(password, {"password1": "x", "password2": "x", "usable_password": "true"})
    assert answer.status_code in (403, 404)
    cleo.refresh_from_db()
    assert cleo.username == "cleo"
    assert not Image.objects.get(owner=cleo).blob.blocked


def test_who_is_not_seen_is_not_offered_by_name_either(
    rita: User, owner: User, cleo: User, nine_b: Group
) -> None:
    """The field beside a list finds people by a part of their name."""
    page = client_of(rita).get(f"{TABLES}conversation/?person=e").content.decode()
    assert ">cleo<" not in page
    page = client_of(rita).get(f"{TABLES}conversation/?person={cleo.pk}").content.decode()
    assert "cleo" not in page


def test_what_other_groups_are_called_is_not_offered_as_a_filter(
    rita: User, root: User, cleo: User, nine_b: Group, may_everything: None
) -> None:
    list_of_people = f"{TABLES}user/"
    assert ">9c<" in "".join(client_of(root).get(list_of_people).content.decode().split())
    seen = "".join(client_of(rita).get(list_of_people).content.decode().split())
    assert ">9b<" in seen and ">9c<" not in seen


@pytest.mark.parametrize("what", ["image", "thumbnail", "file"])
def test_a_picture_or_file_has_no_other_door(
    what: str, rita: User, owner: User, cleo: User, nine_b: Group
) -> None:
    found = {}
    for person in (owner, cleo):
        question = made(person).messages.get(role="user")
        file = TextFile.objects.create(
            owner=person, name="a.md", text="a", bytes=1, sha256="0" * 64
        )
        MessageFile.objects.create(message=question, file=file, position=0)
        image = Image.objects.get(owner=person).pk
        path = {"image": f"/images/{image}/", "thumbnail": f"/images/{image}/thumbnail/"}.get(what)
        found[person] = client_of(rita).head(path or f"/files/{file.pk}/")
    assert found[cleo].status_code == HTTPStatus.NOT_FOUND
    if what == "file":
        assert found[owner].status_code == HTTPStatus.OK
        return
    # There is no picture on the disk here: who is let in is what both of its doors ask first.
    seen, unseen = (Image.objects.get(owner=person).pk for person in (owner, cleo))
    assert image_shown_to(rita, seen, as_staff=True).owner == owner
    with pytest.raises(NotFound):
        image_shown_to(rita, unseen, as_staff=True)


def test_nobody_is_chosen_in_a_form_who_is_not_seen(
    rita: User, owner: User, cleo: User, nine_b: Group, rf: Any
) -> None:
    request = rf.get("/")
    request.user = rita
    field = Run._meta.get_field("user")
    table = tables()[Run]
    offered: Any = table.formfield_for_foreignkey(field, request)
    assert set(offered.queryset) == {owner}


@pytest.mark.parametrize("who", ["root", "rita"])
def test_who_stands_in_no_row_sees_everybody(
    who: str, owner: User, cleo: User, request: pytest.FixtureRequest
) -> None:
    for person in (owner, cleo):
        made(person)
    client = client_of(request.getfixturevalue(who))
    assert shown(client, Conversation.objects.get(owner=cleo)) == {
        "list",
        "found",
        "page",
        "history",
    }


def test_a_superuser_of_the_group_still_sees_everybody(
    root: User, cleo: User, nine_b: Group
) -> None:
    root.groups.add(Group.objects.get(name="Teachers of 9b"))
    assert "page" in shown(client_of(root), cleo)


def test_a_rule_about_nobody_is_seen_by_all(
    rita: User, cleo: User, nine_b: Group, may_everything: None
) -> None:
    """It holds for class 9b, too."""
    rule = RateLimit.objects.create(whom="everybody", messages=9)
    assert "page" in shown(client_of(rita), rule)


def test_several_classes_are_seen_together(
    rita: User, owner: User, cleo: User, nine_b: Group
) -> None:
    teachers = Group.objects.get(name="Teachers of 9b")
    Oversight.objects.create(reviewers=teachers, people=Group.objects.get(name="9c"))
    assert "page" in shown(client_of(rita), cleo)
    assert "page" in shown(client_of(rita), owner)


def test_a_class_is_not_deleted_while_somebody_sees_it_alone(nine_b: Group) -> None:
    """Its reviewers would see everybody from then on."""
    with pytest.raises(ProtectedError):
        nine_b.delete()


def test_only_administrators_say_who_sees_whom(rita: User, nine_b: Group) -> None:
    assert client_of(rita).get(f"{TABLES}oversight/").status_code == HTTPStatus.FORBIDDEN


def test_no_form_tells_whether_somebody_elses_conversation_is_there(
    rita: User, nine_b: Group, may_everything: None, owner: User, cleo: User
) -> None:
    hers, others = made(owner), Conversation.objects.create(owner=cleo)
    client = client_of(rita)
    told = []
    for id in (others.pk, UUID(int=7)):
        page = client.post(f"{TABLES}hold/add/", {"conversation": id, "reason": "Case 7"})
        told.append(page.context["adminform"].form.errors.as_json())
    assert told[0] == told[1] != "{}"
    elsewhere = Group.objects.get(name="9c")
    client.post(f"{TABLES}hold/add/", {"group": elsewhere.pk, "reason": "Case 7"})
    assert not Hold.objects.exists()
    client.post(f"{TABLES}hold/add/", {"conversation": hers.pk, "reason": "Case 7"})
    placed = Hold.objects.get(conversation=hers)
    assert str(placed.pk) in client.get(f"{TABLES}hold/").content.decode()


def test_what_all_spent_together_is_not_for_who_sees_some(
    rita: User, nine_b: Group, may_everything: None, owner: User, cleo: User
) -> None:
    """Nor what a group is called in which they see nobody."""
    Budget.objects.create(name="House money", scope="site", limit=0)
    client, root = client_of(rita), client_of(administrator())
    bar = "desk-budget-"
    assert bar in root.get(f"{TABLES}budget/").content.decode()
    assert bar not in client.get(f"{TABLES}budget/").content.decode()
    assert "House money" in root.get("/admin/").content.decode()
    assert "House money" not in client.get("/admin/").content.decode()
    elsewhere = Group.objects.create(name="Those who were warned")
    cleo.groups.add(elsewhere)
    assert elsewhere.name in root.get(f"/admin/?group={elsewhere.pk}").content.decode()
    assert elsewhere.name not in client.get(f"/admin/?group={elsewhere.pk}").content.decode()


def test_nobody_widens_their_own_sight_or_gives_themselves_rights(
    rita: User, nine_b: Group, may_everything: None
) -> None:
    """With every right that can be given, she is no administrator."""
    client, row = client_of(rita), Oversight.objects.get()
    mine = rita.groups.get(name="Teachers of 9b")
    for page in (
        f"{row.pk}/change/",
        f"{row.pk}/delete/",
        "add/",
        "",
    ):
        assert client.post(f"{TABLES}oversight/{page}", {"post": "yes"}).status_code == 403
    all_there_are = list(Permission.objects.values_list("pk", flat=True))
    client.post(f"/admin/auth/group/{mine.pk}/change/", {"name": "T", "permissions": all_there_are})
    mine.refresh_from_db()
    assert mine.name == "T" and not mine.permissions.exists()
    reviewers = Group.objects.get(name="Reviewers")
    gone = client.post(f"/admin/auth/group/{reviewers.pk}/delete/", {"post": "yes"})
    assert gone.status_code == HTTPStatus.FORBIDDEN
    chosen = {"action": "delete_selected", "_selected_action": [reviewers.pk], "post": "yes"}
    client.post("/admin/auth/group/", chosen)
    assert Group.objects.filter(pk=reviewers.pk).exists()


def test_nobody_ends_the_hold_on_themselves(rita: User, may_everything: None, owner: User) -> None:
    mine = Hold.objects.create(person=rita, reason="Case 7", by="sam")
    hers = Hold.objects.create(person=owner, reason="Case 7", by="sam")
    end_holds(client_of(rita), mine, hers)
    assert Hold.objects.get(ended_at=None) == mine
