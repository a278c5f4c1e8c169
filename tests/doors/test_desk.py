"""Every table, page, action and inline table of the desk, and everybody before it, with forged posts.

By Django's own client: hundreds of doors in seconds. What a page says is told elsewhere; here, that it says
no to whom it should, that nothing is written then, and that no nonsense brings it down.
"""

import os
import random
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client, RequestFactory

from conversations.admin.site import desk
from conversations.admin.table import Table
from conversations.models import LanguageModel, Price, User
from tests.doors import desk as told
from tests.doors.routes import admin_kind, admin_model, routes
from tests.doors.world import NOBODY, belongings
from tests.features.admin_kit import administrator, blob, client_of, person, reviewer
from tests.harness.quick import known_by_heart

pytestmark = pytest.mark.django_db

T = TypeVar("T")
# Thousands of addresses take a minute: `DOORS=full` tries all of them, `make test` a few, never the same.
FULL, FEW = os.environ.get("DOORS") == "full", 2
LETTERS = {"v": "view", "a": "add", "c": "change", "d": "delete"}
STAFF = ("staff", "reviewer", "superuser")
# What an address or a form may hold that nobody meant, after percent-decoding.
NONSENSE = ("", "x", "-1", "9" * 30, "é\u202e'\"<>;--", "a" * 5000, "0000-00-00", "_", "_00")
BESIDE = re.compile(r"session|INSERT INTO .conversations_auditentry")
# NUL, half of a pair of surrogates, and no UTF-8 at all.
BYTES = ("%00", "%ED%A0%80", "%FF%FE")


@dataclass(frozen=True)
class Line:
    reviewer: str
    superuser: str
    actions: tuple[str, ...]
    inlines: tuple[str, ...]


def lines() -> dict[str, Line]:
    found = {}
    for text in told.TABLES.splitlines():
        if text and not text.startswith("#"):
            name, rita, sam, *more = text.split()
            actions = tuple(word for word in more if not word.startswith("+"))
            inlines = tuple(word[1:] for word in more if word.startswith("+"))
            found[name] = Line(rita.strip("-"), sam, actions, inlines)
    return found


def tables() -> dict[str, Any]:
    return {model._meta.label_lower: table for model, table in desk._registry.items()}


def doors() -> dict[str, str]:
    return {route: name for route, name in routes().items() if name.startswith("admin:")}


@dataclass
class Desk:
    """Everybody, and one row at least in every table."""

    users: dict[str, User]
    clients: dict[str, Client]
    known: dict[str, str]

    def address(self, route: str, name: str) -> str:
        model = admin_model(name)
        row = last(model) if model else None
        values = {**self.known, "object_id": str(row.pk) if row else NOBODY}
        plain = re.sub(r"\(\?P<(\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)", r"<\1>", route)
        return re.sub(r"<([^>]+)>", lambda found: values[found.group(1).rpartition(":")[2]], plain)


def last(model: type[Model]) -> Model | None:
    """The row that a page of this table is opened for."""
    row: Model | None = model._default_manager.order_by("pk").last()
    return row


@pytest.fixture
def at_the_desk(db: None) -> Iterator[Desk]:
    rita = reviewer()  # takes every row of Oversight away; one of those made below is to stay
    owner = person()
    users = {
        "person": owner,
        "deactivated": User.objects.create(username="dan", is_staff=True, is_superuser=True),
        "staff": User.objects.create(username="stan", is_staff=True),
        "reviewer": rita,
        "superuser": administrator(),
    }
    # After the reviewer, who takes away what says whom she may see.
    ids = belongings(owner, str(blob("0" * 64).pk))
    clients = {"stranger": client_of(None), **{who: client_of(users[who]) for who in users}}
    User.objects.filter(username="dan").update(is_active=False)
    for client in clients.values():
        client.raise_request_exception = False
    known = {"conversation": ids["conversation"], "message": ids["answer"], "id": str(owner.pk)}
    known |= {"app_label": "conversations", "content_type_id": "1", "url": "no/such/page"}
    with known_by_heart():
        yield Desk(users, clients, known)


@contextmanager
def nothing_written(where: str) -> Iterator[None]:
    """But what is remembered of a visit, and who was shown what."""
    written: list[str] = []

    def watching(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.match(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|COPY)", sql) and not BESIDE.search(sql):
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watching):
        yield
    assert written == [], where


def outcome(answer: Any) -> str:
    if answer.status_code in (301, 302):
        return "login" if re.match(r"/(accounts|admin)/login/", answer["Location"]) else "away"
    return str(answer.status_code)


def requested_by(user: User) -> Any:
    request = RequestFactory().get("/")
    request.user = user
    return request


