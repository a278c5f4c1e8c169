"""Every no of the API has one form, and is said in one order: who are you, the token, the rest."""

from typing import Any

import pytest

from tests.harness.people import People, Person
from tests.harness.pictures import png

CALLS = [
    ("GET", "models"),
    ("GET", "conversations"),
    ("POST", "conversations"),
    ("PATCH", "conversations/nonsense"),
    ("DELETE", "conversations/nonsense"),
    ("GET", "conversations/nonsense/messages"),
    ("POST", "messages"),
    ("POST", "images"),
    ("POST", "vision"),
    ("GET", "runs/nonsense"),
    ("POST", "runs/nonsense/stop"),
    ("GET", "usage"),
    ("GET", "openapi.json"),
    ("GET", "docs"),
]
WRITING = [call for call in CALLS if call[0] != "GET"]
JSON = {"Content-Type": "application/json"}


def refusal(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["Content-Type"].startswith("application/json")
    assert set(answer.json()) == {"error"}
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code
    assert error["message"].endswith(".")
    assert set(error) <= {"code", "message", "fields", "retry_after"}
    return error


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_stranger_is_asked_to_sign_in_before_anything_else(
    stranger: Person, method: str, path: str
) -> None:
    for token in ("", "a" * 32):
        answer = stranger.http.request(method, f"/api/v1/{path}", headers={"X-CSRFToken": token})
        refusal(answer, 401, "not_logged_in")


def test_who_was_deactivated_is_a_stranger(people: People) -> None:
    dan = people.new("dan", is_active=False)
    for method, path in CALLS:
        refusal(dan.http.request(method, f"/api/v1/{path}"), 401, "not_logged_in")


@pytest.mark.parametrize(("method", "path"), WRITING)
def test_then_the_token_is_asked_for(ada: Person, method: str, path: str) -> None:
    for headers in ({"X-CSRFToken": ""}, {"X-CSRFToken": "b" * 32}, {"Origin": "http://evil.test"}):
        answer = ada.http.request(method, f"/api/v1/{path}", headers=headers)
        refusal(answer, 403, "csrf_failed")


def test_a_form_may_carry_the_token_itself(ada: Person) -> None:
    form: dict[str, Any] = {
        "files": {"file": ("a.png", png(5, 5))},
        "data": {"csrfmiddlewaretoken": "a" * 32},
    }
    answer = ada.http.post("/api/v1/images", headers={"X-CSRFToken": ""}, **form)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("path", ["", "nope", "models/", "messages/1/2", "runs/1/2"])
def test_an_unknown_address_is_not_found(ada: Person, stranger: Person, path: str) -> None:
    for who in (ada, stranger):
        refusal(who.http.get(f"/api/v1/{path}"), 404, "not_found")


@pytest.mark.parametrize(("method", "path"), [("PUT", "models"), ("GET", "messages")])
def test_a_wrong_method_says_which_are_right(ada: Person, method: str, path: str) -> None:
    answer = ada.http.request(method, f"/api/v1/{path}")
    refusal(answer, 405, "invalid")
    assert answer.headers["Allow"] in ("GET", "POST")


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1]", b'"text"', b"null", b'{"text": NaN}', b"\xff\xfe", b"[" * 100_000, b""],
)
def test_a_body_that_is_no_object_is_invalid(ada: Person, body: bytes) -> None:
    refusal(ada.http.post("/api/v1/messages", content=body, headers=JSON), 400, "invalid")


@pytest.mark.parametrize("type", ["text/plain", "application/x-www-form-urlencoded"])
def test_json_is_to_be_called_json(ada: Person, type: str) -> None:
    headers = {"Content-Type": type}
    answer = ada.http.post("/api/v1/messages", content=b'{"text": "x"}', headers=headers)
    assert "application/json" in refusal(answer, 400, "invalid")["message"]


def test_each_wrong_field_is_named_with_what_is_wrong(ada: Person) -> None:
    body = {"text": 1, "images": [1], "options": {"top_p": 2, "x": 1}, "wait": "yes", "y": 1}
    error = refusal(ada.http.post("/api/v1/messages", json=body), 400, "invalid")
    assert set(error["fields"]) == {"text", "images", "options.top_p", "options.x", "wait", "y"}
    assert all(s.endswith(".") for sentences in error["fields"].values() for s in sentences)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("conversations?limit=0", "limit"),
        ("conversations?limit=201", "limit"),
        ("conversations?limit=many", "limit"),
        ("conversations?archived=perhaps", "archived"),
        ("conversations?cursor=%00", "cursor"),
        ("conversations?cursor=nonsense~nonsense", "cursor"),
        ("usage?group=colour", "group"),
        ("usage?from=yesterday", "from"),
        ("usage?to=%00", "to"),
        ("usage?to=9999-12-31", "to"),
        ("usage?from=9999-12-31T10:00", "from"),
        ("usage?from=0001-01-01T00:00:00%2B14:00", "from"),
    ],
)
def test_a_query_that_means_nothing_is_invalid(ada: Person, path: str, field: str) -> None:
    error = refusal(ada.http.get(f"/api/v1/{path}"), 400, "invalid")
    assert list(error["fields"]) == [field]


