"""What the documents say of the code is true."""

from pathlib import Path

from chatsite.protocol_tables import with_tables

PROTOCOL = Path(__file__).resolve().parents[2] / "docs" / "protocol.md"


def test_the_tables_of_the_protocol_are_those_of_the_code() -> None:
    stands = PROTOCOL.read_text(encoding="utf-8")
    assert "| `message.send` |" in stands
    assert stands == with_tables(stands)
