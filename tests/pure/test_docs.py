"""What the documents say of the code is true."""

import re
from pathlib import Path

from chatsite.protocol_tables import with_tables

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = ROOT / "docs" / "protocol.md"
READ = re.compile(r'env\.\w+\(\s*"([A-Z_]+)"')
NAMED = re.compile(r"`?\b([A-Z]+(?:_[A-Z]+)+)\b")
# Told by the supervisor of `make run` to its server.
OURS = {"CHATSITE_BUILTIN_MODEL_URL", "CHATSITE_BUILTIN_MODEL_KEY"}


def test_the_tables_of_the_protocol_are_those_of_the_code() -> None:
    stands = PROTOCOL.read_text(encoding="utf-8")
    assert "| `message.send` |" in stands
    assert stands == with_tables(stands)


def files_of(room: str) -> set[str]:
    """The modules of a room, and the folders in it with a slash."""
    inside = [one for one in (ROOT / "conversations" / room).iterdir() if one.stem[:1].isalpha()]
    folders = {f"{one.name}/" for one in inside if one.is_dir()}
    return folders | {one.stem for one in inside if one.suffix == ".py"}


def test_the_map_of_the_house_has_every_file_of_the_rooms_it_shows() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##)", page, re.MULTILINE | re.DOTALL))
    assert {"live", "accounts", "chat", "runs", "usage"} <= rooms.keys()
    for room, table in rooms.items():
        first = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
        named = [name for cell in first for name in re.findall(r"`([\w/]+)`", cell)]
        assert sorted(named) == sorted(files_of(room)), room


def variables() -> set[str]:
    """Which we read, wherever that is."""
    code = [*(ROOT / "chatsite").rglob("*.py"), *(ROOT / "conversations").rglob("*.py")]
    read = {name for path in code for name in READ.findall(path.read_text(encoding="utf-8"))}
    assert {"CHATSITE_SHARING", "DATABASE_URL", "DJANGO_SUPERUSER_USERNAME"} <= read
    return read - OURS


def test_every_variable_that_is_read_stands_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert variables() - set(re.findall(r"^#(\w+)=", example, re.MULTILINE)) == set()


def test_every_variable_that_is_read_stands_on_a_page() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    told = {name for page in pages for name in NAMED.findall(page.read_text(encoding="utf-8"))}
    assert variables() - told == set()