@pytest.mark.parametrize("path", ["conversations?q=&cursor=&archived=&limit=", "usage?from=&to="])
def test_what_is_left_empty_was_not_given(ada: Person, path: str) -> None:
    assert ada.api("GET", path)["items"] == []


def test_a_moment_that_postgres_has_no_room_for_is_invalid(ada: Person) -> None:
    cursor = "0001-01-01T00:00:00%2B23:59~01890000-0000-7000-8000-000000000000"
    refusal(ada.http.get(f"/api/v1/conversations?cursor={cursor}"), 400, "invalid")


@pytest.mark.parametrize("q", ["%00", "%ED%A0%80", "%FF", "a%00b"])
def test_no_character_of_a_query_is_our_fault(ada: Person, q: str) -> None:
    assert ada.api("GET", f"conversations?q={q}")["items"] == []


def test_unstorable_characters_are_taken_out_of_bodies(ada: Person) -> None:
    body = b'{"title": "a\\ud800b\\u0000c \\ud83d\\ude00", "system_prompt": "\\udfff"}'
    made = ada.api("POST", "conversations", content=body, headers=JSON, expect=201)
    assert (made["title"], made["system_prompt"]) == ("abc 😀", "")


def test_an_unstorable_name_of_a_field_is_an_unknown_field(ada: Person) -> None:
    body = b'{"\\ud800x": 1, "\\u0000": 2}'
    refusal(ada.http.post("/api/v1/conversations", content=body, headers=JSON), 400, "invalid")


def test_an_empty_title_is_refused(ada: Person) -> None:
    answer = ada.http.post("/api/v1/conversations", json={"title": " "})
    assert list(refusal(answer, 400, "invalid")["fields"]) == ["title"]


def test_too_large_a_body_is_refused(ada: Person) -> None:
    body = {"text": "x" * (4 * 1024 * 1024 + 1)}
    refusal(ada.http.post("/api/v1/messages", json=body), 413, "too_large")
    body = {"system_prompt": "x" * (2 * 1024 * 1024)}
    refusal(ada.http.post("/api/v1/conversations", json=body), 413, "too_large")


def test_4_mib_of_text_come_through(ada: Person) -> None:
    asked = {"text": "x" * (4 * 1024 * 1024)}
    sent = ada.api("POST", "messages", json=asked, expect=201)
    assert len(sent["user_message"]["text"]) == 4 * 1024 * 1024


@pytest.mark.parametrize(
    "form",
    [
        {"content": b"garbage", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"json": {"file": "x"}},
        {"data": {"file": "x"}},
        {"files": {"other": ("a.png", b"x")}},
        {"files": {"file": ("a.png", b"x"), "more": ("b.png", b"x")}},
        {"files": [("file", (f"{number}.png", b"x")) for number in range(11)]},
        {"files": [("file", (f"{number}.png", b"x")) for number in range(200)]},
    ],
)
def test_a_form_without_what_is_wanted_is_invalid(ada: Person, form: dict[str, Any]) -> None:
    refusal(ada.http.post("/api/v1/images", **form), 400, "invalid")


@pytest.mark.parametrize("door", ["conversations", "messages", "folders", "prompts", "shares"])
def test_a_form_where_json_is_wanted_is_invalid(ada: Person, door: str) -> None:
    """The look for a CSRF token reads a form, also a broken one, and nobody can read it again."""
    whole = ada.http.post(f"/api/v1/{door}", files={"name": ("a.txt", b"x")})
    refusal(whole, 400, "invalid")
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    broken = ada.http.post(f"/api/v1/{door}", content=b"--x\r\n\r\n", headers=headers)
    refusal(broken, 400, "invalid")


def test_a_file_that_is_no_picture_says_so(ada: Person) -> None:
    answer = ada.http.post("/api/v1/images", files={"file": ("a.png", b"<script>")})
    refusal(answer, 415, "unsupported_image")


def test_a_model_that_is_not_there_says_so(ada: Person) -> None:
    body = {"text": "x", "options": {"model": "no-such"}}
    refusal(ada.http.post("/api/v1/messages", json=body), 400, "model_unavailable")
