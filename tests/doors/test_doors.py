"""Walks the table: every door × everybody; and fails for a door that the table does not know."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.doors import table
from tests.doors.bodies import BODIES, FRAME_BODIES
from tests.doors.routes import admin_kind, frame_types, operations, routes
from tests.doors.world import Inside, World, belongings
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


def outcome(answer: Any) -> str:
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
    method: str, route: str, make_world: MakeWorld, standing: World
) -> None:
    """Who only looks, looks at the same world as others do, and leaves it as it was."""
    world = standing if method == "GET" else make_world()
    wanted = doors()[method, route]
    # The owner comes last: what the owner may do can take the thing away.
    got = {}
    for who in reversed(table.PEOPLE):
        answer = knock(world.people[who], method, route, world)
        found = outcome(answer)
        got[who] = found
        assert found in wanted[who].split("|"), f"{who} got {found}: {answer.text[:300]}"


def corners() -> dict[str, list[str]]:
    """The routes of the site by what they begin with, which one world does for; but those of signing in and
    out by themselves: allauth looks at the person before the method, and may let them go."""
    found: dict[str, list[str]] = {}
    for route in other_routes():
        deep = {"accounts": 9, "api": 4}.get(route.split("/")[1], 2)
        found.setdefault("/".join(route.split("/")[:deep]), []).append(route)
    return found


@pytest.mark.parametrize("corner", sorted(corners()))
def test_a_method_that_is_not_listed_is_refused(corner: str, inside: Inside) -> None:
    """Hundreds of doors: by Django's own client, which walks through the same middleware (handler.py)."""
    for route in corners()[corner]:
        for method in sorted(set(METHODS) - methods_of(route)):
            for who in ("stranger", "other", "owner"):
                found = knock_inside(inside, who, method, address(route, inside.world))
                allowed = REFUSED | as_for_get(route, who)
                assert found in allowed, f"{who} {method} {route} got {found}"


def knock_inside(inside: Inside, who: str, method: str, path: str) -> str:
    return outcome(inside.clients[who].generic(method, path))


def as_for_get(route: str, who: str) -> set[str]:
    """allauth looks at the person before the method: it sends away, or shows what GET shows."""
    if not route.startswith("/accounts/"):
        return set()
    return {"away", *doors().get(("GET", route), {}).get(who, "").split("|")}


def admin_pages() -> dict[str, list[tuple[str, str]]]:
    """Kind → the routes of that kind, with their names."""
    found: dict[str, list[tuple[str, str]]] = {}
    for route, name in admin_routes().items():
        found.setdefault(admin_kind(name), []).append((route, name))
    return found


def staff_only(kind: str, who: str) -> list[str]:
    """What the table says that somebody gets at a page of the desk."""
    reviewer, superuser, others = rows(table.ADMIN)[kind]
    return {"reviewer": reviewer, "superuser": superuser}.get(who, others).split("|")


@pytest.mark.parametrize("kind", sorted(rows(table.ADMIN)))
def test_admin_pages_are_for_those_who_look_after_the_site(kind: str, inside: Inside) -> None:
    for route, name in admin_pages()[kind]:
        path = inside.world.admin_address(route, name)
        for who in table.PEOPLE:
            found = knock_inside(inside, who, "GET", path)
            assert found in staff_only(kind, who), f"{who} at {path}: {found}"


def test_whose_pages_are_looked_at_depends_on_nobody_else(inside: Inside) -> None:
    """What another test has made last may be gone in a moment."""
    world, pages = inside.world, [page for pages in admin_pages().values() for page in pages]
    before = [world.admin_address(*page) for page in pages]
    other = world.people["other"].user
    assert other is not None
    belongings(other, world.blob)
    assert [world.admin_address(*page) for page in pages] == before


@pytest.mark.parametrize("kind", sorted(rows(table.ADMIN)))
def test_a_page_of_each_kind_is_so_over_http_as_well(kind: str, standing: World) -> None:
    route, name = admin_pages()[kind][0]
    path = standing.admin_address(route, name)
    for who in table.PEOPLE:
        found = outcome(standing.people[who].http.get(path))
        assert found in staff_only(kind, who), f"{who} at {path}: {found}"


@pytest.mark.parametrize("type", sorted(rows(table.FRAMES)))
def test_each_frame_gets_what_the_table_says(type: str, make_world: MakeWorld) -> None:
    world = make_world()
    # As above: the owner comes last.
    for who in reversed(table.PEOPLE):
        wanted = dict(zip(table.PEOPLE, rows(table.FRAMES)[type], strict=True))[who].split("|")
        assert got_by(world.people[who], type, world) in wanted, who


def got_by(person: Person, type: str, world: World) -> str:
    socket = person.socket(ready=False)
    try:
        socket.until("ready")
        return str(socket.call(type, **FRAME_BODIES[type](world))["type"])
    except ConnectionClosed:
        return str(socket.close_code())
    except Refused as refused:
        return str(refused.code)
