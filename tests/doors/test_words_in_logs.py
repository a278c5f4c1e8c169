"""Whatever is sent to whichever door, no line of the log has a word of it."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from tests.doors.bodies import BODIES, FRAME_BODIES
from tests.doors.test_doors import address, doors
from tests.doors.world import World
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.sockets import Refused
from tests.stub_provider import Model, fails, says

WORD = "heliotropium-arborescens"


def marked(value: Any) -> Any:
    """All words in it are the word; what names something stays, so that it is found."""
    if isinstance(value, dict):
        return {name: marked(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(marked(one) for one in value)
    if isinstance(value, bytes):
        return WORD.encode() + value
    if isinstance(value, str):
        with suppress(ValueError):
            return str(UUID(value))
        return WORD
    return value


def send(person: Person, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
    return person.http.request(method, path, **more)


def test_no_word_that_comes_to_a_door_is_in_the_log(
    make_world: Callable[[], World], server: Server, model: Model
) -> None:
    world, before = make_world(), server.log_bytes
    owner, answered = world.people["owner"], 0
    for method, route in sorted(doors()):
        if "logout" in route or method == "DELETE" or route.startswith("/accounts/second"):
            continue  # nobody writes anything there, or nobody would be left
        if method == "GET" and not route.startswith("/api/"):
            continue  # pages take words in their address alone
        more = marked(BODIES[method, route](world)) if (method, route) in BODIES else {}
        query = {**more.get("params", {}), "q": WORD, "next": f"/{WORD}"}
        headers = {"X-Request-Id": WORD, "User-Agent": WORD}
        asked = {**more, "params": query, "headers": headers}
        answered += send(owner, method, address(route, world), asked).status_code > 0
    for kind in ("{", '{"text": ["%s"', "\ud800"):
        body = {"content": (kind + WORD).encode(errors="replace")}
        headers = {"Content-Type": "application/json"}
        for path in ("messages", "conversations", "images"):
            send(owner, "POST", f"/api/v1/{path}", {**body, "headers": headers})
    send(owner, "GET", f"/c/{quote(WORD)}/", {})
    for type, body_of in FRAME_BODIES.items():
        with suppress(Refused):
            owner.socket().call(type, **marked(body_of(world)))
    owner.socket().send_raw(json.dumps({"type": WORD, "id": WORD}) + WORD)
    script = model.will_answer(fails(503, WORD), says(WORD))
    answer = owner.ask(script)
    told = server.log_since(before)
    assert answered > 40 and answer.run in told
    assert WORD not in told, [line for line in told.splitlines() if WORD in line][:3]
