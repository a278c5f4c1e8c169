"""`auto`: which of two models the rules take, from what is known before any model has read it."""

import pytest
from pydantic import ValidationError

from conversations.provider.auto import chosen
from conversations.provider.interface import Model
from conversations.provider.rules import LOOKED_AT_CHARACTERS, Asked, Rules, has_code


def model(id: str, window: int = 100_000, *can: str) -> Model:
    return Model(id, id.title(), "some", window, 1_000, frozenset(can))


def rules(**more: object) -> Rules:
    return Rules.model_validate({"small": "small", "large": "large", **more})


def question(text: str, **more: object) -> Asked:
    return Asked(**{"text": text, "characters": len(text), **more})  # type: ignore[arg-type]


CASES = [
    ({}, question("Prove it. " * 1000, pictures=True, tokens=90_000), False),
    ({"characters": 10}, question("ten letter"), False),
    ({"characters": 10}, question("ten letters"), True),
    ({"characters": 10}, question("see file", characters=5_000), True),
    ({"tokens": 500}, question("x", tokens=500), False),
    ({"tokens": 500}, question("x", tokens=501), True),
    ({"pictures": True}, question("x", pictures=True), True),
    ({"pictures": True}, question("x", pictures_before=True), False),
    ({"code": True}, question("Why?\n```\nx\n```"), True),
    ({"code": True}, question("Why?"), False),
    ({"words": ["prove"]}, question("Please PROVE that."), True),
    ({"words": ["prove"]}, question("This is an improvement, proven."), False),
    ({"words": ["think hard"]}, question("Now think hard about it"), True),
    ({"words": ["beweise", "ausführlich"]}, question("Bitte Ausführlich!"), True),
    ({"words": ["证明"]}, question("请证明这个定理"), True),
    ({"words": ["a.c"]}, question("abc"), False),
    ({"words": ["prove"]}, question(" " * LOOKED_AT_CHARACTERS + "prove"), False),
]


@pytest.mark.parametrize(("said", "asked", "is_large"), CASES)
def test_each_rule_takes_the_large_one_by_itself(
    said: dict[str, object], asked: Asked, is_large: bool
) -> None:
    assert rules(**said).want_large(asked) is is_large


@pytest.mark.parametrize(
    "text",
    [
        "Fix it:\ndef f(x):\n    return x",
        "import os\nfrom sys import path",
        "int main() {\n  return 0;\n}\nwhat = is_this;",
        "const a = 1\nlet b = 2",
        "~~~sql\nSELECT 1\n~~~",
        "SELECT name FROM people\nfoo(bar);",
    ],
)
def test_code_is_seen(text: str) -> None:
    assert has_code(text)


@pytest.mark.parametrize(
    "text",
    [
        "What is a class? I import goods from Spain (by ship);\nthey are late.",
        "- apples;\n- pears;\n- plums.",
        "import taxes rose.\nfrom then on nothing was as before.",
        "Let me think.\nvar is short for variety.",
        "(" * LOOKED_AT_CHARACTERS,
    ],
)
def test_words_are_no_code(text: str) -> None:
    assert not has_code(text)


WIDE, NARROW = model("large", 100_000), model("small", 1_000)


@pytest.mark.parametrize(
    ("models", "asked", "answers"),
    [
        ([model("small"), model("large")], question("Hi"), "small"),
        ([model("small"), model("large")], question("prove it"), "large"),
        # One of the two is not on offer.
        ([model("small")], question("prove it"), "small"),
        ([model("large")], question("Hi"), "large"),
        # Who sees goes before the rules.
        (
            [model("small"), model("large", 100_000, "vision")],
            question("x", pictures=True),
            "large",
        ),
        (
            [model("small"), model("large", 100_000, "vision")],
            question("x", pictures_before=True),
            "large",
        ),
        (
            [model("small", 100_000, "vision"), model("large")],
            question("prove it", pictures=True),
            "small",
        ),
        # What does not fit into three quarters of a window goes to the larger one.
        ([NARROW, WIDE], question("Hi", tokens=751), "large"),
        ([NARROW, WIDE], question("Hi", tokens=740), "small"),
        ([NARROW, WIDE], question("x" * 2_300), "large"),
        ([model("small"), model("large", 1_000)], question("prove it", tokens=900), "small"),
        ([NARROW, model("large", 1_000)], question("Hi", tokens=9_000), "small"),
    ],
)
def test_the_model_that_is_taken_can_do_it(models: list[Model], asked: Asked, answers: str) -> None:
    by_id = {one.id: one for one in models}
    assert chosen(rules(words=["prove"]), asked, by_id).id == answers


@pytest.mark.parametrize(
    "wrong",
    [
        {"small": ""},
        {"characters": 0},
        {"tokens": -1},
        {"code": "yes"},
        {"words": "think"},
        {"words": [" "]},
        {"words": ["x" * 61]},
        {"seconds": 3},
    ],
)
def test_what_is_no_rule_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rules(**wrong)
