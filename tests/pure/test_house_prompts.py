"""Prompts of our own: files with a version, and cases that say what they have to be good for."""

from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest

from conversations.provider.interface import Model
from conversations.runs import prompts
from conversations.runs.prompts import Prompt, prompt_named, trial
from conversations.runs.prompts.trial import Case

TOLD = {"question": "What is {this}?", "answer": "A {brace} and {}."}


def model(*capabilities: str, most: int = 16_000, efforts: tuple[str, ...] = ()) -> Model:
    return Model(
        id="some", name="Some", provider="some", context_window=32_000, max_output_tokens=most,
        capabilities=frozenset(capabilities), efforts=efforts,
        instruction_role="developer" if "reasoning" in capabilities else "system",
    )  # fmt: skip


@pytest.mark.parametrize("file", sorted(prompts.HERE.glob("*.v*.toml")), ids=lambda file: file.name)
def test_each_has_cases_that_tell_it_what_it_reads(file: Path) -> None:
    prompt = prompts.read(file)
    wanted = {field for _, field, _, _ in Formatter().parse(prompt.read) if field is not None}
    cases = trial.cases_of(prompt.tag.partition(".")[0])
    assert len(cases) >= 4 and len({case.name for case in cases}) == len(cases)
    for case in cases:
        assert case.told.keys() == wanted
        assert list(case.wrong_with("")) == ["nothing was said"]
        assert case.words or case.characters


def test_the_newest_version_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (prompts.HERE / "title.v1.toml").read_text(encoding="utf-8")
    for version in (2, 9, 10):
        (tmp_path / f"title.v{version}.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(prompts, "HERE", tmp_path)
    assert prompt_named.__wrapped__("title").tag == "title.v10"
    with pytest.raises(ValueError, match="empty"):
        prompt_named.__wrapped__("nothing")


def test_what_is_filled_in_is_only_words() -> None:
    request = prompt_named("title").request(model(), TOLD, by_schema=False)
    [instructions, read] = request.messages
    assert instructions["role"] == "system" and '{"title": ' in instructions["content"]
    assert TOLD["question"] in read["content"] and TOLD["answer"] in read["content"]
    assert request.parameters == {"max_output_tokens": 60}


def test_a_schema_goes_to_those_who_take_one() -> None:
    prompt: Prompt = prompt_named("title")
    assert prompt.takes_schema(model("json_schema")) and not prompt.takes_schema(model())
    form = prompt.request(model(), TOLD, by_schema=True).parameters["response_format"]
    assert form["json_schema"] == {
        "name": "title",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"title": {"type": "string"}},
            "required": ["title"],
            "additionalProperties": False,
        },
    }


def test_who_cannot_but_think_gets_room_for_it_as_far_as_there_is() -> None:
    def asked(thinker: Model) -> dict[str, object]:
        return prompt_named("title").request(thinker, TOLD, by_schema=False).parameters

    assert asked(model("reasoning", efforts=("minimal", "high"))) == {
        "max_output_tokens": 1060,
        "reasoning_effort": "minimal",
    }
    assert asked(model("reasoning", most=500)) == {
        "max_output_tokens": 500,
        "reasoning_effort": "low",
    }
    told_nothing = replace(model("reasoning", efforts=("low",)), parameters=("seed",))
    assert asked(told_nothing) == {"max_output_tokens": 1060}
    assert asked(model(most=20)) == {"max_output_tokens": 20}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("Mending the Bicycle chain", []),
        ("", ["nothing was said"]),
        ("Bicycle", ["1 words, not 2 to 4"]),
        (
            "All about a bicycle and its chain",
            ["7 words, not 2 to 4", "33 characters, not 5 to 30"],
        ),
        ("Mending the car", ["none of bicycle|rad in it"]),
        ('"Mending a bicycle"', ["'\"' in it"]),
    ],
)
def test_a_case_says_what_is_wrong(said: str, wrong: list[str]) -> None:
    case = Case("x", {}, words=(2, 4), characters=(5, 30), mentions="bicycle|rad", avoids='["“]')
    assert list(case.wrong_with(said)) == wrong
