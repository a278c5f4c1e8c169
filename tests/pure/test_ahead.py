"""A reader that holds more than this process knows is told only what it does not hold."""

import orjson

from conversations.events import schema
from conversations.live.ahead import Ahead
from conversations.runs.growth import Held


def told(ahead: Ahead, *frames: str) -> list[tuple[int, str]]:
    new = [orjson.loads(frame) for frame in map(ahead.new_in, frames) if frame is not None]
    return [(frame["at"], frame["text"]) for frame in new]


def holding(text: int, reasoning: int = 0) -> Ahead:
    ahead = Ahead()
    ahead.note("r", Held(text, reasoning))
    return ahead


def test_what_is_held_is_left_out_and_what_is_held_in_part_is_cut() -> None:
    deltas = [schema.run_delta("r", at, "漢🜁cd") for at in (0, 4, 8)]
    assert told(holding(6), *deltas) == [(6, "cd"), (8, "漢🜁cd")]


def test_text_and_thinking_are_counted_apart() -> None:
    frames = [schema.run_reasoning("r", 0, "hm"), schema.run_delta("r", 0, "one")]
    assert told(holding(3), *frames) == [(0, "hm")]
    assert told(holding(0, 2), *frames) == [(0, "one")]


def test_other_runs_and_other_frames_pass_as_they_are() -> None:
    for frame in (
        schema.run_delta("other", 0, "x"),
        schema.pong("r"),
        schema.run_waiting("r", "", 2, 1),
    ):
        assert holding(9).new_in(frame) is frame


def test_the_end_of_the_run_is_told_and_forgotten() -> None:
    ahead = holding(9)
    end = schema.run_finished("r", {"id": "m"}, 5)
    assert ahead.new_in(end) is end and not ahead


def test_who_says_anew_what_it_holds_is_told_the_rest_of_that() -> None:
    ahead = holding(9)
    ahead.forget("r")
    assert not ahead and told(ahead, schema.run_delta("r", 0, "one")) == [(0, "one")]
