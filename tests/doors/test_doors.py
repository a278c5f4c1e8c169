"""Walks the table: every door × everybody; and fails for a door that the table does not know."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.doors import table
from tests.doors.bodies import BODIES, FRAME_BODIES
from tests.doors.routes import admin_kind, frame_types, operations, routes
from tests.doors.world import World
from tests.harness.people import Person
from tests.harness.sockets import Refused

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSED = {"401", "403", "404", "405", "login"}
MakeWorld = Callable[[], World]


def doors() -> dict[tuple[str, str], dict[str, str]]:
    """(method, route) → what each person gets."""
    found = {}
    for line in lines(table.DOORS):
        route, method, *cells = line.split()
        assert len(cells) == len(table.PEOPLE), line
        found[method, route] = dict(zip(table.PEOPLE, cells, strict=True))
    return found


def rows(text: str) -> dict[str, list[str]]:
    return {name: cells for name, *cells in map(str.split, lines(text))}


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def methods_of(route: str) -> set[str]:
    return {method for method, known in doors() if known == route}


def admin_routes() -> dict[str, str]:
    return {route: name for route, name in routes().items() if name.startswith("admin:")}


def other_routes() -> list[str]:
    """All the others, as the table writes them. `api-root` is ninja's own name for 404."""
    found = {route for route, name in routes().items() if name != "api-v1:api-root"}
    return sorted(table.WRITTEN_OUT.get(route, route) for route in found - set(admin_routes()))


def test_every_route_is_in_the_table() -> None:
    listed = {route for _, route in doors()}
    assert sorted(set(other_routes()) - listed) == [], (
        "routes without a line in tests/doors/table.py"
    )
    assert sorted(listed - set(other_routes())) == [], "lines without a route"


def test_every_call_of_the_api_is_in_the_table() -> None:
    listed = set(doors())
    assert sorted(operations() - listed) == [], "API calls without a line in tests/doors/table.py"
    api = {route for _, route in operations()}
    assert sorted(key for key in listed - operations() if key[1] in api) == [], (
        "lines without a call"
    )


def test_every_frame_type_is_in_the_table() -> None:
    assert frame_types() == set(rows(table.FRAMES))


def test_every_kind_of_admin_page_is_in_the_table() -> None:
    assert {admin_kind(name) for name in admin_routes().values()} == set(rows(table.ADMIN))


def address(route: str, world: World) -> str:
    """A route with its parameters filled in with what the owner owns."""
    values = world.values()

    def fill(parameter: re.Match[str]) -> str:
        name = parameter.group(1).rpartition(":")[2]
        return values.get(name) or table.EXAMPLES[name]

    return re.sub(r"<([^>]+)>", fill, route)


def outcome(answer: httpx.Response) -> str:
    """A cell of the table for an answer."""
    target = answer.headers.get("location", "")
    if answer.status_code in (301, 302, 303):
        return "login" if re.match(r"/(accounts|admin)/login/", target) else "away"
    return str(answer.status_code)


def knock(person: Person, method: str, route: str, world: World) -> httpx.Response:
    body = BODIES.get((method, route))
    more: dict[str, Any] = body(world) if body else {}
    return person.http.request(method, address(route, world), **more)


@pytest.mark.parametrize(("method", "route"), sorted(doors()), ids=lambda value: str(value))
def test_each_person_gets_what_the_table_says(
    method: str, route: str, make_world: MakeWorld
) -> None:
    world = make_world()
    wanted = doors()[method, route]
    # The owner comes last: what the owner may do can take the thing away.
    got = {}
    for who in reversed(table.PEOPLE):
        answer = knock(world.people[who], method, route, world)
        found = outcome(answer)
        got[who] = found
        assert found in wanted[who].split("|"), f"{who} got {found}: {answer.text[:300]}"


@pytest.mark.parametrize("route", other_routes())
def test_a_method_that_is_not_listed_is_refused(route: str, make_world: MakeWorld) -> None:
    world = make_world()
    for method in sorted(set(METHODS) - methods_of(route)):
        for who in ("stranger", "other", "owner"):
            answer = world.people[who].http.request(method, address(route, world))
            found = outcome(answer)
            assert found in REFUSED | as_for_get(route, who), f"{who} {method} got {found}"


def as_for_get(route: str, who: str) -> set[str]:
    """allauth looks at the person before the method: it sends away, or shows what GET shows."""
    if not route.startswith("/accounts/"):
        return set()
    return {"away", *doors().get(("GET", route), {}).get(who, "").split("|")}


@pytest.mark.parametrize("kind", sorted(rows(table.ADMIN)))
def test_admin_pages_are_for_those_who_look_after_the_site(
    kind: str, make_world: MakeWorld
) -> None:
    world = make_world()
    reviewer, superuser, others = rows(table.ADMIN)[kind]
    wanted = {"reviewer": reviewer, "superuser": superuser}
    of_kind = [(route, name) for route, name in admin_routes().items() if admin_kind(name) == kind]
    for route, name in of_kind:
        path = world.admin_address(route, name)
        for who in table.PEOPLE:
            expected = wanted.get(who, others)
            answer = world.people[who].http.get(path)
            assert outcome(answer) in expected.split("|"), f"{who} at {path}: {answer.status_code}"


@pytest.mark.parametrize("who", table.PEOPLE)
@pytest.mark.parametrize("type", sorted(rows(table.FRAMES)))
def test_each_frame_gets_what_the_table_says(type: str, who: str, make_world: MakeWorld) -> None:
    world = make_world()
    wanted = dict(zip(table.PEOPLE, rows(table.FRAMES)[type], strict=True))[who].split("|")
    socket = world.people[who].socket(ready=False)
    if wanted == ["4401"]:
        assert socket.close_code() == 4401
        return
    socket.until("ready")
    try:
        got = socket.call(type, **FRAME_BODIES[type](world))["type"]
    except Refused as refused:
        got = str(refused.code)
    assert got in wanted
