"""Files of a few kilobytes that would take gigabytes, or hours, once somebody looks into them."""

import io
import json
from collections import Counter
from typing import Any

import pytest

from conversations.chat.imports import chatgpt, elements, work
from conversations.chat.imports.elements import Elements
from conversations.errors import TooLarge
from conversations.models import ImportJob, User
from tests.features.exports_kit import node, talk

PICTURE = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-Abc000000"}
WORDS = "x" * 32_768


def _thinks(id: str, parent: str, words: str) -> dict[str, Any]:
    content = {"content_type": "thoughts", "thoughts": [{"content": words}]}
    return node(id, parent, "assistant", content=content)


def _read(*nodes: dict[str, Any]) -> Any:
    return chatgpt.tree(talk(node("q", None, "user", "Go"), *nodes), Counter())


def test_thoughts_one_after_the_other_are_kept_once() -> None:
    """As text that grows with each of them, these were 16 GB."""
    chain = [_thinks(f"t{n}", f"t{n - 1}" if n else "q", WORDS) for n in range(1_000)]
    tree = _read(*chain)
    assert list(tree.nodes) == ["q"]
    answered = _read(*chain[:20], node("a", "t19", "assistant", "42")).nodes["a"]
    assert answered.reasoning == "\n\n".join([WORDS] * 20)


def test_thoughts_before_a_thousand_answers_are_too_large() -> None:
    answers = [node(f"a{n}", "t", "assistant", "42") for n in range(1_100)]
    with pytest.raises(TooLarge):
        _read(_thinks("t", "q", WORDS), *answers)


def test_pictures_that_each_answer_repeats_are_too_large() -> None:
    content = {"content_type": "multimodal_text", "parts": [PICTURE]}
    chain = [
        node(f"a{n}", f"a{n - 1}" if n else "q", "assistant", content=content) for n in range(1_600)
    ]
    with pytest.raises(TooLarge):
        _read(*chain)
    assert len(_read(*chain[:500]).nodes["a499"].pictures) == 500


def test_attachments_are_not_compared_for_hours() -> None:
    several = [{"id": f"file-{n:08}", "name": "notes.txt"} for n in range(chatgpt.ATTACHMENTS + 1)]
    assert len(_read(node("f", "q", "user", "?", metadata={"attachments": several[1:]})).nodes) == 2
    with pytest.raises(TooLarge):
        _read(node("f", "q", "user", "?", metadata={"attachments": several}))


def test_an_object_of_nothing_but_brackets_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "ELEMENT_SIGNS", 10)
    many = b'{"a":[' + b"{}," * 5 + b"1]}"
    assert list(Elements(io.BytesIO(b'[{"a":1},' + many + b',{"b":2}]'))) == [
        b'{"a":1}',
        None,
        b'{"b":2}',
    ]


def test_brackets_are_counted_over_all_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "FILE_SIGNS", 10)
    first = Elements(io.BytesIO(b'[{"a":"b"},{}]'))
    assert len(list(first)) == 2 and first.signs == 8
    with pytest.raises(TooLarge, match="more in this file"):
        list(Elements(io.BytesIO(b"[{}]"), signs=first.signs))


def test_a_list_of_nothings_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_CONVERSATIONS", 3)
    monkeypatch.setattr(work.Work, "_go_on", lambda _work: None)
    for count in (3, 4):
        content = json.dumps([{}] * count).encode()
        job = ImportJob(file_bytes=len(content))
        bringing = work.Work(job, User(), io.BytesIO(content))
        if count == 3:
            bringing._take_in()
            continue
        with pytest.raises(TooLarge, match="more in this file"):
            bringing._take_in()
