"""Folders, and the order of what is pinned: made, filled, moved and taken apart, in step on every tab."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from conversations.api import shapes
from conversations.models import Folder
from tests.features.test_api_shapes import NOBODY, fits
from tests.harness.database import Ground
from tests.harness.people import Person


def folder(person: Person, name: str = "Work", **more: Any) -> dict[str, Any]:
    return dict(person.api("POST", "folders", json={"name": name, **more}, expect=201))


def are_there(person: Person, ground: Ground, count: int) -> None:
    """Folders that somebody has made one day."""
    rows = [Folder(owner=person.user, name=str(number)) for number in range(count)]
    ground.run(lambda: Folder.objects.bulk_create(rows))


def talk(person: Person, **fields: Any) -> dict[str, Any]:
    return dict(person.api("POST", "conversations", json=fields, expect=201))


def names(person: Person) -> list[str]:
    return [one["name"] for one in person.api("GET", "folders")["items"]]


def test_a_folder_is_made_renamed_folded_and_told_to_other_tabs(ada: Person) -> None:
    tab = ada.socket()
    made = folder(ada, " Work ")
    fits(made, shapes.Folder)
    assert made["name"] == "Work" and not made["folded"]
    assert tab.until("folder.updated")["folder"] == made
    tab = ada.socket()
    changed = ada.api("PATCH", f"folders/{made['id']}", json={"name": "Home", "folded": True})
    assert changed == {**made, "name": "Home", "folded": True}
    assert tab.until("folder.updated")["folder"] == changed
    fits(ada.api("GET", "folders"), shapes.Page[shapes.Folder])


def test_folders_stand_in_an_order_of_ones_own(ada: Person) -> None:
    ids = [folder(ada, name)["id"] for name in ("a", "b", "c")]
    assert names(ada) == ["a", "b", "c"]
    assert ada.api("PATCH", f"folders/{ids[2]}", json={"position": 0})["position"] == 0
    assert names(ada) == ["c", "a", "b"]
    ada.api("PATCH", f"folders/{ids[2]}", json={"position": 2**31 - 1})
    assert names(ada) == ["a", "b", "c"]
    folder(ada, "first", position=0)
    assert names(ada)[0] == "first"


def test_a_conversation_is_put_into_a_folder_and_out_again(ada: Person) -> None:
    made, one, other = folder(ada), talk(ada), talk(ada)
    path = f"conversations/{one['id']}"
    assert ada.api("PATCH", path, json={"folder": made["id"]})["folder"] == made["id"]
    found = ada.api("GET", f"conversations?folder={made['id']}")["items"]
    assert [item["id"] for item in found] == [one["id"]]
    assert len(ada.api("GET", "conversations")["items"]) == 2
    assert ada.api("PATCH", path, json={"folder": None})["folder"] is None
    assert ada.api("GET", f"conversations?folder={made['id']}")["items"] == []
    assert talk(ada, folder=made["id"])["folder"] == made["id"]
    assert other["folder"] is None


def test_a_folder_taken_apart_keeps_what_was_in_it(ada: Person) -> None:
    made = folder(ada)
    one = talk(ada, title="Kept", folder=made["id"])
    tab = ada.socket()
    ada.api("DELETE", f"folders/{made['id']}", expect=204)
    assert tab.until("folder.deleted")["folder"] == made["id"]
    assert ada.api("GET", f"conversations/{one['id']}") == {**one, "folder": None}
    ada.api("DELETE", f"folders/{made['id']}", expect=404)


def test_nobody_reaches_into_anothers_folders(ada: Person, cleo: Person) -> None:
    hers, mine = folder(ada)["id"], talk(cleo)["id"]
    cleo.api("PATCH", f"conversations/{mine}", json={"folder": hers}, expect=404)
    cleo.api("POST", "conversations", json={"folder": hers}, expect=404)
    cleo.api("GET", f"conversations?folder={hers}", expect=404)
    cleo.api("PATCH", f"folders/{hers}", json={"name": "Mine"}, expect=404)
    cleo.api("DELETE", f"folders/{hers}", expect=404)
    assert names(ada) == ["Work"] and names(cleo) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "  "},
        {"name": "\u0000"},
        {"name": "x" * 101},
        {"name": 7},
        {"name": "x", "position": -1},
        {"name": "x", "position": 2**31},
        {"name": "x", "position": True},
        {"name": "x", "folded": "yes"},
        {"name": "x", "colour": "red"},
    ],
    ids=str,
)
def test_what_is_no_folder_is_refused(ada: Person, body: dict[str, Any]) -> None:
    error = ada.api("POST", "folders", json=body, expect=400)["error"]
    assert error["code"] == "invalid" and error["fields"]
    assert names(ada) == []


def test_there_are_so_many_folders_and_no_more(ada: Person, ground: Ground) -> None:
    are_there(ada, ground, 99)
    folder(ada, "the last")
    error = ada.api("POST", "folders", json={"name": "one more"}, expect=409)["error"]
    assert error["code"] == "conflict"


@pytest.mark.parametrize("id", [NOBODY, "nonsense", "%00", "%ED%A0%80"])
def test_a_folder_that_is_not_there_is_not_found(ada: Person, id: str) -> None:
    ada.api("PATCH", f"folders/{id}", json={"name": "x"}, expect=404)
    ada.api("DELETE", f"folders/{id}", expect=404)


def test_what_is_pinned_stays_in_the_order_of_pinning(ada: Person) -> None:
    one, two = talk(ada), talk(ada)
    pins = {}
    for id in (two["id"], one["id"]):
        pins[id] = ada.api("PATCH", f"conversations/{id}", json={"pinned": True})["pinned_at"]
    again = ada.api("PATCH", f"conversations/{two['id']}", json={"pinned": True})
    assert again["pinned_at"] == pins[two["id"]] < pins[one["id"]]
    found = ada.api("GET", "conversations?pinned=true")["items"]
    assert {item["id"] for item in found} == set(pins)
    out = ada.api("PATCH", f"conversations/{two['id']}", json={"pinned": False})
    assert out["pinned_at"] is None
    assert ada.api("GET", "conversations?pinned=true&archived=true")["items"] == []


def test_putting_in_order_is_no_activity(ada: Person) -> None:
    one, made = talk(ada, title="Old"), folder(ada)
    for changes in ({"title": "New"}, {"pinned": True}, {"folder": made["id"]}):
        changed = ada.api("PATCH", f"conversations/{one['id']}", json=changes)
        assert changed["updated_at"] == one["updated_at"]


def at_once(count: int, call: Callable[[int], httpx.Response]) -> set[int]:
    """The status of calls that all begin together."""
    start = Barrier(count)

    def one(number: int) -> int:
        start.wait()
        return call(number).status_code

    with ThreadPoolExecutor(count) as threads:
        return set(threads.map(one, range(count)))


def test_folders_that_are_moved_all_at_once_keep_one_order(ada: Person) -> None:
    ids = [folder(ada, f"f{number}")["id"] for number in range(6)]

    def move(number: int) -> httpx.Response:
        wish = {"position": number * 5 % 6, "name": f"n{number}"}
        return ada.http.patch(f"/api/v1/folders/{ids[number % 6]}", json=wish)

    assert at_once(12, move) == {200}
    stand = ada.api("GET", "folders")["items"]
    assert [one["position"] for one in stand] == list(range(6))


def test_who_comes_while_a_folder_is_taken_apart_hears_that_it_is_gone(ada: Person) -> None:
    for _round in range(3):
        gone, one = folder(ada)["id"], talk(ada)["id"]
        # Left to right: taken apart, renamed, moved, and something is put into it.
        calls: list[tuple[str, str, dict[str, Any] | None]] = [
            ("DELETE", f"folders/{gone}", None),
            ("PATCH", f"folders/{gone}", {"name": "New"}),
            ("PATCH", f"folders/{gone}", {"position": 0}),
            ("PATCH", f"conversations/{one}", {"folder": gone}),
        ]

        def call(number: int) -> httpx.Response:
            method, path, wish = calls[number % 4]  # noqa: B023 called before the next round
            return ada.http.request(method, f"/api/v1/{path}", json=wish)

        assert at_once(12, call) <= {200, 204, 404}
        assert ada.api("GET", f"conversations/{one}")["folder"] is None


def test_no_more_folders_are_made_at_once_than_there_may_be(ada: Person, ground: Ground) -> None:
    are_there(ada, ground, 97)
    made = at_once(8, lambda _: ada.http.post("/api/v1/folders", json={"name": "one more"}))
    assert made == {201, 409}
    assert len(names(ada)) == 100


def test_a_title_stands_on_one_line(ada: Person) -> None:
    made = talk(ada, title=" A walk\n by\tthe sea ")
    assert made["title"] == "A walk by the sea"
