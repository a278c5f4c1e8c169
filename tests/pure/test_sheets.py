"""The style sheets beside one another: a class has one owner, and is a class of something."""

import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# These speak of everybody's classes: how the page is divided, other eyes, paper, and Django's own pages.
OF_ALL = {"layout.css", "everybody.css", "print.css", "admin.css"}
# By libraries and by Django; and names that are put together where they are given.
GIVEN = re.compile(r"hljs|katex|field-said|desk-budget-(full|warned)|is-(full|warned)|plot-\d")
# What Django gives on the desk: by itself, and to the names of our columns and tables.
DJANGOS = re.compile(
    r"aligned|checkbox-row|datetimeshortcuts|flex-container|shifted|related-widget-wrapper(-link)?|vIntegerField"
)
OF_A_NAME = re.compile(r"(?:column|field|model)-(\w+)")
RULE = re.compile(r"([^{};]+)\{")
COMMA = re.compile(r",(?![^()]*\))")
WHOLE = r":root|html|body|\.(?:chat|desk|thread|column|shelf)\b"
CLASS = re.compile(r"\.([a-z][\w-]*)")


def selectors(sheet: Path) -> list[str]:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    rules = [rule.strip() for rule in RULE.findall(text)]
    return [one.strip() for rule in rules if rule[0] != "@" for one in COMMA.split(rule)]


def sheets() -> dict[str, list[str]]:
    found = {file.name: selectors(file) for file in (ROOT / "static/css").rglob("*.css")}
    return {name: said for name, said in found.items() if name not in OF_ALL}


def owners() -> dict[str, set[str]]:
    """Which sheets say how a class looks by itself: `.menu { … }`."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, said in sheets().items():
        for one in said:
            if alone := re.fullmatch(CLASS, one):
                found[alone[1]].add(name)
    return found


def test_a_class_looks_by_itself_as_one_sheet_says() -> None:
    """Two things once were called `.part`, and long answers stood in two columns."""
    found = owners()
    assert len(found) > 60
    assert {name: by for name, by in found.items() if len(by) > 1} == {}


def test_a_variation_is_not_called_as_something_else_is() -> None:
    """`.button.wide` was laid out as the wide table of another sheet."""
    owned, clashes = owners(), []
    for name, said in sheets().items():
        for compound in re.findall(r"(?:\.[a-z][\w-]*){2,}", " ".join(said)):
            first, *others = CLASS.findall(compound)
            foreign = [one for one in others if owned[one] and name not in owned[one]]
            if foreign and name in owned[first]:
                clashes.append(f"{name}: {compound}")
    assert clashes == []


def test_every_class_of_a_sheet_is_given_to_something() -> None:
    doors = ROOT / "conversations"
    files = [
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("static/**/*.js"),
        *doors.glob("**/*.py"),
    ]
    own = [file for file in files if "vendor" not in file.parts]
    words = " ".join(file.read_text() for file in own)
    given = {*re.findall(r"[\w-]+", words), *(one.lower() for one in re.findall(r"\w+", words))}
    styled = {one for said in sheets().values() for one in CLASS.findall(" ".join(said))}
    ours = {one for one in styled - given if not DJANGOS.fullmatch(one)}
    assert sorted(one for one in ours if not GIVEN.match(one) and named(one) not in given) == []


def test_what_is_inside_of_nearly_all_decides_of_nothing_beside_it() -> None:
    """`.chat:has(.attachment) .toast` had Chromium find the styles of the whole page anew with each paragraph
    of an answer. What has something inside may look otherwise itself."""
    said = [one for found in sheets().values() for one in found if ":has(" in one]
    assert said and [one for one in said if re.match(WHOLE, one) and " " in outside(one)] == []


def test_how_many_there_are_is_asked_of_no_message() -> None:
    """Each message that came had Chromium find the styles of all others anew (decision 0155). A stretch is
    one of few in one text."""
    said = [one for found in sheets().values() for one in found]
    counts = [
        one for one in said if re.search(r":has\([^)]*:nth|:(?:only|(?:nth-)?last)-of-type", one)
    ]
    assert counts and [one for one in counts if ".stretch" not in one] == []


def outside(one: str) -> str:
    """The selector without what stands in its brackets."""
    inner = re.compile(r"\([^()]*\)")
    while inner.search(one):
        one = inner.sub("", one)
    return one


def named(one: str) -> str:
    found = OF_A_NAME.fullmatch(one)
    return found[1] if found else one
