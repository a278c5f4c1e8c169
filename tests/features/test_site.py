"""The settings of the site: what nobody settled follows the environment; a change is on record, and
known in every process."""

from http import HTTPStatus
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations import site
from conversations.by_heart import ByHeart
from conversations.events import feed
from conversations.models import AuditEntry, SiteSettings, User
from conversations.runs import site_watch
from tests.features.admin_kit import TABLES, client_of, form_of

LIST, FORM = f"{TABLES}sitesettings/", f"{TABLES}sitesettings/1/change/"


@pytest.mark.django_db
def test_what_is_empty_follows_the_environment(settings: Any) -> None:
    settings.SIGNUP, settings.SHARING, settings.DEFAULT_MODEL = "invite", "signed_in", "o-model"
    settings.TITLES, settings.ANSWER_CACHE, settings.USER_STORAGE = False, 60, 5
    now = site.now()
    assert (now.name, now.signup, now.sharing) == ("Chatsite", "invite", "signed_in")
    assert (now.default_model, now.titles, now.answer_cache, now.user_storage) == (
        "o-model", False, 60, 5,
    )  # fmt: skip


@pytest.mark.django_db
def test_what_is_settled_holds_in_its_place(settings: Any) -> None:
    settings.SIGNUP, settings.TITLES, settings.ANSWER_CACHE = "invite", False, 60
    SiteSettings.objects.create(name="Harbour", signup="closed", titles="on", answer_cache=0)
    now = site.now()
    assert (now.name, now.signup, now.titles, now.answer_cache) == ("Harbour", "closed", True, 0)


@pytest.mark.django_db
def test_there_is_one_row() -> None:
    SiteSettings.objects.create(name="one")
    with pytest.raises(IntegrityError), transaction.atomic():
        SiteSettings.objects.create(id=2)


@pytest.mark.django_db
def test_who_asks_again_asks_postgres_nothing() -> None:
    site.row.forget()
    site.now()
    with CaptureQueriesContext(connection) as asked:
        assert site.now().name == "Chatsite"
    assert not asked.captured_queries


@pytest.mark.django_db
def test_a_change_is_known_with_its_commit_and_not_before(
    django_capture_on_commit_callbacks: Any,
) -> None:
    site.row.forget()
    assert site.now().name == "Chatsite"
    with transaction.atomic():
        SiteSettings.objects.create(name="Never")
        assert site.now().name == "Never"  # who changes it sees it
        assert site.as_last_known().name == "Chatsite"
        transaction.set_rollback(True)
    assert site.now().name == "Chatsite"
    with django_capture_on_commit_callbacks(execute=True):
        SiteSettings.objects.create(name="Harbour")
    connection.run_on_commit.clear()  # as it is after a commit
    assert site.now().name == site.as_last_known().name == "Harbour"
    site.row.forget()


@pytest.mark.django_db
def test_a_read_that_began_before_a_change_does_not_undo_it() -> None:
    """Another thread has asked, and is told the old name after the change."""
    names = iter(["Old", "New"])

    def ask() -> str:
        name = next(names)
        if name == "Old":
            row.forget()  # the change comes while the answer is under way
        return name

    row = ByHeart(ask)
    assert row.known() == "Old"
    assert row.known() == "New"
    assert row.known() == "New"


@pytest.mark.django_db
def test_open_pages_hear_of_a_change_that_somebody_here_has_read_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The page that follows the form is asked for before the doorbell rings."""
    heard: list[str] = []

    class Tab:
        put = staticmethod(heard.append)

    monkeypatch.setattr(site_watch, "in_db", sync_to_async)
    look = async_to_sync(site_watch.look)
    look()
    monkeypatch.setattr(feed, "everybody", lambda: [Tab()])
    SiteSettings.objects.create(name="Harbour")
    connection.run_on_commit.clear()  # as it is after a commit
    site.row.forget()
    assert site.now().name == "Harbour"
    look()
    look()
    [frame] = heard
    assert '"Harbour"' in frame
    site.row.forget()


# In the admin ------------------------------------------------------------------------------------


def saved(client: Client, **changes: Any) -> Any:
    return client.post(FORM, {**form_of(client, FORM), **changes})


@pytest.mark.django_db
def test_the_list_leads_to_the_one_page_and_a_change_says_what_it_was(root: User) -> None:
    client = client_of(root)
    assert client.get(LIST).headers["Location"] == FORM
    assert saved(client, signup="closed", banner="Down at noon.").status_code == HTTPStatus.FOUND
    assert "The settings are saved, and in force." in client.get(FORM).content.decode()
    assert site.now().signup == "closed"
    [entry] = AuditEntry.objects.filter(action="site.change")
    assert entry.actor == root.get_username()
    assert entry.detail == {"changed": {"banner": None, "signup": ["", "closed"]}}
    assert not AuditEntry.objects.filter(action="sitesettings.change").exists()


@pytest.mark.django_db
def test_saving_without_a_change_is_no_change(root: User) -> None:
    client = client_of(root)
    saved(client)
    assert not AuditEntry.objects.filter(action__startswith="site").exists()


@pytest.mark.django_db
def test_a_stop_that_came_meanwhile_is_not_undone_by_a_form(root: User) -> None:
    client = client_of(root)
    fields = form_of(client, FORM)
    SiteSettings.objects.update(stopped_because="Too dear.")
    client.post(FORM, {**fields, "name": "Harbour"})
    row = SiteSettings.objects.get()
    assert (row.name, row.stopped_because) == ("Harbour", "Too dear.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x" * 41},
        {"signup": "perhaps"},
        {"answer_cache": "-1"},
        {"retention_days": "0"},
        {"banner": "x" * 1001},
        {"banner": "a\0b"},
        {"default_model": "no-such-model"},
    ],
)
def test_what_makes_no_sense_is_told_in_the_form(root: User, wrong: dict[str, str]) -> None:
    client = client_of(root)
    page = saved(client, **wrong)
    assert page.status_code == HTTPStatus.OK
    assert set(page.context["adminform"].form.errors) == set(wrong)
    assert not AuditEntry.objects.filter(action="site.change").exists()


@pytest.mark.django_db
def test_nobody_makes_a_second_row_or_deletes_the_first(root: User) -> None:
    client = client_of(root)
    client.get(FORM)
    assert client.post(f"{LIST}add/", {}).status_code == HTTPStatus.FORBIDDEN
    assert client.post(f"{LIST}1/delete/", {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN
    assert client.get(f"{LIST}2/change/").status_code == HTTPStatus.FOUND  # to the desk
    assert SiteSettings.objects.count() == 1


@pytest.mark.django_db
def test_who_may_look_may_not_change(rita: User) -> None:
    client = client_of(rita)
    assert client.get(LIST).status_code == client.get(FORM).status_code == HTTPStatus.FORBIDDEN
    rita.user_permissions.add(Permission.objects.get(codename="view_sitesettings"))
    page = client.get(FORM)
    assert page.status_code == HTTPStatus.OK
    assert client.post(FORM, {"signup": "open"}).status_code == HTTPStatus.FORBIDDEN
    assert SiteSettings.objects.get().signup == ""
