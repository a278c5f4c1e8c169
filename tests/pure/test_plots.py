"""What is drawn, reckoned and written of numbers, without a database."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from django.utils.translation import override

from conversations import csv_safe
from conversations.usage import periods
from conversations.usage.figures import percentile
from conversations.usage.numbers import (
    change,
    percent,
    rounded,
    short,
    short_money,
    short_percent,
)
from conversations.usage.periods import Period, Step
from conversations.usage.plots import HEIGHT, START, WIDTH, Plot, Slot, plot

Day = tuple[int, int, int]


def drawn(*values: Sequence[float | None], stacked: bool = False, whole: bool = False) -> Plot:
    slots = [Slot(f"d{number}", "", value) for number, value in enumerate(values)]
    return plot("p", "Cost", "", slots, read=str, stacked=stacked, whole=whole)


def test_bars_stand_side_by_side_within_the_picture() -> None:
    made = drawn(*[[float(number)] for number in range(92)])
    ends = [(bar.x, bar.x + bar.width) for bar in made.bars]
    assert all(end <= begin for (_, end), (begin, _) in pairwise(ends))
    assert ends[0][0] >= START and ends[-1][1] <= WIDTH
    for bar in made.bars:
        for piece in bar.pieces:
            assert piece.y >= 0 and piece.y + piece.height <= HEIGHT


def test_a_bar_is_as_high_as_its_number_and_the_least_is_seen() -> None:
    made = drawn([50.0], [100.0], [0.0], [None], [0.0001])
    heights = [[piece.height for piece in bar.pieces] for bar in made.bars]
    assert heights[0][0] * 2 == pytest.approx(heights[1][0])
    assert heights[2:] == [[], [], [1.0]]
    assert [line.label for line in made.lines] == ["50.0", "100.0"]
    assert not drawn([0.0], [None]).lines  # no scale of nothing


def test_people_are_not_counted_by_halves() -> None:
    assert [line.label for line in drawn([4.0], whole=True).lines] == ["5.0"]
    assert [line.label for line in drawn([1.0], whole=True).lines] == ["1.0"]
    assert [line.label for line in drawn([20.0], whole=True).lines] == ["10.0", "20.0"]


def test_parts_of_a_whole_stand_on_each_other_and_others_before_each_other() -> None:
    lower, upper = drawn([30.0, 70.0], stacked=True).bars[0].pieces
    assert upper.y + upper.height == pytest.approx(lower.y)
    behind, before = drawn([30.0, 70.0]).bars[0].pieces
    assert (behind.series, before.series) == (2, 1) and behind.height > before.height


def test_nothing_can_be_drawn_too() -> None:
    assert drawn().bars == [] and drawn([0.0]).bars[0].pieces == []
    assert [label.text for label in drawn([1.0], [1.0]).labels] == ["d0", "d1"]


def test_a_range_is_as_many_hours_days_or_months_as_it_says() -> None:
    now = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    counts = {name: len(periods.named(name, now).slots) for name in periods.NAMES}
    assert counts == {"24h": 24, "7d": 7, "30d": 30, "90d": 90, "12m": 12}
    for name in periods.NAMES:
        period = periods.named(name, now)
        assert period.begin <= (now if period.step == Step.HOUR else now.date()) < period.end
        assert period.before.end == period.begin
        assert len(period.before.slots) == len(period.slots)


def test_a_long_range_is_one_of_whole_months() -> None:
    assert periods.between(date(2026, 1, 1), date(2026, 4, 2)).step == Step.DAY
    long = periods.between(date(2026, 1, 20), date(2026, 4, 22))
    assert (long.step, long.begin, long.end) == (Step.MONTH, date(2026, 1, 1), date(2026, 5, 1))
    with pytest.raises(ValueError, match=r"^$"):
        periods.between(date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("begin", "end", "today", "pieces"),
    [
        ((2026, 1, 1), (2026, 2, 1), (2026, 6, 1), ["month 2026-01-01 2026-02-01"]),
        ((2026, 1, 2), (2026, 2, 28), (2026, 6, 1), ["day 2026-01-02 2026-02-28"]),
        (
            (2025, 12, 31), (2026, 3, 2), (2026, 6, 1),
            ["month 2026-01-01 2026-03-01", "day 2025-12-31 2026-01-01", "day 2026-03-01 2026-03-02"],
        ),
        # The rest of the month is still to come, …
        (
            (2026, 1, 31), (2026, 2, 11), (2026, 2, 10),
            ["month 2026-02-01 2026-03-01", "day 2026-01-31 2026-02-01"],
        ),
        ((2026, 2, 1), (2026, 3, 1), (2026, 2, 28), ["month 2026-02-01 2026-03-01"]),
        # … but its beginning was.
        ((2026, 2, 2), (2026, 2, 11), (2026, 2, 10), ["day 2026-02-02 2026-02-11"]),
        ((2026, 1, 31), (2026, 2, 10), (2026, 2, 10), ["day 2026-01-31 2026-02-10"]),
    ],
)  # fmt: skip
def test_the_months_within_some_days_are_read_as_one(
    begin: Day, end: Day, today: Day, pieces: list[str]
) -> None:
    found = Period(Step.DAY, date(*begin), date(*end)).pieces(date(*today))
    assert [f"{piece.step} {piece.begin} {piece.end}" for piece in found] == pieces


def test_a_percentile_lies_in_the_step_where_it_is() -> None:
    steps = [0] * 15
    assert percentile(steps, 50) is None
    steps[4] = 100  # 400 to 600 ms
    assert percentile(steps, 50) == pytest.approx(0.5)
    steps[11] = 6  # 10 to 15 s
    assert 10 <= (percentile(steps, 95) or 0) <= 15
    assert 0.4 <= (percentile(steps, 50) or 0) <= 0.6


@pytest.mark.parametrize(
    "words", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\ta", "\ra", "  =1", "\uff1d1", "|calc", "%00"]
)
def test_words_that_are_a_formula_are_words(words: str) -> None:
    assert csv_safe.cell(words) == f"'{words}"


def test_numbers_and_other_words_stay_as_they_are() -> None:
    for value in (-1, -1.5, None, "model-1", "2026-01-01", "Ünal", ""):
        assert csv_safe.cell(value) == value
    assert csv_safe.table(["a"], [["x,\ny"], ["\ud800"]]).decode("utf-8-sig").splitlines()[0] == "a"


def test_numbers_are_read_at_a_glance() -> None:
    assert [short(n) for n in (0, 7, 950, 1200, 45_600, 3_400_000, 2e9)] == [
        "0", "7", "950", "1.2k", "46k", "3.4M", "2G",
    ]  # fmt: skip
    assert [short_money(n) for n in (0, 13, 5000, 2_500_000, 1_200_000_000)] == [
        "$0", "$0.000013", "$0.005", "$2.50", "$1.2k",
    ]  # fmt: skip
    assert (percent(None), percent(0.0123)) == ("–", "1.2 %")
    assert (short_percent(0.5), short_percent(0.025)) == ("50 %", "2.5 %")


def test_numbers_are_written_as_their_reader_writes_them() -> None:
    with override("de"):
        assert (rounded(1_234_567_891), rounded(20)) == ("$1.234,57", "< $0,01")
        assert (short(1_234), short_money(2_500_000), percent(0.0666)) == (
            "1,23k",
            "$2,50",
            "6,7 %",
        )
        assert change(1_234_500, 100)[1].startswith("12.345-mal ")


def test_a_change_is_said_in_words_too() -> None:
    assert change(112, 100) == ("↑", "12 % more than in the time before")
    assert change(0, 100) == ("↓", "100 % less than in the time before")
    assert change(100.1, 100) == ("→", "as in the time before")
    assert change(900, 100) == ("↑", "9 times as much as in the time before")
    assert change(5, 0)[0] == change(None, None)[0] == ""
