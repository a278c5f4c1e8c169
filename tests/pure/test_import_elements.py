"""A list of any length is read object by object, however its bytes are cut."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from conversations.chat.imports import elements
from conversations.chat.imports.elements import Elements
from conversations.errors import Invalid

VALUES = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.text(alphabet='ab"\\{}[],:\n☃', max_size=8),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.text('a"\\{}', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


class Dripping(io.BytesIO):
    """A file that gives so many bytes at once."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self._size = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._size)


@given(
    some.lists(some.dictionaries(some.text(max_size=3), VALUES, max_size=3), max_size=5),
    some.integers(1, 9),
)
def test_all_objects_come_back(objects: list[dict[str, Any]], size: int) -> None:
    text = json.dumps(objects, ensure_ascii=False, indent=1).encode()
    read = Elements(Dripping(text, size))
    found = [(json.loads(one or b""), read.came) for one in read]
    assert [one for one, _ in found] == objects
    assert all(text[came - 1 : came] == b"}" for _, came in found)
    assert [json.loads(text[:came] + b"]") for _, came in found[-1:]] == [objects][: len(found)]


def test_one_object_alone_is_a_list_of_one() -> None:
    read = Elements(io.BytesIO(b' {"a": [{"b": "]"}]} '))
    assert list(read) == [b'{"a": [{"b": "]"}]}']
    assert not read.is_cut


def test_what_is_not_an_object_is_passed_over() -> None:
    assert list(Elements(io.BytesIO(b'[1, "{", [{"a": 1}], {"b": 2}, null]'))) == [b'{"b": 2}']


def test_a_list_that_was_cut_says_so_and_gives_what_is_whole() -> None:
    read = Elements(io.BytesIO(b'[{"a": 1}, {"b": "'))
    assert list(read) == [b'{"a": 1}']
    assert read.is_cut


@pytest.mark.parametrize("text", [b"", b"hello", b"]", b"}{", b"\x89PNG\r\n", b"12"])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(Invalid):
        list(Elements(io.BytesIO(text)))


def test_an_object_that_is_too_large_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "PIECE_BYTES", 64)
    text = b'[{"a": "' + b"x" * 10_000 + b'"}, {"b": 1}]'
    read = Elements(io.BytesIO(text), most=200)
    held = []
    found = []
    for one in read:
        found.append(one)
        held.append(len(read._kept))
    assert found == [None, b'{"b": 1}'] and max(held) == 0


def test_a_nest_of_brackets_costs_no_stack() -> None:
    deep = b"[" + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]"
    assert [len(one or b"") for one in Elements(io.BytesIO(deep))] == [600_001]
