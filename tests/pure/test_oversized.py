"""The `id` of a frame that nobody reads: found where it stands, and never taken from a text."""

import json
import time
from typing import Any

import pytest

from conversations.live.oversized import NEAR, id_in

LONG = "word, " * NEAR
IMAGES = ["01890000-0000-7000-8000-000000000000"] * 10
SEND: dict[str, Any] = {
    "type": "message.send",
    "conversation": None,
    "parent": "01890000-0000-7000-8000-000000000000",
    "images": IMAGES,
    "options": {"model": "gpt-4o", "temperature": 0.5, "seed": -7},
    "temporary": False,
}


@pytest.mark.parametrize("spaces", [None, 2], ids=["one line", "many"])
@pytest.mark.parametrize("at", range(len(SEND) + 2))
def test_an_id_is_found_wherever_it_stands(at: int, spaces: int | None) -> None:
    members = [*SEND.items()]
    members.insert(3, ("text", LONG))
    members.insert(at, ("id", "mine"))
    assert id_in(json.dumps(dict(members), indent=spaces)) == "mine"
    assert id_in(json.dumps(dict(members), separators=(",", ":"))) == "mine"


@pytest.mark.parametrize(
    "text",
    [
        LONG + '","id":"theirs"}',
        LONG + '\\","id":"theirs"}',
        '{"id":"theirs","x":"' + LONG,
        LONG + '{"a": 1, "id": "theirs"}',
    ],
)
def test_what_a_text_quotes_is_no_id(text: str) -> None:
    assert id_in(json.dumps({"type": "message.send", "text": text})) is None
    assert id_in(json.dumps({"text": text, "type": "message.send", "id": "mine"})) == "mine"


@pytest.mark.parametrize(
    "frame",
    [
        {"options": {"id": "theirs"}, "text": LONG},
        {"text": LONG, "options": {"model": "x", "id": "theirs"}},
        {"text": LONG, "id": 5},
        {"text": LONG, "id": None},
        {"text": LONG},
        {"id" * NEAR: 1, "text": LONG},
    ],
)
def test_other_ids_are_none(frame: dict[str, Any]) -> None:
    assert id_in(json.dumps(frame)) is None


@pytest.mark.parametrize(
    "piece",
    ['"a":1,', ',"a":1', '{"a":', "[", '"', '\\"', ',"id":""', ' , "a" : [ ]', " ", ",", "1"],
)
def test_rubbish_takes_no_time(piece: str) -> None:
    began = time.process_time()
    id_in("{" + piece * NEAR)
    id_in(piece * NEAR + "}")
    assert time.process_time() - began < 0.5
