"""Saved prompts: one's own over the API and the page, and those for all in the admin."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client

from conversations.api import own_shapes
from conversations.chat import prompts
from conversations.models import SavedPrompt, User
from tests.features.admin_kit import TABLES, client_of
from tests.features.test_api_shapes import NOBODY, fits
from tests.harness.database import Ground
from tests.harness.people import Person

LETTER = {"name": "letter", "text": "Write to {{whom}} in {{how many:two}} sentences."}


def save(person: Person, *, expect: int = 201, **fields: Any) -> dict[str, Any]:
    return dict(person.api("POST", "prompts", json={**LETTER, **fields}, expect=expect))


def own(person: Person) -> list[dict[str, Any]]:
    items = person.api("GET", "prompts")["items"]
    return [item for item in items if not item["shared"]]


def test_prompts_are_saved_listed_changed_and_deleted(ada: Person, ben: Person) -> None:
    made = save(ada)
    fits(made, own_shapes.SavedPrompt)
    assert {**made, "id": ""} == {**LETTER, "id": "", "shared": False}
    other = save(ada, name="agenda")
    assert own(ada) == [other, made]
    changed = ada.api("PATCH", f"prompts/{made['id']}", json={"text": "Write."})
    assert changed == {**made, "text": "Write."}
    assert own(ben) == []
    assert ada.api("DELETE", f"prompts/{made['id']}", expect=204) is None
    ada.api("DELETE", f"prompts/{made['id']}", expect=404)
    assert own(ada) == [other]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" /Weekly  Report ", "weekly-report"),
        ("ＦＵＬＬ", "full"),
        ("größe_2", "größe_2"),
        ("你好", "你好"),
        ("a\x00b", "ab"),
    ],
)
def test_a_name_is_what_is_typed_behind_the_slash(ada: Person, typed: str, name: str) -> None:
    assert save(ada, name=typed)["name"] == name


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", prompts.NO_NAME),
        ("name", "a/b", prompts.NO_NAME),
        ("name", "<b>", prompts.NO_NAME),
        ("name", "x" * 41, "This is too long: 40 characters at most."),
        ("name", 7, "This has to be text."),
        ("text", " \n", "This is needed."),
        ("text", "x" * 20_001, "This is too long: 20000 characters at most."),
        ("owner", NOBODY, "This field is not known here."),
    ],
)
def test_what_is_no_prompt_is_refused(ada: Person, field: str, value: Any, sentence: str) -> None:
    error = save(ada, expect=400, **{field: value})["error"]
    assert error["fields"] == {field: [sentence]}
    assert own(ada) == []


def test_a_name_is_one_persons_once(ada: Person, ben: Person) -> None:
    made, other = save(ada), save(ada, name="other")
    assert save(ada, name="Letter", expect=409)["error"]["fields"] == {"name": [prompts.TAKEN]}
    body = {"name": "letter", "text": "Lost?"}
    ada.api("PATCH", f"prompts/{other['id']}", json=body, expect=409)
    assert own(ada) == [made, other]
    assert save(ben)["name"] == "letter"


def test_two_at_once_of_one_name_are_one(ada: Person) -> None:
    def one(_: int) -> int:
        return ada.at(ada.server).http.post("/api/v1/prompts", json=LETTER).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [201, 409, 409, 409]


def test_there_is_a_most(ada: Person, ground: Ground) -> None:
    rows = [SavedPrompt(owner_id=ada.id, name=f"p{n}", text="x") for n in range(prompts.MOST)]
    ground.run(lambda: SavedPrompt.objects.bulk_create(rows))
    assert save(ada, expect=400)["error"]["message"] == prompts.TOO_MANY.format(most=prompts.MOST)
    assert len(own(ada)) == prompts.MOST


def test_what_is_for_all_is_everybodys_to_use_and_nobodys_to_change(
    ada: Person, ground: Ground
) -> None:
    row = SavedPrompt(owner=None, name=f"all-{ada.name[-10:]}", text="Sum it up.")
    ground.run(row.save)
    try:
        found = {item["id"]: item for item in ada.api("GET", "prompts")["items"]}[str(row.pk)]
        assert found["shared"] is True
        ada.api("PATCH", f"prompts/{row.pk}", json={"text": "Mine."}, expect=404)
        ada.api("DELETE", f"prompts/{row.pk}", expect=404)
        assert save(ada, name=row.name)["shared"] is False
    finally:
        ground.run(row.delete)


# The pages ----------------------------------------------------------------------------------------


def test_the_forms_of_the_page_save_change_and_delete(ada: Person) -> None:
    saved = ada.http.post("/settings/prompts/", data={**LETTER, "text": "One\r\ntwo"})
    assert saved.headers["location"] == "/settings/?kept=prompts#prompts"
    [prompt] = own(ada)
    assert prompt["text"] == "One\ntwo"
    address = f"/settings/prompts/{prompt['id']}/"
    assert ada.http.post(address, data={"name": "Note", "text": "Three"}).status_code == 302
    assert own(ada) == [{**prompt, "name": "note", "text": "Three"}]
    assert ada.http.post(address, data={"delete": "yes"}).status_code == 302
    assert own(ada) == []


def test_what_was_typed_comes_back_with_the_reason(ada: Person) -> None:
    save(ada)
    answer = ada.http.post("/settings/prompts/", data={"name": "letter", "text": "Once more"})
    assert answer.status_code == 409
    assert str(prompts.TAKEN) in answer.text and "Once more</textarea>" in answer.text
    answer = ada.http.post("/settings/prompts/", data={"name": "a b/c", "text": "Once more"})
    assert answer.status_code == 400
    assert str(prompts.NO_NAME) in answer.text and 'value="a b/c"' in answer.text


@pytest.mark.django_db
def test_an_administrator_looks_after_those_for_all_and_sees_no_others(
    root: User, owner: User
) -> None:
    client, table = client_of(root), f"{TABLES}savedprompt/"
    mine = SavedPrompt.objects.create(owner=owner, name="diary", text="PRIVATE")
    assert client.post(f"{table}add/", {"name": "Sum Up", "text": "Sum it up."}).status_code == 302
    made = SavedPrompt.objects.get(owner=None, name="sum-up")
    again = client.post(f"{table}add/", {"name": "sum-up", "text": "x"})
    assert "There is a prompt of this name already." in again.content.decode()
    bad = client.post(f"{table}add/", {"name": "sum/up", "text": "x"})
    assert str(prompts.NO_NAME) in bad.content.decode()
    page = client.get(table).content.decode()
    assert "/sum-up" in page and "diary" not in page and "PRIVATE" not in page
    assert client.post(f"{table}{made.pk}/change/", {"name": "sum", "text": "y"}).status_code == 302
    assert is_hidden(client, f"{table}{mine.pk}/change/")
    assert client.post(f"{table}{made.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(SavedPrompt.objects.all()) == [mine]


def is_hidden(client: Client, path: str) -> bool:
    return client.get(path).headers.get("location") == "/admin/"
