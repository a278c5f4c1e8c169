"""What the documents say of the code is true."""

import re
from pathlib import Path

from chatsite.protocol_tables import with_tables

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = ROOT / "docs" / "protocol.md"
READ = re.compile(r'env\.\w+\(\s*"([A-Z_]+)"')
# Told by the supervisor of `make run` to its server.
OURS = {"CHATSITE_BUILTIN_MODEL_URL", "CHATSITE_BUILTIN_MODEL_KEY"}


def test_the_tables_of_the_protocol_are_those_of_the_code() -> None:
    stands = PROTOCOL.read_text(encoding="utf-8")
    assert "| `message.send` |" in stands
    assert stands == with_tables(stands)


def test_every_variable_that_is_read_stands_in_the_example() -> None:
    read = set(READ.findall((ROOT / "chatsite" / "settings.py").read_text(encoding="utf-8")))
    assert {"CHATSITE_SHARING", "CHATSITE_MAIL_URL", "DATABASE_URL"} <= read
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert read - OURS - set(re.findall(r"^#(\w+)=", example, re.MULTILINE)) == set()
