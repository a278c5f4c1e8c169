"""The desk: lists, filters, the last day; and what a reviewer may not."""

import re
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.accounts import invitations
from conversations.admin.site import desk
from conversations.models import (
    AuditEntry,
    Blob,
    Conversation,
    Feedback,
    Image,
    Message,
    ProviderCall,
    Run,
    Share,
    User,
)
from conversations.review import queue
from tests.features.admin_kit import TABLES, client_of, made

pytestmark = pytest.mark.django_db


def test_the_first_page_stands_however_many_wait(
    root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = queue.Waiting(101, "100+")
    monkeypatch.setattr(queue, "how_many_wait", lambda person: many)
    page = client_of(root).get("/admin/").content.decode()
    assert "100+ wait" in page


def test_every_list_has_its_heading(root: User) -> None:
    page: Any = client_of(root).get("/admin/")
    headings = [str(section["name"]) for section in page.context["app_list"]]
    assert headings == ["Review", "People", "Use and cost", "Models", "Site"]
    listed = [table["object_name"] for one in page.context["app_list"] for table in one["models"]]
    assert len(listed) == len(set(listed)) == len(desk._registry)


def test_people_are_called_so(root: User) -> None:
    client = client_of(root)
    first = client.get("/admin/").content.decode()
    assert ">People</a>" in first and ">Users</a>" not in first
    page: Any = client.get(f"{TABLES}user/")
    assert page.context["title"] == "People" and "Add person" in page.content.decode()


def test_a_list_in_which_nothing_is_says_so(root: User) -> None:
    client = client_of(root)
    assert "There is nothing here yet." in client.get(f"{TABLES}folder/").content.decode()
    page = client.get(f"{TABLES}user/", {"q": "nobody"}).content.decode()
    assert "Nothing fits what was asked for." in page and "Show all" in page


LISTS = (
    "user",
    "invitation",
    "conversation",
    "run",
    "providercall",
    "image",
    "auditentry",
    "feedback",
    "folder",
    "share",
)


@pytest.mark.parametrize("table", LISTS)
def test_a_list_asks_as_often_for_thirty_rows_as_for_one(table: str, root: User) -> None:
    client = client_of(root)
    people = [User.objects.create(username=f"p{number}") for number in range(30)]

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"{TABLES}{table}/").status_code == HTTPStatus.OK
        # Whose pictures a page showed is recorded for each person it showed.
        return len([one for one in asked if not one["sql"].startswith("INSERT")])

    made(people[0])
    invitations.invite(by=root)
    client.get(f"{TABLES}{table}/")
    before = queries()
    for number, one in enumerate(people):
        made(one, number)
        invitations.invite(by=one)
    assert queries() == before


def test_counts_in_the_lists_are_right(root: User, owner: User) -> None:
    for number in range(3):
        made(owner, number)
    page = client_of(root).get(f"{TABLES}conversation/").content.decode()
    assert re.findall(r'field-messages_in_all">(\d+)<', page) == ["2", "2", "2"]
    people = client_of(root).get(f"{TABLES}user/?q=ada").content.decode()
    assert f'?person={owner.pk}">3</a>' in people
    Conversation.objects.filter(title="Talk 2").update(deleted_at=timezone.now())
    folders = client_of(root).get(f"{TABLES}folder/").content.decode()
    assert re.findall(r'field-conversations_in_it">(\d+)<', folders) == ["0", "1", "1"]
    runs = client_of(root).get(f"{TABLES}run/").content.decode()
    assert "1,200 / 34" in runs and "$0.015000" in runs and "2.00 s" in runs


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=talk", True),
        ("q=ada@example", True),
        ("q=nothing", False),
        ("person=AD", True),
        ("person=cleo", False),
        ("state=broken", True),
        ("state=live", False),
        ("model=gpt-4.1-mini", True),
        ("model=other", False),
        ("archived__exact=1", False),
    ],
)
def test_conversations_are_found_by_what_an_administrator_knows(
    query: str, found: bool, root: User, owner: User
) -> None:
    talk = made(owner)
    page = client_of(root).get(f"{TABLES}conversation/?{query}").content.decode()
    assert (f"/{talk.pk}/change/" in page) == found


def test_an_id_finds_one_conversation_and_one_run(root: User, owner: User) -> None:
    talk, other = made(owner), made(owner, 1)
    run = talk.runs.get()
    client = client_of(root)
    page = client.get(f"{TABLES}conversation/?q={talk.pk}").content.decode()
    assert f"/{talk.pk}/change/" in page and f"/{other.pk}/change/" not in page
    for id in (run.pk, run.message_id, talk.pk):
        page = client.get(f"{TABLES}run/?q={id}").content.decode()
        assert f"/{run.pk}/change/" in page and f"/{other.runs.get().pk}/change/" not in page


@pytest.mark.parametrize(
    ("table", "what", "words"),
    [
        ("conversation", Conversation, "Talk 0"),
        ("feedback", Feedback, "Not so."),
        ("share", Share, "Talk 0"),
        ("image", Image, "PRIVATE"),
    ],
)
def test_what_its_owner_deleted_is_gone_for_staff_too(
    table: str, what: type[Model], words: str, root: User, owner: User
) -> None:
    """Its row stays for a few minutes, for the owner alone to take it back."""
    talk = made(owner)
    row = f"{TABLES}{table}/{what._default_manager.get().pk}/change/"
    pages = {row, f"{TABLES}{table}/"} if table != "conversation" else {f"{TABLES}{table}/"}
    client = client_of(root)

    def shown() -> bool:
        return any(words in client.get(page, follow=True).content.decode() for page in pages)

    assert shown()
    Conversation.objects.filter(pk=talk.pk).update(deleted_at=timezone.now())
    assert not shown()


