"""What is logged, for machines: ids on every line, and of nobody a word."""

import io
import json
import logging
from collections.abc import Callable
from contextvars import copy_context
from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.log import log_response
from pydantic import BaseModel

from chatsite import peers
from chatsite.logs import ByDoor, Json, logging_as
from chatsite.named import request_id
from conversations import traced
from conversations.ids import parsed
from tests.harness.people import Person
from tests.harness.server import Server
from tests.stub_provider import Model, fails, says


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def written(**about: Any) -> tuple[dict[str, Any], str]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Json())
    log = logging.Logger("some.library")  # noqa: LOG001 nobody else's
    log.addHandler(handler)
    log.error("it\nfailed with %s", "sk-abcdefgh \ud800", **about)
    (line,) = stream.getvalue().splitlines()
    return json.loads(line), line


def test_a_line_is_an_object_with_three_ids() -> None:
    told, _line = written()
    assert set(told) == {"at", "level", "logger", "message", "request", "user", "run"}
    assert (told["level"], told["logger"]) == ("ERROR", "some.library")
    assert told["message"].startswith("it\nfailed") and "sk-abc" not in told["message"]
    assert told["at"].endswith("+00:00")
    assert logging_as("json")["formatters"]["line"]["class"] == f"{Json.__module__}.Json"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        "INSERT INTO conversations_folder (id, name) VALUES (gen_random_uuid(), 'a word of Ada''s')",
        "SELECT 'a word of Ada''s'::uuid",
    ],
)
def test_what_postgres_refuses_is_not_quoted(asked: str) -> None:
    with pytest.raises(DatabaseError, match="word of") as caught, connection.cursor() as cursor:
        cursor.execute(asked)
    told, line = written(exc_info=caught.value)
    assert "SQLSTATE 2" in told["error"] and "Traceback" in told["error"]
    assert "word of" not in line.replace(asked, "")


class Thing(BaseModel):
    count: int


def _fails_at_a_number() -> None:
    int("a word of Ada's")


def _fails_at_a_key() -> None:
    dict[str, int]()["a word of Ada's"]


def _fails_at_a_field() -> None:
    Thing.model_validate({"count": "a word of Ada's", "more": ["a word of Ada's"]})


def _fails_at_one_of_many() -> None:
    raise ExceptionGroup("both", [ValueError(b"a word of Ada's")]) from KeyError("a word of Ada's")


def _fails_at_a_name() -> None:
    "".nowhere  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    ("fails", "kept"),
    [
        (_fails_at_a_number, "invalid literal for int() with base 10"),
        (_fails_at_a_key, "KeyError"),
        (_fails_at_a_field, "Thing: int_parsing"),
        (_fails_at_one_of_many, "ExceptionGroup: both (1 sub-exception)"),
        (_fails_at_a_name, "no attribute 'nowhere'"),
    ],
)
def test_a_traceback_says_where_and_not_what_somebody_wrote(
    fails: Callable[[], None], kept: str
) -> None:
    try:
        fails()
    except Exception as problem:  # noqa: BLE001
        told, _line = written(exc_info=problem)
    # Of the lines of code that it quotes some are of this file.
    said = [line for line in told["error"].splitlines() if "a word of Ada" in line]
    assert not [
        line for line in said if not line.strip(" |").startswith(("int(", "dict", "Thing", "raise"))
    ]
    assert kept in told["error"] and fails.__name__ in told["error"]


def test_a_run_is_followed_by_its_ids_and_nobody_is_quoted(
    server: Server, ada: Person, model: Model
) -> None:
    before = server.log_bytes
    script = model.will_answer(fails(503), says("a gentle heliotrope"))
    asked = ada.ask(script)
    text = server.log_since(before)
    of_it = [line for line in lines(text) if asked.run in line["message"]]
    assert [line["user"] for line in of_it] == [ada.id] * len(of_it) != []
    assert {line["run"] for line in of_it} == {asked.run}
    assert all(parsed(line["request"]) for line in of_it)
    for word in (script.question, "heliotrope", "sk-stub", ada.name, ada.session):
        assert word not in text


def test_an_address_with_a_key_in_it_is_named_by_its_door(server: Server, sam: Person) -> None:
    """A link that is shared, a new password, an invitation: whoever reads the log could open them."""
    before = server.log_bytes
    stranger = httpx.Client(base_url=server.origin, headers={"Origin": "https://elsewhere.example"})
    addresses = ["/share/heliotrope/copy/", "/accounts/password/reset/key/1-heliotrope/"]
    with stranger:
        assert [stranger.post(one).status_code for one in addresses] == [403, 403]
    assert sam.http.get("/admin/conversations/user/?heliotrope__startswith=a").status_code == 400
    said = server.log_since(before)
    assert "/share/<str:token>/copy/" in said and "refused: /admin/conversations/user/" in said
    assert "heliotrope" not in said


def test_what_broke_or_is_away_is_named_by_its_door_too() -> None:
    named = {
        "/share/heliotrope/": "/share/<str:token>/",
        "/what somebody typed": "an address that is none of ours",
    }
    for path, name in named.items():
        args = ("Service Unavailable", path)
        record = logging.LogRecord("django.request", 40, "", 0, "%s: %s", args, None)
        record.request = SimpleNamespace(path=path)
        assert ByDoor().filter(record)
        assert record.getMessage() == f"Service Unavailable: {name}"
    settled = logging_as("json")
    [filter] = settled["handlers"]["stderr"]["filters"]
    assert settled["filters"][filter]["()"] == f"{ByDoor.__module__}.ByDoor"


@pytest.mark.parametrize("more", ["\n", "é", "\\", "\ud800", "%s"])
def test_so_is_an_address_that_django_writes_otherwise_than_it_is(
    more: str, rf: RequestFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """A link that was copied with something behind it has its key in it all the same."""
    request = rf.get("/")
    request.path = f"/share/heliotrope{more}/"
    answer, here = HttpResponse(status=404), logging.getLogger(__name__)
    log_response("Not Found: %s", request.path, request=request, response=answer, logger=here)
    [record] = caplog.records
    assert ByDoor().filter(record) and "heliotrope" not in record.getMessage()


def test_an_answer_names_its_request_and_a_stranger_does_not(server: Server) -> None:
    told = [httpx.get(f"{server.origin}/healthz").headers["x-request-id"] for _ in range(2)]
    assert all(map(parsed, told)) and told[0] != told[1]
    claimed = httpx.get(f"{server.origin}/healthz", headers={"X-Request-Id": "chosen-by-me"})
    assert claimed.headers["x-request-id"] != "chosen-by-me"


def test_a_trusted_proxy_names_it_where_it_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_networks", [ip_network("10.0.0.1/32")])

    def named(address: str, said: bytes) -> str:
        return request_id({"client": [address, 1], "headers": [(b"x-request-id", said)]})

    assert named("10.0.0.1", b"abc-123.def") == "abc-123.def"
    for address, said in (
        ("10.0.0.2", b"abc-123.def"),
        ("10.0.0.1", b"short"),
        ("10.0.0.1", b"two words"),
        ("10.0.0.1", b"a" * 65),
        ("10.0.0.1", b"line-one\nline-two"),
        ("/run/socket", b"abc-123.def"),
    ):
        assert parsed(named(address, said)), said


def test_ids_do_not_go_to_whoever_comes_next() -> None:
    before = traced.ids()
    copy_context().run(traced.run, "a-run", of="a-person")
    assert traced.ids() == before and "a-run" not in before.values()
