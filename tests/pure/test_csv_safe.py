"""Tables for spreadsheets: what somebody wrote is never reckoned, and never lost."""

import csv
import io

import pytest

from conversations import csv_safe


@pytest.mark.parametrize(
    "words",
    ['"=1+1', "'=1", "\u00a0=1", "\ufeff@x", " \"' +1", "\uff20x", "-2+3+cmd|' /C calc'!A0"],
)
def test_what_some_programs_skip_hides_no_formula(words: str) -> None:
    assert csv_safe.cell(words) == f"'{words}"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
@pytest.mark.parametrize("between", [";", "\t", "\n", "\r\n", ";  ", '\n"'])
def test_no_other_separator_begins_a_formula(between: str, sign: str) -> None:
    """Excel of a country with `;` between cells breaks our lines there, quoted or not."""
    shielded = csv_safe.cell(f"name{between}{sign}1")
    at = len("name") + len(between.rstrip(' "'))
    assert shielded == f"name{between}{sign}1"[:at] + "'" + f"name{between}{sign}1"[at:]


def test_what_is_no_formula_stays_as_it_is() -> None:
    for words in (
        "a=b",
        "a; b",
        "1-2",
        "x@y.example",
        "a\nb",
        "it's",
        '"quoted"',
        "12;-",
        "a,=1",
        "-1.50",
    ):
        assert csv_safe.cell(words) == words or ";-" in words


def test_lines_are_those_of_rfc_4180_and_read_back() -> None:
    rows = [["a,b", 'say "no"', "two\nlines", "tail\r", -5, 2.5, None, ""]]
    made = csv_safe.lines(rows).decode()
    assert made.endswith("\r\n") and '"say ""no"""' in made
    [read] = csv.reader(io.StringIO(made, newline=""))
    assert read == ["a,b", 'say "no"', "two\nlines", "tail\r", "-5", "2.5", "", ""]


def test_nul_and_half_characters_harm_no_line() -> None:
    [read] = csv.reader(io.StringIO(csv_safe.lines([["a\0b", "\ud800", "\0=1"]]).decode()))
    assert read == ["a\ufffdb", "?", "\ufffd=1"]


def test_excel_is_told_the_encoding_once() -> None:
    made = csv_safe.table(["é"], [["ü"], ["ß"]])
    assert made.startswith(csv_safe.MARK) and made.count(csv_safe.MARK) == 1