def test_nul_in_an_address_is_a_bad_request(root: User) -> None:
    client = client_of(root)
    for query in ("q=%00", "person=%00", "model=%00", "p=%00"):
        assert client.get(f"{TABLES}conversation/?{query}").status_code == 400


def test_the_first_page_tells_how_it_stands(root: User, rita: User, owner: User) -> None:
    made(owner)
    Run.objects.create(
        conversation=made(owner, 1), message=Message.objects.filter(role="assistant")[0],
        user=owner, model="gpt-4.1-mini",
    )  # fmt: skip
    for who in (root, rita):
        page = client_of(who).get("/admin/").content.decode()
        assert "1 answer under way" in page and "2 failed or cut in the last 24 hours" in page


@pytest.mark.parametrize("page", ["", "{}/change/", "{}/history/", "{}/delete/", "{}/password/"])
def test_the_way_back_leads_from_a_list_to_the_first_page(
    page: str, root: User, owner: User
) -> None:
    shown = client_of(root).get(f"{TABLES}user/{page.format(owner.pk)}").content.decode()
    way = re.findall(
        r'href="(.+?)"', shown.partition('class="breadcrumbs"')[2].partition("</div>")[0]
    )
    row = [f"{TABLES}user/{owner.pk}/change/"] if page and "change" not in page else []
    assert way == ["/admin/", *([f"{TABLES}user/"] if page else []), *row]
    assert f'href="{TABLES}"' not in shown


def test_what_belongs_to_an_app_is_on_the_first_page(root: User) -> None:
    for app in ("conversations", "auth"):
        assert client_of(root).get(f"/admin/{app}/")["Location"] == "/admin/"


def test_a_way_leads_to_filters_that_stand_below_a_list(root: User) -> None:
    client, way = client_of(root), '<a href="#changelist-filter">'
    narrowed = client.get(f"{TABLES}user/?is_staff__exact=1").content.decode()
    assert way in narrowed and narrowed.count("Clear all filters") == 2
    assert "Clear all filters" not in client.get(f"{TABLES}user/").content.decode()
    assert way not in client.get("/admin/auth/group/").content.decode()


def test_signing_in_is_the_sites_own(owner: User) -> None:
    answer = client_of(None).get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"
    posted = client_of(None).post("/admin/login/", {"username": "sam", "password": "guess"})
    assert posted.status_code == 302 and posted["Location"].startswith("/accounts/login/")
    assert client_of(owner).get("/admin/login/").status_code == HTTPStatus.FORBIDDEN


def rows(owner: User) -> dict[str, Any]:
    talk = made(owner)
    return {
        "user": owner,
        "conversation": talk,
        "run": talk.runs.get(),
        "providercall": ProviderCall.objects.get(),
        "image": Image.objects.get(),
    }


def test_a_reviewer_reads_every_table_and_is_offered_no_change(rita: User, owner: User) -> None:
    client = client_of(rita)
    for table, row in rows(owner).items():
        for path in (f"{TABLES}{table}/", f"{TABLES}{table}/{row.pk}/change/"):
            answer = client.get(path)
            page = answer.content.decode()
            assert answer.status_code == HTTPStatus.OK, path
            for offer in ("_save", "addlink", "deletelink", 'name="action"', "pbkdf2", "argon2"):
                assert offer not in page, f"{offer} at {path}"


def test_a_reviewer_changes_nothing_by_forged_posts_either(rita: User, owner: User) -> None:
    client = client_of(rita)
    for table, row in rows(owner).items():
        for what in ("add/", f"{row.pk}/change/", f"{row.pk}/delete/"):
            answer = client.post(f"{TABLES}{table}/{what}", {"post": "yes", "username": "x"})
            assert answer.status_code == HTTPStatus.FORBIDDEN, f"{table} {what}"
        chosen = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
        client.post(f"{TABLES}{table}/", chosen)
        assert type(row).objects.filter(pk=row.pk).exists()
    password = f"{TABLES}user/{owner.pk}/password/"
    assert client.post(password, {"password1": "x"}).status_code == HTTPStatus.FORBIDDEN
    for path in ("invitation/", "invitation/add/", "user/add/"):
        assert client.get(f"{TABLES}{path}").status_code == HTTPStatus.FORBIDDEN


def test_pictures_in_a_list_are_on_record_and_unsent_ones_stay_private(
    rita: User, owner: User
) -> None:
    made(owner)
    sent = Image.objects.get()
    unsent = Image.objects.create(owner=owner, blob=Blob.objects.create(
        sha256="f" * 64, name="c", thumbnail_name="d", width=1, height=1, bytes=1,
        content_type="image/png", original_type="image/png", original_bytes=1, original_width=1,
        original_height=1, ocr_text="UNSENT",
    ))  # fmt: skip
    client = client_of(rita)
    page = client.get(f"{TABLES}image/").content.decode()
    assert f"/images/{sent.pk}/thumbnail/" in page
    assert f"/images/{unsent.pk}/thumbnail/" not in page
    entry = AuditEntry.objects.get(action="image.list")
    assert (entry.owner, entry.detail) == ("ada", {"images": [str(sent.pk)]})
    assert "UNSENT" not in client.get(f"{TABLES}image/{unsent.pk}/change/").content.decode()
    assert AuditEntry.objects.get(action="image.read").object_id == str(unsent.pk)