def test_every_table_of_the_desk_has_its_line() -> None:
    assert set(lines()) == set(tables())
    for name, table in tables().items():
        assert isinstance(table, Table), f"{name} stands on nothing that filters"
        assert {inline.__name__ for inline in table.inlines} == set(lines()[name].inlines), name


def test_rights_and_actions_are_those_of_the_table(at_the_desk: Desk) -> None:
    for name, table in tables().items():
        line = lines()[name]
        for who, letters in (
            ("staff", ""),
            ("reviewer", line.reviewer),
            ("superuser", line.superuser),
        ):
            request = requested_by(at_the_desk.users[who])
            may = {at for at, verb in LETTERS.items() if allows(table, verb, request)}
            assert may == set(letters), f"{who} at {name}"
            actions = {
                word.strip("*") for word in line.actions if who == "superuser" or "*" in word
            }
            found = set(table.get_actions(request)) if who != "staff" else set()
            assert found == (actions if "v" in letters else set()), f"{who} at {name}"


def allows(table: Any, verb: str, request: Any) -> bool:
    return bool(getattr(table, f"has_{verb}_permission")(request))


@pytest.mark.timeout(300)  # seven hundred of them
def test_forged_posts_do_nothing_to_any_table(at_the_desk: Desk) -> None:
    for route, name in doors().items():
        model, kind = admin_model(name), admin_kind(name)
        if model is None or kind not in told.OF_EACH:
            continue
        path = at_the_desk.address(route, name)
        for body in bodies(model._meta.label_lower, kind, last(model)):
            for who in at_the_desk.clients:
                wanted = wanted_of(who, kind, lines()[model._meta.label_lower])
                if wanted is not None:
                    refused(at_the_desk, who, path, body, wanted)


def bodies(name: str, kind: str, row: Model | None) -> list[dict[str, Any]]:
    """What would do something if it came from whoever may."""
    if kind == "changelist":
        chosen = {"_selected_action": str(row and row.pk), "select_across": "1", "confirmed": "yes"}
        return [
            {**chosen, "action": word.strip("*"), "post": "yes"} for word in lines()[name].actions
        ]
    if kind == "delete":
        return [{"post": "yes", "confirm": str(row)}]
    anything = {
        "name": "evil",
        "is_active": "on",
        "is_superuser": "on",
        "base_url": "https://evil.example",
    }
    return [{"_save": "Save", "_saveasnew": "1", "_popup": "1", **anything}]


def wanted_of(who: str, kind: str, line: Line) -> set[str] | None:
    """None: they may."""
    if who not in STAFF:
        return {"login"}
    letters = {"staff": "", "reviewer": line.reviewer, "superuser": line.superuser}[who]
    if kind == "changelist" and "v" in letters:
        return {"200", "away"} if who == "reviewer" else None
    if kind == "change" and "a" in letters:
        return None  # `_saveasnew` is adding
    needed = {"changelist": "v", "history": "v"}.get(kind, kind[0])
    return None if needed in letters else {"403"}


def refused(at: Desk, who: str, path: str, body: dict[str, Any], wanted: set[str]) -> None:
    with nothing_written(f"{who} at {path}"):
        answer = at.clients[who].post(path, body)
    assert outcome(answer) in wanted, f"{who} at {path}: {outcome(answer)}"


def pages() -> dict[str, dict[str, str]]:
    found = {}
    for text in told.PAGES.splitlines():
        if text and not text.startswith("#"):
            name, *cells = text.split()
            found[name] = dict(zip(("person", *STAFF), cells, strict=True))
    return found


def test_every_other_page_of_the_desk_has_its_line_and_keeps_to_it(at_the_desk: Desk) -> None:
    others = {route: name for route, name in doors().items() if is_other(name)}
    assert {line_of(name) for name in others.values()} == set(pages()) | told.SIGNING
    wrong = []
    for route, name in others.items():
        if line_of(name) in told.SIGNING:
            continue
        for who, client in at_the_desk.clients.items():
            wanted = pages()[line_of(name)][who if who in STAFF else "person"]
            path = at_the_desk.address(route, name)
            with nothing_written(f"{who} at {path}"):
                answer = client.post(path, {"x": "y"})
            if outcome(answer) not in wanted.split("|"):
                wrong.append((name, who, outcome(answer)))
    assert wrong == []


def is_other(name: str) -> bool:
    return admin_model(name) is None or admin_kind(name) not in told.OF_EACH


def line_of(name: str) -> str:
    """Django leaves the redirects to a row's page and the last door of all without a name."""
    return name.removeprefix("admin:") or "rest"


def test_a_superuser_s_own_posts_are_not_refused(at_the_desk: Desk) -> None:
    """Else everything above would hold of a desk at which nothing works."""
    superuser, path = at_the_desk.clients["superuser"], "/admin/conversations/languagemodel/"
    row = LanguageModel.objects.filter(is_enabled=True).first()
    assert row is not None
    chosen = {"action": "disable", "_selected_action": str(row.pk)}
    assert superuser.post(path, chosen).status_code == 302
    row.refresh_from_db()
    assert not row.is_enabled


def forged_prices(beneath: LanguageModel, **first: str) -> dict[str, str]:
    form = {"prices-TOTAL_FORMS": "1", "prices-INITIAL_FORMS": "1", "_save": "Save"}
    form |= {"prices-MIN_NUM_FORMS": "0", "prices-MAX_NUM_FORMS": "1000"}
    numbers = {"since": "2031-01-01", "input": "666", "cached_input": "666", "output": "666"}
    row = {"model": str(beneath.pk), **numbers, **first}
    return {**form, **{f"prices-0-{name}": value for name, value in row.items()}}


def test_a_page_changes_no_row_of_another_page(at_the_desk: Desk) -> None:
    """A form beneath a model names a price of another model, a model of another price, or nothing at all."""
    price = Price.objects.order_by("pk").first()
    assert price is not None
    other = LanguageModel.objects.exclude(pk=price.model_id).order_by("pk").first()
    assert other is not None
    before = list(Price.objects.order_by("pk").values())
    ids = [str(price.pk), *some([NOBODY, *NONSENSE])]
    for who in ("superuser", "reviewer"):
        for id in ids:
            path = f"/admin/conversations/languagemodel/{other.pk}/change/"
            for forged in (
                {"id": id},
                {"id": id, "model": str(price.model_id)},
                {"id": id, "DELETE": "on"},
            ):
                answer = at_the_desk.clients[who].post(path, forged_prices(other, **forged))
                assert outcome(answer) in ("200", "400", "403"), f"{who} with {id[:20]}"
    assert list(Price.objects.order_by("pk").values()) == before


def test_no_nonsense_in_an_address_brings_a_list_down(at_the_desk: Desk) -> None:
    client = at_the_desk.clients["superuser"]
    for name, path in lists().items():
        for query in some(queries(tables()[name])):
            answer = client.get(f"{path}?{query}")
            assert outcome(answer) in ("200", "away", "400"), f"{path}?{query[:200]}"


def some(all: Iterable[T]) -> list[T]:
    """A few of them, others each time; pytest says the seed that brings the same again."""
    known = list(all)
    return known if FULL else random.sample(known, min(FEW, len(known)))


def lists() -> dict[str, str]:
    return {name: f"/admin/{name.replace('.', '/')}/" for name in tables()}


def queries(table: Any) -> Iterator[str]:
    """Everything that a list listens to at once, and what it must not listen to."""
    for word in NONSENSE:
        yield urlencode(dict.fromkeys(("q", "o", "p", "_facets"), word))
        for listened in sorted(table._shown()):
            yield urlencode({listened: word})
            yield urlencode({f"{listened}__exact": word, f"{listened}__id__exact": word})
    for raw in BYTES:
        yield "&".join(f"{listened}={raw}" for listened in ("q", "o", "p", *table._shown()))
    yield "_popup=1&_to_field=password&owner__password__startswith=a&pk__in=x&all=&e=1"


def test_no_nonsense_in_a_row_s_address_brings_a_page_down(at_the_desk: Desk) -> None:
    client = at_the_desk.clients["superuser"]
    pages = ("change/", "history/", "delete/", "", "change/?_popup=1&_to_field=password")
    words = [*map(quote, NONSENSE), *BYTES, "%2F", "_2F..", "change"]
    for path in lists().values():
        for word, page in some(product(words, pages)):
            answer = client.get(f"{path}{word}/{page}")
            assert int(answer.status_code) < 500, f"{path}{word}/{page}"


def test_no_choice_is_given_of_what_is_not_for_choosing(at_the_desk: Desk) -> None:
    """Autocomplete looks into any table by any field that a stranger names, if it is let."""
    asked = [
        ("conversations", "budget", "user"),
        ("conversations", "budget", "password"),
        ("x", "y", "z"),
    ]
    asked += [
        ("conversations", "providercall", "user"),
        ("auth", "permission", "group"),
        ("", "", ""),
    ]
    for who, client in at_the_desk.clients.items():
        for app, model, field in asked:
            for term in ("ada", "\0", "\ud800".encode("utf-8", "surrogatepass")):
                names = {"app_label": app, "model_name": model, "field_name": field, "term": term}
                answer = client.get("/admin/autocomplete/", names)
                may = who == "superuser" and (model, field) == ("budget", "user")
                wanted = ("200", "400") if may else ("403", "400") if who in STAFF else ("login",)
                assert outcome(answer) in wanted, f"{who}: {names}"
